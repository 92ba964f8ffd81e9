"""The settings: chosen here, checked by the settings themselves, in force at once on OK."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.models.errors import PortraitError
from app.models.places import config_folder, make_portable, portable_folder
from app.models.settings import ARRAY_SIZES, LANGUAGES, TEXT_SCALES, THEMES, save_settings
from app.views.case_forms import documents
from app.views.controller import Controller
from app.views.dictation_settings import DictationSettings
from app.views.export_panel import profile_rows
from app.views.forms import button, field, named, scrolling, text_label
from app.views.translation import tr


class SettingsDialog(QDialog):
    """One page; nothing changes until OK."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._controller = controller
        self._readers: dict[str, Callable[[], Any]] = {}
        self._columns: list[QVBoxLayout] = []
        panel = QWidget()
        row = QHBoxLayout(panel)
        row.setSpacing(32)
        for heading in (tr("What is seen"), tr("The sitting"), tr("This computer")):
            column = QVBoxLayout()
            column.setSpacing(12)
            column.addWidget(text_label(heading, "heading"))
            row.addLayout(column, 1)
            self._columns.append(column)
        self._fill_seen()
        self._fill_sitting()
        self._fill_machine()
        for column in self._columns:
            column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.addWidget(text_label(tr("Settings"), "title"))
        outer.addWidget(scrolling(panel), 1)
        outer.addLayout(self._make_buttons())
        wanted = panel.sizeHint() + QSize(180, 150)
        self.resize(wanted.boundedTo(self.screen().availableSize() * 0.94))

    def _fill_seen(self) -> None:
        self._place(0, self._choice("language", tr("Language"), [
            (v, _language_label(v)) for v in LANGUAGES
        ]))
        self._place(0, self._choice("theme", tr("Colours"), [
            (v, _theme_label(v)) for v in THEMES
        ]))
        self._place(0, self._choice("text_scale", tr("Size of the text"), [
            (v, f"{v} %") for v in TEXT_SCALES
        ]))
        self._place(0, self._choice("array_size", tr("Faces shown together"), [
            (v, str(v)) for v in ARRAY_SIZES
        ]))
        self._place(0, self._choice(
            "witness_screen", tr("Monitor of the witness's screen"), _monitors(self._controller)
        ))
        self._place(0, self._blur())

    def _fill_sitting(self) -> None:
        self._place(1, self._line("organisation", tr("Name of the force")))
        self._place(1, self._line("reference_prefix", tr("Reference numbers begin with")))
        self._place(1, self._choice("codes", tr("Codes for ethnic appearance"), [
            ("none", tr("None")), ("ic", tr("IC codes (United Kingdom)")),
        ]))
        self._place(1, self._choice("export_profile", tr("Export is usually"), [
            (name, label) for name, label, _ in profile_rows()
        ]))
        self._place(1, self._number(
            "look_longer_s", tr("Seconds to look before an answer"), 0, 120,
            tr("A hint, never a lock. 0: none."),
        ))
        self._place(1, self._number(
            "break_minutes", tr("Minutes of faces before a break"), 0, 120,
            tr("A hint, never a lock. 0: none."),
        ))
        self._place(1, self._switch("question_hints", tr("Hint at leading questions")))
        self._place(1, button(tr("Microphone and recogniser..."), self.open_dictation_settings))

    def _fill_machine(self) -> None:
        self._place(2, self._folder(
            "model_folder", tr("Folder of a face model"),
            tr("The face model that came with the program"),
        ))
        self._place(2, self._choice("device", tr("Faces are drawn by"), [
            ("auto", tr("What is fastest")), ("cpu", tr("The processor")),
            ("cuda", tr("The graphics card, if it can")),
        ], tr("Holds from the next start.")))
        self._place(2, self._number("threads", tr("Processor threads"), 0, 64,
                                       tr("0: the program decides. Holds from the next start.")))
        self._place(2, self._folder(
            "cases_folder", tr("Folder of new cases"), str(documents()),
            tr("Each step is saved in the case file at once."),
        ))
        self._place(2, self._number(
            "idle_lock_minutes", tr("Lock the case after minutes without use"), 0, 240,
            tr("0: never."),
        ))
        self._place(2, self._switch("keep_recent", tr("Remember the last cases")))
        self._place(2, self._portable())

    def open_dictation_settings(self) -> DictationSettings:
        """The page of dictation, with an OK of its own."""
        dialog = DictationSettings(self._controller, self)
        dialog.open()
        return dialog

    def _place(self, column: int, widget: QWidget) -> None:
        self._columns[column].addWidget(widget)

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        box = QDialogButtonBox()
        ok = box.addButton(tr("OK"), QDialogButtonBox.ButtonRole.AcceptRole)
        cancel = box.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        for made in (ok, cancel):
            made.setAccessibleName(made.text())
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        row.addWidget(box)
        return row

    def values(self) -> dict[str, Any]:
        """What is chosen, by setting."""
        return {name: read() for name, read in self._readers.items()}

    def accept(self) -> None:
        values = self.values()
        super().accept()  # first: a new language makes every page anew
        self._controller.change_settings(**values)

    # ---- rows

    def _choice(
        self, name: str, label: str, options: Sequence[tuple[Any, str]], help_text: str = ""
    ) -> QWidget:
        box = QComboBox()
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(18)
        for value, text in options:
            box.addItem(text, value)
        box.setCurrentIndex(box.findData(getattr(self._controller.settings, name)))
        self._readers[name] = box.currentData
        return field(label, box, help_text)

    def _line(self, name: str, label: str) -> QWidget:
        line = QLineEdit(getattr(self._controller.settings, name))
        self._readers[name] = lambda: line.text().strip()
        return field(label, line)

    def _number(self, name: str, label: str, low: int, high: int, help_text: str) -> QWidget:
        box = QSpinBox()
        box.setRange(low, high)
        box.setValue(getattr(self._controller.settings, name))
        self._readers[name] = box.value
        return field(label, box, help_text)

    def _switch(self, name: str, label: str) -> QWidget:
        box = QCheckBox(label)
        box.setChecked(getattr(self._controller.settings, name))
        self._readers[name] = box.isChecked
        return named(box, label)

    def _blur(self) -> QWidget:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, 100)
        slider.setPageStep(10)
        slider.setValue(self._controller.settings.blur)
        self._readers["blur"] = slider.value
        return field(tr("Strength of the blur around the face"), slider)

    def _folder(self, name: str, label: str, usual: str, help_text: str = "") -> QWidget:
        line = QLineEdit(getattr(self._controller.settings, name))
        line.setPlaceholderText(usual)
        row = QWidget()
        inner = QHBoxLayout(row)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(line, 1)

        def choose() -> None:
            folder = QFileDialog.getExistingDirectory(self, label)
            if folder:
                line.setText(folder)

        inner.addWidget(button(tr("Choose..."), choose, help_text=label))
        self._readers[name] = lambda: line.text().strip()
        made = field(label, row, help_text)
        named(line, label)
        return made

    def _portable(self) -> QWidget:
        """One button on the way there; afterwards only where everything is."""
        folder = portable_folder()
        if folder is not None:
            where = tr("Portable: all is kept in {folder}").format(folder=folder)
            return text_label(where, "faint")
        return button(
            tr("Make this program portable"), self.make_portable,
            help_text=tr("Everything is kept beside the program, for example on a stick"),
        )

    def make_portable(self) -> None:
        """From the next start everything lies beside the program; the settings go there at once."""
        try:
            folder = make_portable()
            save_settings(self._controller.settings, config_folder() / "settings.json")
        except PortraitError as error:
            self._controller.problem.emit(error)
            return
        self._controller.notice.emit("portable.made", {"folder": str(folder)})


def _monitors(controller: Controller) -> list[tuple[str, str]]:
    """The second monitor or the same one; each by name; and the chosen one if it is away."""
    names = [screen.name() for screen in QGuiApplication.screens()]
    chosen = controller.settings.witness_screen
    rows = [("other", tr("The second one")), ("same", tr("The officer's, in turn"))]
    rows += [(name, name) for name in names]
    return rows if chosen in dict(rows) else [*rows, (chosen, chosen)]


def _language_label(language: str) -> str:
    return {"system": tr("As the system"), "en": "English", "fr": "Français"}[language]


def _theme_label(theme: str) -> str:
    return {
        "system": tr("As the system"), "light": tr("Light"), "dark": tr("Dark"),
        "high_contrast": tr("High contrast"), "evening": tr("Evening, for a dim room"),
    }[theme]

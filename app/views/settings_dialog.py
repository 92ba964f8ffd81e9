"""The settings: chosen here, checked by the settings themselves, in force at once on OK."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
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

from app.models.settings import ARRAY_SIZES, LANGUAGES, TEXT_SCALES, THEMES
from app.views.controller import Controller
from app.views.dictation_settings import DictationSettings
from app.views.forms import button, field, named, text_label
from app.views.translation import tr


class SettingsDialog(QDialog):
    """One page; nothing changes until OK."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(60 * self.fontMetrics().averageCharWidth() + 260)
        self._controller = controller
        self._readers: dict[str, Callable[[], Any]] = {}
        self._halves = (QVBoxLayout(), QVBoxLayout())
        outer = QVBoxLayout(self)
        outer.addWidget(text_label(tr("Settings"), "title"))
        row = QHBoxLayout()
        row.setSpacing(32)
        for half in self._halves:
            half.setSpacing(14)
            row.addLayout(half, 1)
        outer.addLayout(row)
        self._fill()
        for half in self._halves:
            half.addStretch(1)
        outer.addLayout(self._make_buttons())

    def _fill(self) -> None:
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
        self._place(0, self._blur())
        self._place(1, self._folder())
        self._place(1, self._number("threads", tr("Processor threads"), 0, 64,
                                       tr("0: the program decides. Holds from the next start.")))
        self._place(1, self._number(
            "idle_lock_minutes", tr("Lock the case after minutes without use"), 0, 240,
            tr("0: never."),
        ))
        self._place(1, button(tr("Microphone and recogniser..."), self.open_dictation_settings))
        self._place(1, self._switch("question_hints", tr("Hint at leading questions")))
        self._place(1, self._switch("keep_recent", tr("Remember the last cases")))

    def open_dictation_settings(self) -> DictationSettings:
        """The page of dictation, with an OK of its own."""
        dialog = DictationSettings(self._controller, self)
        dialog.open()
        return dialog

    def _place(self, half: int, widget: QWidget) -> None:
        self._halves[half].addWidget(widget)

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

    def _choice(self, name: str, label: str, options: Sequence[tuple[Any, str]]) -> QWidget:
        box = QComboBox()
        for value, text in options:
            box.addItem(text, value)
        box.setCurrentIndex(box.findData(getattr(self._controller.settings, name)))
        self._readers[name] = box.currentData
        return field(label, box)

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

    def _folder(self) -> QWidget:
        line = QLineEdit(self._controller.settings.model_folder)
        line.setPlaceholderText(tr("The face model that came with the program"))
        row = QWidget()
        inner = QHBoxLayout(row)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(line, 1)

        def choose() -> None:
            folder = QFileDialog.getExistingDirectory(self, tr("Folder of a face model"))
            if folder:
                line.setText(folder)

        inner.addWidget(button(tr("Choose..."), choose, help_text=tr("Folder of a face model")))
        self._readers["model_folder"] = lambda: line.text().strip()
        made = field(tr("Folder of a face model"), row)
        named(line, tr("Folder of a face model"))
        return made


def _language_label(language: str) -> str:
    return {"system": tr("As the system"), "en": "English", "fr": "Français"}[language]


def _theme_label(theme: str) -> str:
    return {
        "system": tr("As the system"), "light": tr("Light"), "dark": tr("Dark"),
        "high_contrast": tr("High contrast"),
    }[theme]

"""Where a lineup begins: the suspect's photograph, a description, or both; and fine-tuning."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.engine.api import FaceReady, Pixels
from app.views.case_forms import PathField
from app.views.forms import button, button_row, centred_column, field, named, text_label
from app.views.images import shown
from app.views.lineup_desk import LineupDesk
from app.views.lineup_words import fidelity_sentence
from app.views.passphrase import PassphraseField
from app.views.terms import attribute_label, value_label
from app.views.translation import tr

SIDE = 190


class SeedPage(QWidget):
    """Photograph and description, each read at once and kept in the lineup's own file."""

    def __init__(self, desk: LineupDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.photo, self.drawn = _picture(tr("The photograph")), _picture(tr("As drawn"))
        self.photo_note = text_label("", "faint")
        self.text = QPlainTextEdit()
        self.text.setMaximumHeight(110)
        self.text.setTabChangesFocus(True)
        self.read = text_label("", "faint")
        self.seconds = QSpinBox()
        self.seconds.setRange(5, 900)
        self.seconds.setValue(60)
        self.seconds.setSuffix(tr(" s"))
        named(self.seconds, tr("Seconds for fine-tuning"))
        self.choose = button(tr("Choose the photograph..."), self.ask_photo, "primary")
        self.tune = button(tr("Fine-tune to the photograph"), self._on_tune, help_text=tr(
            "Changes a copy of the face model that belongs to this lineup only."
        ))
        self.take = button(tr("Use this description"), self._on_text)
        self.unseal = button(tr("From a composite case..."), self.ask_unseal, "quiet")
        self._lay_out()
        desk.changed.connect(self.show_state)
        desk.preview.connect(self._on_preview)
        self.show_state()

    def _lay_out(self) -> None:
        column = centred_column(self)
        column.addWidget(text_label(tr("Suspect"), "title"))
        column.addWidget(text_label(tr(
            "One face, seen from the front, eyes free. The photograph stays unaltered in this "
            "lineup's own file; nothing of it goes anywhere else."
        ), "faint"))
        row = QHBoxLayout()
        row.setSpacing(18)
        for made, caption in ((self.photo, tr("The photograph")), (self.drawn, tr("As drawn"))):
            part = QVBoxLayout()
            part.addWidget(made)
            part.addWidget(text_label(caption, "faint"))
            row.addLayout(part)
        side = QVBoxLayout()
        side.addWidget(self.choose)
        side.addWidget(self.photo_note)
        side.addStretch(1)
        tuning = QHBoxLayout()
        tuning.addWidget(self.tune)
        tuning.addWidget(self.seconds)
        tuning.addStretch(1)
        side.addLayout(tuning)
        row.addLayout(side, 1)
        column.addLayout(row)
        column.addSpacing(12)
        column.addWidget(field(tr("Description that the fillers must match"), self.text, tr(
            "As the witness gave it. Leave it empty to match what is seen in the photograph."
        )))
        column.addLayout(button_row(self.take, self.unseal, stretch_first=False))
        column.addWidget(self.read)
        column.addStretch(1)

    def show_state(self) -> None:
        """What the lineup holds."""
        suspect, lineup = self._desk.suspect, self._desk.lineup
        _show(self.photo, suspect.aligned if suspect else None)
        _show(self.drawn, suspect.pixels if suspect else None)
        note = fidelity_sentence(suspect.fidelity) if suspect else tr("No photograph yet.")
        if suspect is not None and suspect.tuned:
            note = tr("Fine-tuned to the photograph.")
        self.photo_note.setText(note)
        self.tune.setEnabled(suspect is not None and not lineup.is_shown)
        self.choose.setEnabled(not lineup.is_shown)
        if lineup.description and not self.text.toPlainText():
            self.text.setPlainText(lineup.description)
        words = [
            f"{attribute_label(str(a['name']))}: {_value(a)}" for a in lineup.wanted
        ]  # fmt: skip
        self.read.setText(tr("Understood: {list}").format(list="; ".join(words)) if words else "")

    def ask_photo(self) -> None:
        """Choose a file."""
        kinds = tr("Pictures") + " (*.jpg *.jpeg *.png)"
        chosen, _ = QFileDialog.getOpenFileName(self, tr("The suspect's photograph"), "", kinds)
        if chosen:
            self._desk.add_photo(chosen)

    def ask_unseal(self) -> QDialog:
        """The one way through the wall: a reason, a name, and both files keep it."""
        dialog = UnsealDialog(self._desk, self)
        dialog.show()
        return dialog

    def _on_text(self) -> None:
        if self.text.toPlainText().strip():
            self._desk.describe(self.text.toPlainText().strip())

    def _on_tune(self) -> None:
        self._desk.tune(float(self.seconds.value()))

    def _on_preview(self, face: FaceReady) -> None:
        if face.preview:
            _show(self.drawn, face.pixels)


class UnsealDialog(QDialog):
    """Takes the description, and nothing else, out of a composite case."""

    def __init__(self, desk: LineupDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setWindowTitle(tr("From a composite case"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(560, 480)
        self.file = PathField(tr("Case file"), saving=False)
        self.passphrase = PassphraseField(tr("Passphrase"))
        self.officer, self.reason = QLineEdit(), QLineEdit()
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addWidget(text_label(tr(
            "A composite and a lineup stay apart, so that one witness's portrait never shapes what "
            "another is shown. Only the description can be taken over, never a face. The case and "
            "the lineup both keep who did it and why."
        )))
        column.addWidget(self.file)
        column.addWidget(self.passphrase)
        column.addWidget(field(tr("Officer"), self.officer))
        column.addWidget(field(tr("Reason"), self.reason))
        self.take = button(tr("Unseal the description"), self._on_take, "primary")
        column.addLayout(button_row(button(tr("Cancel"), self.reject), self.take))
        for signal in (self.file.changed, self.passphrase.changed, self.officer.textChanged,
                       self.reason.textChanged):  # fmt: skip
            signal.connect(lambda *args: self._show_state())
        self._show_state()

    def _show_state(self) -> None:
        told = self.officer.text().strip() and self.reason.text().strip()
        self.take.setEnabled(bool(told and self.file.path and self.passphrase.passphrase))

    def _on_take(self) -> None:
        if self.file.path is not None:
            self._desk.unseal(
                self.file.path, self.passphrase.passphrase, self.reason.text(), self.officer.text()
            )
            self.passphrase.clear()
            self.accept()


def _picture(name: str) -> QLabel:
    label = QLabel()
    label.setFixedSize(SIDE, SIDE)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setAccessibleName(name)
    return label


def _show(label: QLabel, pixels: Pixels | None) -> None:
    label.clear()
    if pixels is not None:
        label.setPixmap(shown(pixels, SIDE, ratio=label.devicePixelRatioF()))


def _value(attribute: object) -> str:
    assert isinstance(attribute, dict)
    value = attribute["value"]
    if not isinstance(value, str):
        return f"{value[0]}-{value[1]}" if value[0] != value[1] else f"{value[0]}"
    word = value_label(str(attribute["name"]), value)
    return tr("not {value}").format(value=word) if attribute.get("negated") else word

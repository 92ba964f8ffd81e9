"""Passphrase entry: hidden unless asked, a floor instead of rules, words on request."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout, QWidget

from app.models.passphrase import passphrase_fault
from app.models.store import ADVISED_PASSPHRASE
from app.models.words import word_list
from app.views.forms import button, button_row, field, text_label
from app.views.translation import tr

SUGGESTED_WORDS = 6  # 66 bits, far beyond what can be guessed against Argon2id


def suggested_passphrase() -> str:
    """Six random words of the list, from the system's random source."""
    words = word_list()
    return " ".join(secrets.choice(words) for _ in range(SUGGESTED_WORDS))


class PassphraseField(QWidget):
    """One line for a passphrase that exists already."""

    changed = Signal()
    submitted = Signal()

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit()
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.textChanged.connect(lambda text: self.changed.emit())
        self.line.returnPressed.connect(self.submitted)
        self._show = QCheckBox(tr("Show what is typed"))
        self._show.setAccessibleName(tr("Show what is typed"))
        self._show.toggled.connect(self._on_show)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.addWidget(field(label, self.line))
        self.column.addWidget(self._show)

    @property
    def passphrase(self) -> str:
        """What is typed."""
        return self.line.text()

    def clear(self) -> None:
        """Forget what was typed."""
        self.line.clear()
        self._show.setChecked(False)

    def _on_show(self, visible: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if visible else QLineEdit.EchoMode.Password
        for line in self.findChildren(QLineEdit):
            line.setEchoMode(mode)

    def show_text(self) -> None:
        """Let the typed passphrase be read."""
        self._show.setChecked(True)


class NewPassphraseField(PassphraseField):
    """A passphrase to be made up: typed twice, long enough, or generated words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Passphrase"), parent)
        self.again = QLineEdit()
        self.again.setEchoMode(QLineEdit.EchoMode.Password)
        self.again.textChanged.connect(lambda text: self.changed.emit())
        self.again.returnPressed.connect(self.submitted)
        self.column.insertWidget(1, field(tr("Passphrase once more"), self.again))
        suggest = button(tr("Suggest six words"), self.suggest)
        self.column.addLayout(button_row(suggest, stretch_first=False))
        self.known: tuple[str, ...] = ()  # what stands on the file's cover
        self._verdict = text_label("", "faint")
        self.column.addWidget(self._verdict)
        self.changed.connect(lambda: self._verdict.setText(self.verdict()))
        self._verdict.setText(self.verdict())

    def suggest(self) -> None:
        """Fill both lines with random words and show them, to be written down."""
        words = suggested_passphrase()
        self.line.setText(words)
        self.again.setText(words)
        self.show_text()

    def set_known(self, known: Sequence[str]) -> None:
        """What stands on the file's cover and so is no secret."""
        self.known = tuple(known)
        self._verdict.setText(self.verdict())

    @property
    def is_good(self) -> bool:
        """Whether it is hard to guess and was typed the same twice."""
        is_weak = passphrase_fault(self.passphrase, self.known)
        return not is_weak and self.passphrase == self.again.text()

    def verdict(self) -> str:
        """What is still missing, or what to do with it now."""
        missing = ADVISED_PASSPHRASE - len(self.passphrase)
        if missing > 0:
            return tr("At least {floor} characters; {missing} more.").format(
                floor=ADVISED_PASSPHRASE, missing=missing
            )
        fault = passphrase_fault(self.passphrase, self.known)
        if fault:
            return {
                "repeated": tr("Too easy to guess: the same few characters again and again."),
                "row": tr("Too easy to guess: keys in a row."),
                "known": tr("Too easy to guess: it stands on the file's cover."),
            }[fault]
        if self.passphrase != self.again.text():
            return tr("The two lines are not the same yet.")
        return tr("Good. Keep it as your force keeps keys: without it nobody opens the case.")

    def clear(self) -> None:
        """Forget what was typed."""
        super().clear()
        self.again.clear()

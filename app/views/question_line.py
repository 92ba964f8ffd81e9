"""The officer's next question, written before it is asked: a hint where it leads."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.views.controller import Controller
from app.views.forms import button, named, text_label
from app.views.question_hints import Hint, hint_text, leading_question
from app.views.translation import tr

HINT_QUIET_MS = 600


class HintWriter:
    """Each leading question is logged once, whether or not it is asked in the end."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._logged: set[str] = set()

    def write(self, hint: Hint | None) -> None:
        """Log a hint that was shown."""
        if hint is not None and hint.question not in self._logged and self._controller.may_write:
            self._logged.add(hint.question)
            data = {"question": hint.question, "instead": hint.instead, "why": hint.why}
            self._controller.record("hint.shown", data, actor="app")


class QuestionLine(QWidget):
    """Type, look, ask: Enter keeps the question word for word; nothing is ever refused."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._writer = HintWriter(controller)
        self.line = QLineEdit()
        named(self.line, tr("Your question to the witness"))
        self.line.setPlaceholderText(tr("Your question, before you ask it"))
        self.ask = button(tr("Asked"), self.keep, help_text=tr("Keeps the question as asked"))
        self.hint = text_label("")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(HINT_QUIET_MS)
        self._timer.timeout.connect(self.show_hint)
        self.line.textChanged.connect(self._on_typed)
        self.line.returnPressed.connect(self.keep)
        row = QHBoxLayout()
        row.addWidget(self.line, 1)
        row.addWidget(self.ask)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(row)
        column.addWidget(self.hint)
        self._on_typed("")

    def show_hint(self) -> Hint | None:
        """Look at the question as it stands, and say what leads in it."""
        hint = None
        if self._controller.settings.question_hints:
            hint = leading_question(self.line.text(), self._controller.language, asking=True)
        self.hint.setText("" if hint is None else hint_text(hint))
        self._writer.write(hint)
        return hint

    def forget(self) -> None:
        """Another case: nothing of the one before stays in sight."""
        self.line.clear()
        self._writer = HintWriter(self._controller)

    def keep(self) -> None:
        """The question was asked: it goes into the record as it stands."""
        text = self.line.text().strip()
        if not text or not self._controller.may_write:
            return
        self._timer.stop()
        step = self._controller.session.guide.step
        data = {"question": text, "step": step, "leading": self.show_hint() is not None}
        if self._controller.record("interview.asked", data):
            self.line.clear()

    def _on_typed(self, text: str) -> None:
        self.ask.setEnabled(bool(text.strip()))
        if text.strip():
            self._timer.start()
        else:
            self._timer.stop()
            self.hint.setText("")

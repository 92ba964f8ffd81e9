"""The bar on top: what happened and what can be done about it; codes become sentences here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.models.errors import PortraitError
from app.views.forms import button, text_label
from app.views.sentences import notice_sentence, problem_sentence
from app.views.theme import set_look


class MessageBar(QFrame):
    """One message at a time, the newest; stays until closed or replaced, never takes the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message_bar")
        self._what = text_label("", "heading")
        self._remedy = text_label("")
        self._close = button(_dismiss_text(), self.clear, "quiet")
        self._action = button("", self._run_action)
        self._on_action: Callable[[], object] | None = None
        self.code = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        column = QVBoxLayout()
        column.setSpacing(1)
        column.addWidget(self._what)
        column.addWidget(self._remedy)
        row.addLayout(column, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self.hide()

    def show_problem(self, error: PortraitError) -> None:
        """Say what went wrong and what helps."""
        what, remedy = problem_sentence(error)
        self._show(error.code, what, remedy, "message_bad")

    def show_notice(self, code: str, facts: Mapping[str, Any]) -> None:
        """Say something worth knowing; unknown codes say nothing."""
        sentence = notice_sentence(code, facts)
        if sentence:
            self._show(code, sentence, "", "message")

    def offer(self, text: str, on_action: Callable[[], object]) -> None:
        """Put a button beside the message that is shown."""
        self._action.setText(text)
        self._action.setAccessibleName(text)
        self._on_action = on_action
        self._action.show()

    def went_on(self) -> None:
        """The work goes on: what was said is past, unless it still holds."""
        if self.code and self.code != "case.damaged" and not self.code.startswith("model."):
            self.clear()

    def clear(self) -> None:
        """Nothing to say."""
        self.code = ""
        self.hide()

    @property
    def text(self) -> str:
        """What is being said."""
        return f"{self._what.text()} {self._remedy.text()}".strip() if self.code else ""

    def _show(self, code: str, what: str, remedy: str, look: str) -> None:
        self.code = code
        self._what.setText(what)
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))
        self._action.hide()
        self._on_action = None
        set_look(self, look)
        self.setAccessibleName(self.text)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _run_action(self) -> None:
        action = self._on_action
        self.clear()
        if action is not None:
            action()


def _dismiss_text() -> str:
    from app.views.translation import tr

    return tr("Dismiss")

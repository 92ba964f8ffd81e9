"""The interview: the questions before it, their gate, and the free recall. No face on screen."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget

from app.models.session import Session
from app.views.controller import Controller
from app.views.eligibility_panel import EligibilityPanel
from app.views.forms import centred_column
from app.views.note_page import NotePage
from app.views.recall_panel import RecallPanel

WIDE_COLUMN = 1180


class InterviewPage(QWidget):
    """First the questions, then the witness's own words."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.questions = EligibilityPanel(controller)
        self.recall = RecallPanel(controller)
        self._steps = QStackedWidget()
        self._steps.addWidget(self.questions)
        self._steps.addWidget(self.recall)
        column = centred_column(self, WIDE_COLUMN)
        column.addWidget(self._steps)
        self.questions.go_on.clicked.connect(self._to_recall)
        self.recall.back.clicked.connect(lambda: self._steps.setCurrentWidget(self.questions))
        self.recall.note.clicked.connect(self._to_note)
        self.note: NotePage | None = None
        controller.case_changed.connect(self._on_case)

    def show_session(self, session: Session) -> None:
        self.questions.show_answers(session.eligibility)
        self.recall.show_session(session)
        if not session.eligibility.may_proceed:
            self._steps.setCurrentWidget(self.questions)

    def flush(self) -> None:
        """Store at once what is typed, or dictated and not used yet."""
        self.questions.flush()
        self.recall.dictation.use_words()
        self.recall.flush()

    def _to_recall(self) -> None:
        self.questions.flush()
        if self._controller.session.eligibility.may_proceed:
            self._steps.setCurrentWidget(self.recall)
            self.recall.text.setFocus()

    def _to_note(self) -> None:
        if self.note is None:  # made when first wanted: it is seldom needed
            self.note = NotePage(lambda: self._controller.language)
            self.note.text_ready.connect(self._on_note)
            self.note.closed.connect(self._to_recall)
            self._steps.addWidget(self.note)
        self._steps.setCurrentWidget(self.note)

    def _on_note(self, text: str) -> None:
        self.recall.take(text, "note")
        self._to_recall()

    def _on_case(self, case: object) -> None:
        session = self._controller.session
        self.recall.question.forget()
        told = session.eligibility.may_proceed and bool(session.recall)
        self._steps.setCurrentWidget(self.recall if told else self.questions)

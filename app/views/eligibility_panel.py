"""The questions before the interview: what speaks against going on, and who allows it."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.models.interview import QUESTIONS, Eligibility
from app.views.controller import Controller
from app.views.forms import ChoiceRow, button, button_row, field, text_label
from app.views.interview_words import concern_text, question_text, value_text
from app.views.theme import set_look
from app.views.translation import tr


class EligibilityPanel(QWidget):
    """Each question with big choices; below, what speaks against going on, and who allows it."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.rows: dict[str, ChoiceRow] = {}
        self.go_on = button(tr("Go on to the interview"), lambda: None, "primary")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(text_label(tr("Before the interview"), "title"))
        column.addWidget(text_label(
            tr("Seven questions for the officer. Nothing is decided by the program."), "faint"
        ))
        for question in QUESTIONS:
            choices = [(v, value_text(question.key, v)) for v in question.values]
            row = ChoiceRow(
                question_text(question.key), choices,
                lambda value, key=question.key: controller.set_eligibility(key, value),
            )
            self.rows[question.key] = row
            column.addWidget(row)
        column.addWidget(self._make_gate())
        column.addLayout(button_row(self.go_on))

    def _make_gate(self) -> QFrame:
        self._gate = QFrame()
        set_look(self._gate, "message")
        self._concerns = text_label("")
        self.reason, self.authority = QLineEdit(), QLineEdit()
        for line in (self.reason, self.authority):
            line.editingFinished.connect(self.flush)
            line.textChanged.connect(lambda text: self._show_go_on())
        column = QVBoxLayout(self._gate)
        column.addWidget(text_label(tr("This speaks against making a portrait:"), "heading"))
        column.addWidget(self._concerns)
        row = QHBoxLayout()
        row.addWidget(field(tr("Why it is made all the same"), self.reason), 3)
        row.addWidget(field(tr("Authorised by"), self.authority), 2)
        column.addLayout(row)
        return self._gate

    def show_answers(self, eligibility: Eligibility) -> None:
        """Mark the answers and show the gate if something speaks against going on."""
        for key, row in self.rows.items():
            row.show_value(eligibility.answer(key))
        self._concerns.setText("\n".join(f"\u2022 {concern_text(k)}" for k in eligibility.concerns))
        self._gate.setVisible(bool(eligibility.concerns))
        for line, stored in (
            (self.reason, eligibility.reason), (self.authority, eligibility.authority)
        ):
            if not line.hasFocus() and line.text().strip() != stored:
                line.setText(stored)
        self._show_go_on()

    def flush(self) -> None:
        """Store reason and authority if they changed."""
        stored = self._controller.session.eligibility
        typed = (self.reason.text().strip(), self.authority.text().strip())
        if self._controller.may_write and typed != (stored.reason, stored.authority):
            self._controller.set_authority(*typed)

    def _show_go_on(self) -> None:
        eligibility = self._controller.session.eligibility
        typed = bool(self.reason.text().strip() and self.authority.text().strip())
        ready = eligibility.is_complete and (not eligibility.concerns or typed)
        self.go_on.setEnabled(ready)

"""The interview: the questions before it, their gate, and the free recall. No face on screen."""

from __future__ import annotations

import hashlib

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.models.interview import QUESTIONS, Eligibility
from app.models.recordings import sound_data
from app.models.session import Session, Stage
from app.models.speech import Word
from app.views.controller import Controller
from app.views.dictation import DictationPanel
from app.views.dictation_settings import DictationSettings
from app.views.forms import (
    ChoiceRow,
    button,
    button_row,
    centred_column,
    field,
    named,
    text_label,
)
from app.views.interview_words import concern_text, question_text, value_text
from app.views.note_page import NotePage
from app.views.question_hints import leading_question
from app.views.recordings_dialog import RecordingsDialog
from app.views.sound_pieces import pieces
from app.views.theme import set_look
from app.views.translation import tr

DRAFT_QUIET_MS = 1000
HINT_QUIET_MS = 600
WIDE_COLUMN = 1060


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
        told = session.eligibility.may_proceed and bool(session.recall)
        self._steps.setCurrentWidget(self.recall if told else self.questions)


class EligibilityPanel(QWidget):
    """Each question with big choices; below, what speaks against going on, and who allows it."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._rows: dict[str, ChoiceRow] = {}
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
            self._rows[question.key] = row
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
        for key, row in self._rows.items():
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


class RecallPanel(QWidget):
    """The witness tells; every word is kept as given."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._hinted: set[str] = set()
        self._ways = {"typed"}
        self.dictation = DictationPanel(
            lambda: controller.language, settings=lambda: controller.settings
        )
        self.dictation.recogniser.partial.connect(lambda _: controller.used.emit())
        self.dictation.settings_wanted.connect(self.open_dictation_settings)
        self.dictation.text_ready.connect(lambda text: self.take(text, "dictated"))
        self.dictation.recorded.connect(self._on_recorded)
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(200)
        set_look(self.text, "witness")
        named(self.text, tr("What the witness tells, word for word"))
        self.text.setPlaceholderText(tr("Type what the witness says, word for word."))
        self.back = button(tr("Back to the questions"), lambda: None, "quiet")
        self.note = button(tr("From a written note..."), lambda: None)
        self.recordings = button(tr("What was dictated..."), self.open_recordings, "quiet",
                                 help_text=tr("Every word with its sound, where it was kept"))
        self._confirm = button(tr("This is what was said"), self._on_confirm, "primary",
                               help_text=tr("Kept word for word from here on"))
        self._next = button(tr("To the description"), self._on_next, "primary")
        self._note = text_label("", "faint")
        self._hint = text_label("")
        self._draft_timer = self._timer(DRAFT_QUIET_MS, self.flush)
        self._hint_timer = self._timer(HINT_QUIET_MS, self._show_hint)
        self.text.textChanged.connect(self._on_typed)
        self._lay_out()

    def _timer(self, quiet_ms: int, run: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(quiet_ms)
        timer.timeout.connect(run)
        return timer

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(text_label(tr("What do you remember?"), "title"))
        column.addWidget(text_label(tr(
            "Please tell everything you remember of the face, in your own words and in your own "
            "order. Take your time. Nothing is too small, and it is fine not to know."
        ), "witness"))
        column.addWidget(self.text, 1)
        column.addWidget(self.dictation)
        column.addWidget(self._hint)
        column.addWidget(self._note)
        column.addLayout(button_row(
            self.back, self.recordings, self.note, self._confirm, self._next
        ))
        column.addWidget(text_label(tr(
            "For the officer: let silence stand, do not interrupt, ask openly. "
            "No picture of any face is shown before this is done."
        ), "faint"))

    def show_session(self, session: Session) -> None:
        """The words as stored; typing that is not stored yet is left alone."""
        is_kept = bool(session.description.text)
        if not self._draft_timer.isActive() and self.text.toPlainText() != session.recall:
            self.text.blockSignals(True)
            self.text.setPlainText(session.recall)
            self.text.blockSignals(False)
        self.text.setReadOnly(is_kept or not self._controller.may_write)
        self._note.setText(
            tr("Kept word for word. Corrections are made on the next page.") if is_kept else ""
        )
        for way_in in (self.dictation, self.note):
            way_in.setVisible(not self.text.isReadOnly())
        journal = self._controller.journal
        self.recordings.setVisible(journal is not None and journal.has_dictation)
        self._confirm.setVisible(not is_kept)
        self._next.setVisible(is_kept)
        self._show_confirm()

    def flush(self) -> None:
        """Store the draft now."""
        self._draft_timer.stop()
        if self._controller.may_write and not self.text.isReadOnly():
            self._controller.set_recall(self.text.toPlainText(), self._how)

    def take(self, text: str, how: str) -> None:
        """Put words that were dictated or read from a note at the end."""
        if self.text.isReadOnly():
            return
        self._ways.add(how)
        before = self.text.toPlainText().rstrip()
        self.text.setPlainText(f"{before}\n{text}" if before else text)
        self.flush()

    @property
    def _how(self) -> str:
        others = sorted(self._ways - {"typed"})
        return ", ".join(others) or "typed"

    def open_dictation_settings(self) -> DictationSettings:
        """Microphone, recogniser, and whether the sound is kept."""
        dialog = DictationSettings(self._controller, self)
        dialog.open()
        return dialog

    def open_recordings(self) -> RecordingsDialog | None:
        """The dictations of this case, word by word."""
        case = self._controller.case
        if case is None or self._controller.exporter.is_running:
            return None
        dialog = RecordingsDialog(case, self)
        dialog.open()
        return dialog

    def _on_recorded(self, words: tuple[Word, ...], wav: bytes) -> None:
        sounds: list[str] = []
        if self._controller.settings.keep_audio:
            for flac, seconds in pieces(wav):
                data = sound_data(flac, seconds)
                if self._controller.record("dictation.sound", data, actor="witness"):
                    sounds.append(str(data["sha256"]))
        heard = {
            "words": [word.to_json() for word in words],
            "wav_sha256": hashlib.sha256(wav).hexdigest(),
            "recogniser": self.dictation.heard_by, "sounds": sounds,
        }
        self._controller.record("dictation.heard", heard, actor="witness")
        self.recordings.setVisible(True)

    def _on_typed(self) -> None:
        self._draft_timer.start()
        self._show_confirm()
        if self._controller.settings.question_hints:
            self._hint_timer.start()

    def _show_confirm(self) -> None:
        self._confirm.setEnabled(bool(self.text.toPlainText().strip()))

    def _show_hint(self) -> None:
        hint = leading_question(self.text.toPlainText(), self._controller.language)
        self._hint.setText("" if hint is None else tr(
            "\u201c{question}\u201d may suggest an answer. More open: \u201c{instead}\u201d"
        ).format(question=hint.question, instead=hint.instead))
        if hint is not None and hint.question not in self._hinted and self._controller.may_write:
            self._hinted.add(hint.question)
            self._controller.record("hint.shown", {"question": hint.question}, actor="app")

    def _on_confirm(self) -> None:
        self.flush()
        self._controller.confirm_recall(self._how)

    def _on_next(self) -> None:
        self._controller.go(Stage.description)

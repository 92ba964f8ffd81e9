"""The free recall: the witness tells, every word is kept, what the officer asks beside it."""

from __future__ import annotations

import hashlib

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.models.guide import Guide
from app.models.recordings import sound_data
from app.models.session import Session, Stage
from app.models.speech import Word
from app.views.character_panel import CharacterPanel
from app.views.controller import Controller
from app.views.dictation import DictationPanel
from app.views.dictation_settings import DictationSettings
from app.views.forms import button, button_row, named, text_label
from app.views.guide_panel import GuidePanel
from app.views.guide_words import spoken, step_title
from app.views.question_line import QuestionLine
from app.views.recordings_dialog import RecordingsDialog
from app.views.sound_pieces import pieces
from app.views.theme import set_look
from app.views.translation import tr

DRAFT_QUIET_MS = 1000


class RecallPanel(QWidget):
    """The witness tells; every word is kept as given."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._ways = {"typed"}
        self.dictation = DictationPanel(
            lambda: controller.language, settings=lambda: controller.settings
        )
        self.dictation.recogniser.partial.connect(self._on_partial)
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
        self._title, self._spoken = text_label("", "title"), text_label("", "witness")
        self.guide, self.question = GuidePanel(), QuestionLine(controller)
        self.character = CharacterPanel()
        self.guide.turned.connect(self.turn_to)
        self.character.judged.connect(self._on_judged)
        self._draft_timer = self._timer(DRAFT_QUIET_MS, self.flush)
        self.text.textChanged.connect(self._on_typed)
        self._lay_out()

    def _timer(self, quiet_ms: int, run: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(quiet_ms)
        timer.timeout.connect(run)
        return timer

    def _lay_out(self) -> None:
        telling = QWidget()
        column = QVBoxLayout(telling)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.text, self.dictation, self.question):
            column.addWidget(widget, 1 if widget is self.text else 0)
        self._parts = QStackedWidget()
        self._parts.addWidget(telling)
        self._parts.addWidget(self.character)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self._title)
        right.addWidget(self._spoken)
        right.addWidget(self._parts, 1)
        right.addWidget(self._note)
        right.addLayout(button_row(self.recordings, self.note, self._confirm, self._next))
        for later in (self.recordings, self._next):
            later.hide()  # or the first layout makes room for all of them
        left = QVBoxLayout()
        left.addWidget(self.guide, 1)
        left.addWidget(self.back)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(24)
        row.addLayout(left)
        row.addLayout(right, 1)

    def show_session(self, session: Session) -> None:
        """The words as stored; typing that is not stored yet is left alone."""
        is_kept = bool(session.description.text)
        self._show_guide(session.guide)
        if not self._draft_timer.isActive() and self.text.toPlainText() != session.recall:
            self.text.blockSignals(True)
            self.text.setPlainText(session.recall)
            self.text.blockSignals(False)
        self.text.setReadOnly(is_kept or not self._controller.may_write)
        self._note.setText(
            tr("Kept word for word. Corrections are made on the next page.") if is_kept else ""
        )
        for way_in in (self.dictation, self.note, self.question):
            way_in.setVisible(not self.text.isReadOnly())
        journal = self._controller.journal
        self.recordings.setVisible(journal is not None and journal.has_dictation)
        self._confirm.setVisible(not is_kept)
        self._next.setVisible(is_kept)
        self._show_confirm()

    def _show_guide(self, guide: Guide) -> None:
        self.guide.show_guide(guide)
        self.character.show_guide(guide, self._controller.may_write)
        self._parts.setCurrentIndex(1 if guide.step == "character" else 0)
        self._title.setText(step_title(guide.step))
        self._spoken.setText(spoken(guide.step))

    def turn_to(self, step: str) -> None:
        """Turn to a step of the interview; kept, but no step of its own in the history."""
        self.flush()
        if step != self._controller.session.guide.step:
            self._controller.record("interview.step", {"step": step})
        self.show_session(self._controller.session)

    def _on_judged(self, trait: str, level: str) -> None:
        guide = self._controller.session.guide.with_level(trait, level)
        self._controller.record("interview.character", guide.to_json(), actor="witness")

    def _on_partial(self, text: str) -> None:
        self._controller.used.emit()
        self.guide.heard()

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
        if case is None or self._controller.case_in_use:
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
        self.guide.heard()

    def _show_confirm(self) -> None:
        self._confirm.setEnabled(bool(self.text.toPlainText().strip()))

    def _on_confirm(self) -> None:
        self.flush()
        self._controller.confirm_recall(self._how)

    def _on_next(self) -> None:
        self._controller.go(Stage.description)

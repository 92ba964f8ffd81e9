"""The dictations of a case: each word a link to its sound, where the sound was kept."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.models.errors import PortraitError
from app.models.recordings import Recording, recordings, sound_of
from app.models.store import CaseFile
from app.views import microphone
from app.views.dialogs import ReadingDialog
from app.views.dictation import AROUND_S, Player
from app.views.forms import button, button_row, text_label
from app.views.heard_text import HeardText
from app.views.microphone import RATE
from app.views.sound_pieces import from_flac
from app.views.speech_words import speech_sentence
from app.views.translation import tr

HEIGHT = 130


class RecordingsDialog(ReadingDialog):
    """Every dictation of the open case with its words; a click on a word plays it."""

    def __init__(
        self, case: CaseFile, parent: QWidget | None = None, player: Player = microphone.play
    ) -> None:
        super().__init__(tr("What was dictated"), parent)
        self._case, self._play = case, player
        self._pcm: tuple[int, bytes] = (-1, b"")
        self.texts: list[HeardText] = []
        self.status = text_label("", "faint")
        for recording in recordings(case):
            self._add(recording)
        self.column.addWidget(self.status)
        self.column.addStretch(1)

    def _add(self, recording: Recording) -> None:
        self.column.addWidget(text_label(recording.when[:16].replace("T", " "), "heading"))
        text = HeardText()
        text.setMinimumHeight(HEIGHT)
        text.show_words([recording.words])
        self.column.addWidget(text)
        self.texts.append(text)
        if not recording.sounds:
            self.column.addWidget(text_label(tr("Its sound was not kept."), "faint"))
            return
        text.word_chosen.connect(lambda number: self.play_word(recording, number))
        self.column.addLayout(
            button_row(
                button(tr("Play all"), lambda: self.play_all(recording)),
                button(tr("Stop playing"), microphone.stop_playing, "quiet"),
                stretch_first=False,
            )
        )

    def play_word(self, recording: Recording, number: int) -> None:
        """Play the sound that a word was heard in."""
        word = recording.words[number]
        first = max(0, int((word.start - AROUND_S) * RATE) * 2)
        self._play_part(recording, first, int((word.end + AROUND_S) * RATE) * 2)

    def play_all(self, recording: Recording) -> None:
        """Play the whole dictation."""
        self._play_part(recording, 0, None)

    def _play_part(self, recording: Recording, first: int, last: int | None) -> None:
        try:
            self._play(self._sound(recording)[first:last])
            self.status.setText("")
        except PortraitError as error:
            self.status.setText(speech_sentence(error.code))

    def _sound(self, recording: Recording) -> bytes:
        if self._pcm[0] != recording.seq:
            pieces = sound_of(self._case, recording)
            self._pcm = (recording.seq, b"".join(map(from_flac, pieces)))
        return self._pcm[1]

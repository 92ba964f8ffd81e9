"""Dictation: what is said appears as words; the officer decides what of it is used."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.models.errors import PortraitError
from app.models.settings import Settings
from app.models.speech import Word
from app.views import microphone as sound
from app.views.forms import button, named, text_label
from app.views.heard_text import HeardText
from app.views.microphone import RATE, Microphone
from app.views.recogniser import Recogniser
from app.views.speech_words import speech_sentence
from app.views.translation import tr

RESTARTS = 3
AROUND_S = 0.15  # heard before and after a word that is played
PAUSE_S = 0.9  # silence put in at a pause, so that the words before it are settled
REFEED = 32000  # bytes a block when sound is given again to a new recogniser
MOST_BYTES = 4 * 3600 * RATE * 2  # four hours
Player = Callable[[bytes], None]


class DictationPanel(QWidget):
    """Record, pause, level, words; emits ``text_ready`` with the words when they are to be used.

    ``recorded`` gives what belongs together for the case: the words and the WAV they were heard
    in. The microphone and the player are passed in; without a microphone typing goes on.
    ``settings_wanted``: the officer wants another microphone or recogniser.
    """

    text_ready = Signal(str)
    recorded = Signal(tuple, bytes)  # of Word; WAV, 16 kHz mono
    settings_wanted = Signal()

    def __init__(
        self,
        language: Callable[[], str] = lambda: "en",
        microphone: Microphone | None = None,
        player: Player = sound.play,
        recogniser_arguments: tuple[str, ...] = (),
        settings: Callable[[], Settings] = Settings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._language, self._play = language, player
        self._arguments, self._settings = recogniser_arguments, settings
        self.microphone = microphone or Microphone(None, self, lambda: settings().microphone)
        self.recogniser = Recogniser(self)
        self.stretches: list[tuple[Word, ...]] = []
        self.recording = bytearray()
        self.state = "idle"  # idle, recording, paused, finishing
        self._partial, self._restarts, self._heard_by = "", 0, ""
        self._make_controls()
        self._connect()
        self._show_state()

    # ---- what is on the panel

    def _make_controls(self) -> None:
        self.record = button(tr("Dictate"), self.toggle,
                             help_text=tr("Record what is said and write it down (Ctrl+D)"))
        self.record.setShortcut("Ctrl+D")
        self.pause = button(tr("Pause"), self.toggle_pause)
        self.use = button(tr("Use these words"), self.use_words,
                          help_text=tr("Put the words at the end of the text"))
        self.discard = button(tr("Discard"), self.clear, "quiet")
        self.choose = button(tr("Microphone and recogniser..."), self.settings_wanted.emit, "quiet")
        self.meter = QProgressBar()
        self.meter.setRange(0, 100)
        self.meter.setTextVisible(False)
        self.meter.setFixedWidth(120)
        named(self.meter, tr("Loudness"))
        self.heard = HeardText()
        self.heard.setMaximumHeight(120)
        self.status = text_label("", "faint")
        self.status.hide()
        row = QHBoxLayout()
        for control in (self.record, self.pause, self.meter):
            row.addWidget(control)
        row.addStretch(1)
        for control in (self.choose, self.use, self.discard):
            row.addWidget(control)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.heard)
        column.addWidget(self.status)

    def _connect(self) -> None:
        self.microphone.heard.connect(self._on_sound)
        self.microphone.lost.connect(self._on_lost)
        self.recogniser.ready.connect(self._on_ready)
        self.recogniser.partial.connect(self._on_partial)
        self.recogniser.words.connect(self._on_words)
        self.recogniser.ended.connect(self._on_ended)
        self.recogniser.gone.connect(self._on_gone)
        self.recogniser.refused.connect(self._on_refused)
        self.heard.word_chosen.connect(self.play_word)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.shut_down)

    # ---- what the officer does

    @property
    def words(self) -> tuple[Word, ...]:
        """All words heard so far."""
        return tuple(word for stretch in self.stretches for word in stretch)

    @property
    def text(self) -> str:
        """The words, each stretch of speech on a line of its own."""
        return "\n".join(" ".join(w.word for w in stretch) for stretch in self.stretches)

    def toggle(self) -> None:
        """Start recording, or stop it."""
        if self.state in ("recording", "paused"):
            self.stop()
        else:
            self.start()

    def start(self) -> None:
        """Record, after what was recorded before."""
        if not self._open_microphone():
            return
        self._restarts = 0
        self._say(tr("Getting ready; speak already, nothing is lost."))
        if not self.recogniser.is_running or self.state == "finishing":
            self._start_recogniser(len(self.recording))
        self._set_state("recording")

    def stop(self) -> None:
        """Stop recording; words may still come for a moment."""
        if self.state not in ("recording", "paused"):
            return
        self.microphone.close()
        self.meter.setValue(0)
        self.recogniser.finish()
        self._set_state("finishing" if self.recogniser.is_running else "idle")

    def toggle_pause(self) -> None:
        """Stop listening for a while, or go on."""
        if self.state == "recording":
            self.microphone.close()
            self.meter.setValue(0)
            self._keep(bytes(int(PAUSE_S * RATE) * 2))
            self._set_state("paused")
        elif self.state == "paused" and self._open_microphone():
            self._set_state("recording")

    def use_words(self) -> None:
        """Hand the words over and start afresh."""
        self.stop()
        words, text = self.words, self.text
        if words:
            self.recorded.emit(words, self.wav())
            self.text_ready.emit(text)
        self.clear()

    def clear(self) -> None:
        """Forget words and recording."""
        self.microphone.close()
        self.recogniser.stop()
        self.stretches, self._partial = [], ""
        self.recording = bytearray()
        self.meter.setValue(0)
        self._say("")
        self._set_state("idle")
        self._show_words()

    def play_word(self, number: int) -> None:
        """Play the sound that a word was heard in."""
        word = self.words[number]
        first = max(0, int((word.start - AROUND_S) * RATE) * 2)
        last = int((word.end + AROUND_S) * RATE) * 2
        try:
            self._play(bytes(self.recording[first:last]))
        except PortraitError as error:
            self._say(speech_sentence(error.code))

    def wav(self) -> bytes:
        """The recording as a WAV file."""
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(bytes(self.recording))
        return out.getvalue()

    @property
    def heard_by(self) -> str:
        """The recogniser's name, empty before the first was ready."""
        return self._heard_by

    def shut_down(self) -> None:
        """End the microphone and the recogniser at once."""
        self.microphone.close()
        self.recogniser.stop()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody is recorded behind a page that is not shown."""
        if not event.spontaneous():
            self.stop()
        super().hideEvent(event)

    # ---- what comes in

    def _open_microphone(self) -> bool:
        try:
            self.microphone.open()
        except PortraitError as error:
            self._say(speech_sentence(error.code))
            return False
        return True

    def _on_sound(self, pcm: bytes) -> None:
        if self.state == "recording":
            self.meter.setValue(round(100 * sound.level(pcm)))
            self._keep(pcm)

    def _keep(self, pcm: bytes) -> None:
        if len(self.recording) + len(pcm) > MOST_BYTES:
            self.stop()
            return
        self.recording += pcm
        self.recogniser.send(pcm)

    def _on_lost(self, code: str) -> None:
        if code == "microphone.unplugged":
            self.stop()
        self._say(speech_sentence(code))

    def _on_ready(self, name: str, biased: bool) -> None:
        self._heard_by = name
        weaker = name.startswith("pocketsphinx")
        self._say(
            tr("Listening with the built-in recogniser, the weaker one: look at every word.")
            if weaker else tr("Listening. Look at the underlined words.")
        )

    def _on_partial(self, text: str) -> None:
        self._partial = text
        self._show_words()

    def _on_words(self, words: tuple[Word, ...]) -> None:
        self._partial = ""
        if words:
            self.stretches.append(words)
        self._show_words()
        self._show_state()

    def _on_ended(self) -> None:
        if self.state == "finishing":
            self._say("")
            self._set_state("idle")

    def _on_gone(self) -> None:
        """It was killed or it crashed: another one hears what this one had not settled."""
        self._partial = ""
        self._restarts += 1
        if self._restarts > RESTARTS:
            self._say(speech_sentence("speech.died"))
            if self.state == "finishing":
                self._set_state("idle")
            return
        settled = max((word.end for word in self.words), default=0.0)
        self._start_recogniser(int(settled * RATE) * 2)
        if self.state == "finishing":
            self.recogniser.finish()
        self._say(speech_sentence("speech.gone"))

    def _start_recogniser(self, first: int) -> None:
        """A new recogniser for the recording from byte ``first`` on."""
        first = min(first, len(self.recording)) // 2 * 2
        wanted = self._settings()
        more = ["--prefer", wanted.speech_model] if wanted.speech_model else []
        more += ["--free"] * wanted.any_words
        self.recogniser.start(self._language(), first / 2 / RATE, (*more, *self._arguments))
        for at in range(first, len(self.recording), REFEED):
            self.recogniser.send(bytes(self.recording[at : at + REFEED]))

    def _on_refused(self, code: str, facts: dict[str, object]) -> None:
        self.microphone.close()
        self.meter.setValue(0)
        self._set_state("idle")
        self._say(speech_sentence(code))

    # ---- showing

    def _say(self, text: str) -> None:
        self.status.setText(text)
        self.status.setVisible(bool(text))

    def _set_state(self, state: str) -> None:
        self.state = state
        self._show_state()

    def _show_state(self) -> None:
        active = self.state in ("recording", "paused")
        self.record.setText(tr("Stop") if active else tr("Dictate"))
        self.record.setAccessibleName(self.record.text())
        self.record.setEnabled(self.state != "finishing")
        self.record.setShortcut("Ctrl+D")
        self.pause.setText(tr("Go on") if self.state == "paused" else tr("Pause"))
        self.pause.setAccessibleName(self.pause.text())
        self.pause.setEnabled(active)
        is_used = active or bool(self.recording)
        for part in (self.pause, self.meter, self.use, self.discard, self.heard):
            part.setVisible(is_used)
        self.choose.setVisible(not is_used)
        self.use.setEnabled(bool(self.stretches))
        self.discard.setEnabled(bool(self.recording))
        self.heard.setVisible(self.state != "idle" or bool(self.stretches))

    def _show_words(self) -> None:
        self.heard.show_words(self.stretches, self._partial)

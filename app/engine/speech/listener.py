"""Gate and recogniser together: sound in, partial and final words out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.engine.speech.denoise import NoiseReducer
from app.engine.speech.gate import Closed, GateEvent, Opened, SpeechGate, Spoken
from app.engine.speech.recognisers import Recogniser, SphinxRecogniser, VoskRecogniser
from app.engine.speech.vosk_models import find_vosk_model
from app.models.errors import BadInput
from app.models.speech import Word

NOTHING_SAID = 0.12  # a stretch whose words are all below this is noise, and yields none


@dataclass(frozen=True)
class Partial:
    """The words so far of the stretch that is being spoken; they may still change."""

    text: str


@dataclass(frozen=True)
class Final:
    """A stretch is over: its words for good. Empty for a cough, a door, a car."""

    words: tuple[Word, ...]


class Listener:
    """Streams 16 kHz mono int16 sound through the gate into a recogniser.

    In a noisy room the noise is taken away between the two, if the recogniser minds it.
    """

    def __init__(self, recogniser: Recogniser, offset: float = 0.0) -> None:
        self.recogniser = recogniser
        self._gate = SpeechGate()
        self._offset = offset
        self._said = ""
        self._may_reduce = recogniser.minds_noise
        self._reducer: NoiseReducer | None = None
        self._reduces = False

    @property
    def seconds(self) -> float:
        """How far into the recording everything was heard."""
        return self._offset + self._gate.seconds

    def feed(self, pcm: bytes) -> Iterator[Partial | Final]:
        """Take more sound; bounded memory however long it goes on."""
        for event in self._gate.feed(pcm):
            yield from self._take(event)
        if self._gate.is_noisy:
            self._make_reducer()  # in a pause, so that nobody waits for it

    def finish(self) -> Iterator[Partial | Final]:
        """The recording is over."""
        for event in self._gate.finish():
            yield from self._take(event)

    def _take(self, event: GateEvent) -> Iterator[Partial | Final]:
        match event:
            case Opened(start, pcm, noisy):
                self._said = ""
                self._reduces = noisy and self._make_reducer() is not None
                if self._reduces and self._reducer is not None:
                    self._reducer.begin()
                self.recogniser.begin(self._offset + start)
                yield from self._partial(self._reduced(pcm))
            case Spoken(pcm):
                yield from self._partial(self._reduced(pcm))
            case Closed(_, lively):
                if self._reduces and self._reducer is not None:
                    list(self._partial(self._reducer.end()))
                words = self.recogniser.end()
                if self._reduces and self._reducer is not None:
                    lively = lively and not self._reducer.left_nothing
                heard = lively and any(word.confidence >= NOTHING_SAID for word in words)
                yield Final(words if heard else ())

    def _reduced(self, pcm: bytes) -> bytes:
        reducer = self._reducer if self._reduces else None
        return pcm if reducer is None else reducer.feed(pcm)

    def _make_reducer(self) -> NoiseReducer | None:
        """The noise reducer, made at first use; None where it is not installed or not wanted."""
        if self._may_reduce and self._reducer is None:
            try:
                self._reducer = NoiseReducer()
            except (ImportError, OSError, RuntimeError):
                self._may_reduce = False
        return self._reducer

    def _partial(self, pcm: bytes) -> Iterator[Partial]:
        if not pcm:  # still inside the noise reducer; pocketsphinx fails on nothing
            return
        said = self.recogniser.feed(pcm)
        if said != self._said:
            self._said = said
            yield Partial(said)


def open_recogniser(
    language: str = "en",
    chosen: Path | str | None = None,
    free: bool = False,
    embedded: bool = False,
) -> Recogniser:
    """vosk where a model of the language is found (or chosen), else the embedded recogniser.

    ``embedded`` passes vosk over. BadInput ``speech.no_model`` (a chosen folder is no model),
    ``speech.no_language`` (no vosk model, and the embedded one only knows English).
    """
    model = None if embedded else find_vosk_model(language, chosen)
    if model is not None:
        return VoskRecogniser(model, language, free)
    if language != "en":
        raise BadInput("speech.no_language", language=language)
    return SphinxRecogniser(free)

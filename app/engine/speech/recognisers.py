"""Two recognisers behind one shape: vosk with a model from outside, pocketsphinx with its own."""

from __future__ import annotations

import json
import re
from typing import Any, Protocol

from app.engine.speech.confidence import Heard, confidences
from app.engine.speech.face_language import acoustic_folder, face_language
from app.engine.speech.gate import RATE
from app.engine.speech.phrases import corpus
from app.engine.speech.vosk_models import VoskModel
from app.models.speech import Word

VARIANT = re.compile(r"\(\d+\)$")
PHRASES = 2000  # template sentences for a vosk phrase list; vosk makes a bigram model of them


class Recogniser(Protocol):
    """Turns one stretch of speech after another into words."""

    name: str
    biased: bool
    minds_noise: bool  # hears more once a noisy room was taken away

    def begin(self, start: float) -> None:
        """A stretch begins at ``start`` seconds of the recording."""
        ...

    def feed(self, pcm: bytes) -> str:
        """More 16 kHz mono int16; returns the words so far."""
        ...

    def end(self) -> tuple[Word, ...]:
        """The stretch is over; its words."""
        ...


class SphinxRecogniser:
    """pocketsphinx with the English model of its wheel; biased to the face words unless free.

    The words so far come from a first pass; when the stretch is over it is decoded again as a
    whole, which normalises the microphone's sound better. Where it is biased, a search over all
    English words runs beside it: where the two disagree, the word is doubtful.
    """

    minds_noise = True

    def __init__(self, free: bool = False) -> None:
        self.biased = not free
        self.name = f"pocketsphinx en-us ({'free' if free else 'face phrases'})"
        self._words = _sphinx(free)
        self._beside = None if free else _sphinx(free=True)
        self._start = 0.0
        self._pcm = bytearray()

    def begin(self, start: float) -> None:
        self._start = start
        self._pcm.clear()
        self._words.start_utt()
        if self._beside is not None:
            self._beside.start_utt()

    def feed(self, pcm: bytes) -> str:
        self._pcm += pcm
        self._words.process_raw(pcm)
        if self._beside is not None:
            self._beside.process_raw(pcm)
        guess = self._words.hyp()
        return "" if guess is None else _plain(guess.hypstr)

    def end(self) -> tuple[Word, ...]:
        heard, beside = self.compared()
        sure = confidences(heard, heard if self._beside is None else beside)
        return tuple(
            Word(h.word, self._start + h.first / 100, self._start + (h.last + 1) / 100, p)
            for h, p in zip(heard, sure, strict=True)
        )

    def compared(self) -> tuple[tuple[Heard, ...], tuple[Heard, ...]]:
        """End the stretch; its words, and what the search over all English words heard."""
        for decoder in filter(None, (self._words, self._beside)):
            decoder.end_utt()
        if len(self._pcm) < RATE // 5:  # under 0.1 s there is no word
            return (), ()
        self._words.start_utt()
        self._words.process_raw(bytes(self._pcm), full_utt=True)
        self._words.end_utt()
        heard = tuple(h for h in _segments(self._words) if h.word[0] not in "<[")
        return heard, () if self._beside is None else _segments(self._beside)


def _segments(decoder: Any) -> tuple[Heard, ...]:
    return tuple(
        Heard(VARIANT.sub("", s.word), s.start_frame, s.end_frame, s.prob, s.ascore)
        for s in decoder.seg() or ()
    )


def _sphinx(free: bool) -> Any:
    from pocketsphinx import Config, Decoder

    own = acoustic_folder()
    if free:
        model, words = own / "en-us.lm.bin", own / "cmudict-en-us.dict"
    else:
        face = face_language()
        model, words = face.model, face.dictionary
    return Decoder(
        Config(hmm=str(own / "en-us"), lm=str(model), dict=str(words), loglevel="FATAL")
    )


def _plain(text: str) -> str:
    kept = (VARIANT.sub("", w) for w in text.split() if w[0] not in "<[")
    return " ".join(kept)


class VoskRecogniser:
    """vosk with a model folder; with a phrase list where the model takes one, unless free."""

    minds_noise = False  # its networks were trained with noise

    def __init__(self, model: VoskModel, language: str, free: bool = False) -> None:
        import vosk

        vosk.SetLogLevel(-1)
        self._model = vosk.Model(model_path=str(model.folder))
        self.biased = model.takes_phrases and not free
        phrases = known_phrases(self._model, language) if self.biased else []
        self.biased = bool(phrases)
        extra = (json.dumps([*phrases, "[unk]"]),) if phrases else ()
        self._kaldi = vosk.KaldiRecognizer(self._model, RATE, *extra)
        self._kaldi.SetWords(True)
        self.name = f"vosk {model.folder.name} ({'face phrases' if self.biased else 'free'})"
        self._fed = 0  # bytes; vosk counts its times over everything it was ever fed
        self._origin = 0.0
        self._done: list[dict[str, Any]] = []

    def begin(self, start: float) -> None:
        self._origin = start - self._fed / 2 / RATE
        self._done = []

    def feed(self, pcm: bytes) -> str:
        self._fed += len(pcm)
        if self._kaldi.AcceptWaveform(pcm):
            self._keep(self._kaldi.Result())
            partial = ""
        else:
            partial = json.loads(self._kaldi.PartialResult()).get("partial", "")
        words = [*(entry["word"] for entry in self._done), partial]
        return " ".join(word for word in words if word and word != "[unk]")

    def end(self) -> tuple[Word, ...]:
        self._keep(self._kaldi.FinalResult())
        heard_until = self._origin + self._fed / 2 / RATE
        return tuple(_vosk_word(entry, self._origin, heard_until) for entry in self._done)

    def _keep(self, result: str) -> None:
        entries = json.loads(result).get("result", [])
        self._done += [entry for entry in entries if entry["word"] != "[unk]"]


def _vosk_word(entry: dict[str, Any], origin: float, until: float) -> Word:
    start = min(max(0.0, origin + entry["start"]), until)
    end = min(max(start, origin + entry["end"]), until)
    return Word(entry["word"], start, end, min(1.0, max(0.0, float(entry["conf"]))))


def known_phrases(model: Any, language: str) -> list[str]:
    """Phrases all of whose words the vosk model knows; it would drop the others unasked."""
    known: dict[str, bool] = {}

    def knows(word: str) -> bool:
        if word not in known:
            known[word] = model.vosk_model_find_word(word) >= 0
        return known[word]

    phrases = dict.fromkeys(corpus(language, PHRASES))
    whole = [phrase for phrase in phrases if all(knows(word) for word in phrase.split())]
    words = sorted({word for phrase in phrases for word in phrase.split() if knows(word)})
    return [*whole, *words]

"""What was heard, as values: words with their times and how sure the recogniser is of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.models.errors import BadInput

DOUBTFUL_BELOW = 0.5  # confidence under which a word is shown as doubtful


@dataclass(frozen=True)
class Word:
    """One word: ``start`` and ``end`` in seconds of the recording, ``confidence`` 0..1."""

    word: str
    start: float
    end: float
    confidence: float

    @property
    def doubtful(self) -> bool:
        """Whether the officer should look at this word twice."""
        return self.confidence < DOUBTFUL_BELOW

    def to_json(self) -> dict[str, Any]:
        """As ``transcribe --json`` prints it."""
        return {
            "word": self.word,
            "start": round(self.start, 2),
            "end": round(self.end, 2),
            "confidence": round(self.confidence, 2),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Word:
        """Read what ``to_json`` wrote; BadInput ``speech.unreadable`` for anything else."""
        try:
            start, end, sure = (float(data[key]) for key in ("start", "end", "confidence"))
            word = Word(str(data["word"]), start, end, sure)
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput("speech.unreadable", why=str(error)) from error
        if not (0 <= word.start <= word.end and 0 <= word.confidence <= 1):
            raise BadInput("speech.unreadable", why=str(dict(data)))
        return word


@dataclass(frozen=True)
class Transcript:
    """Everything heard in a recording, and which recogniser heard it."""

    words: tuple[Word, ...]
    recogniser: str

    @property
    def text(self) -> str:
        """The words with single spaces."""
        return " ".join(word.word for word in self.words)

    def to_json(self) -> dict[str, Any]:
        """As ``transcribe --json`` prints it."""
        words = [word.to_json() for word in self.words]
        return {"text": self.text, "words": words, "recogniser": self.recogniser}


def words_from_json(items: Iterable[Mapping[str, Any]]) -> tuple[Word, ...]:
    """Words as ``Word.to_json`` wrote them."""
    return tuple(Word.from_json(item) for item in items)

"""What was read from a photographed note, as values: lines and words with boxes and confidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.models.errors import BadInput

Box = tuple[float, float, float, float]
DOUBTFUL_BELOW = 0.8  # confidence under which a word is shown as doubtful


@dataclass(frozen=True)
class NoteWord:
    """One word: ``box`` is left, top, width, height in pixels of the straightened page;
    ``confidence`` 0..1; ``read`` is what was on the paper where ``text`` was repaired from it.
    """

    text: str
    box: Box
    confidence: float
    read: str = ""

    @property
    def doubtful(self) -> bool:
        """Whether the officer should look at this word twice."""
        return self.confidence < DOUBTFUL_BELOW or bool(self.read)

    def to_json(self) -> dict[str, Any]:
        """As ``read-note --json`` prints it."""
        out: dict[str, Any] = {
            "text": self.text, "box": [round(v, 1) for v in self.box],
            "confidence": round(self.confidence, 3),
        }  # fmt: skip
        return {**out, "read": self.read} if self.read else out


@dataclass(frozen=True)
class NoteLine:
    """The words of one line, from left to right."""

    words: tuple[NoteWord, ...]

    @property
    def text(self) -> str:
        """The words with single spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def confidence(self) -> float:
        """Of its least certain word."""
        return min((word.confidence for word in self.words), default=1.0)

    @property
    def box(self) -> Box:
        """Around all its words."""
        left = min(word.box[0] for word in self.words)
        top = min(word.box[1] for word in self.words)
        right = max(word.box[0] + word.box[2] for word in self.words)
        bottom = max(word.box[1] + word.box[3] for word in self.words)
        return (left, top, right - left, bottom - top)


@dataclass(frozen=True)
class Note:
    """Everything read from one picture; ``width`` and ``height`` of the straightened page."""

    lines: tuple[NoteLine, ...]
    width: int
    height: int
    reader: str

    @property
    def text(self) -> str:
        """The lines, one below the other."""
        return "\n".join(line.text for line in self.lines)

    def to_json(self) -> dict[str, Any]:
        """As ``read-note --json`` prints it."""
        lines = [
            {"text": line.text, "confidence": round(line.confidence, 3),
             "box": [round(v, 1) for v in line.box], "words": [w.to_json() for w in line.words]}
            for line in self.lines
        ]  # fmt: skip
        page = [self.width, self.height]
        return {"text": self.text, "lines": lines, "page": page, "reader": self.reader}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Note:
        """Read what ``to_json`` wrote; BadInput ``note.unreadable`` for anything else."""
        try:
            lines = tuple(NoteLine(tuple(map(_word, line["words"]))) for line in data["lines"])
            width, height = (int(side) for side in data["page"])
            return Note(lines, width, height, str(data["reader"]))
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput("note.unreadable", why=str(error)) from error


def _word(data: Mapping[str, Any]) -> NoteWord:
    left, top, width, height = (float(v) for v in data["box"])
    sure = float(data["confidence"])
    return NoteWord(str(data["text"]), (left, top, width, height), sure, str(data.get("read", "")))

"""Items of a text with what they said, and how far to look around one."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.engine.language.items import Item
from app.engine.language.raws import Raw

NOUN_PHRASE = ("no", "without")
CLAUSE = ("not", "neither", "nor", "not_doubtful", "none_of")
ENDS = ("end", "question", "but", "correction", "retract")
CLAUSE_STARTS = (
    "subject",
    "speaker",
    "pronoun_be",
    "be",
    "have",
    "no",
    "without",
    "not",
    "it",
    "they",
)
THINGS = ("part", "fix", "age")
REACH = 40  # items that one word reaches at most: more is no sentence that anyone says


@dataclass(eq=False)
class Walk:
    items: list[Item]
    raws: dict[int, list[Raw]] = field(default_factory=dict)  # by anchor

    def kind(self, index: int) -> str:
        return self.items[index].kind if 0 <= index < len(self.items) else "end"

    def after(self, index: int) -> range:
        """Items behind one, as far as a word can reach."""
        return range(index + 1, min(index + REACH, len(self.items)))

    def before(self, index: int) -> range:
        """Items before one, nearest first, as far as a word can reach."""
        return range(index - 1, max(index - REACH, -1), -1)

    def skip(self, index: int, step: int, kinds: tuple[str, ...]) -> int:
        """The first item from ``index`` on, stepping, that is of none of the kinds."""
        last = index + step * REACH
        while index != last and self.kind(index) in kinds:
            index += step
        return index

    def is_thing(self, index: int) -> bool:
        return self.kind(index) in THINGS

"""F1 of readings against gold: the measure that the language tests and the README's figure use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.engine.language import describe
from app.models.description import Reading

Pair = tuple[str, str, bool]


@dataclass(frozen=True)
class Phrase:
    """One text with its gold: ``[name, value]`` or ``[name, value, {"negated": true, ...}]``."""

    text: str
    gold: tuple[Any, ...]
    language: str = "en"


@dataclass(frozen=True)
class Score:
    """Counts over (name, value, negated); an age interval must be met exactly."""

    hits: int = 0
    extra: int = 0
    missed: int = 0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1.0 where nothing was to be found or was."""
        total = 2 * self.hits + self.extra + self.missed
        return 2 * self.hits / total if total else 1.0

    def __add__(self, other: Score) -> Score:
        return Score(self.hits + other.hits, self.extra + other.extra, self.missed + other.missed)


def load_phrases(path: Path) -> list[Phrase]:
    """Phrases from a JSON-lines file with ``text``, ``gold`` and perhaps ``language``."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Phrase(r["text"], tuple(r["gold"]), r.get("language", "en")) for r in rows]


def gold_pairs(phrase: Phrase) -> set[Pair]:
    """What should be read."""
    return {
        (name, json.dumps(value), bool(more and more[0].get("negated")))
        for name, value, *more in phrase.gold
    }


def read_pairs(reading: Reading, gold: set[Pair]) -> set[Pair]:
    """What was read; an age that holds the gold's single number counts as that number."""
    pairs = set()
    for attribute in reading.attributes:
        value = json.dumps(attribute.reading_json()["value"])
        if attribute.name == "age" and not isinstance(attribute.value, str):
            for name, number, _ in gold:
                low, high = attribute.value
                if name == "age" and number.isdecimal() and low <= int(number) <= high:
                    value = number
        pairs.add((attribute.name, value, attribute.negated))
    return pairs


def score(phrase: Phrase) -> Score:
    """Hits, extras and misses of one phrase."""
    gold = gold_pairs(phrase)
    read = read_pairs(describe(phrase.text, phrase.language), gold)
    return Score(len(gold & read), len(read - gold), len(gold - read))


def total(phrases: list[Phrase]) -> Score:
    """Counts over all phrases."""
    return sum((score(p) for p in phrases), Score())

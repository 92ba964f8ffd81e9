"""Numbers in words and figures, and where they stand in a text of tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from app.engine.language.tokens import Token

OLDEST = 110
Phrases = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class AgeWords:
    """The age words of one language, as token tuples."""

    numbers: Mapping[str, int]
    decades: Mapping[str, int]
    teens: Phrases
    parts: Mapping[str, tuple[int, int]]
    groups: Mapping[str, Phrases]
    stages: Mapping[tuple[str, ...], tuple[int, int]]
    longest_stage: int


@dataclass(frozen=True)
class Number:
    end: int
    value: int
    decade: bool = False  # "40s", "forties"
    part: str = ""
    teens: bool = False


@lru_cache
def age_words(language: str) -> AgeWords:
    from app.engine.language.lexicon import load_lexicon

    lexicon = load_lexicon(language)
    data = lexicon.ages

    def phrases(written: Iterable[str]) -> Phrases:
        return frozenset(lexicon.words(w) for w in written)

    stages: dict[tuple[str, ...], tuple[int, int]] = {}
    for bounds, written in data["stages"].items():
        low, high = (int(b) for b in bounds.split())
        stages |= dict.fromkeys(phrases(written), (low, high))
    return AgeWords(
        numbers=dict(data["numbers"]),
        decades=dict(data["decades"]),
        teens=phrases(data["teens"]["words"]),
        parts={w: (a, b) for w, (a, b) in data["parts"].items()},
        groups={name: phrases(written) for name, written in data["words"].items()},
        stages=stages,
        longest_stage=max(map(len, stages), default=1),
    )


class NumberReader:
    """Reads numbers and known phrases at a given token."""

    def __init__(self, tokens: list[Token], words: AgeWords, year: int) -> None:
        self.tokens = tokens
        self.words = words
        self.year = year

    def _number(self, at: int) -> Number | None:
        """A number at a token, with "early" or "mid" before a decade."""
        part, position = "", at
        token = self._token(at)
        if token is None:
            return None
        if token.norm in self.words.parts:
            part, position = token.norm, at + 1
            nxt = self._group("to", position)  # "mid to late forties"
            after = self._token(nxt) if nxt is not None else None
            if nxt is not None and after is not None and after.norm in self.words.parts:
                whole = self._number(nxt)
                return whole and Number(whole.end, whole.value, whole.decade, part, whole.teens)
            position = self._fill(position)
            token = self._token(position)
        if token is None:
            return None
        for length in (2, 1):
            key = tuple(t.norm for t in self.tokens[position : position + length])
            if len(key) == length and key in self.words.teens:
                return Number(position + length, 13, True, part, True)
        if token.norm in self.words.decades:
            return Number(position + 1, self.words.decades[token.norm], True, part)
        number = self._figure(position) or self._spelled(position)
        if number is None or (part and not number.decade):
            return None
        return Number(number.end, number.value, number.decade, part)

    def _figure(self, at: int) -> Number | None:
        token = self._token(at)
        if (
            token is None
            or token.kind != "number"
            or len(token.norm) > 3
            or not token.norm.isdecimal()
        ):
            return None
        value, end = int(token.norm), at + 1
        plural = self._token(end)
        if plural is not None and plural.norm in "'’" and plural.glued:
            plural = self._token(end := end + 1)
            if plural is None or plural.norm != "s":
                return None
        if plural is not None and plural.norm == "s" and plural.glued and value % 10 == 0:
            return Number(end + 1, value, decade=True)
        return Number(at + 1, value)

    def _spelled(self, at: int) -> Number | None:
        token = self._token(at)
        if token is None:
            return None
        numbers = self.words.numbers
        compound = token.norm.removesuffix("ish")
        if compound not in numbers:
            for suffix in ("somethings", "something"):
                stem = token.norm.removesuffix(suffix)
                if stem != token.norm and numbers.get(stem, 0) >= 20:
                    return Number(at + 1, numbers[stem], decade=True)
            return None
        end = at + 1
        value = numbers[compound]
        best = Number(end if compound == token.norm else at, value)
        if compound != token.norm:
            return Number(at + 1, value)
        for length in (1, 2, 3):  # "twenty five", "soixante et onze", "quatre vingt dix"
            stop = at + 1 + length
            key = " ".join(t.norm for t in self.tokens[at:stop])
            if key in numbers and stop <= len(self.tokens):
                best = Number(stop, numbers[key])
        units = self._token(best.end)
        if best.end == at + 1 and value >= 20 and value % 10 == 0 and units is not None:
            unit = numbers.get(units.norm.removesuffix("ish"), 0)
            if 0 < unit < 10 and (units.joined or units.start - token.end <= 1):
                return Number(at + 2, value + unit)
        return best

    def _span(self, number: Number) -> tuple[int, int]:
        if number.teens:
            early, late = (13, 15), (17, 19)
            middle = (14, 16)
            offset = self.words.parts.get(number.part)
            if offset is None:
                return (13, 19)
            return early if offset[0] == 0 else late if offset[1] == 9 else middle
        if number.decade:
            low, high = self.words.parts.get(number.part, (0, 9))
            if number.part and (last := self._last_part(number)) is not None:
                high = last
            return number.value + low, min(OLDEST, number.value + high)
        return number.value, number.value

    def _last_part(self, number: Number) -> int | None:
        """The end of "late" in "mid to late forties", whose own part is "mid"."""
        for at in range(number.end - 2, max(number.end - 5, -1), -1):
            norm = self.tokens[at].norm
            if norm in self.words.parts:
                return self.words.parts[norm][1]
        return None

    def _years(self, at: int) -> int:
        return self._group("years", at) or at

    def _plus(self, at: int) -> int | None:
        token = self._token(at)
        if token is not None and token.norm == "+":
            return at + 1
        return self._group("plus", at)

    def _fill(self, at: int) -> int:
        for _ in range(4):
            token = self._token(at)
            if token is None or (token.norm,) not in self.words.groups["fillers"]:
                return at
            at += 1
        return at

    def _skip(self, at: int, group: str) -> int:
        return self._group(group, at) or at

    def _group(self, name: str, at: int) -> int | None:
        """The end of the longest phrase of a group at a token."""
        for length in (6, 5, 4, 3, 2, 1):
            if at + length > len(self.tokens):
                continue
            key = tuple(t.norm for t in self.tokens[at : at + length])
            if key in self.words.groups[name]:
                dot = self._token(at + length)
                if dot is not None and dot.norm == "." and dot.glued and len(key[-1]) < 7:
                    follower = self._token(at + length + 1)
                    if follower is not None and (follower.glued or follower.kind == "number"):
                        return at + length + 1
                return at + length
        return None

    def _token(self, at: int) -> Token | None:
        return self.tokens[at] if 0 <= at < len(self.tokens) else None

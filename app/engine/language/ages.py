"""Ages in words and figures: "mid-twenties", "about fifty", "16 or 17", "la quarantaine"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.engine.language.age_context import ContextReader
from app.engine.language.numbers import OLDEST, Number, age_words
from app.engine.language.tokens import DASHES, HYPHENS, Token

if TYPE_CHECKING:
    from app.engine.language.lexicon import Lexicon

ABOUT = 5  # "about 50" is 45 to 55
ABOUT_CHILD = 2  # "about ten" is 8 to 12
OPEN_ENDED = 10  # "over fifty" is 50 to 60
NEARLY = 3


@dataclass(frozen=True)
class Age:
    """An interval of years read from tokens ``[start, end)``; ``is_stage``: a word for a time of
    life ("teenager"), which any number overrules; ``is_vague``: "thirtyish"."""

    start: int
    end: int
    low: int
    high: int
    is_stage: bool = False
    is_vague: bool = False


def find_ages(tokens: list[Token], lexicon: Lexicon, year: int) -> list[Age]:
    """All ages in order, none overlapping; ``year`` is this year, for a year of birth."""
    words = age_words(lexicon.language)
    reader = _Reader(tokens, words, year)
    found: list[Age] = []
    position = 0
    while position < len(tokens):
        age = reader.at(position)
        if age is None:
            position += 1
        else:
            found.append(age)
            position = age.end
    return found


class _Reader(ContextReader):
    """Tries to read an age that begins at a given token."""

    def at(self, start: int) -> Age | None:
        found = self._bounded(start) or self._counted(start)
        return found or self._born(start) or self._stage(start)

    def _stage(self, start: int) -> Age | None:
        for length in range(self.words.longest_stage, 0, -1):
            key = tuple(t.norm for t in self.tokens[start : start + length])
            if len(key) == length and key in self.words.stages:
                low, high = self.words.stages[key]
                return Age(start, start + length, low, high, is_stage=True)
        return None

    def _born(self, start: int) -> Age | None:
        after = self._group("born", start)
        token = self._token(after) if after is not None else None
        if after is None or token is None or token.kind != "number" or len(token.norm) != 4:
            return None
        age = self.year - int(token.norm)
        return Age(start, after + 1, max(0, age - 1), age) if 0 <= age <= OLDEST else None

    def _bounded(self, start: int) -> Age | None:
        """ "over fifty", "no older than 30", "nearly 40", "just over 30"."""
        for group in ("just_over", "nearly", "over", "under"):
            after = self._group(group, start)
            if after is None:
                continue
            number = self._number(self._skip(after, "about"))
            if number is None or number.value < 10 or not self._is_age(start, number, True):
                continue
            n, end = number.value, self._years(number.end)
            if number.decade:
                return Age(start, end, *self._span(number))
            reach = OPEN_ENDED if n > 20 else OPEN_ENDED // 2
            bounds = {
                "over": (n, n + reach), "under": (n - reach, n),
                "nearly": (n - NEARLY, n), "just_over": (n, n + NEARLY),
            }[group]  # fmt: skip
            return Age(start, end, max(0, bounds[0]), min(OLDEST, bounds[1]))
        return None

    def _counted(self, start: int) -> Age | None:
        position, context = start, False
        about = False
        for _ in range(3):  # "aged about", "between about"
            for group in ("before", "about"):
                after = self._group(group, position)
                if after is not None:
                    position, context = self._fill(after), True
                    about = about or group == "about"
        between = self._group("between", position)
        first_at = between if between is not None else position
        first_at = self._skip(first_at, "about")
        first = self._number(first_at)
        if first is None:
            return None
        second, end = self._second(first, between is not None)
        if not self._is_age(start, second or first, context or between is not None, second, first):
            return None
        if second is not None:
            low, high = self._span(first)[0], self._span(second)[1]
            return Age(start, self._years(end), min(low, high), max(low, high))
        return self._single(start, first, about)

    def _single(self, start: int, number: Number, about: bool) -> Age:
        end = self._years(number.end)
        if number.decade or number.teens:
            return Age(start, end, *self._span(number))
        bounded = self._bounded_after(start, number.value, end)
        if bounded is not None:
            return bounded
        after = self._group("after_about", end)
        if after is not None:
            end = self._years(after)
        is_vague = self._is_vague(end - 1)
        about = about or is_vague or after is not None or self._hedged(start)
        reach = 0 if not about else ABOUT if number.value >= 18 else ABOUT_CHILD
        low, high = max(0, number.value - reach), min(OLDEST, number.value + reach)
        return Age(start, end, low, high, is_vague=is_vague)

    def _bounded_after(self, start: int, value: int, end: int) -> Age | None:
        """ "thirty-odd", "30+", "forty at most", "fifty or older"."""
        reach = OPEN_ENDED if value > 20 else OPEN_ENDED // 2
        odd = self._group("decade_after", end) if value % 10 == 0 else None
        over = self._plus(end) or self._group("after_over", end)
        under = self._group("after_under", end)
        for after, low, high in (
            (odd, value, value + 9), (over, value, value + reach), (under, value - reach, value),
        ):  # fmt: skip
            if after is not None:
                return Age(start, self._years(after), max(0, low), min(OLDEST, high))
        return None

    def _second(self, first: Number, after_between: bool) -> tuple[Number | None, int]:
        """The other end of a range: "20 to 25", "16 or 17", "25-30", "20, 25"."""
        position = first.end
        if first.part and position == first.end and first.value < 0:
            return None, position
        has_years = self._years(position)
        for at in dict.fromkeys((position, has_years)):
            joiner = self._joiner(at)
            if joiner is None:
                continue
            word, after = joiner
            if word == ("and",) and not after_between:
                continue
            number = self._number(self._fill(self._skip(after, "about")))
            if number is not None and self._makes_range(first, number, word):
                return number, number.end
        return None, position

    def _makes_range(self, first: Number, second: Number, word: tuple[str, ...]) -> bool:
        if second.value < 3 or first.value > second.value + 9:
            return False
        weighed = word[0] in {w[0] for w in self.words.groups["maybe"]}
        if first.decade and not second.decade and (weighed or word == (",",)):
            return False
        if word == (",",):
            near = 0 < second.value - first.value <= 10
            return near and not (first.decade or second.decade)
        return first.value <= second.value or first.decade or first.teens

    def _joiner(self, at: int) -> tuple[tuple[str, ...], int] | None:
        if at >= len(self.tokens):
            return None
        token = self.tokens[at]
        if token.joined and token.kind == "number":
            return ("-",), at
        if token.norm in HYPHENS or token.norm in DASHES or token.norm == "/":
            return (token.norm,), at + 1
        comma = at + (token.norm == ",")
        after = self._group("to", comma)
        if after is not None:
            return tuple(t.norm for t in self.tokens[comma:after]), after
        return ((",",), at + 1) if token.norm == "," else None

"""Ages in words and figures: "mid-twenties", "about fifty", "16 or 17", "la quarantaine"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from app.engine.language.tokens import DASHES, HYPHENS, Token

if TYPE_CHECKING:
    from app.engine.language.lexicon import Lexicon

ABOUT = 5  # "about 50" is 45 to 55
ABOUT_CHILD = 2  # "about ten" is 8 to 12
OPEN_ENDED = 10  # "over fifty" is 50 to 60
NEARLY = 3
OLDEST = 110
Phrases = frozenset[tuple[str, ...]]


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


@dataclass(frozen=True)
class _Words:
    """The age words of one language, as token tuples."""

    numbers: Mapping[str, int]
    decades: Mapping[str, int]
    teens: Phrases
    parts: Mapping[str, tuple[int, int]]
    groups: Mapping[str, Phrases]
    stages: Mapping[tuple[str, ...], tuple[int, int]]
    longest_stage: int


@dataclass(frozen=True)
class _Number:
    end: int
    value: int
    decade: bool = False  # "40s", "forties"
    part: str = ""
    teens: bool = False


def find_ages(tokens: list[Token], lexicon: Lexicon, year: int) -> list[Age]:
    """All ages in order, none overlapping; ``year`` is this year, for a year of birth."""
    words = _words(lexicon)
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


def _words(lexicon: Lexicon) -> _Words:
    return _cached_words(lexicon.language)


@lru_cache
def _cached_words(language: str) -> _Words:
    from app.engine.language.lexicon import load_lexicon

    lexicon = load_lexicon(language)
    data = lexicon.ages

    def phrases(written: Iterable[str]) -> Phrases:
        return frozenset(lexicon.words(w) for w in written)

    stages: dict[tuple[str, ...], tuple[int, int]] = {}
    for bounds, written in data["stages"].items():
        low, high = (int(b) for b in bounds.split())
        stages |= {words: (low, high) for words in phrases(written)}
    return _Words(
        numbers={w: n for w, n in data["numbers"].items()},
        decades={w: n for w, n in data["decades"].items()},
        teens=phrases(data["teens"]["words"]),
        parts={w: (a, b) for w, (a, b) in data["parts"].items()},
        groups={name: phrases(written) for name, written in data["words"].items()},
        stages=stages,
        longest_stage=max(map(len, stages), default=1),
    )


class _Reader:
    """Tries to read an age that begins at a given token."""

    def __init__(self, tokens: list[Token], words: _Words, year: int) -> None:
        self.tokens = tokens
        self.words = words
        self.year = year

    def at(self, start: int) -> Age | None:
        found = self._bounded(start) or self._counted(start)
        return found or self._born(start) or self._stage(start)

    # ------------------------------------------------------------ kinds of age

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

    def _single(self, start: int, number: _Number, about: bool) -> Age:
        end = self._years(number.end)
        after = self._group("after_about", end)
        if after is not None and not number.decade and not number.teens:
            plus = self._group("decade_after", end)
            if plus is not None and number.value % 10 == 0:
                return Age(start, plus, number.value, number.value + 9)
            about, end = True, self._years(after)
        elif (plus := self._plus(end)) is not None and not number.decade:
            high = min(OLDEST, number.value + OPEN_ENDED)
            return Age(start, self._years(plus), number.value, high)
        elif (more := self._group("decade_after", end)) is not None and number.value % 10 == 0:
            return Age(start, self._years(more), number.value, min(OLDEST, number.value + 9))
        if number.decade or number.teens:
            return Age(start, end, *self._span(number))
        is_vague = self._is_vague(end - 1)
        about = about or is_vague or self._hedged(start)
        reach = 0 if not about else ABOUT if number.value >= 18 else ABOUT_CHILD
        low, high = max(0, number.value - reach), min(OLDEST, number.value + reach)
        return Age(start, end, low, high, is_vague=is_vague)

    # ------------------------------------------------------------ pieces

    def _second(self, first: _Number, after_between: bool) -> tuple[_Number | None, int]:
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

    def _makes_range(self, first: _Number, second: _Number, word: tuple[str, ...]) -> bool:
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

    def _number(self, at: int) -> _Number | None:
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
                return whole and _Number(whole.end, whole.value, whole.decade, part, whole.teens)
            position = self._fill(position)
            token = self._token(position)
        if token is None:
            return None
        for length in (2, 1):
            key = tuple(t.norm for t in self.tokens[position : position + length])
            if len(key) == length and key in self.words.teens:
                return _Number(position + length, 13, True, part, True)
        if token.norm in self.words.decades:
            return _Number(position + 1, self.words.decades[token.norm], True, part)
        number = self._figure(position) or self._spelled(position)
        if number is None or (part and not number.decade):
            return None
        return _Number(number.end, number.value, number.decade, part)

    def _figure(self, at: int) -> _Number | None:
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
            return _Number(end + 1, value, decade=True)
        return _Number(at + 1, value)

    def _spelled(self, at: int) -> _Number | None:
        token = self._token(at)
        if token is None:
            return None
        numbers = self.words.numbers
        compound = token.norm.removesuffix("ish")
        if compound not in numbers:
            for suffix in ("somethings", "something"):
                stem = token.norm.removesuffix(suffix)
                if stem != token.norm and numbers.get(stem, 0) >= 20:
                    return _Number(at + 1, numbers[stem], decade=True)
            return None
        end = at + 1
        value = numbers[compound]
        best = _Number(end if compound == token.norm else at, value)
        if compound != token.norm:
            return _Number(at + 1, value)
        for length in (1, 2, 3):  # "twenty five", "soixante et onze", "quatre vingt dix"
            stop = at + 1 + length
            key = " ".join(t.norm for t in self.tokens[at:stop])
            if key in numbers and stop <= len(self.tokens):
                best = _Number(stop, numbers[key])
        units = self._token(best.end)
        if best.end == at + 1 and value >= 20 and value % 10 == 0 and units is not None:
            unit = numbers.get(units.norm.removesuffix("ish"), 0)
            if 0 < unit < 10 and (units.joined or units.start - token.end <= 1):
                return _Number(at + 2, value + unit)
        return best

    def _span(self, number: _Number) -> tuple[int, int]:
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

    def _last_part(self, number: _Number) -> int | None:
        """The end of "late" in "mid to late forties", whose own part is "mid"."""
        for at in range(number.end - 2, max(number.end - 5, -1), -1):
            norm = self.tokens[at].norm
            if norm in self.words.parts:
                return self.words.parts[norm][1]
        return None

    # ------------------------------------------------------------ what stands around

    def _is_age(
        self,
        start: int,
        last: _Number,
        context: bool,
        second: _Number | None = None,
        first: _Number | None = None,
    ) -> bool:
        """Whether a number is an age and no height, time, price or count."""
        first = first or last
        if last.decade or first.decade:
            return True
        if not 3 <= min(first.value, last.value) or max(first.value, last.value) > OLDEST:
            return False
        after = self._years(last.end)
        said_years = after > last.end
        if self._group("not_after", last.end) is not None and not said_years:
            return False
        if self._glued_sign(last.end) or self._forbidden_before(start):
            return False
        if said_years:
            weak = self._group("years_weak", last.end) == after
            return not weak or self._group("not_after_years", after) is None
        if min(first.value, last.value) < 10:
            return context and self._is_child_context(start)
        if any(self._group(g, last.end) for g in ("after_about", "decade_after")):
            return True
        if self._plus(last.end) is not None or self._is_vague(last.end - 1):
            return True
        alone = self._closed(last.end) and self._opened(start)
        subject = self._has_subject(start)
        return (
            subject
            or (context and self._ends_phrase(last.end))
            or alone
            or (second is not None and self._opened(start) and self._ends_phrase(last.end))
        )

    def _is_child_context(self, start: int) -> bool:
        return self._token(start) is not None and self._group("before", start) is not None

    def _glued_sign(self, at: int) -> bool:
        token = self._token(at)
        if token is None or not token.glued:
            return False
        return token.norm in "'’\"”%:°" or (token.norm in "./" and self._number_at(at + 1))

    def _number_at(self, at: int) -> bool:
        token = self._token(at)
        return token is not None and token.kind == "number" and token.glued

    def _forbidden_before(self, start: int) -> bool:
        if start == 0:
            return False
        before = self.tokens[start - 1]
        if before.norm in "£$€#:" and before.kind == "mark" and self.tokens[start].glued:
            return True
        if before.norm in ("'", "’", ".") and self.tokens[start].glued and start > 1:
            return self.tokens[start - 2].kind == "number"
        for length in (1, 2):
            key = tuple(t.norm for t in self.tokens[max(0, start - length) : start])
            if key in self.words.groups["not_before"]:
                return not self._subject_ends(start)
        return False

    def _subject_ends(self, start: int) -> bool:
        return any(
            tuple(t.norm for t in self.tokens[max(0, start - n) : start])
            in self.words.groups["subject"]
            for n in (3, 2)
        )

    def _has_subject(self, start: int) -> bool:
        position = start
        for _ in range(6):
            for length in (3, 2, 1):
                if length > position:
                    continue
                key = tuple(t.norm for t in self.tokens[position - length : position])
                if key in self.words.groups["subject"]:
                    return True
            before = self.tokens[position - 1] if position else None
            if before is None:
                return False
            skip = before.norm == "," or (before.norm,) in self.words.groups["fillers"]
            if not skip and (before.norm,) not in self.words.groups["maybe"]:
                return False
            position -= 1
        return False

    def _hedged(self, start: int) -> bool:
        position = start
        while position and (self.tokens[position - 1].norm,) in self.words.groups["fillers"]:
            position -= 1
        return any(
            tuple(t.norm for t in self.tokens[max(0, at - n) : at]) in self.words.groups["maybe"]
            for n in (1, 2, 3)
            for at in {start, position}
        )

    def _opened(self, start: int) -> bool:
        if start == 0:
            return True
        before = self.tokens[start - 1]
        hedge = (before.norm,) in self.words.groups["maybe"]
        return hedge or before.norm in {",", ".", ";", "(", "/", "\n", "\n\n", "!", "?", "-", ":"}

    def _closed(self, at: int) -> bool:
        token = self._token(at)
        return token is None or token.norm in {",", ".", ";", ")", "/", "\n", "\n\n", "!", "?", "-"}

    def _ends_phrase(self, at: int) -> bool:
        """No noun follows that would be what is counted."""
        return self._group("not_after", at) is None

    def _is_vague(self, at: int) -> bool:
        """ "thirtyish", "thirty-ish"."""
        suffixes = self.words.groups["vague"]
        return any(self.tokens[at].norm.endswith(suffix) for (suffix,) in suffixes)

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

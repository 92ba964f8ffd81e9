"""Words that change a face already there: "a bit older, thinner nose, keep the eyes"."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from app.engine.language.items import Item, find_items
from app.engine.language.lexicon import Entry, Lexicon, Meaning, Part, load_lexicon
from app.engine.language.tokens import Token, tokenize
from app.models.attributes import vocabulary
from app.models.resources import resource

SMALL, USUAL, LARGE, WHOLE = 0.25, 0.5, 0.75, 1.0
YEARS_OF_WHOLE = 40  # an age moved by this many years is the whole slider
COLOURS_BY_LIGHT = ("black", "dark_brown", "brown", "light_brown", "blond")


@dataclass(frozen=True)
class EditIntent:
    """One wish. ``name``: an attribute. ``value``: what it should become or move towards, None
    when only held. ``delta`` in [-1, 1]: how far along the attribute's scale, towards its first
    opposite below 0 (younger, narrower) and towards its second above 0 (older, wider); 0 where
    there is no scale. ``hold``: keep it as it is; ``release``: let it move again. ``years``: for
    age, if a number was said. ``span``: characters ``[start, end)`` of the text.
    """

    name: str
    value: str | None
    delta: float
    hold: bool
    span: tuple[int, int]
    text: str = ""
    release: bool = False
    years: int | None = None
    where: str | None = None


@dataclass(eq=False)
class _Clause:
    """What one comma-separated bit says."""

    items: list[Item]
    marks: dict[str, list[int]] = field(default_factory=dict)  # group -> token positions


def edits(text: str, language: str = "en") -> tuple[EditIntent, ...]:
    """All wishes of a text in order. Raises BadInput ``language.unknown``."""
    lexicon = load_lexicon(language)
    tokens = tokenize(text, lexicon.splits_apostrophe)
    items = find_items(tokens, lexicon, datetime.date.today())
    reader = _EditReader(text, tokens, items, lexicon, edit_words(language))
    return reader.read()


@cache
def edit_words(language: str) -> Mapping[str, Any]:
    """The edit words of a language, as in its file."""
    return tomllib.loads(resource("lexicon", language, "edits.toml").read_text("utf-8"))


@cache
def _phrases(language: str) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """The phrases of all groups by their first word."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for group, phrases in edit_words(language).items():
        for phrase in phrases if isinstance(phrases, list) else ():
            words = load_lexicon(language).words(phrase)
            found.setdefault(words[0], []).append((words, group))
    return found


class _EditReader:
    def __init__(
        self, text: str, tokens: list[Token], items: list[Item], lexicon: Lexicon, words: Any
    ) -> None:
        self.text, self.tokens, self.items = text, tokens, items
        self.lexicon, self.words = lexicon, words
        self.part: Part | None = None
        self.mode = ""  # hold or release, while a list of parts goes on
        self.found: list[EditIntent] = []

    def read(self) -> tuple[EditIntent, ...]:
        for clause in self._clauses():
            self._clause(clause)
        return _settled(self.found)

    def _clauses(self) -> Iterable[_Clause]:
        current: list[Item] = []
        for item in self.items:
            begins = current and self._word(item) in self.words["begin"]
            if begins or item.kind in ("comma", "end", "question", "but", "and", "colon"):
                if current:
                    yield _Clause(current, self._marks(current))
                current = []
                if item.kind in ("end", "question"):
                    self.mode = ""
            else:
                current.append(item)

    def _marks(self, items: list[Item]) -> dict[str, list[int]]:
        """Where the clause has words of each group of the edit file."""
        first, last = items[0].start, items[-1].end
        marks: dict[str, list[int]] = {}
        phrases = _phrases(self.lexicon.language)
        for at in range(first, last):
            for words, group in phrases.get(self.tokens[at].norm, ()):
                found = tuple(t.norm for t in self.tokens[at : min(at + len(words), last)])
                if found == words:
                    marks.setdefault(group, []).append(at)
        return marks

    # ------------------------------------------------------------ one clause

    def _clause(self, clause: _Clause) -> None:
        if "not_edit" in clause.marks:
            return
        parts = [i for i in clause.items if i.kind == "part" and not _is_foreign(i)]
        changes = [i for i in clause.items if self._changes(i)]
        if "release" in clause.marks:
            self.mode = "release"
        elif "hold" in clause.marks and not self._wears(clause, parts):
            self.mode = "hold"
        elif changes or "remove" in clause.marks or "more" in clause.marks:
            self.mode = ""
        if self.mode and not changes:
            self._hold(clause, parts)
        elif "remove" in clause.marks and parts and not changes:
            self._remove(parts)
        elif changes:
            self._change(clause, parts, changes)
        else:
            self._amount(clause, parts)
        if parts and not (parts[-1].entry.part and parts[-1].entry.part.is_person):
            self.part = parts[-1].entry.part

    def _wears(self, clause: _Clause, parts: list[Item]) -> bool:
        return not parts and "everything" not in clause.marks

    def _changes(self, item: Item) -> bool:
        verb = self._word(item) in self.words["verbs"]
        return item.kind in ("quality", "fix") or verb or self._sex(item) is not None

    def _hold(self, clause: _Clause, parts: list[Item]) -> None:
        names: list[tuple[str, Item]] = []
        if "everything" in clause.marks:
            names = [(name, clause.items[0]) for name in vocabulary().names]
        for item in parts:
            names += [(name, item) for name in part_attributes(item.entry.part)]
        for name, item in names:
            held = self.mode == "hold"
            self._add(name, None, 0.0, item, hold=held, release=not held)

    def _remove(self, parts: list[Item]) -> None:
        for item in parts:
            part = item.entry.part
            for meaning in part.absent if part else ():
                self._add(meaning.name, meaning.value, self._sign(meaning), item)
            if part and not part.absent:
                for meaning in part.implied:
                    absent = vocabulary().entry(meaning.name).absent
                    if absent:
                        self._add(meaning.name, absent, 0.0, item)

    def _amount(self, clause: _Clause, parts: list[Item]) -> None:
        """ "more wrinkles", "less beard", "add glasses"."""
        less, more = "less" in clause.marks, "more" in clause.marks
        for item in parts:
            part = item.entry.part
            if part is None or part.is_person:
                continue
            quantity = self.words["more_of"].get(part.name)
            if quantity and (less or (more and part.name == "hair")):
                name = part.implied[0].name if part.implied else "hair_length"
                self._scaled(Meaning(name, quantity), clause, item, less)
            elif quantity and more and part.implied:
                self._scaled(Meaning(part.implied[0].name, quantity), clause, item, less)
            else:
                for meaning in part.implied:
                    self._add(meaning.name, meaning.value, 0.0, item)

    def _change(self, clause: _Clause, parts: list[Item], changes: list[Item]) -> None:
        for item in changes:
            sex = self._sex(item)
            if sex is not None:
                sign = -1 if "less" in clause.marks else 1
                value = sex if sign > 0 else vocabulary().opposite("sex", sex)
                self._add("sex", value, self._size(clause, item, True), item)
                continue
            if item.kind == "fix":
                for meaning in item.entry.meanings:
                    self._add(meaning.name, meaning.value, 0.0, item)
                continue
            self._quality(clause, parts, item)

    def _quality(self, clause: _Clause, parts: list[Item], item: Item) -> None:
        entry = self._entry(item)
        part, head = self._owner(parts, item, entry)
        meanings = self.lexicon.meanings_for(part, entry) if part is not None else None
        if not meanings:
            return
        compared = self._is_compared(clause, item)
        reverse = bool(clause.marks.keys() & {"less", "too"}) and "enough" not in clause.marks
        where = item if head is None else _Span(item, head)
        for meaning in meanings:
            if meaning.name == "age":
                self._age(clause, item, entry, reverse)
            elif compared or reverse:
                self._scaled(meaning, clause, where, reverse)
            else:
                self._add(meaning.name, meaning.value, self._sign(meaning), where)

    def _age(self, clause: _Clause, item: Item, entry: Entry, reverse: bool) -> None:
        older = any(q.name in ("old", "older") for q in entry.qualities)
        sign = 1 if older != reverse else -1
        years = self._years(item)
        size = min(WHOLE, years / YEARS_OF_WHOLE) if years else self._size(clause, item, True)
        self._add("age", None, sign * size, item, years=sign * years if years else None)

    def _scaled(self, meaning: Meaning, clause: _Clause, item: Any, reverse: bool) -> None:
        sign = self._sign(meaning)
        value = meaning.value
        if reverse and isinstance(value, str):
            entry = vocabulary().entry(meaning.name)
            value = entry.opposite(value) or entry.middle or entry.absent or value
            sign = -sign
        self._add(meaning.name, value, sign * self._size(clause, item, True), item)

    # ------------------------------------------------------------ pieces

    def _owner(
        self, parts: list[Item], item: Item, entry: Entry
    ) -> tuple[Part | None, Item | None]:
        """The part of the clause that knows the quality, the one spoken of before, or a default."""
        for head in sorted(parts, key=lambda h: abs(h.start - item.start)):
            part = head.entry.part
            if part is not None and self.lexicon.meanings_for(part, entry):
                return part, head
        if self.part is not None and self.lexicon.meanings_for(self.part, entry) and not parts:
            return self.part, None
        default = self.lexicon.default_part(entry)
        for part in (default, self.lexicon.parts["person"], self.lexicon.parts["face"]):
            if part is not None and self.lexicon.meanings_for(part, entry):
                return part, None
        return None, None

    def _entry(self, item: Item) -> Entry:
        verb = self.words["verbs"].get(self._word(item))
        if verb is not None and item.kind != "quality":
            return Entry("quality", qualities=(self.lexicon.qualities[verb],))
        return item.entry

    def _is_compared(self, clause: _Clause, item: Item) -> bool:
        word = self.tokens[item.start].norm
        by_ending = word.endswith(("er", "est")) and self.lexicon.language == "en"
        verb = self._word(item) in self.words["verbs"]
        more = any(at <= item.start for at in clause.marks.get("more", ()))
        known = {q.name for q in item.entry.qualities}
        return (by_ending and word not in known) or verb or more or "enough" in clause.marks

    def _size(self, clause: _Clause, item: Any, compared: bool) -> float:
        if "slightly" in clause.marks:
            return SMALL
        return LARGE if "much" in clause.marks else USUAL if compared else WHOLE

    def _sign(self, meaning: Meaning) -> float:
        """-1 at the lower end of the attribute's scale, 1 at the upper, 0 off any scale."""
        for low, high in vocabulary().entry(meaning.name).opposites:
            if meaning.value in (low, high):
                return -1.0 if meaning.value == low else 1.0
        return 0.0

    def _years(self, item: Item) -> int:
        """The number in "ten years older"."""
        for back in (2, 3):
            at = item.start - back
            if at < 0 or (self.tokens[at + 1].norm,) not in self._year_words():
                continue
            norm = self.tokens[at].norm
            numbers = self.lexicon.ages["numbers"]
            value = int(norm) if norm.isdecimal() and len(norm) < 3 else numbers.get(norm, 0)
            return int(value)
        return 0

    def _year_words(self) -> set[tuple[str, ...]]:
        return {self.lexicon.words(w) for w in self.lexicon.ages["words"]["years"]}

    def _sex(self, item: Item) -> str | None:
        word = " ".join(t.norm for t in self.tokens[item.start : item.end])
        for sex, words in self.words["sexes"].items():
            if word in words:
                return str(sex)
        return None

    def _word(self, item: Item) -> str:
        return self.tokens[item.start].norm if item.start < len(self.tokens) else ""

    def _add(self, name: str, value: Any, delta: float, item: Any, **more: Any) -> None:
        start = self.tokens[item.start].start
        end = self.tokens[item.end - 1].end
        kept = value if isinstance(value, str) else None
        intent = EditIntent(
            name, kept, max(-1.0, min(1.0, delta)), False, (start, end), self.text[start:end]
        )
        self.found.append(replace(intent, **more))


class _Span:
    """The stretch from one item to another."""

    def __init__(self, one: Item, other: Item) -> None:
        self.start, self.end = min(one.start, other.start), max(one.end, other.end)


def _settled(found: list[EditIntent]) -> tuple[EditIntent, ...]:
    """Each wish once; "keep everything else" leaves out what is changed."""
    changed = {i.name for i in found if not i.hold and not i.release}
    kept: dict[tuple[str, str | None, bool, bool], EditIntent] = {}
    for intent in found:
        if not (intent.hold and intent.name in changed):
            kept[(intent.name, intent.value, intent.hold, intent.release)] = intent
    return tuple(kept.values())


def part_attributes(part: Part | None) -> tuple[str, ...]:
    """The attributes that a part's words speak of: eyes -> eye_color, eye_size, ..."""
    if part is None or part.is_person or part.is_foreign:
        return ()
    meanings = [m for ms in part.qualities.values() for m in ms] + list(part.implied)
    names = {m.name for m in meanings}
    if part.name == "face":
        names &= {"face_shape", "face_width"}
    order = vocabulary().names
    return tuple(sorted(names, key=order.index))


def _is_foreign(item: Item) -> bool:
    return item.entry.part is not None and item.entry.part.is_foreign

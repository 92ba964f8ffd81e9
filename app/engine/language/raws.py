"""What is read while qualities find their owners, and how one attribute is made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from app.engine.language.items import Item
from app.engine.language.lexicon import Lexicon, Meaning, Part
from app.models.attributes import vocabulary


@dataclass(eq=False)
class Raw:
    """One attribute as attached, not yet judged. ``anchor`` is the item that said it, ``head`` the
    item of the part it belongs to; ``bare``: the noun alone said it. Tokens are ``[start, end)``.
    """

    meaning: Meaning
    start: int
    end: int
    anchor: int
    head: int | None = None
    bare: bool = False
    negated: bool = False
    doubtful: bool = False
    where: str | None = None
    side: str | None = None
    corrects: bool = False
    together: set[int] | None = None  # identities of raws that hold side by side

    @property
    def name(self) -> str:
        """The attribute's name."""
        return self.meaning.name


@dataclass(eq=False)
class Attached:
    """Everything attached, and the items that were understood."""

    raws: list[Raw] = field(default_factory=list)
    used: set[int] = field(default_factory=set)


@dataclass(eq=False)
class Group:
    qualities: list[int]
    before: frozenset[str]
    noun: int | None = None  # an unknown noun right behind it
    loose: bool = False  # an unknown word right behind it, noun or not
    hedged: bool = False


@dataclass(eq=False)
class Context:
    part: Part
    head: int | None
    open: bool = False
    had_before: bool = False
    carried: bool = False
    names: set[str] = field(default_factory=set)
    qualities: list[int] = field(default_factory=list)  # those given before the noun
    twin: Context | None = None  # the part before it in "beard and hair"


class Giver:
    """Makes attributes of qualities and the parts they belong to."""

    def __init__(self, items: list[Item], lexicon: Lexicon, texts: list[str]) -> None:
        self.items, self.lexicon, self.texts = items, lexicon, texts
        self.done = Attached()
        self.groups: list[Group] = []
        self.since: set[str] = set()
        self.context: Context | None = None
        self.subject: Context | None = None
        self.thing: Context | None = None  # what "it" means
        self.relative = False
        self.hedged = False
        self.absorbed: list[tuple[int, int]] = []

    def _names(self, qualities: Iterable[int], part: Part) -> set[str]:
        """The attributes that qualities would give; a part that takes them in says ``part``."""
        names: set[str] = set()
        for index in qualities:
            meanings = self.lexicon.meanings_for(part, self.items[index].entry)
            if meanings is not None:
                names |= {m.name for m in meanings} or {part.name}
            elif part.absorb:
                names.add(f"{part.name} {index}")
        return names

    def _meant(self, index: int, part: Part) -> set[str]:
        """Like ``_names`` for one quality, but only what has a meaning with the part."""
        meanings = self.lexicon.meanings_for(part, self.items[index].entry)
        return set() if meanings is None else {m.name for m in meanings} or {part.name}

    def _emit(self, index: int, part: Part, head: int | None, to_head: bool) -> set[str]:
        entry = self.items[index].entry
        if part.is_foreign:
            return set()
        meanings = self.lexicon.meanings_for(part, entry)
        if meanings is None:
            if part.absorb and head is not None:
                self._absorb(index, head)
            return set()
        for meaning in self._measured(meanings, index):
            raw = self._add(meaning, index, head)
            raw.doubtful = raw.doubtful or entry.doubtful
            if to_head and head is not None:
                raw.end = self.items[head].end
        self.done.used.add(index)
        if head is not None:
            self.done.used.add(head)
        return {m.name for m in meanings}

    def _measured(self, meanings: tuple[Meaning, ...], index: int) -> tuple[Meaning, ...]:
        """ "of average length": the word after the quality says which measure is meant."""
        after = index + 1
        if after >= len(self.items) or self.items[after].kind != "neutral":
            return meanings
        word = self.texts[after].split()[-1]
        for suffix, words in self.lexicon.grammar["dimensions"].items():
            if word in words:
                return tuple(_with_measure(meaning, suffix) for meaning in meanings)
        return meanings

    def _absorb(self, index: int, head: int) -> None:
        self.done.used.add(index)
        self.absorbed.append((index, head))

    def _widen(self, raw: Raw, head: int) -> None:
        """Let the words of a thing take in the qualities right before it that add nothing."""
        for index, owner in reversed(self.absorbed):
            if owner != head:
                break
            if self.items[index].end == raw.start:
                raw.start = self.items[index].start

    def _emit_default(self, index: int) -> set[str]:
        part = self.lexicon.default_part(self.items[index].entry)
        if part is None:
            return set()
        return self._emit(index, part, None, to_head=False)

    def _add(self, meaning: Meaning, anchor: int, head: int | None) -> Raw:
        item = self.items[anchor]
        raw = Raw(meaning, item.start, item.end, anchor, head, doubtful=meaning.doubtful)
        raw.where = meaning.where
        self.done.raws.append(raw)
        return raw


def clash(names: set[str], others: set[str]) -> bool:
    """Whether an attribute with room for one value would be given two."""
    entries = vocabulary()
    return any(name not in entries or entries.entry(name).single for name in names & others)


def _with_measure(meaning: Meaning, suffix: str) -> Meaning:
    """The same value of the attribute's length, width or size, where there is such a one."""
    name = f"{meaning.name.split('_')[0]}_{suffix}"
    entries = vocabulary()
    if name not in entries or not entries.entry(name).accepts(meaning.value):
        return meaning
    return replace(meaning, name=name)

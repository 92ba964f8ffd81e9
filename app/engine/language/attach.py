"""Which quality belongs to which part: "big blue eyes", "his nose was long", "hair: short, grey"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from app.engine.language.items import Item
from app.engine.language.lexicon import Lexicon, Meaning, Part
from app.models.attributes import vocabulary

# what begins a new noun phrase: a quality behind it does not go on with the one before it
STRONG = frozenset(
    {
        "det",
        "prep",
        "have",
        "subject",
        "speaker",
        "no",
        "without",
        "neither",
        "fix",
        "but",
        "be",
        "word",
    }
)
CLEAR = frozenset(
    {"intensifier", "filler", "neutral", "hedge", "hedge_clause", "certain", "side", "sign"}
)
NOUN_ENDINGS = ("y", "ish", "ed", "ing", "ly", "ous", "ful", "like", "al", "ic", "er", "est")


@dataclass(eq=False)
class Raw:
    """One attribute as attached, not yet judged. ``anchor`` is the item that said it, ``head`` the
    item of the part it belongs to; ``bare``: the noun alone said it. Tokens are ``[start, end)``."""

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
class _Group:
    qualities: list[int]
    before: frozenset[str]
    noun: int | None = None  # an unknown noun right behind it
    loose: bool = False  # an unknown word right behind it, noun or not
    hedged: bool = False


@dataclass(eq=False)
class _Context:
    part: Part
    head: int | None
    open: bool = False
    had_before: bool = False
    carried: bool = False
    names: set[str] = field(default_factory=set)
    qualities: list[int] = field(default_factory=list)  # those given before the noun
    twin: _Context | None = None  # the part before it in "beard and hair"


def attach(items: list[Item], lexicon: Lexicon, texts: list[str]) -> Attached:
    """Attach every quality of a text; ``texts`` are the items' normal forms."""
    walker = _Walker(items, lexicon, texts)
    for index in range(len(items)):
        walker.step(index)
    return walker.done


class _Walker:
    def __init__(self, items: list[Item], lexicon: Lexicon, texts: list[str]) -> None:
        self.items, self.lexicon, self.texts = items, lexicon, texts
        self.done = Attached()
        self.groups: list[_Group] = []
        self.since: set[str] = set()
        self.context: _Context | None = None
        self.subject: _Context | None = None
        self.thing: _Context | None = None  # what "it" means
        self.relative = False
        self.hedged = False
        self.absorbed: list[tuple[int, int]] = []

    # ------------------------------------------------------------ one item

    def step(self, index: int) -> None:
        item = self.items[index]
        if item.kind in CLEAR:
            self.hedged = self.hedged or item.kind in ("hedge", "hedge_clause")
            return
        if item.kind == "quality":
            self._quality(index)
        elif item.kind == "part":
            self._head(index, item.entry.part, item.entry.adjectival)
        elif item.kind in ("end", "question"):
            self._flush()
            self.relative = False
            if self.context is not None:
                self.context.open, self.context.carried = False, True
        elif item.kind in ("subject", "pronoun_be"):
            self._person(index, item.kind == "pronoun_be")
        elif item.kind == "speaker":
            self._flush()
            self.context = _Context(self.lexicon.parts["foreign"], None)
        elif item.kind in ("it", "they"):
            self._pronoun(item.kind == "they")
        elif item.kind == "be":
            self._be()
        elif item.kind == "not" and self._is_copula(index):
            self._be()
        elif item.kind == "unknown":
            self._unknown(index)
        elif item.kind in ("fix", "nothing", "age"):
            self._fixed(index)
        else:
            self.since.add("word" if item.kind == "stop" else item.kind)

    def _quality(self, index: int) -> None:
        if self.groups and not self.since:
            self.groups[-1].qualities.append(index)
        else:
            self.groups.append(_Group([index], frozenset(self.since), hedged=self.hedged))
        self.since, self.hedged = set(), False

    def _pronoun(self, plural: bool) -> None:
        """ "it" and "they" mean the last part of the face, or the person when there is none."""
        self._flush()
        context = self.context
        if context is None or context.part.is_foreign or context.part.is_person:
            fits = self.thing is not None and (not plural or self.thing.part.plural)
            self.context = self.thing if fits else self.subject if plural else context
        elif plural and not context.part.plural and self.subject is not None:
            self.context = self.subject

    def _person(self, index: int, is_open: bool) -> None:
        self._flush()
        if self.texts[index] in self.lexicon.grammar["relative"]["words"]:
            self.relative = True
        self.context = _Context(self.lexicon.parts["person"], None, open=is_open)
        self.subject = self.context

    def _be(self) -> None:
        """A verb like "was": what follows belongs to what stands before."""
        context = self.context
        if self.relative and context is not None and context.part.is_foreign:
            self.context, self.relative = self.subject or context, False
        if self.context is not None and not self.groups:
            self.context.open = True
        else:
            self.since.add("be")

    def _is_copula(self, index: int) -> bool:
        return self.texts[index].split()[0] in self.lexicon.grammar["copula"]["not"]

    def _unknown(self, index: int) -> None:
        if self.groups and not self.since:
            self.groups[-1].loose = True
            if not self.texts[index].endswith(NOUN_ENDINGS):
                self.groups[-1].noun = index
        self.since.add("unknown")

    def _fixed(self, index: int) -> None:
        item = self.items[index]
        for meaning in item.entry.meanings:
            self._add(meaning, index, None)
        if item.age is not None:
            meaning = Meaning("age", (item.age.low, item.age.high))
            self._add(meaning, index, None).doubtful = item.age.is_vague
            if item.age.is_stage:
                self._head(index, self.lexicon.parts["person"], False)
                return
        self.done.used.add(index)
        self.since.add("fix")
        context = self.context
        if context is not None and context.head is not None and not context.carried:
            if _same_region(item.entry.meanings, context.part):
                self.done.used.add(context.head)

    # ------------------------------------------------------------ heads

    def _head(self, index: int, part: Part | None, adjectival: bool) -> None:
        assert part is not None
        adjacent = self.since <= {"unknown"} and bool(self.groups)
        if adjectival:
            self._adjectival(index, part, adjacent)
            return
        before = list(self.groups[-1].qualities) if adjacent else []
        is_joined = self.since == {"and"} and not self.groups
        attached = self._resolve(index, part, adjacent)
        if not part.is_foreign:
            self._imply(index, part, attached)
        kept = _Context(part, index, had_before=bool(attached), names=attached, qualities=before)
        if is_joined and self.context is not None and self.context.head is not None:
            kept.twin = self.context
            self._share_before(kept, self.context)
        if part.is_person:
            self.subject = kept
        elif not part.is_foreign:
            self.thing = kept
        self.context = kept
        self.groups, self.since = [], set()

    def _share_before(self, kept: _Context, first: _Context) -> None:
        """ "thin lips and nose", "grey beard and moustache": one quality for both."""
        if first.part.is_person or first.part.is_foreign or kept.head is None:
            return
        following = self.items[kept.head + 1 : kept.head + 2]
        if any(item.kind in ("be", "quality", "colon") for item in following):
            return
        for index in first.qualities:
            meanings = self.lexicon.meanings_for(kept.part, self.items[index].entry) or ()
            for meaning in meanings:
                if not kept.part.implied or meaning.name.endswith("_color"):
                    raw = self._add(meaning, index, kept.head)
                    raw.start, raw.end = self.items[kept.head].start, self.items[kept.head].end
                    self.done.used.add(kept.head)
                    kept.names.add(meaning.name)

    def _adjectival(self, index: int, part: Part, adjacent: bool) -> None:
        """ "dark-haired": takes the quality before it and leaves the rest for the next noun."""
        if adjacent and self.groups:
            last = self.groups[-1].qualities.pop()
            names = self._emit(last, part, index, to_head=True)
            if not names:
                self.groups[-1].qualities.append(last)
            elif not self.groups[-1].qualities:
                self.groups.pop()
        self._imply(index, part, set())
        self.done.used.add(index)
        if self.groups and adjacent:
            self.since = set()

    def _imply(self, index: int, part: Part, attached: set[str]) -> None:
        for meaning in part.implied:
            if meaning.name not in attached:
                raw = self._add(meaning, index, index)
                raw.bare = True
                self._widen(raw, index)
        if part.implied or part.is_person or attached or self._follows_phrase(index):
            self.done.used.add(index)

    def _follows_phrase(self, index: int) -> bool:
        """ "salt and pepper hair": the noun adds nothing to the phrase before it."""
        return index > 0 and self.items[index - 1].kind == "fix"

    def _flush(self) -> None:
        self._resolve(None, None, False)
        self.groups, self.since = [], set()

    # ------------------------------------------------------------ who owns which group

    def _resolve(self, head: int | None, part: Part | None, adjacent: bool) -> set[str]:
        """Give every waiting group an owner; returns the names given to the new head."""
        groups = self.groups
        count = len(groups)
        last = count - 1 if part is not None and adjacent else count
        taken = self._claim_back(groups, last)
        taken = self._share(groups, last, taken, head, part)
        names: set[str] = set()
        first_forward = count
        if part is not None and last == count - 1 and groups[last].qualities:
            names |= self._give_forward(groups[last], part, head)
            first_forward = last
            names, first_forward = self._chain(groups, last, taken, part, head, names)
        for group in groups[taken:first_forward]:
            if group.qualities:
                self._leftover(group)
        return names

    def _claim_back(self, groups: list[_Group], last: int) -> int:
        """How many groups from the left belong to the part before them."""
        context = self.context
        if context is None or not groups:
            return 0
        direct = groups[0].before <= {"unknown", "colon"} and not context.carried
        if not (context.open or (direct and not context.part.is_person)):
            return 0
        taken = 0
        for number, group in enumerate(groups[:last]):
            if number and group.before & STRONG:
                break
            either = "or" in group.before or "and" in group.before or "correction" in group.before
            names = self._names(group.qualities, context.part)
            if not names or (_clash(names, context.names) and not either and number):
                break
            self._give(group, context)
            taken += 1
        return taken

    def _share(
        self, groups: list[_Group], last: int, taken: int, head: int | None, part: Part | None
    ) -> int:
        """One unbroken run between two parts: "hair was brown blue eyes", "yeux bleus gros nez"."""
        context = self.context
        if taken or last != 0 or len(groups) != 1 or context is None or context.part.is_foreign:
            return taken
        group = groups[0]
        direct = group.before <= {"unknown", "colon"} and not context.carried
        if not (context.open or direct) or group.before & STRONG or context.part.is_person:
            return taken
        follows = bool(self.lexicon.grammar["order"]["adjective_follows_noun"])
        if follows and not context.open:
            keep = self._before_noun(group)
        elif context.open or not context.had_before:
            keep = 1 if len(group.qualities) > 1 or context.open or self._has_own(head) else 0
        else:
            keep = self._only_here(group, context.part, part)
        mine = group.qualities[:keep]
        if not mine or not self._names(mine, context.part):
            return taken
        self._give(_Group(mine, group.before), context)
        del group.qualities[:keep]
        return taken

    def _only_here(self, group: _Group, part: Part, following: Part | None) -> int:
        """How many first qualities can belong to the part before but not to the one behind."""
        for number, index in enumerate(group.qualities):
            here = self._meant(index, part)
            there = following is not None and self._meant(index, following)
            if not here or there:
                return number
        return len(group.qualities)

    def _before_noun(self, group: _Group) -> int:
        words = self.lexicon.grammar["order"]["before_noun"]
        for number, index in enumerate(group.qualities):
            if self.texts[index] in words:
                return number
        return len(group.qualities)

    def _has_own(self, head: int | None) -> bool:
        """Whether a quality stands right behind the new head, so that it needs none before it."""
        following = self.items[head + 1 : head + 2] if head is not None else []
        return any(i.kind in ("quality", "be", "colon") for i in following)

    def _chain(
        self,
        groups: list[_Group],
        last: int,
        taken: int,
        part: Part,
        head: int | None,
        names: set[str],
    ) -> tuple[set[str], int]:
        """Groups further left that go on the same list: "short, curly, dark brown hair"."""
        first = last
        for number in range(last - 1, taken - 1, -1):
            group, after = groups[number], groups[number + 1]
            again = after.before & {"or", "correction", "no"}
            if (after.before & STRONG and not again) or group.noun is not None:
                break
            more = self._names(group.qualities, part)
            if not more or (_clash(more, names) and not again and not self._repeats(group, part)):
                break
            if self._fits_elsewhere(group, part):
                break
            names |= self._give_forward(group, part, head, to_head=False)
            first = number
        return names, first

    def _repeats(self, group: _Group, part: Part) -> bool:
        """ "short, cropped hair": the same meaning twice."""
        known = {(raw.name, raw.meaning.value) for raw in self.done.raws[-6:]}
        for index in group.qualities:
            meanings = self.lexicon.meanings_for(part, self.items[index].entry) or ()
            if any((m.name, m.value) not in known for m in meanings):
                return False
        return True

    def _fits_elsewhere(self, group: _Group, part: Part) -> bool:
        """Whether qualities that a thing would only take in mean something with another part."""
        entries = [self.items[index].entry for index in group.qualities]
        if any(self.lexicon.meanings_for(part, entry) for entry in entries):
            return False
        if not part.absorb:
            return not group.before & {"have", "det"}
        if any(self.lexicon.default_part(entry) for entry in entries):
            return True
        context = self.context
        return context is not None and bool(self._names(group.qualities, context.part))

    def _give_forward(
        self, group: _Group, part: Part, head: int | None, to_head: bool = True
    ) -> set[str]:
        names: set[str] = set()
        for index in group.qualities:
            is_last = to_head and index == group.qualities[-1]
            given = self._emit(index, part, head, to_head=is_last)
            if not given and (part.is_person or self._is_of_person(index, group)):
                given = self._emit_default(index)
            names |= given
        return names

    def _is_of_person(self, index: int, group: _Group) -> bool:
        """ "stocky black hair" in unpunctuated notes: the first word can only mean the person."""
        person = self.lexicon.parts["person"]
        if index == group.qualities[-1] or index in self.done.used:
            return False
        if self.lexicon.default_part(self.items[index].entry) is not person:
            return False
        return self._meant(index, person) <= {"build", "age"}

    def _give(self, group: _Group, context: _Context) -> None:
        for index in group.qualities:
            given = self._emit(index, context.part, context.head, to_head=False)
            context.names |= given
            twin = context.twin
            if twin is not None and context.open and self._meant(index, twin.part):
                self._emit(index, twin.part, twin.head, to_head=False)
            if not given and not context.part.is_foreign and index not in self.done.used:
                self._emit_default(index)

    def _leftover(self, group: _Group) -> None:
        context = self.context
        defaults = [self.lexicon.default_part(self.items[i].entry) for i in group.qualities]
        common = next((part for part in reversed(defaults) if part is not None), None)
        for index in group.qualities:
            if common is not None and len(group.qualities) > 1:
                self._emit(index, common, None, to_head=False)  # "a big red mohican"
                if index in self.done.used:
                    continue
            default = self.lexicon.default_part(self.items[index].entry)
            if group.noun is not None and default is None:
                continue
            if context is not None and not context.part.is_foreign and group.noun is None:
                names = self._meant(index, context.part)
                again = bool({"or", "and", "correction", "but", "no"} & group.before)
                again = again or group.hedged or context.open or default is None
                if names and (again or not _clash(names, context.names)):
                    self._give(_Group([index], group.before), context)
                    continue
            if default is not None:
                self._emit_default(index)
                if context is None or context.part.is_person or context.part.is_foreign:
                    context = self.context = _Context(default, None)
                    context.names |= self._names([index], default)
            elif self.subject is not None and not group.loose:
                self._emit(index, self.lexicon.parts["person"], None, to_head=False)

    # ------------------------------------------------------------ making attributes

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


def _clash(names: set[str], others: set[str]) -> bool:
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


def _same_region(meanings: tuple[Meaning, ...], part: Part) -> bool:
    """Whether a phrase speaks of the same region of the face as a part before it."""
    entries = vocabulary()
    known = {entries.entry(m.name).region for ms in part.qualities.values() for m in ms}
    return any(entries.entry(m.name).region in known for m in meanings)

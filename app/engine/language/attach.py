"""Which quality belongs to which part: "big blue eyes", "his nose was long", "hair: short"."""

from __future__ import annotations

from app.engine.language.items import Item
from app.engine.language.lexicon import Lexicon, Meaning, Part
from app.engine.language.owners import Owner
from app.engine.language.raws import Attached, Context, Group
from app.models.attributes import vocabulary

CLEAR = frozenset(
    {"intensifier", "filler", "neutral", "hedge", "hedge_clause", "certain", "side", "sign"}
)
NOUN_ENDINGS = ("y", "ish", "ed", "ing", "ly", "ous", "ful", "like", "al", "ic", "er", "est")


def attach(items: list[Item], lexicon: Lexicon, texts: list[str]) -> Attached:
    """Attach every quality of a text; ``texts`` are the items' normal forms."""
    walker = _Walker(items, lexicon, texts)
    for index in range(len(items)):
        walker.step(index)
    return walker.done


class _Walker(Owner):
    """Walks over the items and keeps in mind what is being spoken of."""

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
            self.context = Context(self.lexicon.parts["foreign"], None)
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
            self.groups.append(Group([index], frozenset(self.since), hedged=self.hedged))
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
        self.context = Context(self.lexicon.parts["person"], None, open=is_open)
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
        kept = Context(part, index, had_before=bool(attached), names=attached, qualities=before)
        if is_joined and self.context is not None and self.context.head is not None:
            kept.twin = self.context
            self._share_before(kept, self.context)
        if part.is_person:
            self.subject = kept
        elif not part.is_foreign:
            self.thing = kept
        self.context = kept
        self.groups, self.since = [], set()

    def _share_before(self, kept: Context, first: Context) -> None:
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


def _same_region(meanings: tuple[Meaning, ...], part: Part) -> bool:
    """Whether a phrase speaks of the same region of the face as a part before it."""
    entries = vocabulary()
    known = {entries.entry(m.name).region for ms in part.qualities.values() for m in ms}
    return any(entries.entry(m.name).region in known for m in meanings)

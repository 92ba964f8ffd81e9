"""Who owns which group of qualities: the part before them, the one behind, or a default."""

from __future__ import annotations

from app.engine.language.lexicon import Part
from app.engine.language.raws import Context, Giver, Group, clash

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


class Owner(Giver):
    """Gives every waiting group of qualities an owner."""

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

    def _claim_back(self, groups: list[Group], last: int) -> int:
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
            if not names or (clash(names, context.names) and not either and number):
                break
            self._give(group, context)
            taken += 1
        return taken

    def _share(
        self, groups: list[Group], last: int, taken: int, head: int | None, part: Part | None
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
        self._give(Group(mine, group.before), context)
        del group.qualities[:keep]
        return taken

    def _only_here(self, group: Group, part: Part, following: Part | None) -> int:
        """How many first qualities can belong to the part before but not to the one behind."""
        if following is None or following.is_foreign:
            return 0
        for number, index in enumerate(group.qualities):
            here = self._meant(index, part)
            there = self._meant(index, following)
            if not here or there:
                return number
        return len(group.qualities)

    def _before_noun(self, group: Group) -> int:
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
        groups: list[Group],
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
            if not more or (clash(more, names) and not again and not self._repeats(group, part)):
                break
            if self._fits_elsewhere(group, part):
                break
            names |= self._give_forward(group, part, head, to_head=False)
            first = number
        return names, first

    def _repeats(self, group: Group, part: Part) -> bool:
        """ "short, cropped hair": the same meaning twice."""
        known = {(raw.name, raw.meaning.value) for raw in self.done.raws[-6:]}
        for index in group.qualities:
            meanings = self.lexicon.meanings_for(part, self.items[index].entry) or ()
            if any((m.name, m.value) not in known for m in meanings):
                return False
        return True

    def _fits_elsewhere(self, group: Group, part: Part) -> bool:
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
        self, group: Group, part: Part, head: int | None, to_head: bool = True
    ) -> set[str]:
        names: set[str] = set()
        for index in group.qualities:
            is_last = to_head and index == group.qualities[-1]
            given = self._emit(index, part, head, to_head=is_last)
            if not given and (part.is_person or self._is_of_person(index, group)):
                given = self._emit_default(index)
            names |= given
        return names

    def _is_of_person(self, index: int, group: Group) -> bool:
        """ "stocky black hair" in unpunctuated notes: the first word can only mean the person."""
        person = self.lexicon.parts["person"]
        if index == group.qualities[-1] or index in self.done.used:
            return False
        if self.lexicon.default_part(self.items[index].entry) is not person:
            return False
        return self._meant(index, person) <= {"build", "age"}

    def _give(self, group: Group, context: Context) -> None:
        for index in group.qualities:
            given = self._emit(index, context.part, context.head, to_head=False)
            context.names |= given
            twin = context.twin
            if twin is not None and context.open and self._meant(index, twin.part):
                self._emit(index, twin.part, twin.head, to_head=False)
            if not given and not context.part.is_foreign and index not in self.done.used:
                self._emit_default(index)

    def _leftover(self, group: Group) -> None:
        """A group that no part stands next to: the part spoken of, a default, or the person."""
        defaults = [self.lexicon.default_part(self.items[i].entry) for i in group.qualities]
        common = next((part for part in reversed(defaults) if part is not None), None)
        for index, default in zip(group.qualities, defaults, strict=True):
            if common is not None and len(group.qualities) > 1:
                self._emit(index, common, None, to_head=False)  # "a big red mohican"
                if index in self.done.used:
                    self._speak_of(common, index)
                    continue
            if group.noun is not None and default is None:
                continue
            if group.noun is None and self._goes_on(group, index, default):
                continue
            if default is not None:
                self._emit_default(index)
                self._speak_of(default, index)
            elif self.subject is not None and not group.loose:
                self._emit(index, self.lexicon.parts["person"], None, to_head=False)

    def _goes_on(self, group: Group, index: int, default: Part | None) -> bool:
        """Give a quality to the part spoken of, if it has room for it."""
        context = self.context
        if context is None or context.part.is_foreign:
            return False
        names = self._meant(index, context.part)
        again = bool({"or", "and", "correction", "but", "no"} & group.before)
        again = again or group.hedged or context.open or default is None
        if not names or (clash(names, context.names) and not again):
            return False
        self._give(Group([index], group.before), context)
        return True

    def _speak_of(self, part: Part, index: int) -> None:
        """From now on the part is spoken of, unless another one is."""
        context = self.context
        if context is None or context.part.is_person or context.part.is_foreign:
            self.context = context = Context(part, None)
        if context.part is part:
            context.names |= self._names([index], part)

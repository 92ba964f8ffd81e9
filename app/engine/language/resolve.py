"""One answer per question: corrections, alternatives, contradictions and repetitions."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from app.engine.language.items import Item
from app.engine.language.lexicon import Meaning
from app.engine.language.raws import Raw
from app.engine.language.reach import REACH
from app.engine.language.scope import Scopes
from app.models.attributes import Value, vocabulary

QUIET = ("comma", "filler", "correction", "retract", "no", "but", "det", "intensifier", "hedge")


def resolve(raws: list[Raw], items: list[Item], scopes: Scopes) -> list[Raw]:
    """What stands in the end, in the order of the text."""
    raws = sorted(raws, key=lambda raw: (raw.start, raw.end))
    raws = _joined(_without_bare_doubles(raws))
    raws = _corrected_all(raws, items, scopes)
    _weigh_alternatives(raws, items)
    raws = _middles(raws)
    raws = _last_word(raws, items)
    return _without_repetition(raws)


def _without_bare_doubles(raws: list[Raw]) -> list[Raw]:
    """A noun's own meaning yields to what its adjectives say: "a handlebar moustache"."""
    said = {(raw.head, raw.name) for raw in raws if not raw.bare and raw.head is not None}
    return [raw for raw in raws if not (raw.bare and (raw.head, raw.name) in said)]


def _joined(raws: list[Raw]) -> list[Raw]:
    """Two words that say the same of one part are one: "big bushy eyebrows"."""
    kept: list[Raw] = []
    for raw in raws:
        before = kept[-1] if kept else raw
        touches = raw.head is not None and raw.head == before.head and raw.start <= before.end
        if kept and touches and before.name == raw.name and _is_same(before, raw):
            before.end = max(before.end, raw.end)
        else:
            kept.append(raw)
    return kept


# ---------------------------------------------------------------- corrections


def _corrected_all(raws: list[Raw], items: list[Item], scopes: Scopes) -> list[Raw]:
    by_anchor = sorted(raws, key=lambda raw: raw.anchor)
    anchors = [raw.anchor for raw in by_anchor]
    gone: set[int] = set()
    for index in sorted(scopes.corrections):
        window = slice(bisect_left(anchors, index - REACH), bisect_right(anchors, index + REACH))
        near = [raw for raw in by_anchor[window] if id(raw) not in gone]
        gone |= _taken_back(near, items, index)
    return [raw for raw in raws if id(raw) not in gone]


def _taken_back(raws: list[Raw], items: list[Item], index: int) -> set[int]:
    """What the words after a correction replace."""
    before = [raw for raw in raws if raw.anchor < index and _reach(items, raw.anchor, index)]
    after = [raw for raw in raws if raw.anchor > index and _same_sentence(items, index, raw.anchor)]
    following = _first_segment(after, items)
    gone: set[int] = set()
    for raw in following:
        rivals = [b for b in before if b.name == raw.name]
        if rivals:
            last = max(b.anchor for b in rivals)
            raw.corrects = True
            gone |= {id(b) for b in rivals if b.anchor == last and not _is_same(b, raw)}
    if not gone and following and before:
        gone = _swapped(before, following, items, index)
    if not gone and items[index].kind == "retract" and before:
        last = max(b.anchor for b in before)
        gone = {id(b) for b in before if b.anchor == last}
    return gone


def _is_same(one: Raw, other: Raw) -> bool:
    return one.meaning.value == other.meaning.value and one.negated == other.negated


def _swapped(before: list[Raw], after: list[Raw], items: list[Item], index: int) -> set[int]:
    """ "a beard, sorry, a moustache": one thing right before, another right after."""
    last = max(before, key=lambda raw: raw.anchor)
    first = min(after, key=lambda raw: raw.anchor)
    near = _quiet(items, last.anchor + 1, index) and _quiet(items, index + 1, first.anchor)
    first_entry, last_entry = items[first.anchor].entry, items[last.anchor].entry
    alike = first.bare and last.bare and not first.negated and not last.negated
    in_earnest = items[index].kind != "correction" or not last_entry.adjectival
    if not (near and alike and in_earnest and first_entry is not last_entry):
        return set()
    regions = {vocabulary().entry(raw.name).region for raw in (first, last)}
    hairy = {"beard", "moustache", "sideburns"}
    same_kind = len(regions) == 1 or {first.name, last.name} <= hairy
    return {id(last)} if same_kind else set()


def _quiet(items: list[Item], start: int, end: int) -> bool:
    return all(item.kind in QUIET for item in items[start:end])


def _reach(items: list[Item], anchor: int, index: int) -> bool:
    """The same sentence, or the one before when the correction opens a new one."""
    ends = [i for i in range(anchor, index) if items[i].kind in ("end", "question")]
    return not ends or (len(ends) == 1 and _quiet(items, ends[0] + 1, index))


def _same_sentence(items: list[Item], start: int, end: int) -> bool:
    stops = [i for i in range(start, end) if items[i].kind in ("end", "question")]
    return not stops or (len(stops) == 1 and _quiet(items, start + 1, stops[0]))


def _first_segment(after: list[Raw], items: list[Item]) -> list[Raw]:
    """The attributes of the first stretch after a correction that says anything."""
    if not after:
        return []
    first = min(raw.anchor for raw in after)
    stop = next(
        (i for i in range(first, len(items)) if items[i].kind in ("comma", "end", "question")),
        len(items),
    )
    return [raw for raw in after if raw.anchor < stop]


# ---------------------------------------------------------------- alternatives


def _weigh_alternatives(raws: list[Raw], items: list[Item]) -> None:
    """ "brown or black": both are doubtful, and neither is the last word."""
    for first, second in _neighbours(raws):
        if first.negated or second.negated or first.meaning.value == second.meaning.value:
            continue
        between = [item.kind for item in items[first.anchor + 1 : second.anchor]]
        if "or" in between and not set(between) & {"end", "question", "correction"}:
            if first.meaning.value != "none" and second.meaning.value != "none":
                first.doubtful = second.doubtful = True
                second.corrects = False
                _together(first, second)
        elif between in (["and"], ["and", "intensifier"], ["and", "det"]) and not second.corrects:
            if first.name not in ("beard", "glasses", "age", "sex"):
                _together(first, second)


def _together(first: Raw, second: Raw) -> None:
    family = first.together if first.together is not None else {id(first)}
    family.add(id(second))
    first.together = second.together = family


def _neighbours(raws: list[Raw]) -> list[tuple[Raw, Raw]]:
    by_name: dict[str, list[Raw]] = {}
    for raw in raws:
        by_name.setdefault(raw.name, []).append(raw)
    return [pair for row in by_name.values() for pair in zip(row, row[1:], strict=False)]


# ---------------------------------------------------------------- contradictions


def _middles(raws: list[Raw]) -> list[Raw]:
    """ "neither long nor short" is in between."""
    out = list(raws)
    for first, second in _neighbours(raws):
        entry = vocabulary().entry(first.name)
        if not (first.negated and second.negated and entry.middle):
            continue
        value = first.meaning.value
        opposite = entry.opposite(value) if isinstance(value, str) else None
        if opposite is not None and opposite == second.meaning.value and first in out:
            merged = Raw(
                Meaning(first.name, entry.middle),
                first.start, second.end, first.anchor, first.head,
            )  # fmt: skip
            merged.doubtful = first.doubtful or second.doubtful
            out[out.index(first)] = merged
            out.remove(second)
    return out


def _last_word(raws: list[Raw], items: list[Item]) -> list[Raw]:
    """For attributes with one value: the last that was said, or the most exact."""
    out: list[Raw] = []
    for name in dict.fromkeys(raw.name for raw in raws):
        own = [raw for raw in raws if raw.name == name]
        entry = vocabulary().entry(name)
        own = _ages(own, items) if name == "age" else own
        own = _without_empty(own, entry.absent)
        own = _without_denied(own, single=entry.single)
        out += _latest(own) if entry.single else own
    return sorted(out, key=lambda raw: (raw.start, raw.end))


def _ages(own: list[Raw], items: list[Item]) -> list[Raw]:
    """Numbers overrule words for a time of life."""
    exact = [raw for raw in own if (age := items[raw.anchor].age) is not None and not age.is_stage]
    stages = [raw for raw in own if (age := items[raw.anchor].age) is not None and age.is_stage]
    if not exact:
        return stages or own
    last, before = exact[-1], exact[:-1]
    if before and not last.corrects and not any(raw.negated for raw in exact):
        value = _narrowed(before[-1].meaning.value, last.meaning.value)
        last.meaning = Meaning("age", value)
        last.doubtful = last.doubtful and value != before[-1].meaning.value
    return [*before, last]


def _narrowed(before: Value, last: Value) -> Value:
    """ "in his thirties, maybe 35": a vaguer second answer does not undo a closer first one."""
    if isinstance(before, str) or isinstance(last, str):
        return last
    low, high = max(before[0], last[0]), min(before[1], last[1])
    is_vaguer = last[1] - last[0] >= before[1] - before[0]
    return (low, high) if is_vaguer and low <= high else last


def _without_empty(own: list[Raw], absent: str | None) -> list[Raw]:
    """ "stubble, no real beard": the beard that is there wins, unless it was taken back."""
    if absent is None:
        return own
    there = [raw for raw in own if raw.meaning.value != absent and not raw.negated]
    gone = [raw for raw in own if raw.meaning.value == absent and not raw.negated]
    if not there or not gone:
        return own
    corrected = [raw for raw in gone if raw.corrects and raw.start > there[-1].start]
    return corrected or [raw for raw in own if raw.meaning.value != absent or raw.negated]


def _without_denied(own: list[Raw], single: bool) -> list[Raw]:
    """ "not blond but brown": what it is not adds nothing to what it is."""
    if not single or all(raw.negated for raw in own):
        return own
    return [raw for raw in own if not raw.negated]


def _latest(own: list[Raw]) -> list[Raw]:
    if not own or all(raw.negated for raw in own):
        return own
    last = own[-1]
    if last.together:
        return [raw for raw in own if id(raw) in last.together or raw is last]
    same = [raw for raw in own if raw.meaning.value == last.meaning.value]
    first = next((raw for raw in same if raw.meaning.style), same[0])
    first.doubtful = all(raw.doubtful for raw in same)
    return [first]


def _without_repetition(raws: list[Raw]) -> list[Raw]:
    """The same thing said twice counts once, and as said if it was said once without doubt."""
    kept: dict[tuple, Raw] = {}
    for raw in raws:
        key = (raw.name, raw.meaning.value, raw.negated, raw.where, raw.side)
        if raw.name == "mark" and raw.where in (None, "unspecified"):
            twin = next((k for k in kept if k[:3] == key[:3]), None)
            key = twin or key
        first = kept.setdefault(key, raw)
        if first is not raw:
            first.doubtful = first.doubtful and raw.doubtful
            if raw.meaning.style and not first.meaning.style:
                first.meaning = raw.meaning
    return list(kept.values())

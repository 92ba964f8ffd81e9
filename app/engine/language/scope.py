"""How far "no", "not", "maybe" and "I couldn't see" reach."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.engine.language.attach import Attached, Raw
from app.engine.language.items import Item
from app.engine.language.lexicon import Meaning
from app.models.attributes import vocabulary

NOUN_PHRASE = ("no", "without")
CLAUSE = ("not", "neither", "nor", "not_doubtful", "none_of")
ENDS = ("end", "question", "but", "correction", "retract")
CLAUSE_STARTS = (
    "subject",
    "speaker",
    "pronoun_be",
    "be",
    "have",
    "no",
    "without",
    "not",
    "it",
    "they",
)
THINGS = ("part", "fix", "age")
REACH = 40  # items that one word reaches at most: more is no sentence that anyone says


@dataclass(frozen=True)
class Scopes:
    """Items that are negated, doubted, or said to be unknown; and where "no" was a correction."""

    negated: frozenset[int] = frozenset()
    doubted: frozenset[int] = frozenset()
    unknown: frozenset[int] = frozenset()
    corrections: frozenset[int] = frozenset()


@dataclass(eq=False)
class _Walk:
    items: list[Item]
    raws: dict[int, list[Raw]] = field(default_factory=dict)  # by anchor

    def kind(self, index: int) -> str:
        return self.items[index].kind if 0 <= index < len(self.items) else "end"

    def after(self, index: int) -> range:
        """Items behind one, as far as a word can reach."""
        return range(index + 1, min(index + REACH, len(self.items)))

    def before(self, index: int) -> range:
        """Items before one, nearest first, as far as a word can reach."""
        return range(index - 1, max(index - REACH, -1), -1)

    def skip(self, index: int, step: int, kinds: tuple[str, ...]) -> int:
        """The first item from ``index`` on, stepping, that is of none of the kinds."""
        last = index + step * REACH
        while index != last and self.kind(index) in kinds:
            index += step
        return index

    def is_thing(self, index: int) -> bool:
        return self.kind(index) in THINGS


def scopes_of(items: list[Item], attached: Attached) -> Scopes:
    """The reach of every negation, hedge and "I couldn't see" of a text."""
    walk = _Walk(items)
    for raw in attached.raws:
        walk.raws.setdefault(raw.anchor, []).append(raw)
    negated: set[int] = set()
    doubted: set[int] = set()
    unknown: set[int] = set()
    corrections = {i for i, item in enumerate(items) if item.kind in ("correction", "retract")}
    for index, item in enumerate(items):
        if item.kind == "none_of" and _is_answer(walk, index):
            negated |= {index - 2}
        elif item.kind == "none_of" and _stands_behind(walk, index):
            negated |= {index - 1}
        elif item.kind == "no" and _is_correction(walk, index):
            corrections.add(index)
            if _is_answer(walk, index):
                negated |= {index - 2}
        elif item.kind in NOUN_PHRASE:
            negated |= _noun_phrase(walk, index)
        elif item.kind in CLAUSE:
            if item.kind == "not" and walk.kind(index + 1) in ("end", "comma"):
                negated |= _denied(walk, index, corrections)
                continue
            reach = _clause(walk, index)
            negated |= reach
            if item.kind == "not_doubtful":
                doubted |= reach
        elif item.kind == "denial":
            negated |= _denied(walk, index, corrections)
        elif item.kind in ("hedge", "hedge_clause"):
            doubted |= _hedged(walk, index)
        elif item.kind == "ignorance":
            reach, weighed = _unseen(walk, index)
            (doubted if weighed else unknown).update(reach)
    return Scopes(
        frozenset(negated), frozenset(doubted), frozenset(unknown), frozenset(corrections)
    )


# ---------------------------------------------------------------- negation


def _is_correction(walk: _Walk, index: int) -> bool:
    """Whether "no" stands for itself ("blond, no, brown") and does not negate what follows."""
    after = walk.kind(index + 1)
    if after in ("comma", "end", "question", "filler", "correction", "but", "it", "they"):
        return True
    if after in ("subject", "pronoun_be"):
        return True
    position, has_quality, limit = index + 1, False, walk.after(index).stop
    while position < limit:
        kind = walk.kind(position)
        if walk.is_thing(position) or kind == "unknown":
            return has_quality and _repeats(walk, index, position)
        if kind == "quality":
            has_quality = True
        elif kind in ("comma", "end", "question", "be", "have", "subject", "and", "but", "prep"):
            break
        position += 1
    return _sentence_has_attribute(walk, index) and has_quality


def _repeats(walk: _Walk, index: int, head: int) -> bool:
    """ "blue eyes, no, brown eyes": the same part right before the "no"."""
    part = walk.items[head].entry.part
    before = walk.skip(index - 1, -1, ("comma", "filler"))
    same = walk.kind(before) == "part" and walk.items[before].entry.part is part
    return same and part is not None and not part.implied


def _sentence_has_attribute(walk: _Walk, index: int) -> bool:
    for before in walk.before(index):
        if walk.kind(before) in ("end", "question"):
            return False
        if before in walk.raws:
            return True
    return False


def _is_answer(walk: _Walk, index: int) -> bool:
    """ "Glasses: no.", "Beard? No.", "Hat - none, ..." """
    closes = walk.kind(index + 1) in ("comma", "end")
    return closes and walk.kind(index - 1) in ("colon", "question") and walk.is_thing(index - 2)


def _stands_behind(walk: _Walk, index: int) -> bool:
    """ "moustache none, glasses none"."""
    return walk.kind(index - 1) == "part" and walk.kind(index + 1) in ("comma", "end")


def _noun_phrase(walk: _Walk, index: int) -> set[int]:
    """The noun phrase after "no", and others on the same list."""
    if walk.kind(index + 1) in ("comma", "end") and walk.kind(index - 1) in ("colon", "comma"):
        return {index - 2} if walk.is_thing(index - 2) else set()
    reach: set[int] = set()
    position, has_head, limit = index + 1, False, walk.after(index).stop
    while position < limit:
        kind = walk.kind(position)
        if kind in ENDS or (kind in CLAUSE_STARTS and not (kind == "have" and not has_head)):
            break
        if kind == "prep" and has_head:
            position = _past_place(walk, position)
            continue
        if kind == "comma":
            if not has_head or not _list_goes_on(walk, position):
                break
            has_head = False
        elif kind in ("or", "nor"):
            has_head = False
        elif kind == "and":
            if not has_head or not _bare_thing_follows(walk, position):
                break
            has_head = False
        elif kind == "quality" and has_head:
            break
        reach.add(position)
        has_head = has_head or walk.is_thing(position)
        position += 1
    return reach


def _past_place(walk: _Walk, position: int) -> int:
    """Behind "on his face" and the like, which say where something is not."""
    position = walk.skip(position + 1, 1, ("det", "side", "quality", "stop", "intensifier"))
    return position + 1 if walk.kind(position) == "part" else position


def _list_goes_on(walk: _Walk, comma: int) -> bool:
    """Whether commas lead to a last "or ...": "no glasses, hat or scarf"."""
    position, things, limit = comma + 1, 0, walk.after(comma).stop
    while position < limit:
        kind = walk.kind(position)
        if kind in ("or", "nor"):
            return position == comma + 1 or things > 0
        if kind in ENDS or kind in CLAUSE_STARTS or kind in ("det", "and", "prep", "hedge"):
            return False
        if kind == "quality":
            return False
        if kind == "comma":
            things = 0
        things += walk.is_thing(position)
        position += 1
    return False


def _bare_thing_follows(walk: _Walk, conjunction: int) -> bool:
    """ "no hat and glasses", but not "no hat and a beard", "no hat and short hair"."""
    following = walk.items[conjunction + 1 : conjunction + 2]
    if not following or following[0].entry.part is None:
        return False
    part = following[0].entry.part
    return bool(part.implied) and walk.kind(conjunction + 2) not in ("be", "quality")


def _clause(walk: _Walk, index: int) -> set[int]:
    """Everything after "didn't", "wasn't", "neither" up to where the clause ends."""
    reach: set[int] = set()
    position, found, limit = index + 1, False, walk.after(index).stop
    while position < limit:
        kind = walk.kind(position)
        if kind in ENDS:
            break
        if kind in ("no", "without", "not") and found:
            break
        if kind in ("subject", "pronoun_be", "it", "they", "be") and found:
            break
        if kind == "have" and found and walk.kind(position - 1) != "or":
            break
        said = found or not _only_fillers(walk, index + 1, position)
        if kind == "comma" and said and not _list_goes_on(walk, position):
            break
        if kind == "and" and found and _starts_anew(walk, position):
            break
        if kind == "det" and found and walk.kind(position - 1) not in ("or", "nor", "and", "comma"):
            if walk.kind(position - 1) != "prep":
                break
        reach.add(position)
        found = found or position in walk.raws or walk.kind(position) == "part"
        position += 1
    return reach


def _only_fillers(walk: _Walk, start: int, end: int) -> bool:
    return all(walk.kind(i) in ("filler", "comma", "have", "hedge") for i in range(start, end))


def _starts_anew(walk: _Walk, conjunction: int) -> bool:
    """Whether something positive follows the "and" of a negated clause."""
    position = conjunction + 1
    if walk.kind(position) in (*CLAUSE_STARTS, "det", "intensifier", "hedge", "hedge_clause"):
        return True
    position = walk.skip(position, 1, ("quality",))
    return position > conjunction + 1 and walk.kind(position) == "part"


def _denied(walk: _Walk, index: int, corrections: set[int]) -> set[int]:
    """ "He had a beard. Actually no, he didn't.": what was said right before."""
    quiet = ("comma", "filler", "but", "stop", "subject", "it", "they")
    position = walk.skip(index - 1, -1, quiet)
    if position not in corrections and walk.kind(position) != "no":
        return set()
    return _last_said(walk, position)


def _last_said(walk: _Walk, index: int) -> set[int]:
    """The anchors of the last stretch of words before an item that said something."""
    found: set[int] = set()
    for position in walk.before(index):
        if position in walk.raws:
            found.add(position)
        elif found and walk.kind(position) in ("comma", "end", "question", "and", "have", "be"):
            break
    return found


# ---------------------------------------------------------------- doubt


def _hedged(walk: _Walk, index: int) -> set[int]:
    """What follows the hedge; or, where nothing does, what stands right before it."""
    if not _alone(walk, index):
        forward = _forward(walk, index, walk.kind(index) == "hedge_clause")
        if forward:
            return forward
        if not _closes(walk, index):
            return set()
    before = _segment_before(walk, index)
    return before or _forward(walk, index, True, past_comma=True)


def _closes(walk: _Walk, index: int) -> bool:
    """Whether nothing more is said after a hedge: "blue eyes maybe", "brown hair I think and"."""
    quiet = ("filler", "hedge", "hedge_clause", "stop", "neutral", "correction")
    after = walk.skip(index + 1, 1, quiet)
    return walk.kind(after) in ("comma", "end", "question", "but", "and", "part", "have")


def _alone(walk: _Walk, index: int) -> bool:
    """Whether the hedge stands between signs of its own: "blue eyes, I think, and ..."."""
    after = walk.skip(index + 1, 1, ("filler", "hedge", "hedge_clause"))
    before = walk.skip(index - 1, -1, ("filler", "but", "hedge", "hedge_clause"))
    return walk.kind(after) in ("comma", "end", "question") and walk.kind(before) in (
        "comma",
        "end",
    )


def _forward(walk: _Walk, index: int, clause: bool, past_comma: bool = False) -> set[int]:
    found: set[int] = set()
    for position in walk.after(index):
        kind = walk.kind(position)
        if kind in ("end", "question", "correction") or (kind == "but" and found):
            break
        if kind == "comma" and (found or not past_comma):
            break
        if kind == "and" and found and not clause:
            break
        if kind in ("have", "subject") and found and (not clause or kind == "have"):
            break
        if position in walk.raws:
            found.add(position)
    return found


def _segment_before(walk: _Walk, index: int) -> set[int]:
    found: set[int] = set()
    stops = ("end", "question", "comma", "and", "have", "det", "hedge", "subject", "without", "no")
    for position in walk.before(index):
        kind = walk.kind(position)
        if position in walk.raws:
            found.add(position)
        elif kind in ("end", "question") and not _only_doubt(walk, position, index):
            break
        elif found and kind in stops:
            break
    return found


def _only_doubt(walk: _Walk, start: int, index: int) -> bool:
    """ "He had blue eyes. I think." — a sentence that is nothing but doubt."""
    inside = [walk.kind(i) for i in range(start + 1, index)]
    doubt = ("hedge", "hedge_clause", "filler", "but", "comma", "stop")
    return all(kind in doubt for kind in inside) and walk.kind(index + 1) in ("end", "question")


def _unseen(walk: _Walk, index: int) -> tuple[set[int], bool]:
    """What the witness could not say; and whether it was weighed ("brown or black") instead."""
    reach: set[int] = set()
    names: list[str] = []
    either = False
    for position in (index, *walk.after(index)):
        kind = walk.kind(position)
        if kind in ("end", "question", "but") or (kind == "comma" and position > index + 1):
            break
        if kind == "hedge" and walk.kind(position - 1) == "comma":
            break
        either = either or (kind == "or" and bool(names))
        reach.add(position)
        if position > index:
            names += [raw.name for raw in walk.raws.get(position, ())]
    repeated = len(names) > len(set(names))
    return reach, either and repeated


# ---------------------------------------------------------------- applying it


def apply_scopes(attached: Attached, items: list[Item], scopes: Scopes) -> None:
    """Mark what is negated and doubted; drop what the witness could not say."""
    kept: list[Raw] = []
    for raw in attached.raws:
        if raw.anchor in scopes.unknown:
            attached.used -= {raw.anchor, raw.head if raw.head is not None else raw.anchor}
            continue
        raw.doubtful = raw.doubtful or raw.anchor in scopes.doubted
        if raw.anchor in scopes.negated:
            kept += _negated(raw, items, raw.anchor in scopes.doubted)
        else:
            kept.append(raw)
    attached.raws = kept
    attached.raws += _missing_parts(attached, items, scopes)
    attached.raws.sort(key=lambda raw: (raw.start, raw.end))


def _negated(raw: Raw, items: list[Item], doubtful: bool) -> list[Raw]:
    part = items[raw.head].entry.part if raw.head is not None else None
    if raw.bare and part is not None and part.absent:
        return _absent(raw, part.absent, doubtful)
    entry = vocabulary().entry(raw.name)
    two_valued = len(entry.values) == 2 and entry.absent is not None
    if two_valued and raw.meaning.value != entry.absent and not raw.meaning.style:
        opposite = Meaning(raw.name, str(entry.absent))
        return _absent(raw, (opposite,), doubtful)
    raw.negated = raw.name != "sex"
    return [raw]


def _absent(raw: Raw, meanings: tuple[Meaning, ...], doubtful: bool) -> list[Raw]:
    return [
        Raw(m, raw.start, raw.end, raw.anchor, raw.head, raw.bare, doubtful=doubtful)
        for m in meanings
    ]


def _missing_parts(attached: Attached, items: list[Item], scopes: Scopes) -> list[Raw]:
    """ "no hair", "without teeth": parts that say something only when they are not there."""
    out: list[Raw] = []
    heads = {raw.head for raw in attached.raws}
    for index in sorted(scopes.negated - scopes.unknown):
        part = items[index].entry.part
        if part is None or part.implied or not part.absent or index in heads:
            continue
        if not _is_denied(items, index):
            continue
        for meaning in part.absent:
            raw = Raw(meaning, items[index].start, items[index].end, index, index, True)
            raw.doubtful = index in scopes.doubted
            out.append(raw)
            attached.used.add(index)
    return out


def _is_denied(items: list[Item], index: int) -> bool:
    before = items[index - 1] if index else None
    return before is not None and before.kind in (
        "no",
        "without",
        "det",
        "any",
        "or",
        "nor",
        "have",
    )

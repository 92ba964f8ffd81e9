"""What is negated, doubted and unknown in a text, and what that makes of its attributes."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.language import doubt, negation
from app.engine.language.items import Item
from app.engine.language.lexicon import Meaning
from app.engine.language.raws import Attached, Raw
from app.engine.language.reach import CLAUSE, NOUN_PHRASE, Walk
from app.models.attributes import vocabulary


@dataclass(frozen=True)
class Scopes:
    """Items that are negated, doubted, or said to be unknown; and where "no" was a correction."""

    negated: frozenset[int] = frozenset()
    doubted: frozenset[int] = frozenset()
    unknown: frozenset[int] = frozenset()
    corrections: frozenset[int] = frozenset()


def scopes_of(items: list[Item], attached: Attached) -> Scopes:
    """The reach of every negation, hedge and "I couldn't see" of a text."""
    walk = Walk(items)
    for raw in attached.raws:
        walk.raws.setdefault(raw.anchor, []).append(raw)
    negated: set[int] = set()
    doubted: set[int] = set()
    unknown: set[int] = set()
    corrections = {i for i, item in enumerate(items) if item.kind in ("correction", "retract")}
    for index, item in enumerate(items):
        if item.kind == "none_of" and negation.is_answer(walk, index):
            negated |= {index - 2}
        elif item.kind == "none_of" and negation.stands_behind(walk, index):
            negated |= {index - 1}
        elif item.kind == "no" and negation.is_correction(walk, index):
            corrections.add(index)
            if negation.is_answer(walk, index):
                negated |= {index - 2}
        elif item.kind in NOUN_PHRASE:
            negated |= negation.noun_phrase(walk, index)
        elif item.kind in CLAUSE:
            if item.kind == "not" and walk.kind(index + 1) in ("end", "comma"):
                negated |= negation.denied(walk, index, corrections)
                continue
            reach = negation.clause(walk, index)
            negated |= reach
            if item.kind == "not_doubtful":
                doubted |= reach
        elif item.kind == "denial":
            negated |= negation.denied(walk, index, corrections)
        elif item.kind in ("hedge", "hedge_clause"):
            doubted |= doubt.hedged(walk, index)
        elif item.kind == "ignorance":
            reach, weighed = doubt.unseen(walk, index)
            (doubted if weighed else unknown).update(reach)
    return Scopes(
        frozenset(negated), frozenset(doubted), frozenset(unknown), frozenset(corrections)
    )


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

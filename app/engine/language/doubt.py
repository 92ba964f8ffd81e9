"""How far "maybe", "I think" and "I couldn't see" reach."""

from __future__ import annotations

from app.engine.language.reach import Walk


def hedged(walk: Walk, index: int) -> set[int]:
    """What follows the hedge; or, where nothing does, what stands right before it."""
    if _alone(walk, index):
        if _interrupts(walk, index):
            return _forward(walk, index, True, past_comma=True)
    elif not _closes(walk, index, ("comma", "end", "question", "but", "and")):
        forward = _forward(walk, index, walk.kind(index) == "hedge_clause")
        if forward:
            return forward
        if not _closes(walk, index, ("part", "have")):
            return set()
    before = _segment_before(walk, index)
    return before or _forward(walk, index, True, past_comma=True)


def _interrupts(walk: Walk, index: int) -> bool:
    """ "he was, I think, about thirty": what it doubts is still to come."""
    before = walk.skip(index - 1, -1, ("comma", "filler", "hedge", "hedge_clause", "intensifier"))
    return walk.kind(before) in ("be", "pronoun_be", "have", "det", "prep", "subject")


def _closes(walk: Walk, index: int, kinds: tuple[str, ...]) -> bool:
    """Whether nothing more is said after a hedge: "blue eyes maybe", "brown hair I think and"."""
    quiet = ("filler", "hedge", "hedge_clause", "stop", "neutral", "correction")
    after = walk.skip(index + 1, 1, quiet)
    return walk.kind(after) in kinds


def _alone(walk: Walk, index: int) -> bool:
    """Whether the hedge stands between signs of its own: "blue eyes, I think, and ..."."""
    after = walk.skip(index + 1, 1, ("filler", "hedge", "hedge_clause"))
    before = walk.skip(index - 1, -1, ("filler", "but", "hedge", "hedge_clause"))
    return walk.kind(after) in ("comma", "end", "question") and walk.kind(before) in (
        "comma",
        "end",
    )


def _forward(walk: Walk, index: int, clause: bool, past_comma: bool = False) -> set[int]:
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


def _segment_before(walk: Walk, index: int) -> set[int]:
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


def _only_doubt(walk: Walk, start: int, index: int) -> bool:
    """ "He had blue eyes. I think." — a sentence that is nothing but doubt."""
    inside = [walk.kind(i) for i in range(start + 1, index)]
    doubt = ("hedge", "hedge_clause", "filler", "but", "comma", "stop")
    return all(kind in doubt for kind in inside) and walk.kind(index + 1) in ("end", "question")


def unseen(walk: Walk, index: int) -> tuple[set[int], bool]:
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

"""How far "no", "not" and "neither" reach, and when "no" is a correction instead."""

from __future__ import annotations

from app.engine.language.reach import CLAUSE_STARTS, ENDS, Walk


def is_correction(walk: Walk, index: int) -> bool:
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


def _repeats(walk: Walk, index: int, head: int) -> bool:
    """ "blue eyes, no, brown eyes": the same part right before the "no"."""
    part = walk.items[head].entry.part
    before = walk.skip(index - 1, -1, ("comma", "filler"))
    same = walk.kind(before) == "part" and walk.items[before].entry.part is part
    return same and part is not None and not part.implied


def _sentence_has_attribute(walk: Walk, index: int) -> bool:
    for before in walk.before(index):
        if walk.kind(before) in ("end", "question"):
            return False
        if before in walk.raws:
            return True
    return False


def is_answer(walk: Walk, index: int) -> bool:
    """ "Glasses: no.", "Beard? No.", "Hat - none, ..." """
    closes = walk.kind(index + 1) in ("comma", "end")
    return closes and walk.kind(index - 1) in ("colon", "question") and walk.is_thing(index - 2)


def stands_behind(walk: Walk, index: int) -> bool:
    """ "moustache none, glasses none"."""
    return walk.kind(index - 1) == "part" and walk.kind(index + 1) in ("comma", "end")


def noun_phrase(walk: Walk, index: int) -> set[int]:
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


def _past_place(walk: Walk, position: int) -> int:
    """Behind "on his face" and the like, which say where something is not."""
    position = walk.skip(position + 1, 1, ("det", "side", "quality", "stop", "intensifier"))
    return position + 1 if walk.kind(position) == "part" else position


def _list_goes_on(walk: Walk, comma: int) -> bool:
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


def _bare_thing_follows(walk: Walk, conjunction: int) -> bool:
    """ "no hat and glasses", but not "no hat and a beard", "no hat and short hair"."""
    following = walk.items[conjunction + 1 : conjunction + 2]
    if not following or following[0].entry.part is None:
        return False
    part = following[0].entry.part
    return bool(part.implied) and walk.kind(conjunction + 2) not in ("be", "quality")


def clause(walk: Walk, index: int) -> set[int]:
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
        # "not very tall" has said what it denies, though it is nothing of a face
        found = found or position in walk.raws or walk.kind(position) in ("part", "nothing")
        position += 1
    return reach


def _only_fillers(walk: Walk, start: int, end: int) -> bool:
    return all(walk.kind(i) in ("filler", "comma", "have", "hedge") for i in range(start, end))


def _starts_anew(walk: Walk, conjunction: int) -> bool:
    """Whether something positive follows the "and" of a negated clause."""
    position = conjunction + 1
    if walk.kind(position) in (*CLAUSE_STARTS, "det", "intensifier", "hedge", "hedge_clause"):
        return True
    position = walk.skip(position, 1, ("quality",))
    return position > conjunction + 1 and walk.kind(position) == "part"


def denied(walk: Walk, index: int, corrections: set[int]) -> set[int]:
    """ "He had a beard. Actually no, he didn't.": what was said right before."""
    quiet = ("comma", "filler", "but", "stop", "subject", "it", "they")
    position = walk.skip(index - 1, -1, quiet)
    if position not in corrections and walk.kind(position) != "no":
        return set()
    return _last_said(walk, position)


def _last_said(walk: Walk, index: int) -> set[int]:
    """The anchors of the last stretch of words before an item that said something."""
    found: set[int] = set()
    for position in walk.before(index):
        if position in walk.raws:
            found.add(position)
        elif found and walk.kind(position) in ("comma", "end", "question", "and", "have", "be"):
            break
    return found

"""Where a mark is: "a scar over the left eyebrow", "spots on his chin", "neck tattoo"."""

from __future__ import annotations

from app.engine.language.items import Item
from app.engine.language.raws import Attached, Raw

BETWEEN = ("det", "side", "quality", "intensifier", "neutral", "stop", "filler", "prep")
PASSED = (
    "be", "have", "unknown", "intensifier", "neutral", "stop", "filler", "det", "quality", "hedge",
    "hedge_clause", "side", "they", "it", "certain", "subject",
)  # fmt: skip
FARTHEST = 12


def place_marks(attached: Attached, items: list[Item], texts: list[str], grammar: dict) -> None:
    """Give every mark its place and side, as said, and take the words for them into its span."""
    marks = [raw for raw in attached.raws if raw.name == "mark" and raw.where is None]
    taken: set[int] = set()
    words = grammar["sides"]["inside"]
    within = frozenset(i for i, item in enumerate(items) if texts[i] in words)
    found_at: dict[int, int] = {}
    for raw in marks:
        found = _behind(raw, items, taken, within) or _before(raw, items, taken)
        if found is None:
            raw.where = "unspecified"
            continue
        part_at, preposition = found
        part_at = _put_right(items, part_at)
        taken.add(part_at)
        found_at[id(raw)] = part_at
        raw.side = _side(items, texts, part_at, grammar)
        raw.where = _where(items, texts, part_at, preposition, raw.side, grammar)
        if raw.where in ("left_cheek", "right_cheek"):
            raw.side = None
    attached.used |= taken
    _free_side_words(attached, texts, taken, grammar)
    _widen(marks, found_at, attached, items)
    for raw in attached.raws:
        if raw.bare and raw.name != "mark" and (found := _behind(raw, items, taken, within)):
            attached.used.add(found[0])  # "stubble on his chin", "an earring in his left ear"


def _widen(
    marks: list[Raw], found_at: dict[int, int], attached: Attached, items: list[Item]
) -> None:
    """Let a mark's span take in its place, unless another attribute lies between."""
    busy = {i for raw in attached.raws for i in (raw.anchor, raw.head) if i is not None}
    for raw in marks:
        part_at = found_at.get(id(raw), -1)
        inside = range(raw.anchor + 1, part_at + 1)
        if inside and not any(index in busy for index in inside):
            raw.end = items[part_at].end


def _free_side_words(attached: Attached, texts: list[str], places: set[int], grammar: dict) -> None:
    """ "au-dessus du sourcil droit": the side of an eyebrow is not its shape."""
    sides = {*grammar["sides"]["left"], *grammar["sides"]["right"]}
    attached.raws = [
        raw for raw in attached.raws if raw.head not in places or texts[raw.anchor] not in sides
    ]


def _put_right(items: list[Item], part_at: int) -> int:
    """ "on the left cheek, no, the right cheek": the last place said."""
    corrected = False
    for index in range(part_at + 1, min(part_at + FARTHEST, len(items))):
        item = items[index]
        if item.kind == "part" and item.entry.part is not None and item.entry.part.place:
            return index if corrected else part_at
        corrected = corrected or item.kind in ("no", "correction")
        if item.kind not in (*BETWEEN, "comma", "no", "correction"):
            break
    return part_at


def _behind(
    raw: Raw, items: list[Item], taken: set[int], inside: frozenset[int]
) -> tuple[int, int | None] | None:
    """ "scar on his chin", "scar that ran down his left cheek", "freckled nose"."""
    first = max(raw.anchor, raw.head if raw.head is not None else raw.anchor)
    preposition = None
    adjectival = items[first].entry.adjectival
    for index in range(first + 1, min(first + FARTHEST, len(items))):
        item = items[index]
        if item.kind == "prep" or index in inside:
            preposition = index
        elif item.kind == "part" and item.entry.part is not None:
            has_place = item.entry.part.place is not None
            near = preposition is not None or adjectival
            return (index, preposition) if has_place and near and index not in taken else None
        elif item.kind not in PASSED:
            return None
    return None


def _before(raw: Raw, items: list[Item], taken: set[int]) -> tuple[int, int | None] | None:
    """ "neck tattoo", "on his left cheek he had a scar", "his chin was covered in spots"."""
    crossed = 0
    for index in range(raw.anchor - 1, max(raw.anchor - FARTHEST, -1), -1):
        item = items[index]
        if item.kind == "part" and item.entry.part is not None:
            if item.entry.part.place is None or index in taken:
                return None
            preposition = _preposition_before(items, index)
            linked = preposition is not None or index == raw.anchor - 1 or crossed > 0
            return (index, preposition) if linked else None
        if item.kind in ("be", "have", "it", "subject"):
            crossed += 1
        elif item.kind == "comma" and _preposition_before(items, index - 1) is None:
            return None
        elif item.kind not in (*PASSED, "prep", "comma"):
            return None
    return None


def _preposition_before(items: list[Item], index: int) -> int | None:
    for before in range(index - 1, max(index - 5, -1), -1):
        if items[before].kind == "prep":
            return before
        if items[before].kind not in BETWEEN and items[before].kind != "have":
            return None
        if items[before].kind == "have":
            return before
    return None


def _side(items: list[Item], texts: list[str], part_at: int, grammar: dict) -> str | None:
    near = [*range(part_at - 1, max(part_at - 5, -1), -1), part_at + 1, part_at + 2, part_at + 3]
    for index in near:
        if not 0 <= index < len(items):
            continue
        for side in ("left", "right"):
            words = grammar["sides"][side]
            if texts[index] in words or (
                items[index].kind == "side" and _starts(texts[index], words)
            ):
                return side
        if index < part_at and items[index].kind not in (*BETWEEN, "part"):
            return None
        if index > part_at and items[index].kind not in ("prep", "det", "side", "stop"):
            return None
    return None


def _starts(text: str, words: list[str]) -> bool:
    return text.split()[0] in words


def _where(
    items: list[Item],
    texts: list[str],
    part_at: int,
    preposition: int | None,
    side: str | None,
    grammar: dict,
) -> str:
    part = items[part_at].entry.part
    place = part.place if part is not None and part.place is not None else "unspecified"
    if place == "eye":
        above = preposition is not None and texts[preposition] in grammar["sides"]["above"]
        place = "eyebrow" if above else "cheek"
    if place == "cheek" or (place == "unspecified" and part is not None and part.name == "face"):
        return f"{side}_cheek" if side else "unspecified"
    return "unspecified" if place == "ear" else place

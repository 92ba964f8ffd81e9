"""The names of overlays and of what can be done with them, in the officer's language."""

from __future__ import annotations

from app.models.overlay import DRAWING, Overlay
from app.models.overlay_catalogue import catalogue
from app.views import terms
from app.views.translation import tr


def group_label(group: str) -> str:
    """The heading of a kind of drawing."""
    return {
        "hair": tr("Hair"), "beard": tr("Beard and moustache"), "hat": tr("Hats"),
        "glasses": tr("Glasses"), "jewellery": tr("Jewellery"), "mark": tr("Marks"),
    }.get(group, terms.plain(group).capitalize())  # fmt: skip


def overlay_label(overlay: Overlay) -> str:
    """What one overlay is called."""
    return drawing_label(overlay.name)


def drawing_label(name: str) -> str:
    """What a drawing of the catalogue is called."""
    if name == DRAWING:
        return tr("Drawn by hand")
    own = _names().get(name)
    if own is not None:
        return own
    entry = catalogue().get(name)
    return terms.plain(name).capitalize() if entry is None else value_of(name).capitalize()


def value_of(name: str) -> str:
    """The word of the vocabulary that a drawing shows."""
    entry = catalogue()[name]
    return terms.value_label(entry.attribute, entry.value)


def place_labels() -> dict[str, str]:
    """What each number of an overlay is called."""
    return {
        "x": tr("Left or right"), "y": tr("Up or down"), "scale": tr("Size"),
        "stretch": tr("Width"), "angle": tr("Turn"), "opacity": tr("Strength"),
    }  # fmt: skip


def part_labels() -> dict[str, str]:
    """Parts of the face that can be marked without painting."""
    return {
        "eyes": tr("Eyes"), "nose": tr("Nose"), "mouth": tr("Mouth"), "chin": tr("Chin"),
        "forehead": tr("Forehead"), "left_half": tr("Left half of the picture"),
        "right_half": tr("Right half of the picture"),
    }  # fmt: skip


def _names() -> dict[str, str]:
    return {
        "hair_short": tr("Short hair"), "hair_parted": tr("Parted hair"),
        "hair_fringe": tr("Hair with a fringe"), "hair_long": tr("Long hair"),
        "hair_wavy": tr("Wavy hair"), "hair_curly": tr("Curly hair"), "hair_afro": tr("Afro"),
        "moustache_thick": tr("Thick moustache"), "moustache_pencil": tr("Pencil moustache"),
        "moustache_handlebar": tr("Handlebar moustache"), "beard_stubble": tr("Stubble"),
        "beard_goatee": tr("Goatee"), "beard_full": tr("Full beard"),
        "glasses_square": tr("Square glasses"), "glasses_round": tr("Round glasses"),
        "glasses_slim": tr("Slim glasses"), "sunglasses_square": tr("Square sunglasses"),
        "sunglasses_drop": tr("Aviator sunglasses"), "earrings_studs": tr("Ear studs"),
        "earrings_hoops": tr("Ear hoops"), "piercing": tr("Piercing ring"), "scar": tr("Scar"),
        "scar_line": tr("Thin scar"), "mole": tr("Mole"), "freckles": tr("Freckles"),
        "birthmark": tr("Birthmark"), "acne": tr("Spots"), "tattoo_tear": tr("Tattoo: tear"),
        "tattoo_star": tr("Tattoo: star"), "tattoo_cross": tr("Tattoo: cross"),
        "tattoo_tribal": tr("Tattoo: blades"), "cap": tr("Cap"), "beanie": tr("Beanie"),
        "hood": tr("Hood"), "hat": tr("Brimmed hat"), "headscarf": tr("Headscarf"),
        "turban": tr("Turban"),
    }  # fmt: skip

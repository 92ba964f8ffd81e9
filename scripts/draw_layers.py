"""Draws the shipped overlays: SVG in greys on the mean face, and their catalogue.

    python scripts/draw_layers.py [NAME ...]

Units are thousandths of the face picture's side. Mid-grey (0.5) takes the colour that is chosen,
darker is shade, lighter is light. Everything is drawn for this project; the strands are seeded.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
OUT = ROOT / "resources" / "layers"

from scripts.layers import beards, glasses, hair, hats, marks  # noqa: E402
from scripts.layers.sheet import Sheet  # noqa: E402

HEAD_BOX = (-240.0, -450.0, 1468.0, 960.0)
Draw = Callable[[Sheet], None]
# name: (draw, box or (width, height, middle x, middle y) for small ones, and catalogue values)
ROWS: list[tuple[str, Draw, tuple[float, ...], dict[str, object]]] = []


def row(name: str, draw: Draw, box: tuple[float, float, float, float], group: str, attribute: str,
        value: str, anchor: str, colour: str, at: tuple[float, float] | None = None,
        **more: object) -> None:
    """One line of the catalogue; ``at`` is the middle on the face where it is not the box's own."""
    x, y = at if at is not None else (box[0] + box[2] / 2, box[1] + box[3] / 2)
    ROWS.append((name, draw, box, {
        "group": group, "attribute": attribute, "value": value, "anchor": anchor, "colour": colour,
        "x": round(x / 1000, 4), "y": round(y / 1000, 4),
        "width": round(box[2] / 1000, 4), "height": round(box[3] / 1000, 4), **more,
    }))  # fmt: skip


def fill_rows() -> None:
    """The whole shipped set, in the order in which it is offered."""
    big = {"outside": True, "soft": 0.005}
    tall = (-260.0, -450.0, 1508.0, 1610.0)
    crop = (-200.0, -450.0, 1388.0, 980.0)
    brown = "#4a3226"
    row("hair_short", hair.hair_short, crop, "hair", "hair_length", "short", "head", brown, **big)
    row("hair_parted", hair.hair_parted, crop, "hair", "hair_style", "parted", "head", brown, **big)
    row("hair_fringe", hair.hair_fringe, crop, "hair", "hair_style", "fringe", "head", brown, **big)
    row("hair_long", hair.hair_long, tall, "hair", "hair_length", "long", "head", brown, **big)
    row("hair_wavy", hair.hair_wavy, tall, "hair", "hair_type", "wavy", "head", brown, **big)
    row("hair_curly", hair.hair_curly, crop, "hair", "hair_type", "curly", "head", brown, **big)
    row("hair_afro", hair.hair_afro, crop, "hair", "hair_type", "afro", "head", "#2a211d", **big)
    lower = (34.0, 300.0, 920.0, 780.0)
    lip = (130.0, 560.0, 728.0, 200.0)
    face = {"soft": 0.003}
    row("moustache_thick", beards.moustache_thick, lip, "beard", "moustache", "thick", "mouth", brown, **face)
    row("moustache_pencil", beards.moustache_pencil, lip, "beard", "moustache", "pencil", "mouth", brown, **face)
    row("moustache_handlebar", beards.moustache_handlebar, lip, "beard", "moustache", "handlebar", "mouth", brown, **face)
    row("beard_stubble", beards.beard_stubble, lower, "beard", "beard", "stubble", "jaw", brown, **face)
    row("beard_goatee", beards.beard_goatee, lower, "beard", "beard", "goatee", "jaw", brown, **face)
    row("beard_full", beards.beard_full, lower, "beard", "beard", "full", "jaw", brown, **face)
    row("cap", hats.cap, HEAD_BOX, "hat", "hat", "cap", "head", "#31415f", **big)
    row("beanie", hats.beanie, HEAD_BOX, "hat", "hat", "beanie", "head", "#3b3f45", **big)
    row("hood", hats.hood, tall, "hat", "hat", "hood", "head", "#4d5258", **big)
    row("hat", hats.brimmed_hat, HEAD_BOX, "hat", "hat", "hat", "head", "#5a4636", **big)
    row("headscarf", hats.headscarf, tall, "hat", "hat", "headscarf", "head", "#6b4a5e", **big)
    row("turban", hats.turban, HEAD_BOX, "hat", "hat", "turban", "head", "#7a2f2f", **big)
    eyes = (20.0, 170.0, 948.0, 290.0)
    black = "#1d1d20"
    for name, lens, width, dark, value, colour in (
        ("glasses_square", glasses.square_lens, 17, False, "clear", black),
        ("glasses_round", glasses.round_lens, 11, False, "clear", "#5b4a3a"),
        ("glasses_slim", glasses.slim_lens, 9, False, "clear", "#6f7175"),
        ("sunglasses_square", glasses.square_lens, 20, True, "sunglasses", black),
        ("sunglasses_drop", glasses.drop_lens, 8, True, "sunglasses", "#2c2a26"),
    ):
        row(name, lambda s, lens=lens, w=width, d=dark: glasses.frame_glasses(s, lens, w, d), eyes,
            "glasses", "glasses", value, "eyes", colour, soft=0.0025)
    row("earrings_studs", marks.earring_studs, (0.0, 0.0, 932.0, 46.0), "jewellery", "jewellery", "earrings",
        "head", "#c9ccd2", (494, 640), soft=0.002)
    row("earrings_hoops", marks.earring_hoops, (0.0, 0.0, 948.0, 86.0), "jewellery", "jewellery", "earrings",
        "head", "#c8a24a", (494, 665), soft=0.002)
    row("piercing", marks.piercing_ring, (0.0, 0.0, 50.0, 56.0), "jewellery", "jewellery", "piercing",
        "face", "#b9bcc2", (372, 590), soft=0.0015)
    skin = "#b07a68"
    row("scar", marks.scar, (0.0, 0.0, 136.0, 224.0), "mark", "mark", "scar", "face", skin, (690, 560), soft=0.0025)
    row("scar_line", marks.scar_line, (0.0, 0.0, 192.0, 40.0), "mark", "mark", "scar", "face", skin, (310, 160), soft=0.0025)
    row("mole", marks.mole, (0.0, 0.0, 44.0, 44.0), "mark", "mark", "mole", "face", "#5a3a2c", (668, 600), soft=0.0025)
    row("freckles", marks.freckles, (0.0, 0.0, 780.0, 230.0), "mark", "mark", "freckles", "face", "#a0623c",
        (494, 480), blend="multiply", soft=0.002)
    row("birthmark", marks.birthmark, (0.0, 0.0, 170.0, 150.0), "mark", "mark", "birthmark", "face", "#a8534c",
        (700, 500), blend="multiply", soft=0.004, opacity=0.8)
    row("acne", marks.acne, (0.0, 0.0, 260.0, 230.0), "mark", "mark", "acne", "face", "#c05a4c",
        (715, 570), blend="multiply", soft=0.003, opacity=0.8)
    ink = "#2a3a46"
    tattoo = {"blend": "multiply", "soft": 0.002, "opacity": 0.85}
    row("tattoo_tear", marks.tattoo_tear, (0.0, 0.0, 60.0, 104.0), "mark", "mark", "tattoo", "face", ink, (765, 420), **tattoo)
    row("tattoo_star", marks.tattoo_star, (0.0, 0.0, 160.0, 160.0), "mark", "mark", "tattoo", "face", ink, (720, 560), **tattoo)
    row("tattoo_cross", marks.tattoo_cross, (0.0, 0.0, 106.0, 140.0), "mark", "mark", "tattoo", "face", ink, (494, 110), **tattoo)
    row("tattoo_tribal", marks.tattoo_tribal, (0.0, 0.0, 220.0, 336.0), "mark", "mark", "tattoo", "face", ink, (830, 330), **tattoo)


HEADER = """# The shipped overlays (drawn by scripts/draw_layers.py). Name: SVG of that name beside this file.
#   group, attribute, value    where it is offered, and which word of the vocabulary it shows
#   anchor                     which points of the face it is fitted by (app/models/overlay_catalogue.py)
#   colour                     what mid-grey becomes unless another colour is chosen
#   x, y, width, height        its middle on the mean face, and its size, in face sides
#   soft                       blur of its edges, in face sides; blend: normal or multiply
#   outside                    it reaches beyond the face picture, which then gets room around it
"""


def toml(value: object) -> str:
    """A value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


def main(wanted: list[str]) -> int:
    """Write the drawings asked for (all without names) and the catalogue."""
    fill_rows()
    OUT.mkdir(exist_ok=True)
    lines = [HEADER]
    for seed, (name, draw, box, values) in enumerate(ROWS, 11):
        lines.append(f"[{name}]")
        lines.extend(f"{key} = {toml(value)}" for key, value in values.items())
        lines.append("")
        if wanted and name not in wanted:
            continue
        sheet = Sheet((box[0], box[1], box[2], box[3]), seed)
        draw(sheet)
        (OUT / f"{name}.svg").write_text(sheet.svg(), encoding="utf-8")
    (OUT / "catalogue.toml").write_text("\n".join(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What is put on a portrait without touching its latent: shipped drawings and the officer's own."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from app.models.errors import BadInput

DRAWING = "drawing"  # the name of the officer's own drawing, which carries its strokes
MOST = 24  # overlays on one portrait
MOST_POINTS = 4000  # of all strokes of one drawing
# the least and the most of each number; places are fractions of the face picture's side
RANGES: Mapping[str, tuple[float, float]] = {
    "x": (-0.5, 1.5), "y": (-0.5, 1.5), "scale": (0.1, 4.0), "stretch": (0.5, 2.0),
    "angle": (-180.0, 180.0), "opacity": (0.05, 1.0),
}  # fmt: skip


@dataclass(frozen=True)
class Stroke:
    """One line of a drawing. ``width`` and ``points`` in fractions of the face picture's side."""

    width: float
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Overlay:
    """One drawing on a portrait: which, and how it lies there.

    ``name``: an entry of resources/layers/catalogue.toml, or ``drawing``. ``x``, ``y``: where the
    middle of the drawing lies, in fractions of the face picture from its top left corner;
    ``scale`` 1 is the size it was drawn in, ``stretch`` makes it wider only; ``angle`` in degrees,
    clockwise; ``colour`` ``#rrggbb``, empty for the drawing's own. ``strokes`` are of a drawing.
    """

    name: str
    x: float = 0.5
    y: float = 0.5
    scale: float = 1.0
    stretch: float = 1.0
    angle: float = 0.0
    opacity: float = 1.0
    colour: str = ""
    mirrored: bool = False
    strokes: tuple[Stroke, ...] = ()

    def changed(self, **values: Any) -> Overlay:
        """Another placing: numbers are kept within their range, angles turn round."""
        new = replace(self, **values)
        angle = (new.angle + 180.0) % 360.0 - 180.0
        new = replace(new, angle=angle)
        kept = {n: min(max(round(getattr(new, n), 4), lo), hi) for n, (lo, hi) in RANGES.items()}
        return replace(new, **kept)

    def to_json(self) -> dict[str, Any]:
        """JSON values; what is as it was drawn is left out."""
        out: dict[str, Any] = {"name": self.name, "x": self.x, "y": self.y}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name not in (*out, "strokes") and value != field.default:
                out[field.name] = value
        if self.strokes:
            out["strokes"] = [[s.width, [list(p) for p in s.points]] for s in self.strokes]
        return out

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Overlay:
        """Read what ``to_json`` wrote; raises BadInput on anything else."""
        try:
            strokes = tuple(
                Stroke(float(width), tuple((float(x), float(y)) for x, y in points))
                for width, points in data.get("strokes", ())
            )
            numbers = {name: float(data[name]) for name in RANGES if name in data}
            overlay = Overlay(
                str(data["name"]), colour=str(data.get("colour", "")),
                mirrored=bool(data.get("mirrored", False)), strokes=strokes, **numbers,
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadInput("overlay.unreadable", why=str(error)) from error
        return checked(overlay)


def checked(overlay: Overlay) -> Overlay:
    """The overlay, if it can be drawn; BadInput ``overlay.unreadable`` says why not."""
    for name, (low, high) in RANGES.items():
        if not low <= getattr(overlay, name) <= high:
            raise BadInput("overlay.unreadable", why=f"{name} is {getattr(overlay, name)}")
    if overlay.colour and not re.fullmatch(r"#[0-9a-f]{6}", overlay.colour):
        raise BadInput("overlay.unreadable", why=f"colour is {overlay.colour[:20]}")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", overlay.name):
        raise BadInput("overlay.unreadable", why=f"name is {overlay.name[:40]}")
    if sum(len(s.points) for s in overlay.strokes) > MOST_POINTS:
        raise BadInput("overlay.unreadable", why="too many points")
    numbers = [n for s in overlay.strokes for n in (s.width, *(c for p in s.points for c in p))]
    if not all(math.isfinite(n) and abs(n) <= 2 for n in numbers):
        raise BadInput("overlay.unreadable", why="a stroke leaves the picture")
    return overlay

"""The shipped drawings: what each is called in the vocabulary, how large, and where it belongs."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from app.models.errors import BadInput
from app.models.overlay import DRAWING, MOST, Overlay
from app.models.resources import resource

FOLDER = "layers"
GROUPS = ("hair", "beard", "hat", "glasses", "jewellery", "mark")
Point = tuple[float, float]

# where the points of the mean face of the bundled model lie, in fractions of its picture
MEAN: Mapping[str, Point] = {
    "eye_left": (0.223, 0.295), "eye_right": (0.764, 0.296), "cheek_left": (0.078, 0.397),
    "cheek_right": (0.911, 0.397), "nose": (0.492, 0.582), "mouth_left": (0.322, 0.690),
    "mouth_right": (0.667, 0.689), "chin": (0.494, 0.978),
}  # fmt: skip
SCALES, TILT = (0.8, 1.25), 0.15  # faces differ by no more; radians
# the points by which a drawing of this kind is fitted to another face
ANCHORS: Mapping[str, tuple[str, ...]] = {
    "head": ("cheek_left", "cheek_right", "eye_left", "eye_right"),
    "eyes": ("eye_left", "eye_right"),
    "mouth": ("mouth_left", "mouth_right", "nose"),
    "jaw": ("cheek_left", "cheek_right", "mouth_left", "mouth_right", "chin"),
    "face": ("eye_left", "eye_right", "mouth_left", "mouth_right"),
}


@dataclass(frozen=True)
class Entry:
    """One drawing. ``x``, ``y``, ``width``, ``height``: where it lies on the mean face, middle and
    size in face sides; ``soft``: blur of its edges in face sides; ``outside``: it reaches beyond
    the face picture, which is then shown with room around it."""

    name: str
    group: str
    attribute: str
    value: str
    anchor: str
    colour: str
    x: float
    y: float
    width: float
    height: float
    soft: float = 0.004
    blend: str = "normal"
    opacity: float = 1.0
    outside: bool = False


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Entry]:
    """All shipped drawings by name, in the order of the file."""
    text = resource(FOLDER, "catalogue.toml").read_text(encoding="utf-8")
    return {name: Entry(name=name, **values) for name, values in tomllib.loads(text).items()}


@lru_cache(maxsize=1)
def colours() -> Mapping[str, str]:
    """Colours at hand by name, ``#rrggbb``; ``sample`` and ``pen`` are the grounds'."""
    text = resource(FOLDER, "colours.toml").read_text(encoding="utf-8")
    values = tomllib.loads(text)
    ground: dict[str, str] = values.pop("ground")
    return {**values, **ground}


def drawing_file(entry: Entry) -> Path:
    """The SVG of a drawing."""
    return resource(FOLDER, f"{entry.name}.svg")


def entry_named(name: str) -> Entry:
    """One drawing; BadInput ``overlay.unknown`` names those there are."""
    found = catalogue().get(name)
    if found is None:
        raise BadInput("overlay.unknown", name=name, known=", ".join(catalogue()))
    return found


def drawings_for(attribute: str, value: str) -> tuple[Entry, ...]:
    """The drawings that show an attribute's value."""
    wanted = (attribute, value)
    return tuple(e for e in catalogue().values() if (e.attribute, e.value) == wanted)


def placed(entry: Entry, points: Mapping[str, Point] | None = None) -> Overlay:
    """The drawing on a face with these ``points`` (see MEAN), or on the mean face.

    Moved, turned and scaled by the similarity that best takes the mean face's anchors to the
    face's own (least squares; Umeyama, PAMI 1991, without reflection).
    """
    overlay = Overlay(entry.name, entry.x, entry.y, opacity=entry.opacity)
    names = [n for n in ANCHORS[entry.anchor] if points is not None and n in points]
    if points is None or len(names) < 2:
        return overlay
    mean = np.array([complex(*MEAN[n]) for n in names])
    own = np.array([complex(*points[n]) for n in names])
    spread = mean - mean.mean()
    turn = (spread.conj() * (own - own.mean())).sum() / (abs(spread) ** 2).sum()
    turn = np.clip(abs(turn), *SCALES) * np.exp(1j * np.clip(np.angle(turn), -TILT, TILT))
    middle = own.mean() + turn * (complex(entry.x, entry.y) - mean.mean())
    return overlay.changed(
        x=middle.real, y=middle.imag, scale=abs(turn), angle=float(np.degrees(np.angle(turn)))
    )


def merged_overlays(of: Iterable[tuple[Overlay, ...]]) -> tuple[Overlay, ...]:
    """What lies on several portraits, for one made of them: each drawing once, as first found."""
    found: dict[Overlay | str, Overlay] = {}
    for overlays in of:
        for overlay in overlays:
            found.setdefault(overlay if overlay.name == DRAWING else overlay.name, overlay)
    return tuple(found.values())[:MOST]


# where the places of marks lie, in fractions of the face picture; left is the person's own left
PLACES: Mapping[str, Point] = {
    "left_cheek": (0.72, 0.55), "right_cheek": (0.27, 0.55), "chin": (0.494, 0.89),
    "forehead": (0.494, 0.11), "nose": (0.494, 0.47), "lip": (0.56, 0.66),
    "eyebrow": (0.74, 0.19), "neck": (0.494, 0.99),
}  # fmt: skip


def at_place(overlay: Overlay, where: str | None) -> Overlay:
    """The overlay moved to where the witness said that the mark is."""
    if where is None or where not in PLACES:
        return overlay
    x, y = PLACES[where]
    return overlay.changed(x=x, y=y)

"""Sketch to face: the model's face whose own sketch is most like the one given, and its recipe.

Many faces are drawn and sketched, the nearest starts a small evolution strategy over the searched
coordinates (space.py). A weak constraint by nature: a drawing says nothing of colour, so skin and
hair colour are the model's guess and are to be set afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.engine.api import Pixels
from app.engine.painter import Painter
from app.engine.sketch import draw_sketch
from app.engine.space import LatentSpace

SIDE = 96
STARTS, GENERATIONS, CHILDREN = 80, 12, 10
STEP, SHRINK = 0.6, 0.88
LARGEST = 2.5  # standard deviations: no coordinate goes further


@dataclass(frozen=True, eq=False)
class FromSketch:
    """``w`` [w_dim] of the face found, its picture, and the distance of the two sketches: at the
    start and at the end (1: as far as the median face tried)."""

    w: npt.NDArray[np.float32]
    pixels: Pixels
    first_distance: float
    distance: float


def face_from_sketch(
    painter: Painter, space: LatentSpace, sketch: Pixels, seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
    check: Callable[[], None] = lambda: None,
) -> FromSketch:  # fmt: skip
    """Find a face for a drawing uint8 RGB [h, w, 3] that shows one face, filling the picture."""
    rng = np.random.default_rng(seed)
    wanted = strokes(sketch)
    psi, k = painter.model.card.psi, len(space.sight)
    total = STARTS + GENERATIONS * CHILDREN

    def far(u: npt.NDArray[np.float64], done: int) -> float:
        check()
        progress(done, total)
        face = painter.pixels_of(painter.wide(space.latent(u)))
        return float(np.linalg.norm(strokes(draw_sketch(face, "pencil", 128)) - wanted))

    starts = psi * rng.standard_normal((STARTS, k))
    distances = [far(u, i) for i, u in enumerate(starts)]
    unit = float(np.median(distances)) or 1.0
    best, nearest = starts[int(np.argmin(distances))], min(distances)
    first, step = nearest, STEP
    for generation in range(GENERATIONS):
        for child in range(CHILDREN):
            u = np.clip(best + step * rng.standard_normal(k), -LARGEST, LARGEST)
            distance = far(u, STARTS + generation * CHILDREN + child + 1)
            if distance < nearest:
                best, nearest = u, distance
        step *= SHRINK
    w = space.latent(best)
    return FromSketch(w, painter.pixels_of(painter.wide(w)), first / unit, nearest / unit)


def strokes(picture: Pixels) -> npt.NDArray[np.float32]:
    """What of a drawing is compared: darkness at three scales, contrast evened; flat."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    grey = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    dark = 255.0 - grey
    dark /= max(float(np.percentile(dark, 99)), 1.0)
    parts = []
    for sigma in (1.0, 2.5, 6.0):
        soft = cv2.GaussianBlur(np.clip(dark, 0, 1), (0, 0), sigma)
        parts.append(((soft - soft.mean()) / max(float(soft.std()), 1e-3)).ravel() / SIDE)
    return np.concatenate(parts).astype(np.float32)

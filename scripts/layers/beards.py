"""Beards and moustaches in seeded hairs."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from scripts.layers.sheet import CX, Outline, Sheet, closed, inside, mirrored


def whiskers(s: Sheet, region: Outline, count: int, length: float, hole: Outline | None = None,
             density: Callable[[np.ndarray], float] = lambda at: 1.0,
             lean: Callable[[np.ndarray], tuple[float, float]] | None = None,
             alpha: tuple[float, float] = (0.35, 0.8), width: tuple[float, float] = (2.5, 5)) -> None:
    """Single hairs inside a region."""
    ring = np.array(region)
    gap = None if hole is None else np.array(hole)
    made = tried = 0
    while made < count and tried < count * 60:
        tried += 1
        at = s.rng.uniform(ring.min(0), ring.max(0))
        if not inside(at, ring, 0) or (gap is not None and inside(at, gap, 0)):
            continue
        if s.rng.uniform() > density(at):
            continue
        made += 1
        dx, dy = lean(at) if lean is not None else ((at[0] - CX) / 900, 1.0)
        size = length * s.rng.uniform(0.6, 1.25)
        step = np.array([dx, dy]) / math.hypot(dx, dy) * size
        bend = np.array([-step[1], step[0]]) * s.rng.normal(0, 0.12)
        s.strand(np.array([at - step / 2, at + bend, at + step / 2]),
                 float(np.clip(s.rng.normal(0.38, 0.13), 0.06, 0.85)), s.rng.uniform(*width),
                 s.rng.uniform(*alpha))


BEARD = [(CX + 60, 806), (CX + 175, 742), (CX + 215, 640), (CX + 170, 598), (CX + 250, 560), (CX + 350, 560), (CX + 402, 470),
         (CX + 420, 330), (CX + 448, 330), (CX + 440, 560), (CX + 395, 760), (CX + 290, 930), (CX + 150, 1020), (CX, 1045)]
LIPS = mirrored([(CX, 652), (CX + 60, 648), (CX + 178, 690), (CX + 100, 760), (CX, 796)])


def beard_full(s: Sheet) -> None:
    """A full beard with moustache."""
    outline = mirrored([(CX, 800), *BEARD])
    s.path(closed(outline), s.gradient([(0, 0.34, 0.5), (0.6, 0.3, 0.86), (1, 0.22, 0.9)],
                                       (CX, 620, 480)), alpha=0.9)
    lip_hair(s, 230, 40, 96)
    whiskers(s, outline, 1000, 46, LIPS, lean=lambda at: ((at[0] - CX) / 520, 1.0))
    whiskers(s, mirrored([(CX, 806), (CX + 70, 812), (CX + 60, 880), (CX, 900)]), 70, 40)


def lip_hair(s: Sheet, count: int, length: float, spread: float) -> None:
    """The moustache's hairs, falling to both sides."""
    shape = mirrored([(CX, 606), (CX + 70, 596), (CX + 150, 622), (CX + 200, 690), (CX + 214, 742),
                      (CX + 168, 712), (CX + 90, 668), (CX, 656)])
    s.path(closed(shape), s.gradient([(0, 0.3, 0.9), (1, 0.34, 0.7)], (0, 590, 0, 700)), alpha=0.85)
    whiskers(s, shape, count, length, lean=lambda at: ((at[0] - CX) / spread, 0.9))


def beard_goatee(s: Sheet) -> None:
    """A goatee around mouth and chin."""
    outline = mirrored([(CX, 812), (CX + 80, 812), (CX + 176, 740), (CX + 214, 736), (CX + 196, 860),
                        (CX + 130, 985), (CX, 1030)])
    s.path(closed(outline), s.gradient([(0, 0.32, 0.9), (0.7, 0.3, 0.75), (1, 0.3, 0.2)],
                                       (CX, 900, 240)), alpha=0.9)
    lip_hair(s, 180, 36, 96)
    whiskers(s, outline, 420, 42, LIPS)


def beard_stubble(s: Sheet) -> None:
    """Stubble: short hairs and a shade of them."""
    outline = mirrored([(CX, 804), *BEARD])
    s.path(closed(outline), s.gradient([(0, 0.36, 0.3), (0.7, 0.32, 0.34), (1, 0.3, 0.18)],
                                       (CX, 640, 470)))
    shape = mirrored([(CX, 604), (CX + 80, 600), (CX + 170, 640), (CX + 206, 720), (CX + 100, 666), (CX, 654)])
    s.path(closed(shape), 0.34, 0.3)
    for region in (outline, shape):
        whiskers(s, region, 1100 if region is outline else 160, 11, LIPS, alpha=(0.25, 0.6), width=(2.5, 4))


def moustache_thick(s: Sheet) -> None:
    """A thick moustache."""
    lip_hair(s, 300, 44, 90)


def moustache_pencil(s: Sheet) -> None:
    """A thin line over the lip."""
    shape = mirrored([(CX, 640), (CX + 90, 630), (CX + 176, 668), (CX + 186, 684), (CX + 90, 650), (CX, 656)])
    s.path(closed(shape), 0.3, 0.7)
    whiskers(s, shape, 190, 24, lean=lambda at: ((at[0] - CX) / 60, 0.7))


def moustache_handlebar(s: Sheet) -> None:
    """A moustache with turned-up ends."""
    shape = mirrored([(CX, 606), (CX + 80, 592), (CX + 170, 618), (CX + 246, 668), (CX + 306, 654), (CX + 330, 600),
                      (CX + 336, 660), (CX + 290, 716), (CX + 220, 722), (CX + 120, 680), (CX, 656)])
    s.path(closed(shape), s.gradient([(0, 0.3, 0.95), (1, 0.38, 0.85)], (0, 590, 0, 720)))

    def lean(at: np.ndarray) -> tuple[float, float]:
        far = abs(at[0] - CX)
        side = 1.0 if at[0] > CX else -1.0
        return (side * (0.5 + far / 160), 0.9 - far / 200)

    whiskers(s, shape, 330, 42, lean=lean)


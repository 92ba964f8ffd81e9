"""One look for all: background, light, tint and sharpness of pictures, measured and made alike.

Skin is left alone but for a small shift: its colour belongs to the person, not to the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from app.engine.api import Pixels

Floats = npt.NDArray[np.float32]
MOST_LIGHT, MOST_TINT = 14.0, 6.0  # Lab units (8-bit) that a picture's inside is shifted at most
SIGMAS = tuple(0.15 * n for n in range(1, 21))
# differences from the others above which a picture is named; Lab units and log sharpness
LIMITS = {"background": 34.0, "light": 30.0, "tint": 13.0, "sharpness": 0.55}


@dataclass(frozen=True)
class Look:
    """How one picture looks: Lab of the background, lightness and tint of the inside, and the log
    of the fine structure's strength relative to the coarse one's."""

    background: tuple[float, float, float]
    light: float
    tint: tuple[float, float]
    sharpness: float


def look_of(pixels: Pixels) -> Look:
    """Measure uint8 RGB [h, w, 3] in the training frame."""
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB).astype(np.float32)
    h, w = lab.shape[:2]
    edge = max(2, w // 12)
    corners = np.concatenate([lab[:edge, :edge].reshape(-1, 3), lab[:edge, -edge:].reshape(-1, 3)])
    inside = lab[h // 3 : 5 * h // 6, w // 4 : 3 * w // 4].reshape(-1, 3)
    a = corners.mean(0)
    b = np.median(inside, axis=0)
    return Look(
        (float(a[0]), float(a[1]), float(a[2])), float(b[0]), (float(b[1]), float(b[2])),
        _sharpness(lab[:, :, 0]),
    )  # fmt: skip


def match(pixels: Pixels, others: list[Pixels]) -> Pixels:
    """One picture made like the others: softened or left, background and light brought near."""
    if not others:
        return pixels
    looks = [look_of(other) for other in others]
    softened = _softened(pixels, float(np.median([look.sharpness for look in looks])))
    lab = cv2.cvtColor(softened, cv2.COLOR_RGB2LAB).astype(np.float32)
    own = look_of(softened)
    light = np.median([look.light for look in looks]) - own.light
    tint = np.median([look.tint for look in looks], axis=0) - np.array(own.tint)
    shift = np.array([
        np.clip(light, -MOST_LIGHT, MOST_LIGHT), *np.clip(tint, -MOST_TINT, MOST_TINT)
    ])  # fmt: skip
    background = np.median([look.background for look in looks], axis=0)
    outside = outer(len(lab))[..., None]
    out = (lab + shift) * (1 - outside) + background * outside
    return cv2.cvtColor(np.clip(out, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)


def odd_ones(pictures: list[Pixels]) -> list[tuple[int, str, float]]:
    """(index, what, how far over the limit) for pictures that look unlike the others."""
    looks = [look_of(p) for p in pictures]
    found = []
    for i, own in enumerate(looks):
        rest = looks[:i] + looks[i + 1 :]
        if len(rest) < 2:
            continue
        gaps = {
            "background": _gap([r.background for r in rest], own.background),
            "light": _gap([(r.light,) for r in rest], (own.light,)),
            "tint": _gap([r.tint for r in rest], own.tint),
            "sharpness": _gap([(r.sharpness,) for r in rest], (own.sharpness,)),
        }
        found += [(i, n, gap / LIMITS[n]) for n, gap in gaps.items() if gap > LIMITS[n]]
    return found


def _gap(rest: list[tuple[float, ...]], own: tuple[float, ...]) -> float:
    """Distance from the nearer of the others' middle and its nearest member plus half a spread."""
    points = np.array(rest)
    return float(min(
        np.linalg.norm(np.median(points, axis=0) - own),
        np.linalg.norm(points - own, axis=1).min() * 1.5,
    ))  # fmt: skip


def _sharpness(light: Floats) -> float:
    inside = light[len(light) // 4 : -len(light) // 8, len(light) // 5 : -len(light) // 5]
    fine = np.abs(inside - cv2.GaussianBlur(inside, (0, 0), 1.0)).mean()
    coarse = np.abs(inside - cv2.GaussianBlur(inside, (0, 0), 4.0)).mean()
    return float(np.log((fine + 0.05) / (coarse + 0.5)))


def _softened(pixels: Pixels, wanted: float) -> Pixels:
    """Blurred just so much that its sharpness is no more than ``wanted``."""
    if look_of(pixels).sharpness <= wanted:
        return pixels
    tried = pixels
    for sigma in SIGMAS:
        tried = np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)
        if look_of(tried).sharpness <= wanted:
            break
    return tried


@lru_cache(maxsize=4)
def outer(side: int) -> Floats:
    """Weights [side, side]: 0 over face and hair, rising to 1 in the upper corners."""
    y, x = np.mgrid[:side, :side].astype(np.float32) / (side - 1)
    away = np.hypot((x - 0.5) / 0.56, (y - 0.62) / 0.74)
    return np.clip((away - 0.86) / 0.2, 0, 1).astype(np.float32)

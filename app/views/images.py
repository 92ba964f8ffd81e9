"""Face pixels on their way to the screen: smooth scaling, outside blur, simplified view.

Plain numpy on uint8 RGB ``[h, w, 3]``; every step is a matrix from the left (rows) and from the
right (columns), so that one face at 128 px costs a few milliseconds and needs no image library.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage, QPixmap

from app.engine.api import Pixels

Floats = npt.NDArray[np.float32]
WORKING_SIZE = 256  # effects are drawn at this size at most; finer would not be seen behind a blur


@dataclass(frozen=True)
class Frame:
    """Where the inner features (brows to lower lip) lie in a face picture, as fractions of it."""

    centre_x: float = 0.5
    centre_y: float = 0.51
    half_width: float = 0.37
    half_height: float = 0.36


@dataclass(frozen=True)
class Look:
    """How faces are shown. ``blur`` 0 (sharp everywhere) to 1 (outside unreadable)."""

    blur: float = 0.0
    simplified: bool = False


PLAIN = Look()


def to_image(pixels: Pixels) -> QImage:
    """A QImage that owns its bytes; the array may go away afterwards."""
    data = np.ascontiguousarray(pixels, dtype=np.uint8)
    height, width, _ = data.shape
    return QImage(data.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def shown(pixels: Pixels, size: int, look: Look = PLAIN, ratio: float = 1.0) -> QPixmap:
    """A pixmap ``size`` logical pixels on a side, look applied, for a screen of that ratio."""
    dressed = dress(pixels, look)
    side = max(1, round(size * ratio))
    pixmap = QPixmap.fromImage(to_image(resized(dressed, side, side)))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def dress(pixels: Pixels, look: Look, frame: Frame | None = None) -> Pixels:
    """The pixels with simplification first and the outside blur over it."""
    out = simplified(pixels) if look.simplified else pixels
    return soften_outside(out, look.blur, frame or Frame()) if look.blur > 0 else out


# ------------------------------------------------------------------ scaling


@lru_cache(maxsize=64)
def _resize_matrix(source: int, target: int) -> Floats:
    """Lanczos-3 weights ``[target, source]``; widened when shrinking, so nothing aliases."""
    scale = max(1.0, source / target)
    centres = (np.arange(target) + 0.5) * source / target - 0.5
    distance = (np.arange(source)[None, :] - centres[:, None]) / scale
    weights = np.sinc(distance) * np.sinc(distance / 3) * (np.abs(distance) < 3)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _separable(rows: Floats, values: Floats, columns: Floats) -> Floats:
    out = np.einsum("ij,jkc->ikc", rows, values, optimize=True)  # [h', w, 3]
    return np.einsum("lk,ikc->ilc", columns, out, optimize=True)  # [h', w', 3]


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """The picture at another size, smooth both ways."""
    if pixels.shape[:2] == (height, width):
        return pixels
    rows = _resize_matrix(pixels.shape[0], height)
    columns = _resize_matrix(pixels.shape[1], width)
    return _bytes(_separable(rows, pixels.astype(np.float32), columns))


def _bytes(values: Floats) -> Pixels:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


# ------------------------------------------------------------------ looks


@lru_cache(maxsize=16)
def _blur_matrix(size: int, sigma: float) -> Floats:
    distance = np.arange(size)[:, None] - np.arange(size)[None, :]
    weights = np.exp(-0.5 * (distance / sigma) ** 2)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def blurred(values: Floats, sigma: float) -> Floats:
    """Gaussian blur of ``[h, w, c]``; ``sigma`` in pixels."""
    height, width, _ = values.shape
    return _separable(_blur_matrix(height, sigma), values, _blur_matrix(width, sigma))


@lru_cache(maxsize=16)
def inner_mask(height: int, width: int, frame: Frame = Frame()) -> Floats:
    """1 over the inner features, 0 well outside, a soft edge between: float32 ``[h, w]``.

    Witnesses find the face sooner when hair and outline are held back at first (Frowd et al. 2012,
    "whole-face" EvoFIT with external features blurred).
    """
    y = ((np.arange(height) + 0.5) / height - frame.centre_y) / frame.half_height
    x = ((np.arange(width) + 0.5) / width - frame.centre_x) / frame.half_width
    radius = np.sqrt(y[:, None] ** 2 + x[None, :] ** 2)
    edge = np.clip((1.25 - radius) / 0.3, 0.0, 1.0)  # 1 inside 0.95, 0 outside 1.25
    return (edge * edge * (3 - 2 * edge)).astype(np.float32)


def soften_outside(pixels: Pixels, amount: float, frame: Frame = Frame()) -> Pixels:
    """Everything but the inner features blurred; ``amount`` 0..1, 1 is a twelfth of the height."""
    if amount <= 0:
        return pixels
    small = _working(pixels).astype(np.float32)
    height, width, _ = small.shape
    mask = inner_mask(height, width, frame)[..., None]
    sigma = round(max(0.5, min(amount, 1.0) * height / 12), 2)
    return _bytes(mask * small + (1 - mask) * blurred(small, sigma))


def simplified(pixels: Pixels) -> Pixels:
    """A pencil-like view: grey divided by its blurred surroundings, half-tones kept a little."""
    small = _working(pixels).astype(np.float32)
    grey = small @ np.array([[0.299], [0.587], [0.114]], np.float32)  # [h, w, 1]
    around = blurred(grey, round(grey.shape[0] / 22, 2))
    lines = np.clip(255 * (grey + 4) / (around + 4), 0, 255)
    tone = 150 + grey * (105 / 255)
    return _bytes(np.repeat(np.clip(lines * tone / 255, 0, 255), 3, axis=2))


def _working(pixels: Pixels) -> Pixels:
    height, width, _ = pixels.shape
    if height == width and height != WORKING_SIZE:
        return resized(pixels, WORKING_SIZE, WORKING_SIZE)
    return pixels

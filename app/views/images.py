"""Face pixels on their way to the screen: smooth scaling, outside blur, simplified view.

Plain numpy on uint8 RGB ``[h, w, 3]``: every step is a small matrix from the left (rows) and from
the right (columns). One face costs two or three milliseconds on one core.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap

from app.engine.api import Pixels

Floats = npt.NDArray[np.float32]
WORKING_SIZE = 256  # looks are made at this size: finer lines than that do not last
BLUR_SIZE = 96  # a blurred picture needs no more pixels


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
    side = max(1, round(size * ratio))
    pixmap = QPixmap.fromImage(_scaled(_sharpened(dress(pixels, look), side, side), side, side))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def dress(pixels: Pixels, look: Look, frame: Frame | None = None) -> Pixels:
    """The pixels with simplification first and the outside blur over it."""
    out = simplified(pixels) if look.simplified else pixels
    return soften_outside(out, look.blur, frame or Frame()) if look.blur > 0 else out


# ------------------------------------------------------------------ scaling


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """The picture at another size, smooth both ways.

    Enlarged by Lanczos-3 up to 256 pixels, where its sharper edges show; Qt's smooth scaling does
    the rest, and all shrinking.
    """
    sharp = _sharpened(pixels, width, height)
    return sharp if sharp.shape[:2] == (height, width) else _by_qt(sharp, width, height)


def _sharpened(pixels: Pixels, width: int, height: int) -> Pixels:
    """As far towards a larger size as Lanczos-3 goes."""
    rows, columns = min(height, WORKING_SIZE), min(width, WORKING_SIZE)
    if rows <= pixels.shape[0] or columns <= pixels.shape[1]:
        return pixels
    down, across = _lanczos(pixels.shape[0], rows), _lanczos(pixels.shape[1], columns)
    return _bytes(_separable(down, pixels.astype(np.float32), across))


def _separable(rows: Floats, values: Floats, columns: Floats) -> Floats:
    """``[h', h] x [h, w, c] x [w', w]`` -> ``[h', w', c]``."""
    height, width, channels = values.shape
    down = (rows @ values.reshape(height, width * channels)).reshape(-1, width, channels)
    return np.einsum("lk,ikc->ilc", columns, down, optimize=True)


@lru_cache(maxsize=64)
def _lanczos(source: int, target: int) -> Floats:
    """Weights ``[target, source]`` of Lanczos-3."""
    centres = (np.arange(target) + 0.5) * source / target - 0.5
    distance = np.arange(source)[None, :] - centres[:, None]
    weights = np.sinc(distance) * np.sinc(distance / 3) * (np.abs(distance) < 3)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _scaled(pixels: Pixels, width: int, height: int) -> QImage:
    return to_image(pixels).scaled(
        width, height, Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )  # fmt: skip


def _by_qt(pixels: Pixels, width: int, height: int) -> Pixels:
    image = _scaled(pixels, width, height).convertToFormat(QImage.Format.Format_RGB888)
    stride = image.bytesPerLine()
    rows = np.frombuffer(image.constBits(), np.uint8, height * stride).reshape(height, stride)
    return rows[:, : 3 * width].reshape(height, width, 3).copy()


def _bytes(values: Floats) -> Pixels:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


# ------------------------------------------------------------------ looks


def blurred(pixels: Pixels, sigma: float) -> Pixels:
    """Gaussian blur; ``sigma`` is a fraction of the height. Done small: nothing fine is left."""
    height, width, _ = pixels.shape
    small = _by_qt(pixels, BLUR_SIZE, BLUR_SIZE).astype(np.float32)
    weights = _gaussian(round(sigma * BLUR_SIZE, 3))
    return _by_qt(_bytes(_separable(weights, small, weights)), width, height)


@lru_cache(maxsize=32)
def _gaussian(sigma: float) -> Floats:
    distance = np.arange(BLUR_SIZE)[:, None] - np.arange(BLUR_SIZE)[None, :]
    weights = np.exp(-0.5 * (distance / max(sigma, 0.3)) ** 2)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


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
    whole = _working(pixels)
    mask = inner_mask(*whole.shape[:2], frame)[..., None]
    around = blurred(whole, min(amount, 1.0) / 12).astype(np.float32)
    return _bytes(around + mask * (whole - around))


def simplified(pixels: Pixels) -> Pixels:
    """A pencil-like view: grey divided by its blurred surroundings, half-tones kept a little."""
    whole = _working(pixels)
    red, green, blue = (whole[..., i].astype(np.float32) for i in range(3))
    grey = 0.299 * red + 0.587 * green + 0.114 * blue  # [h, w]
    around = blurred(np.repeat(_bytes(grey)[..., None], 3, axis=2), 1 / 22)[..., 0]
    lines = np.clip(255 * (grey + 4) / (around + 4.0), 0, 255)
    tone = 150 + grey * (105 / 255)
    return np.repeat(_bytes(lines * tone / 255)[..., None], 3, axis=2)


def _working(pixels: Pixels) -> Pixels:
    height, width, _ = pixels.shape
    if height == width and height != WORKING_SIZE:
        return resized(pixels, WORKING_SIZE, WORKING_SIZE)
    return pixels

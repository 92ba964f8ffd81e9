"""Draws overlays on a face: one function for the screen, the history, exports and the report.

A shipped drawing is an SVG in greys: mid-grey takes the colour, darker is shade, lighter is light.
It is rasterised and softened once, then placed by Qt. Deterministic on one set-up at any size.
Needs a QGuiApplication (offscreen will do) and may run on a worker thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QByteArray, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QTransform
from PySide6.QtSvg import QSvgRenderer

from app.engine.api import Pixels
from app.models.overlay import DRAWING, Overlay
from app.models.overlay_catalogue import Entry, catalogue, colours, drawing_file
from app.views.images import resized, to_image

Floats = npt.NDArray[np.float32]
ENLARGED, LARGE = 3.5, 448  # a small face picture is enlarged so that drawings have room
RASTER = 720  # most pixels along a drawing's longer side
DENSITY = 3000.0  # pixels to a face's side for small drawings
GROUND = 118.0  # grey around a face whose picture is extended


@dataclass(frozen=True)
class Canvas:
    """The part of the plane that is shown, in fractions of the face picture."""

    left: float = 0.0
    top: float = 0.0
    side: float = 1.0


TIGHT, WIDE = Canvas(), Canvas(-0.26, -0.46, 1.52)


def canvas_of(overlays: Sequence[Overlay]) -> Canvas:
    """The face alone, or with room around it where a drawing reaches beyond the picture."""
    known = catalogue()
    needs_room = any(o.name in known and known[o.name].outside for o in overlays)
    return WIDE if needs_room else TIGHT


def composed(
    pixels: Pixels, overlays: Sequence[Overlay], side: int | None = None, grey: bool = False
) -> Pixels:
    """The face with its overlays in their order: uint8 RGB ``[h, w, 3]``, square.

    ``side``: pixels of the whole picture; None for a size that fits the face's own pixels.
    ``grey``: colours turned to greys, for a sketch. Without overlays the face is returned as it is.
    """
    if not overlays:
        return pixels
    canvas = canvas_of(overlays)
    if side is None:
        own = min(round(pixels.shape[0] * ENLARGED), max(LARGE, pixels.shape[0]))
        side = round(own * canvas.side)
    ground = _ground_image(pixels.tobytes(), pixels.shape[0], canvas, side).copy()
    painter = QPainter(ground)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.scale(side / canvas.side, side / canvas.side)
    painter.translate(-canvas.left, -canvas.top)
    for overlay in overlays:
        _draw(painter, overlay, grey)
    painter.end()
    return _rgb(ground)


def transform_of(overlay: Overlay) -> QTransform:
    """From the drawing's own frame (its middle at 0, 0; face sides) to the face picture's."""
    placed = QTransform()
    placed.translate(overlay.x, overlay.y)
    placed.rotate(overlay.angle)
    flip = -1.0 if overlay.mirrored else 1.0
    placed.scale(overlay.scale * overlay.stretch * flip, overlay.scale)
    return placed


def extent_of(overlay: Overlay) -> QRectF:
    """The drawing's own rectangle around its middle, in face sides."""
    entry = catalogue().get(overlay.name)
    if entry is not None:
        return QRectF(-entry.width / 2, -entry.height / 2, entry.width, entry.height)
    path = QPainterPath()
    for stroke in overlay.strokes:
        half = stroke.width / 2
        for x, y in stroke.points:
            path.addRect(x - 0.5 - half, y - 0.5 - half, stroke.width, stroke.width)
    return path.boundingRect()


def frame_of(overlay: Overlay) -> QRectF:
    """Like ``extent_of``, without the empty margins of a shipped drawing."""
    entry = catalogue().get(overlay.name)
    if entry is None:
        return extent_of(overlay)
    left, top, width, height = _inked(entry)
    whole = extent_of(overlay)
    return QRectF(
        whole.left() + left * whole.width(), whole.top() + top * whole.height(),
        width * whole.width(), height * whole.height(),
    )  # fmt: skip


@lru_cache(maxsize=64)
def _inked(entry: Entry) -> tuple[float, float, float, float]:
    """Where a drawing's visible part lies in its rectangle: left, top, width, height, 0..1."""
    alpha = _raster(entry)[1] > 0.1
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    height, width = alpha.shape
    return (
        columns[0] / width, rows[0] / height,
        (columns[-1] - columns[0] + 1) / width, (rows[-1] - rows[0] + 1) / height,
    )  # fmt: skip


# ------------------------------------------------------------------ one drawing


def _draw(painter: QPainter, overlay: Overlay, grey: bool) -> None:
    entry = catalogue().get(overlay.name)
    painter.save()
    painter.setTransform(transform_of(overlay), True)
    painter.setOpacity(overlay.opacity)
    if entry is not None:
        if entry.blend == "multiply":
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        image = _tinted(entry, _colour(overlay.colour or entry.colour, grey))
        painter.drawImage(extent_of(overlay), image)
    elif overlay.name == DRAWING:
        _draw_strokes(painter, overlay, QColor(_colour(overlay.colour or colours()["pen"], grey)))
    painter.restore()


def _draw_strokes(painter: QPainter, overlay: Overlay, colour: QColor) -> None:
    # drawn three times, wider and fainter: a soft edge like that of the face around it
    for widened, share in ((1.5, 0.25), (1.2, 0.4), (0.85, 1.0)):
        colour.setAlphaF(share)
        for stroke in overlay.strokes:
            pen = QPen(colour, stroke.width * widened)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.strokePath(stroke_path(stroke.points), pen)


def stroke_path(points: Sequence[tuple[float, float]]) -> QPainterPath:
    """A smooth line through the points, around the middle of the face."""
    places = [QPointF(x - 0.5, y - 0.5) for x, y in points]
    path = QPainterPath(places[0])
    if len(places) == 1:
        path.lineTo(places[0] + QPointF(1e-4, 0))
    for before, after in zip(places[1:], places[2:], strict=False):
        path.quadTo(before, (before + after) / 2)
    path.lineTo(places[-1])
    return path


def _colour(colour: str, grey: bool) -> str:
    if not grey:
        return colour
    level = QColor(colour)
    tone = round(0.299 * level.red() + 0.587 * level.green() + 0.114 * level.blue())
    return QColor(tone, tone, tone).name()


@lru_cache(maxsize=48)
def _tinted(entry: Entry, colour: str) -> QImage:
    """The drawing in a colour: mid-grey becomes it, shade and light keep their distance to it."""
    return _argb(_coloured(*_raster(entry), colour))


def _coloured(level: Floats, alpha: Floats, colour: str) -> Pixels:
    chosen, grey = QColor(colour), np.arange(256, dtype=np.float32)[:, None] / 255
    tint = np.array([chosen.blue(), chosen.green(), chosen.red()], np.float32)
    dark, light = np.minimum(grey * 2, 1.0) * tint, np.maximum(grey * 2 - 1, 0.0)
    table = np.full((256, 4), 255, np.float32)  # Qt's bytes: blue first, premultiplied
    table[:, :3] = dark + light * (255.0 - dark)
    out = table[np.rint(level * 255).astype(np.uint8)] * alpha[..., None]
    return np.rint(out).astype(np.uint8)


def prepare(entry: Entry) -> None:
    """Rasterise a drawing ahead of its first use; may run on any thread."""
    _inked(entry)
    _tinted(entry, entry.colour)


@lru_cache(maxsize=16)
def _raster(entry: Entry) -> tuple[Floats, Floats]:
    """Grey level 0..1 and alpha 0..1 of a drawing, softened: ``[h, w]`` each."""
    density = min(DENSITY, RASTER / max(entry.width, entry.height))
    width, height = round(entry.width * density), round(entry.height * density)
    return _rendered(entry, width, height, entry.soft * density)


def _rendered(
    entry: Entry, width: int, height: int, sigma: float = 0.0
) -> tuple[Floats, Floats]:
    renderer = QSvgRenderer(QByteArray(drawing_file(entry).read_bytes()))
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    painter.end()
    values = _softened(_bytes_of(image).astype(np.float32), sigma)  # blue, green, red, alpha
    alpha = values[..., 3] / 255.0
    level = values[..., :3].mean(axis=2) / 255.0 / np.maximum(alpha, 1e-3)
    return np.clip(level, 0, 1), alpha


def _softened(values: Floats, sigma: float) -> Floats:
    """Gaussian blur by ``sigma`` pixels; nothing comes in from outside."""
    if sigma < 0.3:
        return values
    reach = int(3 * sigma) + 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2).astype(np.float32)
    kernel /= kernel.sum()
    for axis in (0, 1):
        edges = [(reach, reach) if a == axis else (0, 0) for a in range(3)]
        padded, length = np.pad(values, edges), values.shape[axis]
        values = np.zeros_like(values)
        for place, weight in enumerate(kernel):
            cut = slice(place, place + length)
            values += weight * (padded[cut] if axis == 0 else padded[:, cut])
    return values


def sample(entry: Entry, side: int) -> QImage:
    """A small picture of a drawing on neutral grey, for choosing it; quick, and not softened."""
    picture = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(QColor(colours()["sample"]))
    share = 0.9 * side / max(entry.width, entry.height)
    width, height = max(round(entry.width * share), 1), max(round(entry.height * share), 1)
    level, alpha = _rendered(entry, width, height)
    painter = QPainter(picture)
    tinted = _argb(_coloured(level, alpha, entry.colour))
    painter.drawImage((side - width) // 2, (side - height) // 2, tinted)
    painter.end()
    return picture


# ------------------------------------------------------------------ the ground


@lru_cache(maxsize=6)
def _ground_image(data: bytes, height: int, canvas: Canvas, side: int) -> QImage:
    pixels = np.frombuffer(data, np.uint8).reshape(height, -1, 3)
    ground = to_image(_ground(pixels, canvas, side))
    return ground.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)



def _ground(pixels: Pixels, canvas: Canvas, side: int) -> Pixels:
    """The face at its place on the canvas; what is not head fades into grey.

    Above the picture the forehead goes on in the colours of its upper edge, since hair and hats
    begin higher than the picture does.
    """
    if canvas == TIGHT:
        return resized(pixels, side, side)
    own = round(side / canvas.side)
    left, top = round(-canvas.left * own), round(-canvas.top * own)
    face = resized(pixels, own, own).astype(np.float32)
    head = np.zeros((side, own, 3), np.float32)
    edge = face[own // 40 : own // 12].mean(axis=0)  # [own, 3]; the outermost rows are odd
    head[:] = _smooth_row(edge, own // 16)
    rows = min(own, side - top)
    share = np.clip((np.arange(rows) / own - 0.01) / 0.07, 0, 1)[:, None, None]
    head[top : top + rows] += share * (face[:rows] - head[top : top + rows])
    mask = _head(own, top, side)[..., None]
    out = np.full((side, side, 3), GROUND, np.float32)
    there = out[:, left : left + own]
    there += mask * (head - there)
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)


def _smooth_row(row: Floats, reach: int) -> Floats:
    kernel = np.ones(2 * reach + 1, np.float32) / (2 * reach + 1)
    padded = np.pad(row, ((reach, reach), (0, 0)), mode="edge")
    return np.stack([np.convolve(padded[:, c], kernel, "valid") for c in range(3)], axis=1)


@lru_cache(maxsize=4)
def _head(own: int, top: int, side: int) -> Floats:
    """1 over the head, soft to 0 around it: float32 ``[side, own]``, the face from row ``top``."""
    x = (np.arange(own, dtype=np.float32) + 0.5) / own
    y = (np.arange(side, dtype=np.float32) + 0.5 - top) / own
    across = np.abs(x - 0.494) / 0.46
    down = np.where(y < 0.42, (0.42 - y) / 0.66, (y - 0.42) / 0.60)
    radius = (across[None, :] ** 2.6 + down[:, None] ** 2.6) ** (1 / 2.6)
    edge = np.clip((1.1 - radius) / 0.2, 0, 1) * np.clip((1 - y) / 0.05, 0, 1)[:, None]
    return (edge * edge * (3 - 2 * edge)).astype(np.float32)


# ------------------------------------------------------------------ bytes


def _bytes_of(image: QImage) -> Pixels:
    width, height, stride = image.width(), image.height(), image.bytesPerLine()
    rows = np.frombuffer(image.constBits(), np.uint8, height * stride).reshape(height, stride)
    return rows[:, : 4 * width].reshape(height, width, 4).copy()


def _argb(values: Pixels) -> QImage:
    data = np.ascontiguousarray(values)
    height, width, _ = data.shape
    made = QImage(data.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    return made.copy()


def _rgb(image: QImage) -> Pixels:
    return np.ascontiguousarray(_bytes_of(image)[..., 2::-1])

"""On the portrait: a frame to move, scale and turn one overlay, or a brush to paint with."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.models.overlay import MOST_POINTS, Overlay, Stroke
from app.views import theme
from app.views.compare import Compare
from app.views.forms import named
from app.views.overlay_paint import TIGHT, Canvas, frame_of, stroke_path, transform_of
from app.views.overlay_words import overlay_label
from app.views.translation import tr

GRIP = 11  # pixels of a handle
KNOB = 26  # pixels from the frame to the handle that turns
STEP, FINE = 0.01, 0.002  # of the face's side, for one key
LEAST_STEP = 0.004  # between two points of a stroke


@dataclass(frozen=True)
class Brush:
    """What is painted with: width in face sides, colour, and whether a region is meant."""

    width: float
    colour: str
    is_region: bool = False


@dataclass
class _Grip:
    """What the mouse has hold of, where it took it, and how the overlay lay then."""

    part: str  # move, scale, turn
    start: QPointF
    before: Overlay


class OverlayHandles(QWidget):
    """Lies over a Compare. Arrow keys move, + and - scale, Page Up and Page Down turn."""

    placed = Signal(object, bool)  # Overlay, final
    drawn = Signal(object)  # tuple[Stroke, ...] so far

    def __init__(self, compare: Compare) -> None:
        super().__init__(compare)
        self._compare = compare
        self._canvas: Canvas = TIGHT
        self.overlay: Overlay | None = None
        self.brush: Brush | None = None
        self.strokes: tuple[Stroke, ...] = ()
        self._points: list[tuple[float, float]] = []
        self._grip: _Grip | None = None
        self._moved_by_key = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        compare.installEventFilter(self)
        self.setGeometry(compare.rect())
        self.hide()

    # ---- what is shown

    def place(self, overlay: Overlay | None, canvas: Canvas) -> None:
        """Show the frame of one overlay; None for none."""
        self._canvas, self.brush = canvas, None
        if self._grip is None:
            self.overlay = overlay
        if overlay is not None:
            named(
                self, tr("Place of: {what}").format(what=overlay_label(overlay)),
                tr("Arrow keys move, + and - change the size, Page Up and Page Down turn"),
            )
        self.setVisible(overlay is not None)
        self.update()

    def paint_with(self, brush: Brush | None, canvas: Canvas) -> None:
        """Take a brush, with nothing painted yet; None lays it down."""
        if self.brush is None or brush is None:
            self.strokes = ()
        self._canvas, self.brush, self.overlay = canvas, brush, None
        named(self, tr("Paint on the portrait"), tr("Drag with the mouse or the pen"))
        self.setCursor(Qt.CursorShape.CrossCursor if brush else Qt.CursorShape.ArrowCursor)
        self.setVisible(brush is not None)
        self.update()

    def take_back(self) -> None:
        """The last stroke away."""
        self.strokes = self.strokes[:-1]
        self.drawn.emit(self.strokes)
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._compare and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._compare.rect())
        return super().eventFilter(watched, event)

    # ---- places

    def _square(self) -> QRectF:
        return QRectF(dict(self._compare.places()).get("now", self.rect()))

    def at(self, place: QPointF) -> QPointF:
        """A place of the face picture (fractions) in this widget's pixels."""
        square, canvas = self._square(), self._canvas
        scale = square.width() / canvas.side
        return square.topLeft() + QPointF(
            (place.x() - canvas.left) * scale, (place.y() - canvas.top) * scale
        )

    def place_at(self, pixel: QPointF) -> QPointF:
        """A pixel of this widget as a place of the face picture."""
        square, canvas = self._square(), self._canvas
        scale = canvas.side / max(square.width(), 1.0)
        off = pixel - square.topLeft()
        return QPointF(canvas.left + off.x() * scale, canvas.top + off.y() * scale)

    def _frame(self, overlay: Overlay) -> QPolygonF:
        turned = transform_of(overlay).map(QPolygonF(frame_of(overlay)))
        return QPolygonF([self.at(turned.at(i)) for i in range(4)])

    def grips(self) -> dict[str, QPointF]:
        """Where the handles lie, kept inside the picture: four that scale, one that turns."""
        if self.overlay is None:
            return {}
        frame, square = self._frame(self.overlay), self._square()
        found = {f"scale{i}": _kept(frame.at(i), square) for i in range(4)}
        middle = (frame.at(0) + frame.at(1)) / 2
        away = middle - (frame.at(2) + frame.at(3)) / 2
        length = math.hypot(away.x(), away.y()) or 1.0
        found["turn"] = _kept(middle + away * (KNOB / length), square)
        return found

    def _part_at(self, pixel: QPointF) -> str:
        for name, grip in self.grips().items():
            if (pixel - grip).manhattanLength() < 1.6 * GRIP:
                return "turn" if name == "turn" else "scale"
        if self.overlay is None:
            return ""
        inside = self._frame(self.overlay).containsPoint(pixel, Qt.FillRule.WindingFill)
        return "move" if inside else ""

    # ---- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if self.brush is not None:
            self._points = []
            self._add_point(event.position())
        elif self.overlay is not None:
            part = self._part_at(event.position())
            if part:
                self._grip = _Grip(part, event.position(), self.overlay)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.brush is not None:
            if self._points:
                self._add_point(event.position())
        elif self._grip is not None:
            self.overlay = self._dragged(self._grip, event.position())
            self.placed.emit(self.overlay, False)
            self.update()
        else:
            self.setCursor(_CURSORS[self._part_at(event.position())])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.brush is not None and self._points:
            self.strokes = (*self.strokes, Stroke(self.brush.width, tuple(self._points)))
            self._points = []
            self.drawn.emit(self.strokes)
            self.update()
        elif self._grip is not None:
            self._grip = None
            self.placed.emit(self.overlay, True)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.overlay is not None and event.angleDelta().y():
            grown = 1.04 if event.angleDelta().y() > 0 else 1 / 1.04
            self.overlay = self.overlay.changed(scale=self.overlay.scale * grown)
            self.placed.emit(self.overlay, True)

    def _dragged(self, grip: _Grip, pixel: QPointF) -> Overlay:
        before = grip.before
        middle = self.at(QPointF(before.x, before.y))
        first, now = grip.start - middle, pixel - middle
        if grip.part == "scale":
            share = math.hypot(now.x(), now.y()) / max(math.hypot(first.x(), first.y()), 1.0)
            return before.changed(scale=before.scale * share)
        if grip.part == "turn":
            by = math.atan2(now.y(), now.x()) - math.atan2(first.y(), first.x())
            return before.changed(angle=before.angle + math.degrees(by))
        by_place = self.place_at(pixel) - self.place_at(grip.start)
        return before.changed(x=before.x + by_place.x(), y=before.y + by_place.y())

    def _add_point(self, pixel: QPointF) -> None:
        place = self.place_at(pixel)
        x, y = min(max(place.x(), -0.5), 1.5), min(max(place.y(), -0.5), 1.5)
        new = (round(x, 4), round(y, 4))
        last = self._points[-1] if self._points else None
        far = last is None or math.hypot(new[0] - last[0], new[1] - last[1]) >= LEAST_STEP
        room = len(self._points) + sum(len(s.points) for s in self.strokes) < MOST_POINTS
        if far and room:
            self._points.append(new)
            self.update()

    # ---- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moved = None if self.overlay is None else _by_key(self.overlay, event)
        if moved is None:
            super().keyPressEvent(event)
            return
        self.overlay, self._moved_by_key = moved, True
        self.placed.emit(moved, False)
        self.update()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if self._moved_by_key and not event.isAutoRepeat():
            self._moved_by_key = False
            self.placed.emit(self.overlay, True)
        else:
            super().keyReleaseEvent(event)

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.brush is not None:
            self._paint_strokes(painter, self.brush)
        elif self.overlay is not None:
            self._paint_frame(painter, self.overlay)
        painter.end()

    def _paint_frame(self, painter: QPainter, overlay: Overlay) -> None:
        frame = self._frame(overlay)
        painter.setClipRect(self._square().adjusted(-GRIP, -GRIP, GRIP, GRIP))
        light, dark = theme.colour("raised"), theme.colour("focus")
        for colour, width, style in (
            (light, 3.0, Qt.PenStyle.SolidLine), (dark, 1.5, Qt.PenStyle.DashLine),
        ):
            painter.setPen(QPen(colour, width if not self.hasFocus() else width + 1, style))
            painter.drawPolygon(frame)
        painter.setPen(QPen(dark, 2))
        painter.setBrush(light)
        for name, grip in self.grips().items():
            box = QRectF(grip.x() - GRIP / 2, grip.y() - GRIP / 2, GRIP, GRIP)
            if name == "turn":
                painter.drawEllipse(box)
            else:
                painter.drawRect(box)

    def _paint_strokes(self, painter: QPainter, brush: Brush) -> None:
        square, canvas = self._square(), self._canvas
        painter.setClipRect(square)
        scale = square.width() / canvas.side
        painter.translate(square.topLeft())
        painter.scale(scale, scale)
        painter.translate(0.5 - canvas.left, 0.5 - canvas.top)
        colour = QColor(brush.colour)
        if brush.is_region:
            painter.setOpacity(0.45)
        now = (Stroke(brush.width, tuple(self._points)),) if self._points else ()
        for stroke in (*self.strokes, *now):
            pen = QPen(colour, stroke.width)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.strokePath(stroke_path(stroke.points), pen)


def _by_key(overlay: Overlay, event: QKeyEvent) -> Overlay | None:
    fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    step, key = FINE if fine else STEP, event.key()
    by = {
        Qt.Key.Key_Left: {"x": overlay.x - step}, Qt.Key.Key_Right: {"x": overlay.x + step},
        Qt.Key.Key_Up: {"y": overlay.y - step}, Qt.Key.Key_Down: {"y": overlay.y + step},
        Qt.Key.Key_Plus: {"scale": overlay.scale * (1 + 2 * step)},
        Qt.Key.Key_Equal: {"scale": overlay.scale * (1 + 2 * step)},
        Qt.Key.Key_Minus: {"scale": overlay.scale / (1 + 2 * step)},
        Qt.Key.Key_PageUp: {"angle": overlay.angle - 100 * step},
        Qt.Key.Key_PageDown: {"angle": overlay.angle + 100 * step},
    }.get(Qt.Key(key))
    return None if by is None else overlay.changed(**by)


def _kept(point: QPointF, square: QRectF) -> QPointF:
    return QPointF(
        min(max(point.x(), square.left() + GRIP), square.right() - GRIP),
        min(max(point.y(), square.top() + GRIP), square.bottom() - GRIP),
    )


_CURSORS = {
    "": Qt.CursorShape.ArrowCursor, "move": Qt.CursorShape.SizeAllCursor,
    "scale": Qt.CursorShape.SizeFDiagCursor, "turn": Qt.CursorShape.PointingHandCursor,
}  # fmt: skip

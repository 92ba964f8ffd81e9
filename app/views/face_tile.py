"""One face of an array: a tile that is picked with a click or a key, and says so aloud."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from app.engine.api import Pixels
from app.views import theme
from app.views.images import PLAIN, Look, shown
from app.views.translation import tr

PIN = 28
MARGIN = 7  # room for the pick frame and the focus ring around a face
STEPS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip


class FaceTile(QAbstractButton):
    """One face. Checked means picked; the frame and a tick both say so, and the rank if any."""

    moved = Signal(int, int, int)  # index, step right, step down
    hold_asked = Signal(int)
    rank_asked = Signal(int, int)  # index, -1 better or 1 worse
    dropped = Signal(int, QPoint)  # index, where on the screen it was let go

    def __init__(self, index: int, parent: QWidget, plain: bool = False) -> None:
        super().__init__(parent)
        self.index = index
        self.plain = plain  # the witness's screen: no numbers on it
        self.may_stay = not plain  # whether it can be held on the table for the next array
        self.rank = 0
        self.held = False
        self._pressed: QPoint | None = None
        self.pixels: Pixels | None = None
        self.look = PLAIN
        self._drawn: tuple[int, float, Look, QPixmap] | None = None
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setEnabled(False)
        self.toggled.connect(self.rename)
        self.rename()

    def set_face(self, pixels: Pixels | None) -> None:
        """Show a face, or the empty place; a place without a face cannot be picked."""
        self.pixels = pixels
        self._drawn = None
        self.setEnabled(pixels is not None)
        if pixels is None:
            self.setChecked(False)
        self.rename()
        self.update()

    def set_look(self, look: Look) -> None:
        """Outside blur and simplified view; takes effect at the next paint."""
        if look != self.look:
            self.look = look
            self.update()

    def set_rank(self, rank: int) -> None:
        """1 for the best; 0 where the order means nothing."""
        if rank != self.rank and not self.plain:
            self.rank = rank
            self.rename()
            self.update()

    def set_held(self, held: bool) -> None:
        """Whether this face stays on the table in the next array."""
        if held != self.held:
            self.held = held
            self.rename()
            self.update()

    def rename(self) -> None:
        """Say the state aloud: number, picked or not, and rank."""
        template = tr("Face {number}")
        if self.pixels is None:
            template = tr("Face {number}, not drawn yet")
        elif self.isChecked() and self.rank:
            template = tr("Face {number}, picked, choice {rank}")
        elif self.isChecked():
            template = tr("Face {number}, picked")
        name = template.format(number=self.index + 1, rank=self.rank)
        self.setAccessibleName(tr("{face}, stays").format(face=name) if self.held else name)

    def sizeHint(self) -> QSize:
        return QSize(180, 180)

    # ---- input

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(Qt.Key(event.key()))
        if self._officer_key(event):
            return
        if step is not None:
            self.moved.emit(self.index, *step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()  # Enter belongs to the page: more faces
        else:
            super().keyPressEvent(event)

    def _officer_key(self, event: QKeyEvent) -> bool:
        """H holds, + and - rank; none of them on the witness's screen."""
        if self.plain or not self.isCheckable():
            return False
        if event.key() == Qt.Key.Key_H and self.may_stay:
            self.hold_asked.emit(self.index)
        elif event.text() in ("+", "-"):
            self.rank_asked.emit(self.index, -1 if event.text() == "+" else 1)
        else:
            return False
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self.may_stay and self._pin().contains(at) and self.pixels is not None:
            self.hold_asked.emit(self.index)
            return
        self._pressed = at if self.isCheckable() and not self.plain else None
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_dragged(event):
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged = self._is_dragged(event)
        self._pressed = None
        self.unsetCursor()
        super().mouseReleaseEvent(event)
        if dragged and not self.rect().contains(event.position().toPoint()):
            self.dropped.emit(self.index, event.globalPosition().toPoint())

    def _is_dragged(self, event: QMouseEvent) -> bool:
        far = QApplication.startDragDistance()
        moved = event.position().toPoint() - self._pressed if self._pressed is not None else None
        return moved is not None and moved.manhattanLength() > far

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.setChecked(True)  # a double click picks; it must not pick and unpick

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.colour("face_surround"))
        face = self.rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        if self.pixels is not None:
            painter.drawPixmap(face.topLeft(), self._pixmap(face.width()))
            if not self.plain:
                self._paint_number(painter, face)
                if self.held or (self.may_stay and (self.underMouse() or self.hasFocus())):
                    self._paint_pin(painter)
        if self.isChecked():
            self._paint_picked(painter, face)
        elif self.underMouse() and self.isEnabled():
            self._paint_frame(painter, face, theme.colour("picked"), 2)
        if self.hasFocus():
            ring = self.rect().adjusted(3, 3, -3, -3)
            self._paint_frame(painter, ring, theme.colour("tile_focus"), 3)
        painter.end()

    def _pixmap(self, side: int) -> QPixmap:
        ratio = self.devicePixelRatioF()
        if self._drawn is None or self._drawn[:3] != (side, ratio, self.look):
            assert self.pixels is not None
            self._drawn = (side, ratio, self.look, shown(self.pixels, side, self.look, ratio))
        return self._drawn[3]

    def _paint_frame(self, painter: QPainter, around: QRect, color: QColor, width: int) -> None:
        half = width / 2
        painter.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap,
                            Qt.PenJoinStyle.MiterJoin))  # fmt: skip
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(around).adjusted(-half, -half, half, half))

    def _paint_number(self, painter: QPainter, face: QRect) -> None:
        box = QRectF(face.left(), face.bottom() - 19, 22, 20)
        painter.setOpacity(0.82)
        painter.fillRect(box, theme.colour("surface"))
        painter.setOpacity(1.0)
        font = QFont(self.font())
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self.index + 1))

    def _pin(self) -> QRect:
        """Where a click holds the face instead of picking it."""
        return QRect(MARGIN, MARGIN, PIN, PIN)

    def _paint_pin(self, painter: QPainter) -> None:
        """A padlock, closed while the face is held."""
        box = QRectF(self._pin())
        fill, ink = ("held", "raised") if self.held else ("surface", "text")
        painter.setOpacity(1.0 if self.held else 0.82)
        painter.fillRect(box, theme.colour(fill))
        painter.setOpacity(1.0)
        pen = QPen(theme.colour(ink), 2)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        shackle = QRectF(box.left() + 9, box.top() + 6, 10, 12)
        painter.drawArc(shackle, 0, 180 * 16 if self.held else 140 * 16)
        painter.fillRect(QRectF(box.left() + 7, box.top() + 13, 14, 9), theme.colour(ink))

    def _paint_picked(self, painter: QPainter, face: QRect) -> None:
        picked, on_picked = theme.colour("picked"), theme.colour("on_picked")
        self._paint_frame(painter, face, picked, 4)
        badge = QRectF(face.right() - 46 if self.rank else face.right() - 27, face.top(), 28, 28)
        badge.setRight(face.right() + 1)
        painter.fillRect(badge, picked)
        tick = QPolygonF([QPointF(7, 14.5), QPointF(12, 19.5), QPointF(21, 9)])
        painter.setPen(QPen(on_picked, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap,
                            Qt.PenJoinStyle.RoundJoin))  # fmt: skip
        painter.drawPolyline(tick.translated(badge.topLeft()))
        if self.rank:
            font = QFont(self.font())
            font.setPixelSize(15)
            font.setBold(True)
            painter.setFont(font)
            place = badge.adjusted(25, 0, -3, 0)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(self.rank))

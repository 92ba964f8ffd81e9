"""A picture with its faces framed; one of them is chosen, by click or by keys."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.engine.api import PictureRead, Pixels
from app.views import theme
from app.views.images import to_image
from app.views.translation import tr

BADGE = 24


class PictureView(QWidget):
    """Shows a picture as large as there is room; arrows and digits go from face to face."""

    face_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap: QPixmap | None = None
        self._boxes: list[QRectF] = []  # fractions of the picture
        self._faces = False
        self.current: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clear()

    def sizeHint(self) -> QSize:
        return QSize(480, 400)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 180)

    # ---- what is shown

    @property
    def has_picture(self) -> bool:
        """Whether a picture is shown."""
        return self._pixmap is not None

    def clear(self) -> None:
        """An empty place for a picture."""
        self._pixmap, self._boxes, self.current = None, [], None
        self.rename()
        self.update()

    def show_read(self, read: PictureRead, *, faces: bool = True) -> None:
        """A picture with its faces, or without frames; the first face is chosen, untold."""
        self._pixmap = QPixmap.fromImage(to_image(read.picture))
        w, h = float(read.width), float(read.height)
        self._boxes = [
            QRectF(f.box[0] / w, f.box[1] / h, f.box[2] / w, f.box[3] / h) for f in read.faces
        ] if faces else []
        self.current = 0 if self._boxes else None
        self.rename()
        self.update()

    def show_plain(self, pixels: Pixels) -> None:
        """A picture without frames."""
        self._pixmap, self._boxes, self.current = QPixmap.fromImage(to_image(pixels)), [], None
        self.rename()
        self.update()

    def choose(self, index: int) -> None:
        """Another face; nothing happens when it is the same one or there is none."""
        if 0 <= index < len(self._boxes) and index != self.current:
            self.current = index
            self.rename()
            self.update()
            self.face_chosen.emit(index)

    def rename(self) -> None:
        """Say aloud what is there and which face is chosen."""
        count = len(self._boxes)
        text = tr("No picture is open")
        if self._pixmap is not None and count:
            text = tr("Picture with {count} faces; face {number} is chosen").format(
                count=count, number=(self.current or 0) + 1
            )
        elif self._pixmap is not None:
            text = tr("Picture")
        self.setAccessibleName(text)
        self.setAccessibleDescription(
            tr("Arrow keys or digits choose a face") if count > 1 else ""
        )

    # ---- input

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, count = Qt.Key(event.key()), len(self._boxes)
        if count and key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
            self.choose(((self.current or 0) + 1) % count)
        elif count and key in (Qt.Key.Key_Left, Qt.Key.Key_Up):
            self.choose(((self.current or 0) - 1) % count)
        elif count and Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            self.choose(key - Qt.Key.Key_1)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.face_at(event.position())
        if index is not None:
            self.choose(index)
        super().mousePressEvent(event)

    def face_at(self, point: QPointF) -> int | None:
        """The face under a point of the widget; the smallest where frames overlap."""
        hits = [i for i in range(len(self._boxes)) if self._frame(i).contains(point)]
        return min(hits, key=lambda i: self._boxes[i].width()) if hits else None

    def frame_centre(self, index: int) -> QPointF:
        """The middle of a face's frame on the widget."""
        return self._frame(index).center()

    # ---- painting

    def _place(self) -> QRectF:
        if self._pixmap is None:
            return QRectF(self.rect())
        size = QSize(self._pixmap.size()).scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        return QRectF(left, top, size.width(), size.height())

    def _frame(self, index: int) -> QRectF:
        place, box = self._place(), self._boxes[index]
        return QRectF(
            place.left() + box.left() * place.width(), place.top() + box.top() * place.height(),
            box.width() * place.width(), box.height() * place.height(),
        )  # fmt: skip

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), theme.colour("sunken"))
        if self._pixmap is None:
            painter.setPen(theme.colour("faint"))
            painter.drawText(
                self.rect().adjusted(12, 12, -12, -12),
                int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap),
                tr("Drop a picture here, paste it, or open it."),
            )
        else:
            painter.drawPixmap(self._place(), self._pixmap, QRectF(self._pixmap.rect()))
        for index in range(len(self._boxes)):
            self._paint_frame(painter, index)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("focus"), 3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))
        painter.end()

    def _paint_frame(self, painter: QPainter, index: int) -> None:
        chosen, frame = index == self.current, self._frame(index)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # dark under light: seen on any picture
        painter.setPen(QPen(theme.colour("on_picked"), 7 if chosen else 4))
        painter.drawRect(frame)
        painter.setPen(QPen(theme.colour("picked"), 4 if chosen else 1.5))
        painter.drawRect(frame)
        badge = QRectF(frame.left(), frame.top(), BADGE, BADGE)
        painter.fillRect(badge, theme.colour("on_picked" if chosen else "surface"))
        font = QFont(self.font())
        font.setPixelSize(14)
        font.setBold(chosen)
        painter.setFont(font)
        painter.setPen(theme.colour("picked" if chosen else "text"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, str(index + 1))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

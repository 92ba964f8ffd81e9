"""One face with a caption, and a small checkable one for a frame of a video."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.engine.api import Pixels
from app.views import theme
from app.views.images import shown

CAPTION = 22
MARGIN = 5
TILE = 96


class FacePane(QWidget):
    """A face as large as there is room, its caption below; empty while there is none."""

    def __init__(self, caption: str, least: int = 140, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.caption = caption
        self.pixels: Pixels | None = None
        self._least = least
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(caption)

    def sizeHint(self) -> QSize:
        return QSize(230, 230 + CAPTION)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._least, self._least + CAPTION)

    def set_face(self, pixels: Pixels | None) -> None:
        """Another face, or none."""
        self.pixels = pixels
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = min(self.width(), self.height() - CAPTION)
        place = QRect((self.width() - side) // 2, 0, side, side)
        painter.fillRect(place, theme.colour("face_surround"))
        if self.pixels is not None:
            face = place.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
            ratio = self.devicePixelRatioF()
            painter.drawPixmap(face.topLeft(), shown(self.pixels, face.width(), ratio=ratio))
        painter.setPen(theme.colour("text"))
        below = QRect(0, side, self.width(), CAPTION)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self.caption)
        painter.end()


class CropTile(QAbstractButton):
    """A small face with its time code; checked means taken. Frame and tick both say so."""

    def __init__(
        self, pixels: Pixels, caption: str, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.pixels = pixels
        self.caption = caption
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFixedSize(TILE, TILE + CAPTION)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        square = QRect(0, 0, TILE, TILE)
        painter.fillRect(square, theme.colour("face_surround"))
        face = square.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        ratio = self.devicePixelRatioF()
        painter.drawPixmap(face.topLeft(), shown(self.pixels, face.width(), ratio=ratio))
        painter.setPen(theme.colour("text"))
        label = f"\u2713 {self.caption}" if self.isChecked() else self.caption
        painter.drawText(
            QRect(0, TILE, TILE, CAPTION), Qt.AlignmentFlag.AlignCenter, label
        )  # fmt: skip
        if self.isChecked() or self.underMouse():
            painter.setPen(QPen(theme.colour("picked"), 4 if self.isChecked() else 2))
            painter.drawRect(QRectF(face).adjusted(1, 1, -1, -1))
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("focus"), 3))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))
        painter.end()

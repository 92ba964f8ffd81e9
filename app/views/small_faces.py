"""The small faces of the history: tiled, marked, painted only where they are seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.views import theme

THUMB = 52
NODE = Qt.ItemDataRole.UserRole


class FaceDelegate(QStyledItemDelegate):
    """Gives a step its small face when it is painted, so that a long sitting holds few of them."""

    def __init__(self, icon: Callable[[Any], QIcon], parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = icon

    def initStyleOption(  # noqa: N802 (Qt's name)
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.icon = self._icon(index.data(NODE))  # type: ignore[attr-defined]
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration  # type: ignore[attr-defined]
        option.decorationSize = QSize(THUMB, THUMB)  # type: ignore[attr-defined]


def icon_of(pixmap: QPixmap) -> QIcon:
    """An icon that keeps its colours when selected: a tinted face is another face."""
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon


def tiled(faces: list[QPixmap | None], ratio: float, beside: int) -> QPixmap:
    """One face, or four small ones, or none; with a "+1" for ways on that lie beside."""
    made = QPixmap(round(THUMB * ratio), round(THUMB * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(theme.colour("face_surround" if faces else "sunken"))
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    side = THUMB if len(faces) == 1 else THUMB // 2
    for place, face in enumerate(faces):
        if face is not None:
            painter.drawPixmap(QRect(place % 2 * side, place // 2 * side, side, side), face)
    if not faces:
        _paint_mark(painter, QRect(0, 0, THUMB, THUMB), "\u201c\u201d", "faint", 22)
    if beside > 0:
        corner = QRect(THUMB - 22, 0, 22, 15)
        painter.fillRect(corner, theme.colour("accent"))
        _paint_mark(painter, corner, f"+{beside}", "accent_text", 11)
    painter.end()
    return made


def _paint_mark(painter: QPainter, where: QRect, mark: str, role: str, pixels: int) -> None:
    font = QFont(painter.font())
    font.setPixelSize(pixels)
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(theme.colour(role))
    painter.drawText(where, Qt.AlignmentFlag.AlignCenter, mark)

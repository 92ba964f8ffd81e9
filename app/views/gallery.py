"""An array of faces to choose from: tiles that arrive one by one, with mouse, keys and ranks."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
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
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.engine.api import Pixels
from app.views import theme
from app.views.images import PLAIN, Look, shown
from app.views.translation import tr

GAP = 8
MARGIN = 7  # room for the pick frame and the focus ring around a face
LEAST, MOST = 84, 440  # tile sides, logical pixels
STEPS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """How tiles are laid out: columns, rows and the side of a tile."""

    columns: int
    rows: int
    side: int


def best_grid(count: int, width: int, height: int) -> Grid:
    """The grid with the largest tiles; where two are alike, the one with fewer empty places."""
    options = []
    for columns in range(1, max(count, 1) + 1):
        rows = -(-max(count, 1) // columns)
        side = min((width - GAP * (columns - 1)) // columns, (height - GAP * (rows - 1)) // rows)
        options.append((min(side, MOST), -(columns * rows - count), -abs(columns - rows), columns))
    side, _, _, columns = max(options)
    return Grid(columns, -(-max(count, 1) // columns), max(side, 1))


class FaceTile(QAbstractButton):
    """One face. Checked means picked; the frame and a tick both say so, and the rank if any."""

    moved = Signal(int, int, int)  # index, step right, step down

    def __init__(self, index: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.index = index
        self.rank = 0
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
        if rank != self.rank:
            self.rank = rank
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
        self.setAccessibleName(template.format(number=self.index + 1, rank=self.rank))

    def sizeHint(self) -> QSize:
        return QSize(180, 180)

    # ---- input

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(Qt.Key(event.key()))
        if step is not None:
            self.moved.emit(self.index, *step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()  # Enter belongs to the page: more faces
        else:
            super().keyPressEvent(event)

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
            self._paint_number(painter, face)
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


class Gallery(QWidget):
    """The tiles, as large as the room allows. Picks are kept in the order they were made."""

    picks_changed = Signal(object)  # tuple[int, ...], first pick first

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles: list[FaceTile] = []
        self._picks: tuple[int, ...] = ()
        self._ranked = False
        self._look = PLAIN
        self._grid = Grid(1, 1, 1)
        self.setAccessibleName(tr("Faces"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def minimumSizeHint(self) -> QSize:
        return QSize(3 * LEAST, 3 * LEAST)

    # ---- what is shown

    @property
    def picks(self) -> tuple[int, ...]:
        """Picked tiles, in the order they were picked."""
        return self._picks

    def set_count(self, count: int) -> None:
        """So many empty places; everything picked is forgotten."""
        while len(self.tiles) > count:
            gone = self.tiles.pop()
            gone.hide()
            gone.deleteLater()
        while len(self.tiles) < count:
            self.tiles.append(self._new_tile(len(self.tiles)))
        self.set_picks(())
        for tile in self.tiles:
            tile.set_face(None)
        self._arrange()

    def set_face(self, index: int, pixels: Pixels) -> None:
        """A face has arrived."""
        if 0 <= index < len(self.tiles):
            self.tiles[index].set_face(pixels)

    def set_picks(self, picks: tuple[int, ...]) -> None:
        """Show these as picked, without telling anyone."""
        self._picks = tuple(picks)
        for tile in self.tiles:
            tile.blockSignals(True)
            tile.setChecked(tile.index in self._picks)
            tile.blockSignals(False)
        self._show_ranks()

    def set_ranked(self, ranked: bool) -> None:
        """Whether the order of picking means anything."""
        self._ranked = ranked
        self._show_ranks()

    def set_look(self, look: Look) -> None:
        """Outside blur and simplified view, on every tile."""
        self._look = look
        for tile in self.tiles:
            tile.set_look(look)

    def toggle(self, index: int) -> None:
        """Pick a face, or take the pick back; nothing happens where no face is yet."""
        if 0 <= index < len(self.tiles) and self.tiles[index].isEnabled():
            self.tiles[index].toggle()
            self.tiles[index].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_first(self) -> None:
        """Put the keyboard on the first face there is."""
        ready = next((t for t in self.tiles if t.isEnabled()), None)
        if ready is not None:
            ready.setFocus(Qt.FocusReason.OtherFocusReason)

    # ---- inside

    def _new_tile(self, index: int) -> FaceTile:
        tile = FaceTile(index, self)
        tile.set_look(self._look)
        tile.toggled.connect(lambda on, i=index: self._on_toggled(i, on))
        tile.moved.connect(self._move_focus)
        tile.show()
        return tile

    def _on_toggled(self, index: int, on: bool) -> None:
        others = tuple(p for p in self._picks if p != index)
        self._picks = (*others, index) if on else others
        self._show_ranks()
        self.picks_changed.emit(self._picks)

    def _show_ranks(self) -> None:
        for tile in self.tiles:
            picked = self._ranked and tile.index in self._picks
            tile.set_rank(self._picks.index(tile.index) + 1 if picked else 0)
            tile.rename()

    def _move_focus(self, index: int, right: int, down: int) -> None:
        target = index + right + down * self._grid.columns
        while 0 <= target < len(self.tiles):
            if self.tiles[target].isEnabled():
                self.tiles[target].setFocus(Qt.FocusReason.TabFocusReason)
                return
            target += right + down * self._grid.columns

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for tile in self.tiles:
                tile.update()

    def _arrange(self) -> None:
        count = len(self.tiles)
        if not count:
            return
        self._grid = grid = best_grid(count, self.width(), self.height())
        step = grid.side + GAP
        left = (self.width() - grid.columns * step + GAP) // 2
        top = (self.height() - grid.rows * step + GAP) // 2
        for tile in self.tiles:
            row, column = divmod(tile.index, grid.columns)
            tile.setGeometry(left + column * step, top + row * step, grid.side, grid.side)

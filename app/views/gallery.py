"""An array of faces to choose from: tiles that arrive one by one, with mouse, keys and ranks."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.engine.api import Pixels
from app.views.digits import TwoDigits, digit_of
from app.views.face_tile import FaceTile
from app.views.images import PLAIN, Look
from app.views.translation import tr

GAP = 8
LEAST, MOST = 84, 440  # tile sides, logical pixels


@dataclass(frozen=True)
class Grid:
    """How tiles are laid out: columns, rows and the side of a tile."""

    columns: int
    rows: int
    side: int


def best_grid(count: int, width: int, height: int, most: int = MOST) -> Grid:
    """The grid with the largest tiles; where two are alike, the one with fewer empty places."""
    options = []
    for columns in range(1, max(count, 1) + 1):
        rows = -(-max(count, 1) // columns)
        side = min((width - GAP * (columns - 1)) // columns, (height - GAP * (rows - 1)) // rows)
        options.append((min(side, most), -(columns * rows - count), -abs(columns - rows), columns))
    side, _, _, columns = max(options)
    return Grid(columns, -(-max(count, 1) // columns), max(side, 1))


class Gallery(QWidget):
    """The tiles, as large as the room allows. Picks are kept in the order they were made."""

    picks_changed = Signal(object)  # tuple[int, ...], first pick first
    held_changed = Signal(object)  # tuple[int, ...]
    ranking_wanted = Signal()  # a face was dragged onto another, or ranked by key

    def __init__(self, parent: QWidget | None = None, plain: bool = False) -> None:
        super().__init__(parent)
        self.tiles: list[FaceTile] = []
        self._plain = plain
        self.may_stay = not plain  # there is a next array, for which faces can be held
        self._share = 100
        self._pickable = True
        self._digits = TwoDigits(self.toggle, self)
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

    @property
    def held(self) -> tuple[int, ...]:
        """Tiles whose faces stay on the table in the next array."""
        return tuple(tile.index for tile in self.tiles if tile.held)

    def set_held(self, held: tuple[int, ...]) -> None:
        """Show these as staying, without telling anyone."""
        for tile in self.tiles:
            tile.set_held(tile.index in held)

    def toggle_held(self, index: int) -> None:
        """Hold a face, or let it go."""
        if self.tiles[index].isEnabled() and self._pickable:
            self.tiles[index].set_held(not self.tiles[index].held)
            self.held_changed.emit(self.held)

    def move_rank(self, index: int, place: int) -> None:
        """Bring a face to a place among the picks (0 the best); it is picked if it was not."""
        if not self._pickable or not self.tiles[index].isEnabled():
            return
        if not self._ranked:
            self.ranking_wanted.emit()
        others = [p for p in self._picks if p != index]
        others.insert(min(max(place, 0), len(others)), index)
        self.set_picks(tuple(others))
        self.picks_changed.emit(self._picks)

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

    def set_share(self, percent: int) -> None:
        """How much of the room the faces take, 30 to 100."""
        self._share = percent
        self._arrange()

    def set_pickable(self, on: bool) -> None:
        """Whether faces can be picked, or only looked at."""
        self._pickable = on
        for tile in self.tiles:
            tile.setCheckable(on)
            tile.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not on)
            tile.setFocusPolicy(Qt.FocusPolicy.StrongFocus if on else Qt.FocusPolicy.NoFocus)

    def take_key(self, event: QKeyEvent) -> bool:
        """A digit picks its face (two digits from 10 on); True when the key was one."""
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier,
        )  # fmt: skip
        digit = digit_of(event) if plain else None
        if digit is None or not self._pickable:
            return False
        self._digits.press(digit, len(self.tiles))
        return True

    # ---- inside

    def _new_tile(self, index: int) -> FaceTile:
        tile = FaceTile(index, self, self._plain)
        tile.set_look(self._look)
        tile.may_stay = self.may_stay
        tile.toggled.connect(lambda on, i=index: self._on_toggled(i, on))
        tile.moved.connect(self._move_focus)
        tile.hold_asked.connect(self.toggle_held)
        tile.rank_asked.connect(self._step_rank)
        tile.dropped.connect(self._on_dropped)
        tile.show()
        return tile

    def _on_toggled(self, index: int, on: bool) -> None:
        others = tuple(p for p in self._picks if p != index)
        self._picks = (*others, index) if on else others
        self._show_ranks()
        self.picks_changed.emit(self._picks)

    def _step_rank(self, index: int, step: int) -> None:
        now = self._picks.index(index) if index in self._picks else len(self._picks)
        self.move_rank(index, now + step if index in self._picks else now)

    def _on_dropped(self, index: int, at: QPoint) -> None:
        target = next(
            (t for t in self.tiles if t.rect().contains(t.mapFromGlobal(at)) and t.isEnabled()),
            None,
        )
        if target is not None:
            last = len(self._picks)
            place = self._picks.index(target.index) if target.index in self._picks else last
            self.move_rank(index, place)

    def _show_ranks(self) -> None:
        for tile in self.tiles:
            picked = self._ranked and tile.index in self._picks
            tile.set_rank(self._picks.index(tile.index) + 1 if picked else 0)
            tile.rename()

    def _move_focus(self, index: int, right: int, down: int) -> None:
        right = -right if self.isRightToLeft() else right
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
        wide, tall = self.width() * self._share // 100, self.height() * self._share // 100
        most = max(MOST, self.height()) if self._plain else MOST
        self._grid = grid = best_grid(count, wide, tall, most)
        step = grid.side + GAP
        left = (self.width() - grid.columns * step + GAP) // 2
        top = (self.height() - grid.rows * step + GAP) // 2
        for tile in self.tiles:
            row, column = divmod(tile.index, grid.columns)
            if self.isRightToLeft():
                column = grid.columns - 1 - column
            tile.setGeometry(left + column * step, top + row * step, grid.side, grid.side)

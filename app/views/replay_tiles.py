"""The faces of one event as they were shown, numbered, with what drawing them again gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from app.engine.api import Pixels
from app.models.redrawing import TOLERANCE
from app.views.forms import clear_layout, text_label
from app.views.images import shown
from app.views.theme import set_look
from app.views.translation import tr

LARGE, SMALL = 320, 176
COLUMNS = 3


@dataclass(frozen=True)
class Tile:
    """One picture: its pixels as shown (None: damaged), its number, and what became of it."""

    pixels: Pixels | None
    number: int
    rank: int | None = None  # 1 is the first pick
    verdict: str = ""


def verdict(difference: int | None) -> str:
    """What comparing the face drawn again with the face as shown gave; None: another size."""
    if difference is None:
        return tr("another size")
    if difference == 0:
        return tr("redrawn: the same")
    if difference <= TOLERANCE:
        return tr("redrawn: within 1/255")
    return tr("redrawn: off by {levels}/255").format(levels=difference)


def ranks_of(picks: Sequence[int]) -> Mapping[int, int]:
    """Place (from 0) to rank (from 1)."""
    return {place: rank for rank, place in enumerate(picks, start=1)}


class Tiles(QWidget):
    """Rows of three; a single face is shown large."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: tuple[Tile, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def show_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show these instead of the ones before."""
        self.shown = tuple(tiles)
        clear_layout(self._column)
        if not tiles:
            return
        frame = QFrame()
        set_look(frame, "card")
        grid = QGridLayout(frame)
        side = LARGE if len(tiles) == 1 else SMALL
        for place, tile in enumerate(tiles):
            grid.addWidget(_one(tile, side), place // COLUMNS, place % COLUMNS)
        self._column.addWidget(frame, 0, Qt.AlignmentFlag.AlignLeft)


def _one(tile: Tile, side: int) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(2, 2, 2, 2)
    column.setSpacing(2)
    words = "" if tile.pixels is not None else tr("This picture is damaged.")
    picture = text_label(words, wrap=False)
    if tile.pixels is not None:
        picture.setPixmap(_pixmap(tile.pixels, side, picture.devicePixelRatioF()))
    picture.setFixedSize(side, side)
    caption = str(tile.number)
    if tile.rank is not None:
        caption += " - " + tr("chosen {rank}").format(rank=tile.rank)
    picture.setAccessibleName(tr("Face {number}").format(number=caption))
    column.addWidget(picture)
    column.addWidget(text_label(caption, "strong" if tile.rank is not None else "", wrap=False))
    if tile.verdict:
        column.addWidget(text_label(tile.verdict, wrap=False))
    box.setMinimumSize(column.sizeHint())  # else a short area squeezes the caption onto the face
    return box


def _pixmap(pixels: Pixels, side: int, ratio: float) -> QPixmap:
    return shown(pixels, side, ratio=ratio)

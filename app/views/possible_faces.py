"""Several faces on offer, one to be chosen: possible ones, never an answer."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QVBoxLayout, QWidget

from app.engine.api import FaceReady, Progress
from app.views.forms import named, text_label
from app.views.gallery import Gallery, Grid
from app.views.picture_facts import StartingFace
from app.views.theme import set_look
from app.views.translation import tr

STRIP_GAP = 10


class FaceStrip(Gallery):
    """All faces in one row, in their order."""

    def _arrange(self) -> None:
        count = len(self.tiles)
        if not count:
            return
        side = min((self.width() - STRIP_GAP * (count - 1)) // count, self.height())
        self._grid = Grid(count, 1, side)
        left = (self.width() - count * (side + STRIP_GAP) + STRIP_GAP) // 2
        for tile in self.tiles:
            tile.setGeometry(
                left + tile.index * (side + STRIP_GAP), (self.height() - side) // 2, side, side
            )


class PossibleFaces(QWidget):
    """A heading that says what these faces are, and the faces; picking one unpicks the other."""

    chosen_changed = Signal()

    def __init__(self, text: str, *, strip: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = text_label(text, "strong")
        self.gallery = FaceStrip() if strip else Gallery()
        self.gallery.may_stay = False
        self.gallery.picks_changed.connect(self._on_picks)
        self._faces: tuple[StartingFace, ...] = ()
        self.progress = QProgressBar()
        named(self.progress, tr("Making faces"))
        self.progress.hide()
        frame = QFrame()
        set_look(frame, "faces")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(6, 6, 6, 6)
        inside.addWidget(self.gallery)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.text)
        column.addWidget(self.progress)
        column.addWidget(frame, 1)

    @property
    def faces(self) -> tuple[StartingFace, ...]:
        """All faces, once they are there."""
        return self._faces

    @property
    def chosen(self) -> StartingFace | None:
        """The face that is picked, once all faces are there."""
        picks = self.gallery.picks
        return self._faces[picks[0]] if picks and picks[0] < len(self._faces) else None

    def begin(self, count: int) -> None:
        """So many empty places."""
        self._faces = ()
        self.gallery.set_count(count)
        self.progress.setRange(0, 0)
        self.progress.setVisible(count > 0)
        self.chosen_changed.emit()

    def show_progress(self, progress: Progress) -> None:
        """How far it is."""
        self.progress.setRange(0, progress.total)
        self.progress.setValue(progress.done)

    def stop(self) -> None:
        """Nothing more comes; what has arrived is only looked at."""
        self.progress.hide()

    def add(self, face: FaceReady) -> None:
        """One face has arrived."""
        self.gallery.set_face(face.index, face.pixels)

    def done(self, faces: tuple[StartingFace, ...]) -> None:
        """All faces are there and may be chosen."""
        self._faces = faces
        self.progress.hide()
        self.chosen_changed.emit()
        if not self.gallery.picks and self.isVisible():
            self.gallery.focus_first()

    def _on_picks(self, picks: tuple[int, ...]) -> None:
        if len(picks) > 1:
            self.gallery.set_picks(picks[-1:])
        self.chosen_changed.emit()

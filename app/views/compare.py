"""The large portrait, with the face it came from beside it or in its place."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.engine.api import Pixels
from app.views import theme
from app.views.images import PLAIN, Look, shown
from app.views.translation import tr

CAPTION = 24
GAP = 8
LEAST, ENLARGED = 360, 3.5  # a face is shown at most this many times its own size
SMALL = 256  # pixels; what is larger was enlarged for overlays already, or needs no help


class Compare(QWidget):
    """Shows the present portrait; before it, on request, the one the witness chose last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.now: Pixels | None = None
        self.before: Pixels | None = None
        self.side_by_side = False
        self.showing_before = False
        self._look = PLAIN
        self._drawn: dict[tuple[str, int, float, Look], QPixmap] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._rename()

    def sizeHint(self) -> QSize:
        return QSize(520, 520 + CAPTION)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 240 + CAPTION)

    def set_now(self, pixels: Pixels | None) -> None:
        """The portrait as it is."""
        self.now = pixels
        self._forget("now")

    def set_before(self, pixels: Pixels | None) -> None:
        """The face that it is compared with."""
        self.before = pixels
        self._forget("before")

    def set_side_by_side(self, on: bool) -> None:
        """Both faces at once."""
        self.side_by_side = on
        self._changed()

    def show_before(self, on: bool) -> None:
        """The earlier face in the place of the present one, while a key is held."""
        self.showing_before = on and self.before is not None
        self._changed()

    def set_look(self, look: Look) -> None:
        """Outside blur and simplified view."""
        self._look = look
        self._drawn.clear()
        self._changed()

    def places(self) -> tuple[tuple[str, QRect], ...]:
        """What is shown where: ``now`` or ``before``, and the square it fills."""
        if self.side_by_side and self.before is not None:
            room = min((self.width() - 3 * GAP) // 2, self.height() - CAPTION - GAP)
            side = min(room, self._largest())
            left = (self.width() - 2 * side - GAP) // 2
            top = max((self.height() - side - CAPTION) // 2, 0)
            return (
                ("before", QRect(left, top, side, side)),
                ("now", QRect(left + side + GAP, top, side, side)),
            )
        below = CAPTION if self.before is not None else GAP // 2  # alone it needs no caption
        side = min(self.width() - GAP, self.height() - below - GAP // 2, self._largest())
        top = (self.height() - below - side) // 2
        square = QRect((self.width() - side) // 2, top, side, side)
        return (("before" if self.showing_before else "now", square),)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("face_surround"))
        for which, square in self.places():
            pixmap = self._pixmap(which, square.width())
            if pixmap is not None:
                painter.drawPixmap(square.topLeft(), pixmap)
            if self.before is not None:
                caption = QRect(square.left(), square.bottom() + 1, square.width(), CAPTION)
                painter.setPen(theme.colour("curtain_text"))
                painter.drawText(caption, Qt.AlignmentFlag.AlignCenter, self._caption(which))
        painter.end()

    # ---- inside

    def _largest(self) -> int:
        """A picture of few pixels is not blown up without end: it would only lose its looks."""
        pixels = self.now if self.now is not None else self.before
        if pixels is None:
            return LEAST
        enlarged = ENLARGED if pixels.shape[0] <= SMALL else 1.2
        return max(LEAST, round(enlarged * pixels.shape[0]))

    def _caption(self, which: str) -> str:
        return tr("Before: the face last chosen") if which == "before" else tr("Now")

    def _pixmap(self, which: str, side: int) -> QPixmap | None:
        pixels = self.before if which == "before" else self.now
        if pixels is None or side < 1:
            return None
        key = (which, side, self.devicePixelRatioF(), self._look)
        if key not in self._drawn:
            for old in [k for k in self._drawn if k[0] == which]:
                del self._drawn[old]
            self._drawn[key] = shown(pixels, side, self._look, self.devicePixelRatioF())
        return self._drawn[key]

    def _forget(self, which: str) -> None:
        for old in [k for k in self._drawn if k[0] == which]:
            del self._drawn[old]
        self._changed()

    def _changed(self) -> None:
        self._rename()
        self.update()

    def _rename(self) -> None:
        if self.side_by_side and self.before is not None:
            name = tr("Before and now, side by side")
        elif self.showing_before:
            name = tr("The face last chosen")
        else:
            name = tr("The portrait as it is now")
        self.setAccessibleName(name)

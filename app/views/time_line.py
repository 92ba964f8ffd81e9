"""A video as a line: from when to when each person is seen, and where the frames on offer lie."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.engine.api import VideoRead
from app.views import theme
from app.views.picture_words import time_code
from app.views.translation import tr

LANE, FOOT, SIDE = 22, 20, 84
NEAR = 12.0  # pixels within which a click means a frame

Taken = frozenset[tuple[int, int]]


class TimeLine(QWidget):
    """One lane a person. A click on a mark is the same as on its thumbnail."""

    frame_clicked = Signal(int, int)  # person, place among its best frames

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._video: VideoRead | None = None
        self._taken: Taken = frozenset()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Time line of the video"))

    def show_video(self, video: VideoRead | None) -> None:
        """Another video, or none."""
        self._video, self._taken = video, frozenset()
        self.updateGeometry()
        self.update()

    def show_taken(self, taken: Taken) -> None:
        """Which frames are chosen."""
        self._taken = taken
        self.update()

    def sizeHint(self) -> QSize:
        lanes = 0 if self._video is None else len(self._video.persons)
        return QSize(400, lanes * LANE + FOOT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mark(self, person: int, place: int) -> QPointF:
        """Where a frame's mark lies on the widget."""
        assert self._video is not None
        frame = self._video.persons[person].best[place]
        return QPointF(self._x(frame.time_s), person * LANE + LANE / 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        marks = [
            (abs(self.mark(p, f).x() - event.position().x()), p, f)
            for p, person in enumerate(self._video.persons if self._video else ())
            for f in range(len(person.best))
            if abs(self.mark(p, f).y() - event.position().y()) <= LANE / 2
        ]
        if marks and min(marks)[0] <= NEAR:
            self.frame_clicked.emit(*min(marks)[1:])

    def _x(self, seconds: float) -> float:
        length = self._video.seconds if self._video is not None else 0.0
        share = seconds / length if length > 0 else 0.0
        return SIDE + min(max(share, 0.0), 1.0) * (self.width() - SIDE - 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._video is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, person in enumerate(self._video.persons):
            middle = number * LANE + LANE / 2
            painter.setPen(theme.colour("text"))
            label = tr("Person {number}").format(number=number + 1)
            painter.drawText(
                QRectF(0, number * LANE, SIDE - 6, LANE), Qt.AlignmentFlag.AlignVCenter, label
            )
            painter.setPen(QPen(theme.colour("border"), 2))
            painter.drawLine(QPointF(SIDE, middle), QPointF(self.width() - 12, middle))
            painter.setPen(QPen(theme.colour("accent"), 6))
            painter.drawLine(
                QPointF(self._x(person.first_s), middle), QPointF(self._x(person.last_s), middle)
            )
            for place in range(len(person.best)):
                self._paint_mark(painter, number, place)
        self._paint_times(painter)
        painter.end()

    def _paint_mark(self, painter: QPainter, person: int, place: int) -> None:
        taken = (person, place) in self._taken
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.setBrush(theme.colour("accent" if taken else "raised"))
        radius = 7 if taken else 5
        painter.drawEllipse(self.mark(person, place), radius, radius)

    def _paint_times(self, painter: QPainter) -> None:
        assert self._video is not None
        painter.setPen(theme.colour("faint"))
        foot = QRectF(SIDE, self.height() - FOOT, self.width() - SIDE - 12, FOOT)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, time_code(0.0))
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, time_code(self._video.seconds))

"""The first tour: one sentence at a time above the page, and a ring around what it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from app.views import theme
from app.views.forms import button, text_label
from app.views.tour_steps import Step, example, steps, words
from app.views.translation import tr

if TYPE_CHECKING:
    from app.views.window import Window

LOOK_MS = 200
ROOM = 5  # between the ring and what it is around


@dataclass
class TourPlace:
    """Where the tour is; outlives the pages, which are made anew with another language."""

    running: bool = False
    step: int = 0


class Ring(QWidget):
    """A frame over a control; lets every click through."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def point_at(self, target: QWidget | None) -> None:
        """Around the control while it is on screen."""
        window = self.parentWidget()
        assert window is not None
        place = QRect() if target is None else _seen(target, window)
        if place.isEmpty():
            self.hide()
            return
        self.setGeometry(place.adjusted(-ROOM, -ROOM, ROOM, ROOM))
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("focus"), 3))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 7, 7)
        painter.end()


def _seen(target: QWidget, window: QWidget) -> QRect:
    """The part of a control that is on screen, in the window's coordinates."""
    if not target.isVisible():
        return QRect()
    seen, above = QRect(target.mapTo(window, QPoint(0, 0)), target.size()), target.parentWidget()
    while above is not None and above is not window:
        seen &= QRect(above.mapTo(window, QPoint(0, 0)), above.size())
        above = above.parentWidget()
    return seen


class TourBar(QFrame):
    """Looks at the window, never at clicks: any way to a step counts, and none is forced."""

    def __init__(self, window: Window, place: TourPlace) -> None:
        super().__init__(window)
        self._window, self._place = window, place
        self._steps: tuple[Step, ...] = steps()
        self.ring = Ring(window)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        theme.set_look(self, "message")
        self.count, self.line = text_label("", "faint", wrap=False), text_label("", "strong")
        self.type_it = button(tr("Type an example"), self.type_example)
        self.stop = button(tr("End the tour"), self.end, "quiet")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(14)
        row.addWidget(self.count)
        row.addWidget(self.line, 1)
        row.addWidget(self.type_it)
        row.addWidget(self.stop)
        self.setVisible(place.running)
        if place.running:
            self._timer.start()
            self._say()

    @property
    def step(self) -> str:
        """The key of the present step; empty while there is no tour."""
        return self._steps[self._place.step].key if self._place.running else ""

    def begin(self) -> None:
        """From the first step, on the practice case that is open."""
        self._place.running, self._place.step = True, 0
        self._timer.start()
        self.show()
        self._say()
        self.look()

    def end(self) -> None:
        """Take the tour away; the practice case stays."""
        self._place.running = False
        self._timer.stop()
        self.ring.hide()
        self.hide()

    def look(self) -> None:
        """Go on where a step was done meanwhile, and point."""
        controller = self._window.controller
        case = controller.case
        if case is None or case.kept:  # its examples belong into no real case
            if not controller.jobs.is_busy("case"):
                self.end()
            return
        done = [place for place, step in enumerate(self._steps) if step.done(self._window)]
        reached = max(done, default=-1) + 1
        if reached != self._place.step:  # undo leads back here as well
            self._place.step = reached
            self._bring_into_view(self._steps[reached].target(self._window))
        self._say()
        paused = controller.is_paused
        target = None if paused else self._steps[self._place.step].target(self._window)
        self.ring.point_at(target)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._place.running:
            QTimer.singleShot(0, self, self.look)  # once the page has its new size as well

    def type_example(self) -> None:
        """What a witness might say, into the field for it."""
        self._window.recall.take(example(), "typed")

    # ---- inside

    def _say(self) -> None:
        step = self._steps[self._place.step]
        template = tr("Tour, {step} of {count}")
        self.count.setText(template.format(step=self._place.step + 1, count=len(self._steps)))
        self.line.setText(words(step.key))
        self.type_it.setVisible(step.key == "tell")

    def _bring_into_view(self, target: QWidget | None) -> None:
        parent = None if target is None else target.parentWidget()
        while target is not None and parent is not None:
            if isinstance(parent, QScrollArea):
                middle = target.mapTo(parent, QPoint(0, 0))
                if not parent.rect().contains(middle):
                    parent.ensureWidgetVisible(target)
            parent = parent.parentWidget()

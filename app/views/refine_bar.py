"""Drawing a face better: a time limit, progress, keep the best so far, or cancel."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QProgressBar, QWidget

from app.views.forms import button, named
from app.views.translation import tr

LIMITS_S = (15, 30, 60, 120)
TICK_MS = 200


class RefineBar(QWidget):
    """Idle: a button and a time limit. Under way: how long it has run, and two ways to stop."""

    asked = Signal(float)  # seconds
    stopped = Signal(bool)  # whether the best so far is kept

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.refine = button(
            tr("Refine"), self._ask, help_text=tr("Draws the face closer to the picture")
        )
        self.limit = QComboBox()
        named(self.limit, tr("Time limit"))
        for seconds in LIMITS_S:
            self.limit.addItem(tr("at most {seconds} seconds").format(seconds=seconds), seconds)
        self.limit.setCurrentIndex(1)
        self.progress = QProgressBar()
        named(self.progress, tr("Refining"))
        self.keep = button(tr("Keep the best so far"), lambda: self.stopped.emit(True))
        self.cancel = button(tr("Cancel"), lambda: self.stopped.emit(False), "quiet")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.refine)
        row.addWidget(self.limit)
        row.addWidget(self.progress, 1)
        row.addWidget(self.keep)
        row.addWidget(self.cancel)
        row.addStretch(0)
        self.show_running(False)

    def show_running(self, running: bool, *, refining: bool = True) -> None:
        """Under way or idle; the encoder's guess is under way without a time limit."""
        self.refine.setVisible(not running)
        self.limit.setVisible(not running)
        self.progress.setVisible(running)
        self.keep.setVisible(running and refining)
        self.cancel.setVisible(running)
        if running and refining:
            self.progress.setRange(0, 1000 * int(self.limit.currentData()))
            self.progress.setValue(0)
            self._clock.start()
            self._timer.start()
        else:
            self._timer.stop()
            self.progress.setRange(0, 0 if running else 1)

    def hide_all(self) -> None:
        """Nothing to refine yet."""
        self.show_running(False)
        self.refine.setEnabled(False)

    def _ask(self) -> None:
        self.asked.emit(float(self.limit.currentData()))

    def _tick(self) -> None:
        self.progress.setValue(min(self._clock.elapsed(), self.progress.maximum()))

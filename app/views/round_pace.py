"""Pace of looking: a while for each array before it is answered, and breaks in between."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from app.models.session import Session, Stage
from app.views.controller import Controller


class LookLonger(QObject):
    """A hint, no lock: witnesses who looked longer made better portraits (EvoFIT's experiments)."""

    over = Signal()

    def __init__(self, seconds: Callable[[], int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._seconds = seconds
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.over)

    @property
    def is_early(self) -> bool:
        """Whether the witness has not yet had the time that is suggested."""
        return self._timer.isActive()

    def begin(self) -> None:
        """All faces of an array are there."""
        if self._seconds() > 0:
            self._timer.start(1000 * self._seconds())

    def stop(self) -> None:
        """No array is looked at any more."""
        self._timer.stop()


class BreakWatch(QObject):
    """Suggests a break after so many minutes of faces; a break, or another case, begins anew."""

    def __init__(self, controller: Controller, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._suggest)
        controller.session_changed.connect(self._on_session)
        controller.paused_changed.connect(self._begin_anew)
        controller.case_changed.connect(self._begin_anew)
        controller.settings_changed.connect(self._begin_anew)

    def _on_session(self, old: Session, new: Session) -> None:
        if not self._timer.isActive():
            self._begin()

    def _begin_anew(self, what: object) -> None:
        self._timer.stop()
        self._begin()

    def _begin(self) -> None:
        controller, minutes = self._controller, self._controller.settings.break_minutes
        looking = controller.session.stage in (Stage.round, Stage.refine)
        if minutes and looking and controller.case is not None and not controller.is_paused:
            self._timer.start(60_000 * minutes)

    def _suggest(self) -> None:
        if self._controller.session.stage in (Stage.round, Stage.refine):
            self._controller.notice.emit("break.suggested", {})
            self._begin()

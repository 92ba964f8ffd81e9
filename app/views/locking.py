"""Locking the case: its key dropped, workers and pages new, the passphrase asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.views.jobs import CLOSING_LANE
from app.views.machine_watch import MachineWatch

if TYPE_CHECKING:
    from app.views.window import Window

NOTICES = {"idle": "case.locked", "lock": "case.locked_by_hand"}


class Locker(QObject):
    """Locks the window's case at once, or as soon as an export that is being written is done."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._controller = window.controller
        self._waiting = ""  # why to lock once the export is done
        self._watch: MachineWatch | None = None
        self._controller.exporter.ended.connect(self._on_export_ended)
        self._controller.busy_changed.connect(self._on_busy)

    def follow(self, watch: MachineWatch) -> None:
        """Lock when the watch says so; it is told when nothing is left to be locked."""
        self._watch = watch
        watch.away.connect(self.lock)

    def lock(self, reason: str) -> None:
        """Close the case and ask for its passphrase; a practice case has none and stays."""
        case = self._controller.case
        if case is None or not case.kept:
            self._let_sleep()
        elif self._controller.exporter.is_running:
            self._waiting = reason
        else:
            self._close(reason)

    def _close(self, reason: str) -> None:
        window, controller = self._window, self._controller
        path = controller.case_path
        window.flush()
        controller.close_case(reason)
        controller.jobs.drop_engine()  # nothing of the case stays in the workers
        controller.start_engine()
        window.rebuild()  # no page, undo stack or picture of the case is left
        window.start_page.show_open(str(path or ""))
        window.messages.show_notice(NOTICES.get(reason, "case.locked_away"), {})

    def _on_export_ended(self) -> None:
        reason, self._waiting = self._waiting, ""
        if reason:
            QTimer.singleShot(0, self, lambda: self.lock(reason))

    def _on_busy(self, lane: str, busy: bool) -> None:
        if lane == CLOSING_LANE and not busy:
            self._let_sleep()

    def _let_sleep(self) -> None:
        if self._watch is not None:
            self._watch.ready()

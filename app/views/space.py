"""Says in time that the disk of the open case is getting full."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from app.views.controller import Controller

WARN_AT = (2_000_000_000, 500_000_000, 200_000_000)  # bytes; each is said once a case
LOOK_EVERY_S = 30.0


def free_space(folder: Path) -> int | None:
    """Bytes that may still be written there, None where the system does not tell."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


class SpaceWatch(QObject):
    """Looks when a case is opened, and with what is written, at most twice a minute."""

    def __init__(
        self, controller: Controller, free: Callable[[Path], int | None] = free_space
    ) -> None:
        super().__init__(controller)
        self._controller, self._free = controller, free
        self._looked = float("-inf")
        self._said = 0  # how many of the limits
        controller.case_changed.connect(self._on_case)
        controller.history_changed.connect(lambda history: self._on_written())

    def _on_case(self, case: object) -> None:
        self._looked, self._said = float("-inf"), 0

    def _on_written(self) -> None:
        if time.monotonic() - self._looked >= LOOK_EVERY_S:
            self._looked = time.monotonic()
            QTimer.singleShot(0, self, self.look)  # after what opening has to say

    def look(self) -> None:
        """Say so when less is left than the next limit."""
        case, path = self._controller.case, self._controller.case_path
        if case is None or not case.kept or case.read_only or path is None:
            return
        free = self._free(path.parent)
        passed = 0 if free is None else sum(free < limit for limit in WARN_AT)
        if free is not None and passed > self._said:
            self._said = passed
            self._controller.notice.emit("case.little_space", {"megabytes": free // 1_000_000})

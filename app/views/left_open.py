"""After a crash or a power cut the program begins where it was: at the case that was open."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.models.store import CaseFile
from app.views.window import Window


class LeftOpen(QObject):
    """Keeps the path of the open case in the settings, only while it is open."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window, self._controller = window, window.controller
        self.was_open = self._controller.settings.left_open
        self._controller.case_changed.connect(self._on_case)

    def offer(self) -> bool:
        """Turn to the form for the case that was open when the program ended; whether there is one.

        Its passphrase is asked for as always; the sitting then goes on at its last step and page.
        """
        if not self.was_open or not Path(self.was_open).is_file():
            return False
        self._window.start_page.show_open(self.was_open)
        self._controller.notice.emit("case.left_open", {"file": Path(self.was_open).name})
        return True

    def _on_case(self, case: CaseFile | None) -> None:
        path = self._controller.case_path
        kept = case is not None and case.kept and not case.read_only and path is not None
        self._controller.change_settings(left_open=str(path) if kept else "")

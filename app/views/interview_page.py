"""The interview page."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.models.session import Session
from app.views.controller import Controller


class InterviewPage(QWidget):
    """To be filled within the hour."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller

    def show_session(self, session: Session) -> None:
        """Idempotent."""

    def show_new(self) -> None:
        """The form for a new case."""

    def show_open(self, path: str = "") -> None:
        """The form for opening."""

    def open_copy(self) -> None:
        """Open a copy for reading."""

"""The break screen: neutral grey, no face, one way back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.views.controller import Controller
from app.views.forms import button, text_label
from app.views.theme import set_look
from app.views.translation import tr


class Curtain(QFrame):
    """Covers everything while the witness rests."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, "curtain")
        self.setAccessibleName(tr("Break"))
        column = QVBoxLayout(self)
        column.addStretch(2)
        self._controller = controller
        self.practice = text_label(tr("Practice - nothing is kept"), "heading")
        title = text_label(tr("Break"), "title")
        line = text_label(tr("Take all the time you need. Nothing is lost."), "heading")
        for label in (self.practice, title, line):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        column.addSpacing(24)
        self._go_on = button(tr("Go on"), controller.resume, "big")
        column.addWidget(self._go_on, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        controller.paused_changed.connect(self._on_paused)

    def _on_paused(self, paused: bool) -> None:
        case = self._controller.case
        self.practice.setVisible(case is not None and not case.kept)
        if paused:
            self._go_on.setFocus()

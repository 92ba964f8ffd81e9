"""What changes more than one slider: words and parts of other faces; and what all that did."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.models.session import Session
from app.views.controller import Controller
from app.views.drift_bar import DriftBar
from app.views.effects_dialog import effects_dialog
from app.views.forms import button
from app.views.mix_dialog import MixDialog
from app.views.translation import tr
from app.views.words_panel import WordsPanel


class ChangesPanel(QWidget):
    """The line of words, the bar of drift, and the ways to other faces and to the table."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.words = WordsPanel(controller, self)
        self.drift = DriftBar(controller, self)
        self.mix = button(tr("From another face..."), self.show_mix)
        self.effects = button(tr("What sliders move..."), self.show_effects)
        ways = QHBoxLayout()
        ways.addWidget(self.drift, 1)
        ways.addWidget(self.mix)
        ways.addWidget(self.effects)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.words)
        column.addLayout(ways)

    def show_session(self, session: Session) -> None:
        """Show the drift of the session's portrait."""
        self.drift.show_session(session)
        may = session.portrait is not None and self._controller.may_write
        self.words.setEnabled(may)
        self.mix.setEnabled(may and bool(session.rounds))
        self.effects.setEnabled(self._controller.model_info is not None)

    def show_mix(self) -> None:
        """Parts of faces shown before, or the mean of several."""
        MixDialog(self._controller, self).show()

    def show_effects(self) -> None:
        """The table of what each slider moves besides."""
        info = self._controller.model_info
        if info is not None:
            effects_dialog(info.directions, self).show()

"""The holistic interview: a quiet minute, then seven judgements of the person as a whole."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.models.guide import LEVELS, TRAITS, Guide
from app.views.forms import ChoiceRow, button, named, text_label
from app.views.guide_words import level_text, trait_question
from app.views.translation import tr

QUIET_S = 60


class CharacterPanel(QWidget):
    """Answers can be changed or left open; nothing of them reaches the face model."""

    judged = Signal(str, str)  # trait, level

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.quiet = QProgressBar()
        self.quiet.setRange(0, QUIET_S)
        self.quiet.setTextVisible(False)
        named(self.quiet, tr("The quiet minute"))
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._tick)
        self.minute = button(tr("Begin the quiet minute"), self.toggle_minute)
        row = QHBoxLayout()
        row.addWidget(self.minute)
        row.addWidget(self.quiet, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        self.rows: dict[str, ChoiceRow] = {}
        for trait in TRAITS:
            self.rows[trait] = ChoiceRow(
                trait_question(trait), [(level, level_text(level)) for level in LEVELS],
                lambda level, t=trait: self.judged.emit(t, level), beside=True,
            )
            column.addWidget(self.rows[trait])
        column.addWidget(text_label(tr(
            "The first thought counts. Each may be left open."
        ), "faint"))
        column.addStretch(1)

    def show_guide(self, guide: Guide, may_write: bool) -> None:
        """Mark what was answered."""
        for trait, row in self.rows.items():
            row.show_value(guide.level(trait))
            row.setEnabled(may_write)

    def toggle_minute(self) -> None:
        """Begin the minute, or end it early."""
        if self._timer.isActive():
            self._stop()
        else:
            self.quiet.setValue(0)
            self._timer.start()
            self.minute.setText(tr("End the quiet minute"))

    def _tick(self) -> None:
        self.quiet.setValue(self.quiet.value() + 1)
        if self.quiet.value() >= QUIET_S:
            self._stop()

    def _stop(self) -> None:
        self._timer.stop()
        self.minute.setText(tr("Begin the quiet minute"))

    def hideEvent(self, event: QHideEvent) -> None:
        self._stop()
        super().hideEvent(event)

"""The steps of the interview beside it: where it is, what the officer heeds, and the silence."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from app.models.guide import STEPS, Guide
from app.views.forms import button, text_label
from app.views.guide_words import heeded, step_label
from app.views.translation import tr

WIDTH = 270
TICK_MS = 1000
SHOWN_AFTER_S = 4


class GuidePanel(QWidget):
    """Any step can be turned to at any time; none is ever demanded."""

    turned = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(max(WIDTH, 26 * self.fontMetrics().averageCharWidth() + 40))
        self.steps: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        self._step = STEPS[0]
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._show_silence)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(text_label(tr("Steps of the interview"), "heading"))
        for number, step in enumerate(STEPS, 1):
            made = button(f"{number}  {step_label(step)}", self._turn_to(step), "rail")
            made.setAccessibleName(step_label(step))
            made.setCheckable(True)
            self._group.addButton(made)
            self.steps[step] = made
            column.addWidget(made)
        column.addSpacing(8)
        column.addWidget(text_label(tr("For the officer"), "strong"))
        self.heeded = text_label("")
        column.addWidget(self.heeded)
        self.silence = text_label("", "faint")
        self.silence.setMinimumHeight(2 * self.fontMetrics().lineSpacing() + 4)
        column.addSpacing(4)
        column.addWidget(self.silence)
        column.addStretch(1)
        self.next = button(tr("Next step"), self.go_on)
        column.addWidget(self.next)

    def show_guide(self, guide: Guide) -> None:
        """Mark the step; steps that were opened have a tick."""
        self._step = guide.step
        for number, (step, made) in enumerate(self.steps.items(), 1):
            done = step in guide.seen and step != guide.step
            made.setText(f"{number}  {step_label(step)}" + ("  \u2713" if done else ""))
            made.setAccessibleDescription(tr("opened before") if done else "")
            made.setChecked(step == guide.step)
        self.heeded.setText(heeded(guide.step))
        self.next.setEnabled(guide.step != STEPS[-1])

    def go_on(self) -> None:
        """To the step after this one."""
        place = STEPS.index(self._step) + 1
        if place < len(STEPS):
            self.turned.emit(STEPS[place])

    def heard(self) -> None:
        """Somebody said or typed something: the silence is over."""
        self._clock.start()
        self.silence.setText("")

    # ---- inside

    def _turn_to(self, step: str) -> Callable[[], object]:
        return lambda: self.turned.emit(step)

    def _show_silence(self) -> None:
        seconds = self._clock.elapsed() // 1000
        if seconds >= SHOWN_AFTER_S:
            template = tr("Silence for {minutes}:{seconds}. Let it stand; memory takes time.")
            self.silence.setText(
                template.format(minutes=seconds // 60, seconds=f"{seconds % 60:02d}")
            )

    def showEvent(self, event: QShowEvent) -> None:
        self.heard()
        self._timer.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)

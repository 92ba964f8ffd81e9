"""The side bar: the stages of the sitting, what lies beside them, and the break."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QPushButton, QVBoxLayout, QWidget

from app.models.session import Session, Stage
from app.views.forms import button, text_label
from app.views.stages import reachable, stage_label
from app.views.theme import set_look
from app.views.translation import tr

LEAST_WIDTH = 172


class Rail(QFrame):
    """Turns to a stage, to the other starting points, or lets the curtain down."""

    def __init__(
        self, go: Callable[[Stage], object], go_beside: Callable[[], object],
        pause: Callable[[], object], parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_look(self, "rail")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 12, 8, 12)
        column.setSpacing(4)
        self._group = QButtonGroup(self)
        self.stages: dict[Stage, QPushButton] = {}
        for number, stage in enumerate(Stage, 1):
            turn: Callable[[], object] = lambda stage=stage: go(stage)  # noqa: E731
            self.stages[stage] = self._entry(f"{number}  {stage_label(stage)}", turn)
            self.stages[stage].setAccessibleName(stage_label(stage))
            column.addWidget(self.stages[stage])
        self.beside = self._entry(tr("Other starts"), go_beside)
        self.beside.setAccessibleDescription(tr("A photo, a video, a sketch; for the officer"))
        self.beside.setToolTip(self.beside.accessibleDescription())
        self.purpose = text_label("", "faint")
        self.model_note = text_label("", "faint")
        column.addSpacing(14)
        column.addWidget(self.beside)
        column.addStretch(1)
        column.addWidget(self.purpose)
        column.addWidget(self.model_note)
        column.addWidget(button(tr("Break"), pause, help_text=tr("F8")))
        self._fit()

    def show_session(self, session: Session, *, beside: bool, may_write: bool) -> None:
        """Mark where the sitting is; what cannot be turned to is greyed."""
        for stage, made in self.stages.items():
            made.setChecked(stage is session.stage and not beside)
            made.setEnabled(reachable(session, stage))
        self.beside.setChecked(beside)
        self.beside.setEnabled(may_write)

    def show_purpose(self, text: str) -> None:
        """Say what the page is for; left out where the type is too large for it."""
        self.purpose.setText(text)
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        layout = self.layout()
        assert layout is not None
        shown, needed = not self.purpose.isHidden(), layout.minimumSize().height()
        needed += 0 if shown else self.purpose.heightForWidth(self.width() - 16) + 4
        self.purpose.setVisible(needed <= self.height())

    def show_model(self, state: str) -> None:
        """Say so while there is no face model."""
        self.model_note.setText({
            "loading": tr("Loading the face model..."),
            "failed": tr("No face model"),
        }.get(state, ""))

    def _entry(self, text: str, go: Callable[[], object]) -> QPushButton:
        made = button(text, go, "rail")
        made.setCheckable(True)
        self._group.addButton(made)
        return made

    def _fit(self) -> None:
        bold = QFont(self.font())  # the checked button is bold and must fit as well
        bold.setBold(True)
        words = [made.text() for made in self._group.buttons()]
        widest = max(QFontMetrics(bold).horizontalAdvance(text) for text in words)
        self.setFixedWidth(max(LEAST_WIDTH, widest + 56))

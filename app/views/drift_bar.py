"""How far the portrait has moved from the face that was chosen: a thin bar and plain words."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from app.models.portrait import Recipe
from app.models.session import Session
from app.views.controller import Controller
from app.views.forms import named, text_label
from app.views.translation import tr

NEAR, CHANGED = 0.35, 0.75  # of the distance between two strangers


class DriftBar(QWidget):
    """Measured after every step, against the last face the witness chose or accepted."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._shown: tuple[Recipe | None, Recipe | None] = (None, None)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)
        self.words = text_label("", "faint", wrap=False)
        named(self.bar, tr("Distance from the chosen face"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.words)
        row.addWidget(self.bar, 1)
        controller.changes.drifted.connect(self.show_drift)
        self.show_drift(0.0)

    def show_session(self, session: Session) -> None:
        """Have it measured again where portrait or baseline changed."""
        pair = (session.portrait, session.baseline)
        if pair != self._shown:
            self._shown = pair
            self._controller.changes.measure_drift()

    def show_drift(self, drift: float) -> None:
        """Show one distance, 0 the same face, 1 as far as two strangers."""
        self.bar.setValue(round(100 * min(max(drift, 0.0), 1.0)))
        said = drift_words(drift)
        self.words.setText(said)
        self.bar.setAccessibleDescription(said)


def drift_words(drift: float) -> str:
    """The distance in words; never a number."""
    if drift < NEAR:
        return tr("Still the chosen face")
    if drift < CHANGED:
        return tr("Clearly changed since the chosen face")
    return tr("Nearly another person than the chosen face")

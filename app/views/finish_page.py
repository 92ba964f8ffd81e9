"""The end of a sitting: the portrait, the witness's judgement, and the export."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.engine.api import FaceReady
from app.models.portrait import Recipe
from app.models.session import Session, Stage
from app.views.compare import Compare
from app.views.controller import Controller
from app.views.export_panel import ExportPanel
from app.views.forms import scrolling
from app.views.rating_panel import NOT_ALIKE, RatingPanel
from app.views.theme import set_look


class FinishPage(QWidget):
    """One page for two stages: judging beside the portrait, then exporting it."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._portrait: Recipe | None = None
        self.face = Compare(self)
        self.rating = RatingPanel(self)
        self.export = ExportPanel(controller, self)
        self.panels = QStackedWidget(self)
        for panel in (self.rating, self.export):
            self.panels.addWidget(scrolling(panel))
        self._build()
        controller.portrait_ready.connect(self._on_portrait)
        controller.case_changed.connect(self._on_case)
        self.rating.rated.connect(self._on_rated)
        self.rating.faces_asked.connect(lambda: controller.go(Stage.round))
        self.rating.portrait_asked.connect(lambda: controller.go(Stage.refine))
        self.show_session(controller.session)

    def show_session(self, session: Session) -> None:
        """Show the panel of the session's stage beside its portrait."""
        if session.portrait != self._portrait:
            self._portrait = session.portrait
            portrait = session.portrait
            self.face.set_now(None if portrait is None else self._controller.known_face(portrait))
        self.panels.setCurrentIndex(1 if session.stage is Stage.export else 0)
        self.rating.show_session(session)
        self.export.show_session(session)

    # ---- inside

    def _build(self) -> None:
        frame = QFrame(self)
        set_look(frame, "faces")
        box = QVBoxLayout(frame)
        box.setContentsMargins(4, 4, 4, 4)
        box.addWidget(self.face)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 16, 12)
        row.setSpacing(16)
        row.addWidget(frame, 11)
        row.addWidget(self.panels, 10)

    def _on_portrait(self, face: FaceReady) -> None:
        if face.recipe == self._controller.session.portrait:
            self.face.set_now(face.pixels)

    def _on_case(self, case: object) -> None:
        self.rating.clear()

    def _on_rated(self, rating: int, remark: str) -> None:
        self._controller.rate(rating, remark)
        if self._controller.session.rating == rating and rating != NOT_ALIKE:
            self._controller.go(Stage.export)

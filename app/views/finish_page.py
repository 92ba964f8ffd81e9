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
from app.views.composites_dialog import CompositesDialog
from app.views.controller import Controller
from app.views.export_panel import ExportPanel
from app.views.forms import button, scrolling
from app.views.origins_dialog import origins_dialog
from app.views.rating_panel import NOT_ALIKE, RatingPanel
from app.views.theme import set_look
from app.views.translation import tr


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
        may = self._controller.may_write
        self.again.setEnabled(may and session.rating is not None)
        self.best.setVisible(bool(session.composites))
        self.best.setEnabled(may and session.rating is not None)
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
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(frame, 1)
        left.addLayout(self._ways())
        row.addLayout(left, 11)
        row.addWidget(self.panels, 10)

    def _ways(self) -> QHBoxLayout:
        """Where the face comes from; and a second portrait, which is found more often."""
        self.origins = button(
            tr("Said, chosen, made up..."),
            lambda: origins_dialog(self._controller, self).show(),
        )
        self.again = button(
            tr("A second portrait..."), self._controller.composites.begin_again,
            help_text=tr(
                "Keeps this one and starts from the first faces again. A second portrait, and the "
                "morph of both, are recognised more often."
            ),
        )
        self.best = button(
            tr("Compare them..."), lambda: CompositesDialog(self._controller, self).show(),
            help_text=tr("The portraits and their morph side by side"),
        )
        row = QHBoxLayout()
        for made in (self.origins, self.again, self.best):
            row.addWidget(made)
        row.addStretch(1)
        return row

    def _on_portrait(self, face: FaceReady) -> None:
        if face.recipe == self._controller.session.portrait:
            self.face.set_now(face.pixels)

    def _on_case(self, case: object) -> None:
        self.rating.clear()

    def _on_rated(self, rating: int, remark: str) -> None:
        self._controller.rate(rating, remark)
        if self._controller.session.rating == rating and rating != NOT_ALIKE:
            self._controller.go(Stage.export)

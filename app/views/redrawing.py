"""Every face of a case drawn again by the engine and compared with the pixels as shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from app.engine.api import Event as EngineEvent
from app.engine.api import FaceReady, RedrawFaces
from app.models.errors import PortraitError
from app.models.events import Event
from app.models.portrait import Recipe
from app.models.redrawing import TOLERANCE, FaceShown, difference, faces_shown
from app.models.store import CaseFile
from app.views.controller import Controller
from app.views.overlay_paint import composed
from app.views.png import pixels_of
from app.views.replay_tiles import verdict
from app.views.translation import tr


class Redrawing(QObject):
    """Asks for the faces of the model that is loaded; those of another model are counted apart."""

    changed = Signal()

    def __init__(
        self, controller: Controller, case: CaseFile, events: Sequence[Event], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._controller, self._case = controller, case
        model = controller.model_info.sha256 if controller.model_info else ""
        faces = faces_shown(events)
        self._faces = tuple(f for f in faces if f.recipe.get("model") == model)
        self._foreign = len(faces) - len(self._faces)
        self.differences: dict[str, int | None] = {}  # by picture; None: another size or damaged
        self.done = 0
        self.is_running = False
        self._failed = ""

    @property
    def total(self) -> int:
        """How many faces are compared."""
        return len(self._faces)

    @property
    def may_start(self) -> bool:
        """Whether there is a model and anything to draw."""
        return self._controller.model_ready and self.total > 0

    def toggle(self) -> None:
        """Begin, or stop."""
        if self.is_running:
            self.stop()
        elif self.may_start:
            self.differences, self.done, self.is_running, self._failed = {}, 0, True, ""
            self.changed.emit()
            recipes = tuple(Recipe.from_json(face.recipe).bare() for face in self._faces)
            self._controller.jobs.start(
                RedrawFaces(recipes), lambda answer: self._end(), self._on_failed, self._on_drawn
            )

    def stop(self) -> None:
        """Stop; what was compared so far stays."""
        if self.is_running:
            self._controller.jobs.cancel(RedrawFaces.lane)
            self._end()

    def verdict_on(self, picture: str) -> str:
        """What comparing gave for one picture, empty where it was not compared."""
        return verdict(self.differences[picture]) if picture in self.differences else ""

    def summary(self) -> str:
        """The result in one line, empty before the first comparison."""
        if not self.done and not self._failed:
            foreign = tr("{count} faces belong to another face model and cannot be drawn here.")
            return foreign.format(count=self._foreign) if self._foreign else ""
        found = list(self.differences.values())
        same = sum(d == 0 for d in found)
        near = sum(d is not None and 0 < d <= TOLERANCE for d in found)
        line = tr(
            "{count} of {total} faces compared: {same} the same, {near} within 1 of 255, "
            "{others} different, {foreign} of another model."
        )
        return line.format(
            count=self.done, total=self.total + self._foreign, same=same, near=near,
            others=len(found) - same - near, foreign=self._foreign,
        )

    def _on_drawn(self, event: EngineEvent) -> None:
        if isinstance(event, FaceReady) and not event.preview:
            face = self._faces[event.index]
            self.differences[face.picture] = self._compared(face, event)
            self.done += 1
            self.changed.emit()

    def _compared(self, face: FaceShown, drawn: FaceReady) -> int | None:
        try:
            shown = pixels_of(self._case.picture(face.picture))
        except PortraitError:
            return None
        overlays = Recipe.from_json(face.recipe).overlays  # the engine draws the bare face
        return None if shown is None else difference(composed(drawn.pixels, overlays), shown)

    def _on_failed(self, error: PortraitError) -> None:
        self._failed = error.code
        self._controller.problem.emit(error)
        self._end()

    def _end(self) -> None:
        self.is_running = False
        self.changed.emit()

"""A second composite by the same witness, and the morph of both, as the evidence recommends.

Naming rose from 8.3 % to 18.3 % with a second composite and to 23.3 % with the morph of both
(a thesis of Bournemouth University, core.ac.uk/works/46227479).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.engine.api import BlendPortraits, FaceReady
from app.models.errors import PortraitError
from app.models.portrait import Recipe
from app.views.overlay_paint import composed
from app.views.png import png_of

if TYPE_CHECKING:
    from app.views.controller import Controller

MORPH = "morph"


class CompositeDesk(QObject):
    """The verbs; ``morph_ready`` carries the morph, drawn and journalled."""

    morph_ready = Signal(object)  # FaceReady

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._controller = controller

    @property
    def all(self) -> tuple[Recipe, ...]:
        """The finished portraits, the present one last."""
        session = self._controller.session
        return (*session.composites, *((session.portrait,) if session.portrait else ()))

    def begin_again(self) -> None:
        """Keep the judged portrait and start from the description, without it."""
        session = self._controller.session
        if session.portrait is None or session.rating is None:
            self._controller.notice.emit("composite.judge_first", {})
            return
        data = {
            "number": len(session.composites) + 1,
            "recipe": session.portrait.to_json(),
            "rating": session.rating,
            "remark": session.remark,
        }
        if self._controller.record("composite.kept", data):
            self._controller.offer_round()

    def ask_morph(self) -> None:
        """Blend the finished portraits, in equal parts."""
        recipes = self.all
        if len(recipes) < 2:
            return
        if not self._controller.model_ready:
            self._controller.problem.emit(PortraitError(f"model.{self._controller.model_state}"))
            return
        self._controller.jobs.start(
            BlendPortraits(recipes),
            lambda face: self._on_morph(face, recipes),
            self._controller.problem.emit,
        )

    def choose(self, which: str, recipe: Recipe) -> None:
        """The witness says which of them is most like: it becomes the accepted portrait."""
        pixels = self._controller.known_face(recipe)
        if pixels is None:
            self._controller.problem.emit(PortraitError("portrait.not_drawn"))
            return
        png = self._controller.picture(recipe) or png_of(pixels)
        data = {"which": which, "recipe": recipe.to_json()}
        if self._controller.record("composite.chosen", data, "witness", (png,)):
            self._controller.accept_portrait()

    def _on_morph(self, face: FaceReady, recipes: tuple[Recipe, ...]) -> None:
        pixels = composed(face.pixels, face.recipe.overlays)
        data = {"of": [r.to_json() for r in recipes], "recipe": face.recipe.to_json()}
        png = png_of(pixels)
        if self._controller.record("composite.morphed", data, "model", (png,)):
            self.morph_ready.emit(FaceReady(0, face.recipe, pixels))

"""Portraits made by more than one slider: changes in words, blends, regions; and the drift of each.

The controller's helper for these verbs: asks the engine, journals what comes back with its picture,
and only then is it the portrait.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.engine.api import (
    BlendPortraits,
    ChangePortrait,
    FaceReady,
    MeasureDrift,
    ReadChanges,
    Request,
    SwapRegion,
    WordedChange,
)
from app.models.errors import PortraitError
from app.models.portrait import Recipe
from app.views.png import png_of

if TYPE_CHECKING:
    from app.views.controller import Controller


class ChangeDesk(QObject):
    """``read`` hands on what words were taken to say; ``drifted`` how far the portrait is from the
    face that was chosen (0 the same, 1 as far as two strangers)."""

    read = Signal(object)  # tuple[WordedChange, ...]
    drifted = Signal(float)

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._controller = controller

    # ---- words

    def read_words(self, text: str) -> None:
        """Have words about the portrait read; ``read`` tells what they say."""
        request = ReadChanges(text, self._controller.language)
        self._start(request, self.read.emit)

    def make(self, text: str, changes: Sequence[WordedChange]) -> None:
        """Make the confirmed changes: one step, to be undone as one."""
        session = self._controller.session
        if session.portrait is None or not changes:
            return
        held = _held_after(session.held, changes)
        before = session.portrait

        def done(face: FaceReady) -> None:
            moves = [
                {"name": n, "from": before.edit(n), "to": face.recipe.edit(n)}
                for n in sorted({n for r in (before, face.recipe) for n, _ in r.edits})
                if before.edit(n) != face.recipe.edit(n)
            ]
            data = {"text": text, "moves": moves, "held": list(held)}
            self._record("portrait.worded", data, face)

        kept = tuple(h for h in held if h in session.held)
        kept += tuple(c.name for c in changes if c.hold)
        self._start(ChangePortrait(before, tuple(changes), tuple(dict.fromkeys(kept))), done)

    # ---- several faces

    def more_like(self, recipe: Recipe) -> None:
        """The next array: this face and small changes of it."""
        controller = self._controller
        if controller.model_ready:
            controller._faces.ask_round(controller.session, controller.settings.array_size, recipe)
        else:
            controller.problem.emit(PortraitError(f"model.{controller.model_state}"))

    def blend(self, recipes: Sequence[Recipe], weights: Sequence[float] = ()) -> None:
        """The weighted mean of faces becomes the portrait."""
        request = BlendPortraits(tuple(recipes), tuple(weights))
        data = {"how": "blend", "faces": [r.id for r in recipes]}
        self._start(request, lambda face: self._record("portrait.mixed", data, face))

    def swap(self, donor: Recipe, region: str) -> None:
        """One region of the portrait as in ``donor``."""
        portrait = self._controller.session.portrait
        if portrait is None:
            return
        data = {"how": "swap", "region": region, "faces": [portrait.id, donor.id]}
        request = SwapRegion(portrait, donor, region)
        self._start(request, lambda face: self._record("portrait.mixed", data, face))

    # ---- drift

    def measure_drift(self) -> None:
        """How far the portrait is from the face that was chosen; ``drifted`` tells."""
        session = self._controller.session
        if session.portrait is None or session.baseline is None:
            return
        if session.portrait == session.baseline:
            self.drifted.emit(0.0)
        elif self._controller.model_ready:
            request = MeasureDrift(session.baseline, session.portrait)
            self._start(request, self.drifted.emit, quiet=True)

    # ---- inside

    def _start(self, request: Request[Any], done: Any, quiet: bool = False) -> None:
        if request.worker == "torch" and not self._controller.model_ready:
            state = self._controller.model_state
            self._controller.problem.emit(PortraitError(f"model.{state}"))
            return
        failed = (lambda error: None) if quiet else self._controller.problem.emit
        try:
            self._controller.jobs.start(request, done, failed, lambda event: None)
        except PortraitError as error:
            self._controller.problem.emit(error)

    def _record(self, kind: str, data: dict[str, Any], face: FaceReady) -> None:
        whole = {**data, "recipe": face.recipe.to_json()}
        self._controller.record(kind, whole, pictures=(png_of(face.pixels),))


def _held_after(held: Sequence[str], changes: Sequence[WordedChange]) -> tuple[str, ...]:
    """The names held once the words are obeyed; what is changed is not held any more."""
    names = {c.name for c in changes if c.hold}
    free = {c.name for c in changes if not c.hold}
    return tuple(sorted((set(held) - free) | names))

"""Faces asked of the engine, and kept while they may be wanted again: arrays, portrait, thumbnails.

Nothing is shown before it is journalled: each tile of an array and each final portrait goes into
the case file first. A face that was ever shown is taken from there, so undo needs no model.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from app.engine.api import (
    Event,
    FaceReady,
    FacesProposed,
    MovePortrait,
    Pixels,
    Progress,
    ProposeFaces,
    RenderFaces,
    RenderPortrait,
)
from app.models.errors import PortraitError
from app.models.portrait import Recipe
from app.models.replay import next_round_number
from app.models.round import Round
from app.models.session import Session
from app.views.ahead import Ahead, array_request
from app.views.overlay_paint import composed
from app.views.png import pixels_of, png_of

if TYPE_CHECKING:
    from app.views.controller import Controller

CACHE_MB = 5  # a sitting stays small; what was dropped is read from the case file again
NOTHING: Mapping[int, Recipe] = {}
HandOn = Callable[[FaceReady], None]


class FaceCache:
    """Pixels by recipe, the least recently used dropped first, bounded in megabytes."""

    def __init__(self, limit_mb: float = CACHE_MB) -> None:
        self._limit = int(limit_mb * 1e6)
        self._pixels: OrderedDict[Recipe, Pixels] = OrderedDict()

    def keep(self, recipe: Recipe, pixels: Pixels) -> None:
        """Keep one face."""
        self._pixels[recipe] = pixels
        self._pixels.move_to_end(recipe)
        while len(self._pixels) > 1 and sum(p.nbytes for p in self._pixels.values()) > self._limit:
            self._pixels.popitem(last=False)

    def get(self, recipe: Recipe) -> Pixels | None:
        """The face, if it is still here."""
        if recipe in self._pixels:
            self._pixels.move_to_end(recipe)
        return self._pixels.get(recipe)

    def clear(self) -> None:
        """Forget every face (the case is closed)."""
        self._pixels.clear()


@dataclass
class _Offer:
    """An array on its way: what was asked, and the tiles that have arrived, as PNG."""

    number: int
    request: ProposeFaces
    shown: dict[int, tuple[Recipe, bytes]] = field(default_factory=dict)
    kept: Mapping[int, Recipe] = field(default_factory=dict)

    def place(self, index: int) -> int:
        """The tile of the engine's face ``index``: kept faces have theirs already."""
        free = (p for p in range(self.request.count + len(self.kept)) if p not in self.kept)
        return next(islice(free, index, None))

    def whole(self, proposed: FacesProposed) -> FacesProposed:
        """What the engine proposed, with the kept faces in their places."""
        faces = dict(self.kept) | {self.place(i): f for i, f in enumerate(proposed.faces)}
        wild = None if proposed.wild is None else self.place(proposed.wild)
        return replace(proposed, faces=tuple(faces[i] for i in sorted(faces)), wild=wild)


class FaceDesk:
    """Starts the engine's drawing for the controller and hands on what comes back."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._cache = FaceCache()
        self.offer: _Offer | None = None
        self.is_arriving = False
        self._wanted: dict[Recipe, list[HandOn]] = {}
        self.ahead = Ahead(controller)

    # ---- arrays

    def ask_round(
        self, session: Session, count: int, like: Recipe | None = None,
        keep: Mapping[int, Recipe] = NOTHING,
    ) -> None:
        """Journal the question, then ask for the next array; ``like``: around one face.

        ``keep``: faces that stay where they are; at least one face is always new.
        """
        kept = {i: r for i, r in sorted(keep.items())[: count - 1] if 0 <= i < count}
        request = self.ahead.taken(array_request(session, count - len(kept), like))
        number = next_round_number(self._controller.history)
        asked = {
            "round": number, "seed": request.seed, "strategy": request.strategy,
            "held": list(request.held), "count": count,
        }
        if like is not None:
            asked["like"] = like.id
        if kept:
            asked["kept"] = {str(place): recipe.id for place, recipe in kept.items()}
        if not self._controller.record("round.asked", asked):
            return
        self.offer = offer = _Offer(number, request, kept=kept)
        self._controller.jobs.start(
            request, self._on_proposed, self._on_round_failed, self._on_round_event
        )
        for place, recipe in kept.items():
            pixels = self.known(recipe)
            if pixels is not None and self.offer is offer:
                self._show_tile(offer, FaceReady(place, recipe, pixels))

    def _on_round_event(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._controller.progress.emit(ProposeFaces.lane, event)
        elif self.offer is not None and not event.preview:
            self._show_tile(self.offer, replace(event, index=self.offer.place(event.index)))

    def _show_tile(self, offer: _Offer, face: FaceReady) -> None:
        png = png_of(face.pixels)
        offer.shown[face.index] = (face.recipe, png)
        self._cache.keep(face.recipe, face.pixels)
        data = {"round": offer.number, "position": face.index, "recipe": face.recipe.to_json()}
        if self._controller.record("face.shown", data, actor="model", pictures=(png,)):
            self._controller.face_ready.emit(face)
        else:
            self._controller.cancel(ProposeFaces.lane)

    def _on_proposed(self, proposed: FacesProposed) -> None:
        offer, self.offer = self.offer, None
        if offer is None:
            return
        proposed = offer.whole(proposed)
        shown = [offer.shown.get(i) for i in range(len(proposed.faces))]
        if any(s is None or s[0] != f for s, f in zip(shown, proposed.faces, strict=True)):
            self._controller.problem.emit(PortraitError("round.incomplete", round=offer.number))
            return
        data = {
            "round": offer.number,
            "recipes": [recipe.to_json() for recipe in proposed.faces],
            "order": list(range(len(proposed.faces))),
            "wild": proposed.wild,
            "seed": proposed.seed or offer.request.seed,
            "held": list(offer.request.held),
            "shortfalls": [[s.attribute, s.value, s.reason] for s in proposed.shortfalls],
            "phase": proposed.state.phase,
        }
        pictures = [s[1] for s in shown if s is not None]
        self.is_arriving = True  # its tiles are on screen already
        try:
            stored = self._controller.record("round.shown", data, actor="model", pictures=pictures)
        finally:
            self.is_arriving = False
        if stored:
            self._controller.round_offered.emit(proposed)

    def _on_round_failed(self, error: PortraitError) -> None:
        self.offer = None
        self._controller.problem.emit(error)

    def show_round(self, shown: Round) -> None:
        """The tiles of a known array again (after undo, or when a case is reopened)."""
        missing = []
        for index, recipe in enumerate(shown.faces):
            pixels = self.known(recipe)
            if pixels is None:
                missing.append(recipe)
            else:
                self._controller.face_ready.emit(FaceReady(index, recipe, pixels))
        places = {recipe: index for index, recipe in enumerate(shown.faces)}

        def hand_on(face: FaceReady) -> None:
            self._controller.face_ready.emit(
                FaceReady(places[face.recipe], face.recipe, face.pixels, face.preview)
            )

        self._draw_missing(tuple(missing), hand_on)

    # ---- portrait

    def draw_portrait(self, recipe: Recipe, *, final: bool) -> None:
        """Draw the face being worked on; a known one is shown at once."""

        def hand_on(face: FaceReady) -> None:
            face = self._overlaid(recipe, face)
            if not final or self._journalled(face):
                self._controller.portrait_ready.emit(face)

        pixels = self.known(recipe)
        if pixels is not None:
            self._controller.jobs.cancel(RenderPortrait.lane)
            hand_on(FaceReady(0, recipe, pixels))
        elif self._controller.model_ready:
            self._controller.jobs.start(
                RenderPortrait(recipe.bare(), preview=not final and not recipe.overlays), hand_on,
                self._controller.problem.emit, self._on_portrait_event,
            )

    def move_portrait(
        self, recipe: Recipe, name: str, amount: float, held: tuple[str, ...], final: bool
    ) -> None:
        """Move one slider while others are held; the engine says what the new recipe is."""

        def hand_on(face: FaceReady) -> None:
            face = self._overlaid(face.recipe.with_overlays(recipe.overlays), face)
            if not final:
                self._controller.portrait_ready.emit(face)
                return
            data = {
                "name": name,
                "from": recipe.edit(name),
                "to": amount,
                "held": list(held),
                "recipe": face.recipe.to_json(),
            }
            png = png_of(face.pixels)
            if not self._controller.record("portrait.edited", data, pictures=(png,)):
                self.draw_portrait(recipe, final=True)

        if self._controller.model_ready:
            self._controller.jobs.start(
                MovePortrait(
                    recipe.bare(), name, amount, held, preview=not final and not recipe.overlays
                ),
                hand_on,
                self._controller.problem.emit,
                self._on_portrait_event,
            )

    def _on_portrait_event(self, event: Event) -> None:
        if isinstance(event, FaceReady):
            self._controller.portrait_ready.emit(event)
        else:
            self._controller.progress.emit(RenderPortrait.lane, event)

    def _journalled(self, face: FaceReady) -> bool:
        if not self._controller.may_write or self._controller.was_shown(face.recipe):
            return True
        data = {"recipe": face.recipe.to_json()}
        png = png_of(face.pixels)
        return self._controller.record("portrait.shown", data, actor="model", pictures=(png,))

    def draw_baseline(self, recipe: Recipe) -> None:
        """Hand on the face that before/after compares with."""
        pixels = self.known(recipe)
        if pixels is not None:
            self._controller.baseline_ready.emit(FaceReady(0, recipe, pixels))
        else:
            self._draw_missing((recipe,), self._controller.baseline_ready.emit)

    # ---- thumbnails and what is known

    def thumbnails(self, recipes: tuple[Recipe, ...]) -> None:
        """Hand on each face: from the case at once, the others as they are drawn."""
        missing = []
        for index, recipe in enumerate(recipes):
            pixels = self.known(recipe)
            if pixels is None:
                missing.append(recipe)
            else:
                self._controller.thumbnail_ready.emit(FaceReady(index, recipe, pixels))
        self._draw_missing(tuple(missing), self._controller.thumbnail_ready.emit)

    def known(self, recipe: Recipe) -> Pixels | None:
        """The face as shown before, from memory or from the case file; None if it never was."""
        pixels = self._cache.get(recipe)
        if pixels is None:
            png = self._controller.picture(recipe)
            pixels = None if png is None else pixels_of(png)
            if pixels is not None:
                self._cache.keep(recipe, pixels)
        if pixels is None and recipe.overlays:
            face = self.known(recipe.bare())
            return None if face is None else composed(face, recipe.overlays)
        return pixels

    def _overlaid(self, recipe: Recipe, face: FaceReady) -> FaceReady:
        """The engine's face with the recipe's overlays on top; both are kept."""
        self._cache.keep(face.recipe, face.pixels)
        if not recipe.overlays or face.recipe == recipe:
            return face
        pixels = composed(face.pixels, recipe.overlays)
        self._cache.keep(recipe, pixels)
        return FaceReady(face.index, recipe, pixels, face.preview)

    def forget(self) -> None:
        """Drop every face and whatever is on its way (the case is closed)."""
        self._cache.clear()
        self._wanted.clear()
        self.offer = None
        self.ahead.forget()

    def _draw_missing(self, recipes: tuple[Recipe, ...], hand_on: HandOn) -> None:
        # one lane serves several pages: what an older request still owes is asked for again
        if not recipes or not self._controller.model_ready:
            return
        for recipe in recipes:
            give: HandOn = lambda face, r=recipe: hand_on(self._overlaid(r, face))  # noqa: E731
            self._wanted.setdefault(recipe.bare(), []).append(give)
        self._controller.jobs.start(
            RenderFaces(tuple(self._wanted)), lambda answer: self._wanted.clear(),
            self._on_drawing_failed, self._on_drawn,
        )

    def _on_drawn(self, event: Event) -> None:
        if isinstance(event, FaceReady):
            for hand_on in self._wanted.pop(event.recipe, ()):
                hand_on(event)

    def _on_drawing_failed(self, error: PortraitError) -> None:
        self._wanted.clear()
        self._controller.problem.emit(error)

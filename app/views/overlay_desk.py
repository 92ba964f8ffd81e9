"""What lies on the portrait, and edits of a part of it: asked by pages, journalled, then drawn."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.engine.api import FindLandmarks, Landmarks
from app.models.errors import PortraitError
from app.models.overlay import DRAWING, Overlay, Stroke
from app.models.overlay_catalogue import Entry, at_place, catalogue, entry_named, placed
from app.models.region import LocalEdit
from app.models.session import Session
from app.views.overlay_paint import prepare

if TYPE_CHECKING:
    from app.views.controller import Controller


LANE = "overlay"


def offered(session: Session, shown: Collection[str] = ()) -> tuple[tuple[Entry, str | None], ...]:
    """Drawings that show what the witness said and nothing on the portrait shows yet, with the
    place said of a mark. ``shown``: attributes that the model has sliders for; hair and beards
    are offered without one only."""
    known, found = catalogue(), list[tuple[Entry, str | None]]()
    worn = {o.name for o in session.overlays}
    attributes = {known[name].attribute for name in worn if name in known} - {"mark"}
    for said in session.description.confirmed_attributes():
        value = said.style or "thick" if said.name == "moustache" else str(said.value)
        matching = [e for e in known.values() if (e.attribute, e.value) == (said.name, value)]
        if said.negated or said.value == "none" or said.name in attributes or not matching:
            continue
        if matching[0].group in ("hair", "beard") and said.name in shown:
            continue
        if not any(e.name in worn for e in matching):
            found.append((matching[0], said.where))
    return tuple(found)


class OverlayDesk(QObject):
    """The verbs for overlays and local edits; ``added`` tells which place a new overlay has."""

    added = Signal(int)

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._controller = controller

    # ---- overlays

    def offers(self) -> tuple[tuple[Entry, str | None], ...]:
        """What the witness said that can be put on, with the place said of a mark."""
        info = self._controller.model_info
        shown = {d.attribute for d in info.directions} if info is not None else set()
        return offered(self._controller.session, shown)

    def add(self, name: str, where: str | None = None) -> None:
        """Put a shipped drawing on, fitted to the face where its features can be found."""
        controller, portrait = self._controller, self._controller.session.portrait
        if portrait is None or not controller.may_write:
            return
        entry = entry_named(name)

        def fitted(found: Landmarks) -> None:
            points = {point: (x, y) for point, x, y in found.points}
            self._prepare(entry, at_place(placed(entry, points), where))

        def unfitted(error: PortraitError) -> None:
            self._prepare(entry, at_place(placed(entry), where))  # the mean face serves

        if controller.model_ready:
            controller.jobs.start(FindLandmarks(portrait.bare()), fitted, unfitted)
        else:
            self._prepare(entry, at_place(placed(entry), where))

    def add_drawing(self, strokes: tuple[Stroke, ...], colour: str) -> None:
        """Put the officer's own drawing on, as it was drawn over the face."""
        if strokes:
            self._put_on(Overlay(DRAWING, colour=colour, strokes=strokes))

    def change(self, index: int, overlay: Overlay, final: bool) -> None:
        """Place one anew: shown at once, a step of its own when ``final``."""
        overlays = list(self._controller.session.overlays)
        if not 0 <= index < len(overlays):
            return
        before, overlays[index] = overlays[index], overlay
        if not final:
            portrait = self._controller.session.portrait
            assert portrait is not None
            self._controller.show_portrait(portrait.with_overlays(tuple(overlays)))
        elif overlay != before:
            data = {"index": index, "name": overlay.name, "overlay": overlay.to_json()}
            self._controller.record("overlay.changed", data)

    def remove(self, index: int) -> None:
        """Take one off."""
        overlays = self._controller.session.overlays
        if 0 <= index < len(overlays):
            data = {"index": index, "name": overlays[index].name}
            self._controller.record("overlay.removed", data)

    def bring(self, index: int, place: int) -> None:
        """Bring one to another place in the order; the last lies on top."""
        overlays = self._controller.session.overlays
        if 0 <= index < len(overlays) and 0 <= place < len(overlays) and index != place:
            data = {"index": index, "name": overlays[index].name, "place": place}
            self._controller.record("overlay.ordered", data)

    def _prepare(self, entry: Entry, overlay: Overlay) -> None:
        """Draw the SVG beside the window, which would stop for it; then put it on."""
        jobs = self._controller.jobs
        jobs.aside(
            LANE, lambda: prepare(entry), lambda done: self._put_on(overlay),
            self._controller.problem.emit,
        )  # fmt: skip

    def _put_on(self, overlay: Overlay) -> None:
        if self._controller.session.portrait is None:
            return  # the case was closed meanwhile
        index = len(self._controller.session.overlays)
        data = {"index": index, "name": overlay.name, "overlay": overlay.to_json(), "new": True}
        if self._controller.record("overlay.added", data):
            self.added.emit(index)

    # ---- a part of the face

    def paint_region(self, strokes: tuple[Stroke, ...]) -> None:
        """A new region in which sliders may move alone."""
        portrait = self._controller.session.portrait
        if portrait is not None and strokes:
            region = LocalEdit(strokes).to_json()
            data = {"index": len(portrait.local), "region": region}
            self._controller.record("region.painted", data)

    def set_local(self, index: int, name: str, amount: float, final: bool) -> None:
        """Move along a direction inside one region only."""
        session = self._controller.session
        portrait = session.portrait
        if portrait is None or not 0 <= index < len(portrait.local):
            return
        if name in session.held:
            self._controller.problem.emit(PortraitError("session.held", name=name))
            return
        local = portrait.local[index]
        if final:
            data = {"index": index, "name": name, "from": local.edit(name), "to": amount}
            if local.edit(name) != amount and self._controller.record("region.edited", data):
                return
        moved = list(portrait.local)
        if not final:
            moved[index] = local.with_edit(name, amount)
        self._controller.show_portrait(replace(portrait, local=tuple(moved)), final)

    def remove_region(self, index: int) -> None:
        """Forget a region and its moves."""
        portrait = self._controller.session.portrait
        if portrait is not None and 0 <= index < len(portrait.local):
            self._controller.record("region.removed", {"index": index})

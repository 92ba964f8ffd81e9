"""Replay: every generated face drawn again from its recipe and compared with the PNG as shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.models.errors import PortraitError
from app.models.events import Event
from app.models.export.record import shown_faces
from app.models.portrait import Recipe, canonical
from app.models.store_base import CaseFile

TOLERANCE = 1  # of 255 grey levels; exact on the set-up that drew the face
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Replay:
    """What came of it. ``different`` and ``not_drawn`` name event and tile."""

    compared: int
    exact: int
    within: int
    max_difference: int
    different: tuple[str, ...]
    not_drawn: tuple[str, ...]


def replay_faces(
    case: CaseFile,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
    render: Callable[[Recipe], Pixels] | None = None,
) -> Replay:
    """Draw each (recipe, picture) of the case once; ``render`` None: the engine's."""
    draw = render or _engine_render()
    faces = list(_faces(case).items())
    differences: list[int] = []
    different: list[str] = []
    not_drawn: list[str] = []
    for number, ((_, picture), (where, recipe)) in enumerate(faces):
        progress("replay", number, len(faces))
        try:
            drawn = draw(Recipe.from_json(recipe))
        except PortraitError as error:
            not_drawn.append(f"{where}: {error}")
            continue
        difference = _difference(drawn, _decoded(case.picture(picture)))
        if difference is None or difference > TOLERANCE:
            different.append(f"{where}: {'another size' if difference is None else difference}")
        differences.append(255 if difference is None else difference)
    exact = differences.count(0)
    within = sum(0 < d <= TOLERANCE for d in differences)
    worst = max(differences, default=0)
    return Replay(len(differences), exact, within, worst, tuple(different), tuple(not_drawn))


def _engine_render() -> Callable[[Recipe], Pixels]:
    from app.engine.runtime import render_recipe

    return with_overlays(render_recipe)


def with_overlays(engine: Callable[[Recipe], Pixels]) -> Callable[[Recipe], Pixels]:
    """The engine's drawing of a bare face, with the recipe's overlays on it."""
    from app.commands.layers import layered

    return lambda recipe: layered(recipe, engine(recipe.bare()))


def _faces(case: CaseFile) -> dict[tuple[str, str], tuple[str, Mapping[str, Any]]]:
    found: dict[tuple[str, str], tuple[str, Mapping[str, Any]]] = {}
    for event in case.events():
        for tile, (recipe, picture) in enumerate(shown_faces(event), start=1):
            where = f"event {event.seq} ({event.kind}), face {tile}"
            found.setdefault((canonical(recipe), picture), (where, recipe))
    return found


def _decoded(png: bytes) -> Pixels:
    """A PNG that this program wrote, as uint8 RGB [h, w, 3]; [0, 0, 3] when it is damaged."""
    import cv2

    pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR_RGB)
    return np.zeros((0, 0, 3), np.uint8) if pixels is None else pixels.astype(np.uint8)


def _difference(drawn: Pixels, shown: Pixels) -> int | None:
    """The largest difference in grey levels, None when the sizes differ."""
    if drawn.shape != shown.shape:
        return None
    return int(np.abs(drawn.astype(np.int16) - shown.astype(np.int16)).max())


def steps(case: CaseFile) -> list[dict[str, Any]]:
    """The sitting step by step: who did what when, recipes left out."""
    return [
        {"seq": e.seq, "wall": e.wall, "actor": e.actor, "kind": e.kind, "text": _text(e),
         "pictures": len(e.pictures)}
        for e in case.events()
    ]  # fmt: skip


def step_lines(listed: list[dict[str, Any]]) -> list[str]:
    """The steps as lines for people."""
    return [f"{s['seq']:>5} {s['wall']} {s['actor']:<8} {s['text']}" for s in listed]


def _text(event: Event) -> str:
    """One line; long values are cut, latents are not shown."""
    parts = [event.kind]
    for name, value in event.data.items():
        if name not in ("recipe", "recipes", "files", "libraries"):
            text = value if isinstance(value, str) else canonical(value)
            parts.append(f"{name}={text[:60]}")
    return " ".join(" ".join(parts).split())

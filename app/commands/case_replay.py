"""Replay: every generated face drawn again from its recipe and compared with the PNG as shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.models.errors import PortraitError
from app.models.events import Event
from app.models.portrait import Recipe, canonical
from app.models.redrawing import TOLERANCE, Pixels, difference, faces_shown
from app.models.store_base import CaseFile


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
    faces = faces_shown(case.events())
    differences: list[int] = []
    different: list[str] = []
    not_drawn: list[str] = []
    for number, face in enumerate(faces):
        progress("replay", number, len(faces))
        try:
            drawn = draw(Recipe.from_json(face.recipe))
        except PortraitError as error:
            not_drawn.append(f"{face.where}: {error}")
            continue
        found = difference(drawn, _decoded(case.picture(face.picture)))
        if found is None or found > TOLERANCE:
            different.append(f"{face.where}: {'another size' if found is None else found}")
        differences.append(255 if found is None else found)
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


def _decoded(png: bytes) -> Pixels:
    """A PNG that this program wrote, as uint8 RGB [h, w, 3]; [0, 0, 3] when it is damaged."""
    import cv2

    pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR_RGB)
    return np.zeros((0, 0, 3), np.uint8) if pixels is None else pixels.astype(np.uint8)


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

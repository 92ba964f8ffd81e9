"""The way from one portrait to another in even steps, each a portrait of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from app.engine.api import Event, FaceReady, InterpolatePortraits
from app.engine.runtime import MAX_FACES, blended
from app.models.errors import BadInput
from app.models.portrait import Recipe

if TYPE_CHECKING:
    from app.engine.runtime import Runtime

Emit = Callable[[Event], None]
Check = Callable[[], None]


def interpolate(
    runtime: Runtime, request: InterpolatePortraits, emit: Emit, check: Check
) -> tuple[Recipe, ...]:
    """Answer ``InterpolatePortraits``: linear in w and in the edits (LiGAN's use case 2)."""
    if not 2 <= request.steps <= MAX_FACES:
        raise BadInput("interpolate.bad_steps", steps=request.steps, most=MAX_FACES)
    recipes = between(request.first, request.second, request.steps)
    for i, recipe in enumerate(recipes):
        check()
        emit(FaceReady(i, recipe, runtime.render(recipe)))
    return recipes


def between(first: Recipe, second: Recipe, steps: int) -> tuple[Recipe, ...]:
    """``steps`` recipes from one to the other; the ends are the two themselves."""
    inner = tuple(
        replace(blended((first, second), (1 - i / (steps - 1), i / (steps - 1))), origin="blend")
        for i in range(1, steps - 1)
    )
    return (first, *inner, second)

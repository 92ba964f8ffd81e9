"""Changes said in words as moves along directions: relative ones by steps, values by their bounds.

"Thinner nose" moves the slider from where it stands by a share of its scale; "blond hair" moves it
until the attribute net reads blond, or as far as it goes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from app.engine.api import ChangePortrait, Event, FaceReady, WordedChange
from app.engine.directions import Direction, Directions
from app.engine.editing import edit_recipe
from app.engine.holding import moved
from app.engine.keeping import kept
from app.engine.painter import Painter
from app.models.attributes import vocabulary
from app.models.errors import BadInput
from app.models.portrait import Recipe

if TYPE_CHECKING:
    from app.engine.runtime import Runtime

WHOLE = {"sd": 2.0, "years": 40.0}  # amount of a change of delta 1


def change(
    runtime: Runtime, request: ChangePortrait, emit: Callable[[Event], None],
    check: Callable[[], None],
) -> FaceReady:  # fmt: skip
    """Answer a ChangePortrait request: all changes made, drawn once."""
    painter = runtime.painter_for(request.recipe.model)
    net = runtime.attribute_net(painter)
    recipe = changed(painter, net, request.recipe, request.changes, request.held, check)
    return FaceReady(0, recipe, painter.pixels(recipe))


def changed(
    painter: Painter, net: Any | None, recipe: Recipe, changes: Sequence[WordedChange],
    held: Sequence[str] = (), check: Callable[[], None] = lambda: None,
) -> Recipe:  # fmt: skip
    """The recipe after all changes that the model has a direction for; holds are no moves."""
    directions = painter.model.directions
    keep = tuple(h for h in held if h not in {c.name for c in changes if not c.hold})
    before = recipe
    for wish in changes:
        check()
        if wish.hold or wish.release:
            continue
        found = step_of(directions, recipe, wish)
        if found is not None:
            direction, amount = found
            recipe = moved(directions, recipe, direction.name, amount, keep)
        elif wish.value is not None and directions.of_attribute(wish.name):
            recipe = _to_value(painter, net, recipe, wish, keep)
    return kept(painter, net, before, recipe, directions.named(keep), check)


def step_of(
    directions: Directions, recipe: Recipe, wish: WordedChange
) -> tuple[Direction, float] | None:
    """The direction and new amount of a relative change; None where it is none."""
    if not wish.delta:
        return None
    for direction in directions.of_attribute(wish.name):
        side = _side(direction, wish)
        if side:
            step = abs(wish.delta) * WHOLE.get(direction.info.unit, 2.0)
            if wish.years and direction.info.unit == "years":
                step = float(abs(wish.years))
            to = recipe.edit(direction.name) + side * step
            return direction, float(np.clip(to, direction.info.low, direction.info.high))
    return None


def _side(direction: Direction, wish: WordedChange) -> int:
    info = direction.info
    if vocabulary().entry(wish.name).is_interval:  # an age has no words at its ends
        return 1 if wish.delta > 0 else -1
    if wish.value is not None and direction.value_side(wish.value):
        return direction.value_side(wish.value)
    for low, high in vocabulary().entry(wish.name).opposites:
        if (info.low_value, info.high_value) == (low, high):
            return 1 if wish.delta > 0 else -1
        if (info.low_value, info.high_value) == (high, low):
            return -1 if wish.delta > 0 else 1
    return 0


def _to_value(
    painter: Painter, net: Any | None, recipe: Recipe, wish: WordedChange, held: Sequence[str]
) -> Recipe:
    try:
        return edit_recipe(painter, net, recipe, [f"{wish.name}={wish.value}"], held).recipe
    except BadInput as error:
        if error.code in ("edit.no_direction", "edit.out_of_range", "attribute.bad_value"):
            return recipe
        raise

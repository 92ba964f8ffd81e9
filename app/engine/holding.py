"""A slider moved while other things are held: side effects on them are undone, as further edits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.engine.api import Event, FaceReady, MovePortrait, RenderPortrait
from app.engine.directions import Directions
from app.engine.keeping import kept
from app.models.portrait import Recipe

if TYPE_CHECKING:
    from app.engine.runtime import Runtime

NEGLIGIBLE = 1e-6


def move(
    runtime: Runtime,
    request: MovePortrait,
    emit: Callable[[Event], None],
    check: Callable[[], None],
) -> FaceReady:
    """Answer a MovePortrait request: the new recipe, drawn."""
    painter = runtime.painter_for(request.recipe.model)
    directions = painter.model.directions
    recipe = moved(directions, request.recipe, request.name, request.amount, request.held)
    if request.held and not request.preview:  # the slider was let go of: time to look
        held = [d for d in directions.named(request.held) if d.name != request.name]
        net = runtime.attribute_net(painter)
        recipe = kept(painter, net, request.recipe, recipe, held, check)
    return runtime.render_portrait(RenderPortrait(recipe, request.preview), emit, check)


def moved(
    directions: Directions, recipe: Recipe, name: str, amount: float, held: tuple[str, ...]
) -> Recipe:
    """The recipe with one direction at ``amount`` and the held readings where they were.

    Only the difference to the present amount is compensated: what earlier moves did to the held
    readings has been undone by the edits they left. BadInput on an unknown ``name``.
    """
    directions.find(name)
    change = {name: amount - recipe.edit(name)}
    for direction, by in directions.compensated(change, held).items():
        total = recipe.edit(direction) + by
        recipe = recipe.with_edit(direction, total if abs(total) > NEGLIGIBLE else 0.0)
    return recipe.with_edit(name, amount)

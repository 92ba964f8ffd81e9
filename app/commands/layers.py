"""What lies on a portrait, on the command line: words to drawings, and the picture with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.models.errors import BadInput, ModelError
from app.models.overlay_catalogue import (
    Entry,
    Point,
    at_place,
    catalogue,
    drawings_for,
    entry_named,
    placed,
)
from app.models.portrait import Recipe

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from app.engine.runtime import Runtime


def with_layers(recipe: Recipe, layers: Sequence[str], runtime: Runtime) -> Recipe:
    """The recipe with each of ``NAME`` or ``ATTRIBUTE=VALUE[:WHERE]`` put on, fitted to the face.

    BadInput ``overlay.unknown`` names the drawings there are.
    """
    if not layers:
        return recipe
    points = _points(recipe, runtime)
    wanted = [_entry(layer) for layer in layers]
    put_on = tuple(at_place(placed(entry, points), where) for entry, where in wanted)
    return recipe.with_overlays((*recipe.overlays, *put_on))


def layered(recipe: Recipe, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The engine's picture with the recipe's overlays on it, as the window shows it."""
    if not recipe.overlays:
        return pixels
    from app.views.overlay_paint import composed
    from app.views.report import application

    running = application()  # drawing needs one, as long as it draws
    picture = composed(pixels, recipe.overlays)
    del running
    return picture


def _entry(layer: str) -> tuple[Entry, str | None]:
    attribute, separator, value = layer.partition("=")
    if not separator:
        return entry_named(layer), None
    word, _, where = value.partition(":")
    found = drawings_for(attribute.strip(), word.strip())
    if not found:
        words = dict.fromkeys(f"{e.attribute}={e.value}" for e in catalogue().values())
        raise BadInput("overlay.unknown", name=layer, known=", ".join(words))
    return found[0], where.strip() or None


def _points(recipe: Recipe, runtime: Runtime) -> dict[str, Point] | None:
    from app.engine.api import FindLandmarks

    try:
        found = runtime.answer(FindLandmarks(recipe.bare()), lambda event: None, lambda: None)
    except ModelError:
        return None  # the mean face serves
    return {name: (x, y) for name, x, y in found.points}

"""One region of a face as in another: the nearest face of the model, found in few linear steps.

What each principal component of w changes in the picture is measured at the face itself. Then the
move along them is solved for that brings the region (a mask) to the donor's and leaves the rest:
least squares with a prior, so that the answer stays a face of the model and is an ordinary recipe.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from app.engine.api import Event, FaceReady, SwapRegion
from app.engine.painter import Painter
from app.engine.space import Spread
from app.models.errors import BadInput
from app.models.portrait import Recipe

if TYPE_CHECKING:
    from app.engine.runtime import Runtime

Floats = npt.NDArray[np.float64]
COMPONENTS = 96
BLOCKS = 4  # pictures of 32x32
STEPS = 2
STRAY = 0.5  # weight of the rest of the picture, against the region's
PRIOR = 0.02  # weight of staying near, per squared standard deviation
COLOURS = 0.12  # of the side: blur that leaves colour and light, and takes what is drawn in them
# centre and half axes of each region in the training frame, share of its side: x, y, x, y
REGIONS: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "upper": ((0.5, 0.12, 0.5, 0.24),),
    "eyes": ((0.34, 0.41, 0.17, 0.11), (0.66, 0.41, 0.17, 0.11)),
    "nose": ((0.5, 0.55, 0.14, 0.17),),
    "mouth": ((0.5, 0.76, 0.2, 0.1),),
    "jaw": ((0.5, 0.93, 0.42, 0.15), (0.14, 0.78, 0.12, 0.2), (0.86, 0.78, 0.12, 0.2)),
}


def swap(
    runtime: Runtime, request: SwapRegion, emit: Callable[[Event], None],
    check: Callable[[], None],
) -> FaceReady:  # fmt: skip
    """Answer a SwapRegion request."""
    painter = runtime.painter_for(request.recipe.model)
    recipe = swapped(
        painter, runtime.spread(painter), request.recipe, request.donor, request.region, check
    )
    return FaceReady(0, recipe, painter.pixels(recipe))


def swapped(
    painter: Painter, spread: Spread, recipe: Recipe, donor: Recipe, region: str,
    check: Callable[[], None] = lambda: None,
) -> Recipe:  # fmt: skip
    """The recipe with ``region`` as in ``donor``; edits of both are baked into the latent.

    BadInput ``blend.unknown_region`` or when the two are not of one model.
    """
    if region not in (*REGIONS, "colouring"):
        raise BadInput("blend.unknown_region", region=region, known=", ".join(REGIONS))
    mine, theirs = painter.ws_of(recipe), painter.ws_of(donor)  # [num_ws, w_dim]
    out = mine + _move(painter, spread, mine, theirs, region, check)
    flat = out[0] if (out == out[0]).all() else out
    return Recipe.from_array(painter.sha256, flat, origin="blend")


def mask(region: str, side: int) -> Floats:
    """A soft mask [side, side] in 0..1 of one region."""
    y, x = (np.mgrid[:side, :side] + 0.5) / side
    out = np.zeros((side, side))
    for cx, cy, rx, ry in REGIONS[region]:
        far = np.sqrt(((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2)
        out = np.maximum(out, 1 / (1 + np.exp(10 * (far - 1))))
    return out


def _move(
    painter: Painter, spread: Spread, mine: npt.NDArray[np.float32],
    theirs: npt.NDArray[np.float32], region: str, check: Callable[[], None],
) -> npt.NDArray[np.float32]:  # fmt: skip
    """The move in w [w_dim], the same for all layers."""
    variance, axes = np.linalg.eigh(spread.covariance)
    count = min(COMPONENTS, int((variance > 1e-10 * variance[-1]).sum()))
    steps = np.sqrt(variance[::-1][:count])[:, None] * axes[:, ::-1].T[:count]  # [count, w_dim]
    goal, weight = _goal(_picture(painter, mine), _picture(painter, theirs), region)  # [pixels]
    total, now = np.zeros(count), mine
    for _ in range(STEPS):
        here = _picture(painter, now).ravel()
        rows = []
        for step in steps:
            check()
            rows.append(_picture(painter, now + (0.5 * step).astype(np.float32)).ravel() - here)
        effects = 2.0 * np.stack(rows) * np.sqrt(weight)  # [count, pixels] per standard deviation
        gap = (goal - here) * np.sqrt(weight)
        power = effects @ effects.T
        prior = PRIOR * np.trace(power) / count * np.eye(count)
        total = total + np.linalg.solve(power + prior, effects @ gap - prior @ total)
        now = mine + (total @ steps).astype(np.float32)
    out: npt.NDArray[np.float32] = (total @ steps).astype(np.float32)
    return out


def _goal(mine: Floats, theirs: Floats, region: str) -> tuple[Floats, Floats]:
    """What the small picture [3, h, w] shall be, and how much each value counts, both flat.

    Colouring has no place of its own: the donor's soft colours under one's own features. (Fine
    layers, the usual way, hold next to no colour in models that were regressed.)
    """
    if region == "colouring":
        change = (theirs - mine).transpose(1, 2, 0)  # [h, w, 3]
        change = cv2.GaussianBlur(
            change, (0, 0), COLOURS * len(change), borderType=cv2.BORDER_REFLECT
        )
        return (mine + change.transpose(2, 0, 1)).ravel(), np.ones(mine.size)
    inside = np.repeat(mask(region, mine.shape[-1])[None], 3, 0).ravel()
    goal = inside * theirs.ravel() + (1 - inside) * mine.ravel()
    return goal, inside + STRAY * (1 - inside)


def _picture(painter: Painter, ws: npt.NDArray[np.float32]) -> Floats:
    """The small picture [3, h, w] of w+ [num_ws, w_dim]."""
    return np.clip(painter.packed_image(ws, BLOCKS), -1, 1).astype(np.float64)

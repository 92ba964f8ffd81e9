"""What is held, looked at in the picture and put back: linear readings hold only on the average.

After a move the attribute net reads the face again. How the held readings answer to their own
sliders is measured at this very face (a few drawings), and the amounts that bring them back are
solved for. Only edits along the held directions change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from app.engine.directions import Direction
from app.engine.painter import Painter
from app.engine.wishes import SD_OF, Floats, Wish, measured_readings
from app.models.portrait import Recipe

LOOKS = 2  # times the answers are measured anew
STEP = 0.7  # sd of the drawings that measure them
CLOSE = 0.1  # sd that count as held
DAMPING = 0.05
MOST = 1.5  # sd moved along a held direction in one look


def kept(
    painter: Painter, net: Any | None, before: Recipe, after: Recipe, held: Sequence[Direction],
    check: Callable[[], None] = lambda: None,
) -> Recipe:  # fmt: skip
    """``after`` with its held readings where they are in ``before``, as the net reads both.

    Held directions that the net does not read stay as they are; without a net ``after`` is it.
    """
    if net is None or not held or before == after:
        return after
    wishes = [Wish(d, 0.0, 0.0, 0.0) for d in held]
    wanted = _read(painter, net, before, wishes)
    wishes = [w for w, value in zip(wishes, wanted, strict=True) if np.isfinite(value)]
    wanted = wanted[np.isfinite(wanted)]
    if not wishes:
        return after
    best, gap = after, wanted - _read(painter, net, after, wishes)
    for _ in range(LOOKS):
        if np.abs(gap).max() < CLOSE:
            break
        columns = []
        for wish in wishes:
            check()
            tried = _moved(best, [wish], [STEP])
            columns.append((_read(painter, net, tried, wishes) - (wanted - gap)) / STEP)
        answers = np.stack(columns, axis=1)  # [readings, sliders]
        damped = answers.T @ answers + DAMPING * np.eye(len(wishes))
        step = np.clip(np.linalg.solve(damped, answers.T @ gap), -MOST, MOST)
        nearer = _moved(best, wishes, step.tolist())
        left = wanted - _read(painter, net, nearer, wishes)
        if (left**2).sum() >= (gap**2).sum():
            break
        best, gap = nearer, left
    return best


def _moved(recipe: Recipe, wishes: Sequence[Wish], steps: Sequence[float]) -> Recipe:
    """The recipe moved by standard deviations along the wishes' directions, within their range."""
    for wish, step in zip(wishes, steps, strict=True):
        info = wish.direction.info
        amount = recipe.edit(info.name) + step * SD_OF.get(info.unit, 1.0)
        recipe = recipe.with_edit(info.name, float(np.clip(amount, info.low, info.high)))
    return recipe


def _read(painter: Painter, net: Any, recipe: Recipe, wishes: Sequence[Wish]) -> Floats:
    """Measured readings in standard deviations [len(wishes)]; NaN where the net has none."""
    read = net.read(painter.pixels_of(painter.ws_of(recipe))[None])
    unit = np.array([SD_OF.get(w.direction.info.unit, 1.0) for w in wishes])
    return np.asarray(measured_readings(net, read, wishes)[0] / unit)

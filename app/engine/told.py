"""What words say of a face before the first pick: a Gaussian over faces, from the model's bank.

Each thing said is a column over the bank: how far each face, as the attribute net reads it, is from
what was said. A regression of the faces' coordinates on these columns, which counts those most that
are nearly as was said, gives the mean of faces that are so; what it leaves over is how they still
differ. Nothing is held fixed: words and nets err, and picks may outvote them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.bank import Bank
from app.engine.directions import Directions
from app.engine.search import Belief, Floats
from app.engine.space import LatentSpace
from app.engine.wishes import SD_OF, Wish, measured_readings, wishes_for
from app.models.description import Attribute

LEAST_FACES = 12  # of the bank that a thing said must hold for, and must not
UNLIKE = 0.5  # fall of a face's weight (log) per thing said that it is not
YEARS = 15.0  # of age that count as one such thing
RIDGE = 10.0  # faces' worth of doubt in every slope
DOUBTFUL = 0.65  # how far a doubtful word is believed
ROUNDER = 0.1  # share of the covariance that knows no direction


@dataclass(frozen=True, eq=False)
class Told:
    """The columns [n, m] of what was said over the faces of a bank, 0 where they are as said."""

    columns: Floats

    def belief(self, values: npt.NDArray[Any]) -> Belief:
        """Mean and covariance of ``values`` [n, k] (coordinates, w) of faces as was said."""
        x = self.columns
        weight = np.exp(-UNLIKE * np.abs(x).sum(1))
        design = np.concatenate([np.ones((len(x), 1)), x], axis=1)
        damping = RIDGE * weight.mean() * np.eye(design.shape[1])
        damping[0, 0] = 0.0
        weighted = design * weight[:, None]
        slopes = np.linalg.solve(weighted.T @ design + damping, weighted.T @ values)  # [1 + m, k]
        rest = values - design @ slopes
        covariance = (rest * weight[:, None]).T @ rest / weight.sum()
        level = float(np.trace(covariance)) / len(covariance)
        covariance = (1 - ROUNDER) * covariance + ROUNDER * level * np.eye(len(covariance))
        return Belief(np.asarray(slopes[0], np.float64), np.asarray(covariance, np.float64))


def told(
    bank: Bank | None, net: Any | None, directions: Directions, wanted: Sequence[Attribute]
) -> Told | None:
    """What ``wanted`` says of the faces of a bank; None where nothing of it is read by the net."""
    if bank is None or net is None:
        return None
    columns = [c for a in wanted if (c := _column(bank, net, directions, a)) is not None]
    return Told(np.stack(columns, axis=1)) if columns else None


def believed(
    bank: Bank | None, net: Any | None, directions: Directions, wanted: Sequence[Attribute],
    space: LatentSpace,
) -> Belief | None:  # fmt: skip
    """What ``wanted`` says of a face's coordinates; None where nothing of it is read."""
    known = told(bank, net, directions, wanted)
    return None if known is None or bank is None else known.belief(space.coordinates(bank.w))


def _column(bank: Bank, net: Any, directions: Directions, a: Attribute) -> Floats | None:
    """How far each face of the bank is from what was said: [n], 0 as said, about 1 otherwise."""
    wishes, _ = wishes_for([a], directions)
    readings = measured_readings(net, bank.read, wishes)
    measured = bool(wishes) and not np.isnan(readings).any()
    if measured and wishes[0].direction.score.startswith("measure:"):
        between = _between(wishes[0], readings[:, 0])
        if between is not None:
            return between
    classes = dict(net.shape.classes)
    if a.name in classes and a.value in classes[a.name]:
        holds = bank.read.probabilities[a.name].argmax(1) == classes[a.name].index(str(a.value))
        holds = ~holds if a.negated else holds
    elif measured:
        holds = wishes[0].violation(readings[:, 0]) <= 0
    else:
        return None
    if not LEAST_FACES <= holds.sum() <= len(holds) - LEAST_FACES:
        return None
    as_said = holds.astype(np.float64)
    sure = 1.0 if a.certainty != "doubtful" else DOUBTFUL + (1 - DOUBTFUL) * as_said.mean()
    return np.asarray(sure - as_said)


def _between(wish: Wish, readings: Floats) -> Floats | None:
    """Distance to the middle of bounds on both sides: years, a shade of skin."""
    if not np.isfinite(wish.low) or not np.isfinite(wish.high):
        return None
    unit = YEARS if wish.direction.info.unit == "years" else SD_OF[wish.direction.info.unit]
    return np.asarray((readings - (wish.low + wish.high) / 2) / unit, np.float64)

"""Interactive evolution in the manner of EvoFIT (Frowd et al.): the second strategy and baseline.

The faces picked are parents; children take each coordinate from one of two parents (uniform
crossover) and a Gaussian mutation that shrinks with the generations. The best parent lives on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.engine.search import Floats, Observation
from app.models.round import Answer

PARENTS = 6
MUTATION = 0.45  # standard deviations in the first generation
SHRINK = 0.88
LEAST = 0.10


def next_generation(
    seen: Sequence[Observation], count: int, k: int, psi: float, rng: np.random.Generator
) -> Floats:
    """Coordinates [count, k] of the next array; without picks a fresh population."""
    picked = [o for o in seen if o.answer is Answer.picked]
    if not picked:
        return psi * rng.standard_normal((count, k))
    parents = _parents(picked)
    size = max(LEAST, MUTATION * SHRINK ** (len(picked) - 1))
    if seen[-1].answer is Answer.none:
        size *= 2
    children = [parents[0]]
    while len(children) < count:
        first, second = rng.choice(len(parents), 2, replace=len(parents) < 2)
        mask = rng.random(k) < 0.5
        child = np.where(mask, parents[first], parents[second])
        children.append(child + size * rng.standard_normal(k))
    return np.stack(children)


def _parents(picked: Sequence[Observation]) -> list[Floats]:
    """The last picks, filled up with earlier ones, best first."""
    out: list[Floats] = []
    for o in reversed(picked):
        out += [o.points[i] for i in o.picks]
        if len(out) >= PARENTS:
            break
    return out[:PARENTS]

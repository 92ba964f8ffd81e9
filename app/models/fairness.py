"""How fair a photo array is, from the choices of people who never saw the suspect.

Formulas as in Tredoux (1998), Wells et al. (1979), Malpass (1981) and the R package r4lineups
(Tredoux & Naylor, CC0). A choice is a member's number from 1; members nobody chose count, which is
why the array's size is always given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.models.errors import BadInput

Z = 1.959964  # of a two-sided 95 % interval
Interval = tuple[float, float]


@dataclass(frozen=True)
class Figures:
    """All figures of one array. Intervals are 95 %; ``functional`` is None while nobody chose the
    suspect (the size is then without bound), ``suspect`` is the suspect's number from 1.

    ``bias``: share of choices for the suspect less the 1/k that chance gives; ``p_value``: how
    often chance alone gives the suspect at least so many choices (exact binomial, one-sided).
    """

    size: int
    choices: int
    counts: tuple[int, ...]
    suspect: int | None
    effective: float
    effective_interval: Interval
    adjusted: float
    functional: float | None = None
    functional_interval: Interval | None = None
    bias: float | None = None
    bias_interval: Interval | None = None
    p_value: float | None = None


def figures(choices: Sequence[int], size: int, suspect: int | None = None) -> Figures:
    """Figures from the numbers (1 ... size) chosen; BadInput ``fairness.*`` without choices."""
    counts = counted(choices, size)
    if suspect is not None and not 1 <= suspect <= size:
        raise BadInput("fairness.bad_member", number=suspect, size=size)
    common = Figures(
        size, len(choices), tuple(int(c) for c in counts), suspect,
        effective_size(counts), effective_interval(counts), adjusted_size(counts),
    )  # fmt: skip
    if suspect is None:
        return common
    n, chose = len(choices), int(counts[suspect - 1])
    low, high = wilson(chose, n)
    return Figures(
        **{**common.__dict__,
           "functional": n / chose if chose else None,
           "functional_interval": (1 / high, 1 / low if low > 0 else math.inf),
           "bias": chose / n - 1 / size, "bias_interval": (low - 1 / size, high - 1 / size),
           "p_value": at_least(chose, n, 1 / size)},
    )  # fmt: skip


def counted(choices: Sequence[int], size: int) -> npt.NDArray[np.int64]:
    """Choices per member [size]; BadInput for a member that is not there, or no choice at all."""
    if size < 2:
        raise BadInput("fairness.bad_size", size=size)
    wrong = [c for c in choices if type(c) is not int or not 1 <= c <= size]
    if wrong:
        raise BadInput("fairness.bad_member", number=wrong[0], size=size)
    if not choices:
        raise BadInput("fairness.no_choices")
    return np.bincount(np.asarray(choices) - 1, minlength=size)


def effective_size(counts: npt.NDArray[np.int64]) -> float:
    """Tredoux's E = 1 / sum(p^2): 1 (all on one) to k (evenly spread)."""
    return float(1 / np.square(counts / counts.sum()).sum())


def effective_interval(counts: npt.NDArray[np.int64]) -> Interval:
    """95 % interval of E, by the delta method on I = 1 - sum(p^2) (Tredoux 1998), in 1 ... k."""
    n, k = int(counts.sum()), len(counts)
    p = counts / n
    squares = float(np.square(p).sum())
    variance = max(4 / n * (float((p**3).sum()) - squares**2), 0.0)
    sd, middle = math.sqrt(variance), 1 - squares
    most = 1 - 1 / k
    low, high = (min(max(middle + side * Z * sd, 0.0), most) for side in (-1, 1))
    return 1 / (1 - low), min(1 / (1 - high), float(k))


def adjusted_size(counts: npt.NDArray[np.int64]) -> float:
    """Malpass's size k - sum|o - n/k| / (2n/k) (Malpass 1981), 1 ... k."""
    expected = counts.sum() / len(counts)
    return float(len(counts) - np.abs(counts - expected).sum() / (2 * expected))


def functional_size(choices: Sequence[int], size: int, member: int) -> float:
    """Wells's N / D: so many members a witness with only the description really chooses from.

    Infinite while nobody chose the member.
    """
    chose = int(counted(choices, size)[member - 1])
    return len(choices) / chose if chose else math.inf


def wilson(chose: int, n: int) -> Interval:
    """Wilson's 95 % interval of a share."""
    p, z2 = chose / n, Z * Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return (max(0.0, middle - half) if chose else 0.0), min(1.0, middle + half)


def at_least(chose: int, n: int, share: float) -> float:
    """Probability of ``chose`` or more successes in ``n`` (binomial)."""
    return min(1.0, math.fsum(
        math.comb(n, i) * share**i * (1 - share) ** (n - i) for i in range(chose, n + 1)
    ))  # fmt: skip

"""What was said of a face as bounds on readings, and the moves in w that bring a face inside them.

A reading is in the unit of its direction (years for age, else standard deviations of the measured
score over generated faces). It can be taken from w at once (the direction's linear reader) or from
pixels by the attribute net; moves are solved with the linear readers, corrected by the net.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.api import Shortfall
from app.engine.directions import Direction, Directions
from app.models.attributes import Entry, vocabulary
from app.models.description import Attribute

Floats = npt.NDArray[np.float64]
Array = npt.NDArray[np.float32]

MARGIN = 0.35  # sd beyond even odds
CALLED = 0.1  # the same of a whole array, where a face may miss its bound by half of that
SLACK = 0.5  # sd that a face of a later array may lie outside
AIM = 1.5  # sd beyond even odds that a move aims for
END = 0.8  # sd from the mean at which a measure is called small or large
MOST = 3.4  # sd: no move aims further out than this
WEAK = 0.15  # directions of lower quality are tried and said to be weak
LONGEST = 2.0  # sd of a reading asked for in one correction
TRUST = 2.5  # longest single move, in standard deviations of w
SD_OF = {"sd": 1.0, "years": 10.0}

# values without a direction of their own that a neighbour's direction can show
NEIGHBOURS: dict[tuple[str, str], tuple[str, str]] = {
    ("hair_color", "dark_brown"): ("hair_color", "brown"),
    ("hair_color", "light_brown"): ("hair_color", "brown"),
    ("hair_color", "white"): ("hair_color", "grey"),
    ("hair_length", "shaved"): ("hair_length", "bald"),
    ("beard", "goatee"): ("beard", "full"),
    ("eye_color", "dark"): ("eye_color", "brown"),
    ("hat", "cap"): ("hat", "hat"),
    ("hat", "beanie"): ("hat", "hat"),
    ("glasses", "sunglasses"): ("glasses", "clear"),
}


@dataclass(frozen=True, eq=False)
class Wish:
    """One bound: the reading along ``direction`` shall lie in [low, high]; moves aim at ``aim``."""

    direction: Direction
    low: float
    high: float
    aim: float
    attribute: str = ""
    value: str = ""
    doubtful: bool = False

    def violation(self, reading: npt.NDArray[Any]) -> Floats:
        """How far readings lie outside, in standard deviations; 0 inside."""
        out: Floats = np.maximum(np.maximum(self.low - reading, reading - self.high), 0.0)
        return out / SD_OF.get(self.direction.info.unit, 1.0)

    def nearest(self, reading: npt.NDArray[Any], inside: float) -> Floats:
        """The readings next to these that lie ``inside`` the bounds, never beyond the aim."""
        out: Floats = np.clip(
            reading, min(self.low + inside, self.aim), max(self.high - inside, self.aim)
        )
        return out


# ------------------------------------------------------------------ words to bounds


def wishes_for(
    wanted: Iterable[Attribute], directions: Directions, rng: np.random.Generator | None = None
) -> tuple[list[Wish], list[Shortfall]]:
    """Bounds for attributes, and what cannot be shown; ``rng`` places ages in their interval."""
    wishes: list[Wish] = []
    shortfalls: list[Shortfall] = []
    for attribute in wanted:
        found = _wish(attribute, directions, rng)
        shown = _text(attribute.value)
        if found is None:
            if not _is_absence(attribute):
                shortfalls.append(Shortfall(attribute.name, shown, "no_direction"))
            continue
        if found.direction.info.quality < WEAK:
            shortfalls.append(Shortfall(attribute.name, shown, "weak"))
        wishes.append(found)
    return _distinct(wishes), shortfalls


def _wish(
    attribute: Attribute, directions: Directions, rng: np.random.Generator | None
) -> Wish | None:
    doubtful = attribute.certainty == "doubtful"
    if isinstance(attribute.value, tuple):
        return _age_wish(attribute, directions, rng, doubtful)
    name, value = attribute.name, attribute.value
    candidates = directions.of_attribute(name)
    bounds = _bounds(name, value, candidates)
    if bounds is None and (name, value) in NEIGHBOURS:
        _, near = NEIGHBOURS[(name, value)]
        bounds = _bounds(name, near, candidates)
    if bounds is None:
        return None
    direction, low, high, aim = bounds
    if attribute.negated:
        low, high, aim = _turned(low, high, aim)
    return Wish(direction, low, high, aim, name, value, doubtful)


def _age_wish(
    attribute: Attribute, directions: Directions, rng: np.random.Generator | None, doubtful: bool
) -> Wish | None:
    found = directions.of_attribute(attribute.name)
    if not found or attribute.negated or not isinstance(attribute.value, tuple):
        return None
    low, high = (float(v) for v in attribute.value)
    inner = min(2.0, (high - low) / 4)  # aim a little inside the interval
    aim = (low + high) / 2 if rng is None else float(rng.uniform(low + inner, high - inner))
    slack = max(0.0, 3.0 - (high - low) / 2)  # one number means about that age
    slack = slack or -min(1.0, (high - low) / 10)  # an interval: not on its very edge
    return Wish(
        found[0], low - slack, high + slack, aim, attribute.name, _text(attribute.value), doubtful
    )


def _bounds(
    name: str, value: str, candidates: Sequence[Direction]
) -> tuple[Direction, float, float, float] | None:
    entry = vocabulary().entry(name) if name in vocabulary() else None
    for d in candidates:
        if value == d.info.high_value:
            return (d, *_end(d, +1))
    for d in candidates:
        if value == d.info.low_value or value == _low_class(d):
            return (d, *_end(d, -1))
    for d in candidates:
        between = _between(entry, value, d)
        if between is not None:
            return (d, *between)
    return None


def _end(d: Direction, side: int) -> tuple[float, float, float]:
    """Bounds and aim for one end of a direction."""
    if d.score.startswith("class:"):
        even = -d.mean / max(d.scale, 1e-6)  # the reading at even odds
        if side < 0 and d.info.low_value != _low_class(d) and _low_class(d):
            return -np.inf, min(even, 0.0) - END, min(even, 0.0) - 1.5 * END
        aim = even + side * AIM
        if side > 0:
            return even + MARGIN, np.inf, min(max(aim, 0.6), MOST)
        return -np.inf, even - MARGIN, max(min(aim, 0.2), -MOST)
    if side > 0:
        return END, np.inf, 1.6 * END
    return -np.inf, -END, -1.6 * END


def _low_class(d: Direction) -> str:
    """The value that a class score counts against its high one, if it names one."""
    _, _, rest = d.score.partition("=")
    return rest.partition("/")[2] if d.score.startswith("class:") else ""


def _between(entry: Entry | None, value: str, d: Direction) -> tuple[float, float, float] | None:
    """Bounds for a value that lies between the two ends of an ordered scale."""
    if entry is None or value not in entry.values:
        return None
    ends = (d.info.low_value, d.info.high_value)
    if not any(set(ends) == set(pair) for pair in entry.opposites):
        return None
    first, last = (entry.values.index(v) for v in ends)
    at = entry.values.index(value)
    if not min(first, last) < at < max(first, last):
        return None
    if abs(last - first) > 2:  # a graded scale, such as skin
        aim = (2 * (at - first) / (last - first) - 1) * 1.6 * END
        return aim - 0.45, aim + 0.45, aim
    if value != entry.middle:
        return None
    middle = -d.mean / max(d.scale, 1e-6) if d.score.startswith("class:") else 0.0
    middle = float(np.clip(middle, -1.5, 1.5))
    return middle - 0.6, middle + 0.6, middle


def _turned(low: float, high: float, aim: float) -> tuple[float, float, float]:
    """Bounds for what shall not be."""
    if np.isfinite(low) and np.isfinite(high):
        return (high, np.inf, high + 0.5) if aim <= 0 else (-np.inf, low, low - 0.5)
    if np.isfinite(low):
        return -np.inf, low - 2 * MARGIN, min(low - 3 * MARGIN, 0.0)
    return high + 2 * MARGIN, np.inf, max(high + 3 * MARGIN, 0.0)


def _is_absence(attribute: Attribute) -> bool:
    """Whether it says that something is not there, which a model without it shows anyway."""
    if attribute.name not in vocabulary() or isinstance(attribute.value, tuple):
        return attribute.negated
    return attribute.negated or attribute.value == vocabulary().entry(attribute.name).absent


def _distinct(wishes: list[Wish]) -> list[Wish]:
    """One wish per direction: the last that is sure, else the last."""
    best: dict[str, Wish] = {}
    for wish in sorted(wishes, key=lambda w: not w.doubtful):
        best[wish.direction.name] = wish
    return list(best.values())


def _text(value: str | tuple[int, int]) -> str:
    if isinstance(value, str):
        return value
    return str(value[0]) if value[0] == value[1] else f"{value[0]}-{value[1]}"


def called(wishes: Iterable[Wish]) -> list[Wish]:
    """The wishes with the bounds of classes near even odds: what the net calls so counts as so.

    A margin beyond even odds is right where one face is changed until it shows; asked of a whole
    array it leaves out most faces that are what was said, and makes the rest alike.
    """
    return [_called(w) if w.direction.score.startswith("class:") else w for w in wishes]


def lenient(wishes: Iterable[Wish]) -> list[Wish]:
    """The wishes as later arrays have to obey them: only what is plainly otherwise is put back.

    What was said is in the search's belief already; a correction of every tile that is a little
    past a bound would scatter an array that was designed.
    """
    out = []
    for wish in called(wishes):
        slack = SLACK * SD_OF.get(wish.direction.info.unit, 1.0)
        out.append(replace(wish, low=wish.low - slack, high=wish.high + slack))
    return out


def _called(wish: Wish) -> Wish:
    if np.isfinite(wish.low) == np.isfinite(wish.high):
        return wish
    return replace(wish, low=wish.low - MARGIN + CALLED, high=wish.high + MARGIN - CALLED)


# ------------------------------------------------------------------ moving faces into the bounds


def linear_readings(wishes: Sequence[Wish], w: npt.NDArray[Any]) -> Floats:
    """Readings of w [n, w_dim] along the wishes' directions: [n, len(wishes)]."""
    if not wishes:
        return np.zeros((len(w), 0))
    return np.stack([wish.direction.reading(w) for wish in wishes], axis=1)


def violations(wishes: Sequence[Wish], readings: Floats) -> Floats:
    """Violations [n, len(wishes)] of readings of the same shape, in standard deviations."""
    if not wishes:
        return np.zeros(readings.shape)
    return np.stack([w.violation(readings[:, i]) for i, w in enumerate(wishes)], axis=1)


def moved(
    wishes: Sequence[Wish],
    w: Array,
    readings: Floats,
    covariance: Floats,
    held: Sequence[Direction] = (),
    inside: float | None = None,
) -> Array:
    """w [n, w_dim] moved so that readings outside their bounds come towards their aims.

    The move is the most likely one under the model's own spread of w (``covariance`` [w_dim,
    w_dim]): the conditional mean of a Gaussian given the readings. What goes together in faces
    moves together, so that the face stays a face. Readings inside their bounds, and those of
    ``held`` directions, are asked to stay. No move is longer than ``TRUST`` standard deviations.
    ``inside``: move no further than so many standard deviations past a bound, whatever the aim.
    """
    directions = [x.direction for x in wishes] + list(held)
    if not directions:
        return w
    unit = np.array([SD_OF.get(d.info.unit, 1.0) for d in directions])
    step = np.zeros((len(w), len(directions)))
    for i, wish in enumerate(wishes):
        outside = wish.violation(readings[:, i]) > 0
        aims = wish.aim if inside is None else wish.nearest(readings[:, i], inside * unit[i])
        step[:, i] = np.where(outside, aims - readings[:, i], 0.0) / unit[i]
    step = np.clip(step, -LONGEST, LONGEST)
    readers = np.stack([d.reader for d in directions]).astype(np.float64) / unit[:, None]
    spread = readers @ covariance  # [k, w_dim]
    gram = spread @ readers.T  # [k, k]: covariance of the readings
    gram += 0.05 * np.diag(np.diag(gram))
    amounts = np.linalg.solve(gram, step.T).T  # [n, k]
    length = np.sqrt(np.einsum("nk,kl,nl->n", amounts, gram, amounts))  # Mahalanobis
    amounts *= np.minimum(1.0, TRUST / np.maximum(length, 1e-9))[:, None]
    return (w + amounts @ spread).astype(np.float32)


# ------------------------------------------------------------------ readings from pixels


def measured_readings(net: Any, read: Any, wishes: Sequence[Wish]) -> Floats:
    """What the attribute net reads along the wishes' directions, in their units: [n, len(wishes)].

    NaN where the net does not measure a direction's score.
    """
    values = dict(net.shape.classes)
    columns = [_measured(read, values, w.direction) for w in wishes]
    n = len(read.code)
    return np.stack(columns, axis=1) if columns else np.zeros((n, 0))


def _measured(read: Any, values: Mapping[str, tuple[str, ...]], d: Direction) -> Floats:
    kind, _, rest = d.score.partition(":")
    n = len(read.code)
    if kind == "measure" and rest in read.scalars:
        score = np.asarray(read.scalars[rest], np.float64)
    elif kind == "class" and rest.partition("=")[0] in values:
        score = _log_odds(read, values, rest)
    else:
        return np.full(n, np.nan)
    return np.asarray((score - d.mean) / max(d.scale, 1e-9))


def _log_odds(read: Any, values: Mapping[str, tuple[str, ...]], rest: str) -> Floats:
    attribute, _, ends = rest.partition("=")
    high, _, low = ends.partition("/")
    names = values[attribute]
    p = np.clip(np.asarray(read.probabilities[attribute], np.float64), 1e-4, 1)
    top = p[:, names.index(high)]
    base = p[:, names.index(low)] if low else 1 - top + 1e-4
    return np.clip(np.log(top) - np.log(base), -6, 6)

"""From picks to the next array: a posterior over the face remembered, and where to look next.

The witness is modelled as picking by visible distance: the utility of a face x for a remembered
face u is -b/2 |S(x - u)|^2 with S the sight of each coordinate (space.py). Differences of utilities
are linear in u, so picks (softmax), several picks and ranks (Plackett-Luce) give a log-concave
posterior under the Gaussian of faces; its mode and curvature (Laplace) are found by Newton's
method. The next array is the mode and a simplex around it along the axes of largest visible
uncertainty: for a given number of faces the design that tells most (D-optimal). Its size shrinks
with the rounds but not with the doubt: a witness's noise does not shrink, and faces nearer to each
other than that teach nothing.
Everything follows from the rounds and the seed; numpy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.api import SearchState
from app.models.round import Answer

Floats = npt.NDArray[np.float64]

SHARPNESS = 4.0  # how surely a witness tells the faces of one array apart
FLOOR = 0.3  # of the start's visible variance: the part of a choice that is noise
PORTRAIT_SHARE = 0.15  # doubt left about a portrait refined by hand, share of the start's
FIRST_RADIUS, LAST_RADIUS = 0.6, 0.3  # of an array, share of the start's visible spread
SHRINKING_ROUNDS = 6  # rounds of picks until the array has its last size
WIDER_AFTER_NONE = 1.5
NEWTON_STEPS = 30
NARROWING = 0.75  # visible spread, share of the start's, at which the search narrows
SETTLED_DROP, ENOUGH_DROP = 0.07, 0.035  # fall of the spread over the last two rounds
LEAST_PICKS = 3  # rounds of picks of which two can be compared with what came before


@dataclass(frozen=True, eq=False)
class Observation:
    """One answered array in coordinates: ``points`` [n, k], and what was said to it."""

    points: Floats
    answer: Answer
    picks: tuple[int, ...] = ()
    ranked: bool = False


@dataclass(frozen=True, eq=False)
class Belief:
    """A Gaussian over the remembered face: ``mean`` [k], ``covariance`` [k, k]."""

    mean: Floats
    covariance: Floats

    def visible_spread(self, sight: Floats) -> float:
        """Root of the summed visible variance."""
        return float(np.sqrt((np.diag(self.covariance) * sight**2).sum()))


@dataclass(frozen=True, eq=False)
class Preference:
    """What is believed before the first pick, and the metric of what is seen."""

    sight: Floats
    start: Belief
    portrait: Floats | None = None  # coordinates of a face refined by hand since the last pick
    _unit: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_unit", self.start.visible_spread(self.sight))

    # ---- belief

    def belief(self, seen: Sequence[Observation]) -> Belief:
        """The posterior after all observations (Laplace)."""
        precision0 = np.asarray(np.linalg.inv(self.start.covariance), np.float64)
        u = self.start.mean.copy()
        terms = [t for o in seen for t in self._terms(o)]
        value = self._value(u, terms, seen, precision0)
        for _ in range(NEWTON_STEPS):
            gradient, curvature = self._slopes(u, terms, seen, precision0)
            step = np.linalg.solve(curvature, gradient)
            size = 1.0
            while size > 1e-3:
                nearer = self._value(u + size * step, terms, seen, precision0)
                if nearer > value:
                    break
                size /= 2
            if size <= 1e-3 or nearer - value < 1e-7:
                break
            u, value = u + size * step, nearer
        _, curvature = self._slopes(u, terms, seen, precision0)
        return Belief(u, np.asarray(np.linalg.inv(curvature), np.float64))

    def _sharpness(self, points: Floats) -> float:
        y = points * self.sight
        spread = ((y - y.mean(0)) ** 2).sum(1).mean()
        return float(SHARPNESS / (spread + FLOOR * self._unit**2))

    def _terms(self, o: Observation) -> list[tuple[Floats, Floats]]:
        """Each choice as (slopes [m, k], offsets [m]); the first row is the one chosen."""
        if o.answer is not Answer.picked:
            return []
        b = self._sharpness(o.points)
        y = o.points * self.sight
        slopes, offsets = b * y * self.sight, -0.5 * b * (y**2).sum(1)
        rest = [i for i in range(len(y)) if i not in o.picks]
        out = []
        for place, pick in enumerate(o.picks):
            others = [*o.picks[place + 1 :], *rest] if o.ranked else rest
            if others:
                rows = [pick, *others]
                out.append((slopes[rows], offsets[rows]))
        return out

    def _value(
        self, u: Floats, terms: Sequence[tuple[Floats, Floats]], seen: Sequence[Observation],
        precision0: Floats,
    ) -> float:  # fmt: skip
        gap = u - self.start.mean
        total = -0.5 * float(gap @ precision0 @ gap)
        for slopes, offsets in terms:
            logits = slopes @ u + offsets
            top = logits.max()
            total += float(logits[0] - top - np.log(np.exp(logits - top).sum()))
        for o in seen:
            if o.answer is Answer.none:
                total -= float(np.log1p(np.exp(np.minimum(self._closeness(o, u), 50)).sum()))
        if self.portrait is not None:
            near = (u - self.portrait) * self.sight
            total -= 0.5 * float(near @ near) / self._portrait_variance()
        return total

    def _slopes(
        self, u: Floats, terms: Sequence[tuple[Floats, Floats]], seen: Sequence[Observation],
        precision0: Floats,
    ) -> tuple[Floats, Floats]:  # fmt: skip
        gradient = -precision0 @ (u - self.start.mean)
        curvature = precision0.copy()
        for slopes, offsets in terms:
            logits = slopes @ u + offsets
            p = np.exp(logits - logits.max())
            p /= p.sum()
            mean = p @ slopes
            gradient += slopes[0] - mean
            curvature += slopes.T @ (p[:, None] * slopes) - np.outer(mean, mean)
        for o in seen:
            if o.answer is Answer.none:
                gradient -= self._push(o, u)
        if self.portrait is not None:
            metric = self.sight**2 / self._portrait_variance()
            gradient -= metric * (u - self.portrait)
            curvature += np.diag(metric)
        return gradient, curvature

    def _closeness(self, o: Observation, u: Floats) -> Floats:
        """How much nearer than the usual distance each refused face would be: [n]."""
        b = self._sharpness(o.points)
        far = (((o.points - u) * self.sight) ** 2).sum(1)
        usual = 0.5 * self._unit**2
        out: Floats = 0.5 * b * (usual - far)
        return out

    def _push(self, o: Observation, u: Floats) -> Floats:
        b = self._sharpness(o.points)
        near = np.exp(np.minimum(self._closeness(o, u), 50))
        q = near / (1 + near.sum())
        out: Floats = b * ((o.points - u) * self.sight**2 * q[:, None]).sum(0)
        return out

    def _portrait_variance(self) -> float:
        return (PORTRAIT_SHARE * self._unit) ** 2 / len(self.sight) * 4

    # ---- next array

    def next_array(
        self, seen: Sequence[Observation], count: int, rng: np.random.Generator
    ) -> tuple[Floats, Belief]:
        """Coordinates [count, k] of the next array, the believed face first; and the belief."""
        belief = self.belief(seen)
        return belief.mean + self._simplex(belief, count, self._radius(seen), rng), belief

    def around(self, middle: Floats, count: int, radius: float, rng: np.random.Generator) -> Floats:
        """Coordinates [count, k]: ``middle`` and faces a visible ``radius`` (share of the start's
        spread) around it, in the directions that show most before anything is known."""
        belief = Belief(middle, self.start.covariance)
        return middle + self._simplex(belief, count, radius, rng)

    def _simplex(
        self, belief: Belief, count: int, radius: float, rng: np.random.Generator
    ) -> Floats:
        visible = self.sight[:, None] * belief.covariance * self.sight[None, :]
        values, axes = np.linalg.eigh(visible)
        dims = max(1, min(count - 2, len(values)))
        order = np.argsort(values)[::-1][:dims]
        # as far along each axis: longer where less is known tells no more (simulated), and light,
        # the axis that shows most, would be nearly all that differs
        moves = simplex(count - 1, dims) @ rotation(dims, rng)  # [count - 1, dims]
        moves *= radius * self._unit / max(_length(moves), 1e-9)
        steps = moves @ axes[:, order].T / self.sight  # [count - 1, k]
        return np.vstack([np.zeros(len(self.sight)), steps])

    def _radius(self, seen: Sequence[Observation]) -> float:
        picks = sum(o.answer is Answer.picked for o in seen)
        done = min(1.0, max(0, picks - 1) / SHRINKING_ROUNDS)
        radius = FIRST_RADIUS * (LAST_RADIUS / FIRST_RADIUS) ** done
        return radius * (WIDER_AFTER_NONE if seen and seen[-1].answer is Answer.none else 1.0)

    # ---- stop signal

    def state(self, seen: Sequence[Observation], belief: Belief) -> SearchState:
        """How sure the search is, as keys for words, and whether more rounds stop helping.

        What a round of picks still takes off the visible spread tells when rounds stop helping.
        """
        spread = belief.visible_spread(self.sight) / self._unit
        picks = sum(o.answer is Answer.picked for o in seen)
        if picks < LEAST_PICKS or seen[-1].answer is not Answer.picked:
            phase = "narrowing" if spread < NARROWING and picks else "searching"
            return SearchState(phase, False, round(min(spread, 1.0), 4))
        before = self.belief(seen[:-2]).visible_spread(self.sight) / self._unit
        drop = before - spread
        phase = "settled" if drop < SETTLED_DROP else "narrowing"
        return SearchState(phase, drop < ENOUGH_DROP, round(min(spread, 1.0), 4))


def _length(moves: Floats) -> float:
    return float(np.sqrt((moves**2).sum(1).mean())) if len(moves) else 0.0


def simplex(points: int, dims: int) -> Floats:
    """``points`` unit vectors [points, dims] as far from each other as they can be."""
    if points <= 1:
        return np.eye(dims)[:points]
    if points > dims + 1:  # more points than a simplex has corners: plus and minus axes
        both = np.vstack([np.eye(dims), -np.eye(dims)])
        return np.tile(both, (points // len(both) + 1, 1))[:points]
    corners = np.eye(points) - 1.0 / points
    basis = np.linalg.svd(corners)[2][: points - 1]  # [points - 1, points]
    flat = corners @ basis.T
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    out = np.zeros((points, dims))
    out[:, : points - 1] = flat
    return out


def rotation(dims: int, rng: np.random.Generator) -> Floats:
    """A random rotation [dims, dims]."""
    q, r = np.linalg.qr(rng.standard_normal((dims, dims)))
    out: Floats = q * np.sign(np.diag(r))
    return out


def gaussian(mean: npt.NDArray[Any], variance: float, k: int) -> Belief:
    """The belief before anything is known."""
    return Belief(np.asarray(mean, np.float64), variance * np.eye(k))

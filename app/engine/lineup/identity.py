"""Who somebody is, apart from how the picture was taken: a split of w that both parts can use.

The mapping network was taught to keep pose, light, tint and backdrop still (training/nuisance.py),
while the appearance codes vary in all of them. So directions of w in which mapped faces hardly vary
though codes do are the look; the rest is the person. Both are found from the model as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.engine.painter import Painter
from app.engine.photo import PhotoReader
from app.engine.space import Spread

if TYPE_CHECKING:
    from app.engine.runtime import Runtime

Floats = npt.NDArray[np.float64]
Array = npt.NDArray[np.float32]
STILL = 0.1  # share of a code's variance below which mapped faces count as not varying
KEPT_VARIANCE = 0.97  # of the person that the PCA subspace holds
STRANGERS = 24


@dataclass(frozen=True, eq=False)
class Identity:
    """The split. ``person`` [w_dim, w_dim] projects w - ``mean`` onto the person. ``axes``
    [k, w_dim] and ``sd`` [k]: principal components of the person in W. ``whiten`` [w_dim, m]
    gives coordinates in which distance is difference between people; ``unit``: median distance
    of unrelated faces there."""

    mean: Floats
    person: Floats
    axes: Floats
    sd: Floats
    rest_axes: Floats
    rest_sd: Floats
    whiten: Floats
    unit: float
    scale: Floats
    offset: Floats

    def of(self, w: npt.NDArray[Any]) -> Floats:
        """The person in w [..., w_dim], as an offset from the mean, look taken out."""
        return (np.asarray(w, np.float64) - self.mean) @ self.person.T

    def person_part(self, move: npt.NDArray[Any]) -> Floats:
        """The person in a difference of two w [..., w_dim]."""
        out: Floats = np.asarray(move, np.float64) @ self.person.T
        return out

    def look(self, w: npt.NDArray[Any]) -> Floats:
        """The look in w [..., w_dim]: what is left without the person."""
        gap = np.asarray(w, np.float64) - self.mean
        return gap - gap @ self.person.T

    def coordinates(self, person: npt.NDArray[Any]) -> Floats:
        """Person offsets [..., w_dim] in the PCA subspace, standard normal over faces: [..., k]."""
        out: Floats = np.asarray(person, np.float64) @ self.axes.T / self.sd
        return out

    def offset_of(self, x: npt.NDArray[Any], rest: npt.NDArray[Any] | None = None) -> Floats:
        """PCA coordinates x [k] (and ``rest`` [r] of the minor components) as a person offset."""
        out: Floats = (np.asarray(x, np.float64) * self.sd) @ self.axes
        if rest is not None:
            out = out + (np.asarray(rest, np.float64) * self.rest_sd) @ self.rest_axes
        return out

    def embed(self, net: Any, pixels: npt.NDArray[np.uint8]) -> Floats:
        """Faces uint8 RGB [n, h, w, 3] as points [n, m]; Euclidean distance compares people."""
        return self.points(net.read(pixels).code)

    def points(self, code: npt.NDArray[Any]) -> Floats:
        """Appearance codes [n, w_dim] of the net as points [n, m]."""
        w = np.asarray(code, np.float64) * self.scale + self.offset
        out: Floats = (w - self.mean) @ self.whiten / self.unit
        return out


def identity_of(runtime: Runtime, painter: Painter, reader: PhotoReader) -> Identity:
    """The split of a model, measured once."""
    found: Identity = runtime.helper(
        painter, "identity", lambda p: measure_identity(p, reader, runtime.spread(p))
    )
    return found


def measure_identity(painter: Painter, reader: PhotoReader, spread: Spread) -> Identity:
    """Find the split from the spread of mapped w and the scale of the net's codes."""
    scale = np.maximum(reader.code_scale.astype(np.float64), 1e-6)
    share, turned = np.linalg.eigh(spread.covariance / np.outer(scale, scale))  # ascending
    varies = share > STILL * max(float(np.median(share)), 1e-9)
    if not varies.any():
        varies = np.ones_like(varies)
    v = turned[:, varies]  # [w_dim, m], orthonormal in code units
    person = (scale[:, None] * v) @ (v / scale[:, None]).T
    whiten = (v / scale[:, None]) / np.sqrt(share[varies])
    whiten = whiten * _seen_weight(v, share[varies], scale)
    variance, axes = np.linalg.eigh(person @ spread.covariance @ person.T)
    variance, axes = variance[::-1], axes[:, ::-1].T
    alive = variance > 1e-9 * variance[0]
    held = np.cumsum(variance) <= KEPT_VARIANCE * variance.sum()
    held[0] = True
    sd = np.sqrt(np.maximum(variance, 1e-12))
    rest = alive & ~held
    identity = Identity(
        spread.mean, person, axes[held], sd[held], axes[rest], sd[rest], whiten, 1.0,
        scale, reader.w_offset.astype(np.float64),
    )  # fmt: skip
    faces = [painter.pixels_of(painter.wide(painter.sample(seed))) for seed in range(STRANGERS)]
    points = identity.embed(reader.net, np.stack(faces))
    far = np.linalg.norm(points[:, None] - points[None], axis=2)
    unit = float(np.median(far[np.triu_indices(STRANGERS, 1)])) or 1.0
    return Identity(**{**identity.__dict__, "unit": unit})


def _seen_weight(v: Floats, share: Floats, scale: Floats) -> Floats:
    """How much of w each coordinate moves, 0..1: what is hardly visible hardly counts."""
    moves = np.linalg.norm(scale[:, None] * v, axis=0) * np.sqrt(share)  # [m]
    return np.sqrt(moves / moves.max())

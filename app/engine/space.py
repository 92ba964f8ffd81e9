"""The searched part of w: few coordinates, standard normal over faces, ordered by what they show.

Principal components of w (GANSpace, Härkönen et al. 2020) are whitened, then rotated so that each
coordinate changes what is seen on its own (singular vectors of its derivative at the mean face).
``sight`` says how much one unit of a coordinate shows: the search's metric. What is seen is the
small picture's brightness and colour and, where the model has an attribute net, that net's features
in equal parts (as LPIPS, Zhang et al. 2018): pixels alone count a lamp for more than a nose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.painter import Painter

Floats = npt.NDArray[np.float64]
SAMPLES = 3000
COMPONENTS = 120  # principal components whose effect on the picture is measured
KEPT = 40  # coordinates searched
BLOCKS = 4  # pictures of 32x32
CHROMA = 0.5  # colour counts half of brightness


@dataclass(frozen=True, eq=False)
class LatentSpace:
    """Coordinates u [k] of w [w_dim]: ``w = mean + u @ basis``.

    ``basis`` [k, w_dim]; ``inverse`` [w_dim, k] reads u from w; ``sight`` [k], mean square 1.
    """

    mean: Floats
    basis: Floats
    inverse: Floats
    sight: Floats

    def coordinates(self, w: npt.NDArray[Any]) -> Floats:
        """w [..., w_dim] -> u [..., k]; what lies outside the space is dropped."""
        out: Floats = (np.asarray(w, np.float64) - self.mean) @ self.inverse
        return out

    def latent(self, u: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """u [..., k] -> w [..., w_dim]."""
        return (self.mean + np.asarray(u, np.float64) @ self.basis).astype(np.float32)

    def seen(self, u: npt.NDArray[Any]) -> Floats:
        """Coordinates in which Euclidean distance is visible difference."""
        return np.asarray(u, np.float64) * self.sight


@dataclass(frozen=True, eq=False)
class Spread:
    """Mean [w_dim] and covariance [w_dim, w_dim] of w, and its precision (inverse, damped)."""

    mean: Floats
    covariance: Floats
    precision: Floats

    def distance(self, w: npt.NDArray[Any]) -> Floats:
        """Mahalanobis distance of w [..., w_dim] from the mean: [...], about sqrt(w_dim)."""
        gap = np.asarray(w, np.float64) - self.mean
        out: Floats = np.sqrt(np.einsum("...i,ij,...j->...", gap, self.precision, gap))
        return out

    def near(
        self, origin: npt.NDArray[Any], w: npt.NDArray[Any], most: float
    ) -> npt.NDArray[np.float32]:
        """w [w_dim] brought back to at most ``most`` standard deviations from ``origin``."""
        gap = np.asarray(w, np.float64) - origin
        length = float(np.sqrt(max(gap @ self.precision @ gap, 0.0)))
        share = min(1.0, most / max(length, 1e-9))
        return np.asarray(origin + share * gap, np.float32)


def measure_spread(painter: Painter) -> Spread:
    """Mean and covariance of a fixed sample of the model's w, without truncation."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal((SAMPLES, painter.model.card.architecture.z_dim))
    w = painter.w_of(z, psi=1.0).astype(np.float64)
    covariance = np.cov(w.T)
    floor = 1e-6 * np.trace(covariance) / len(covariance)
    precision = np.linalg.inv(covariance + floor * np.eye(len(covariance)))
    return Spread(w.mean(0), covariance, precision)


def measure_space(
    painter: Painter, spread: Spread, check: Callable[[], None] = lambda: None,
    net: Any | None = None,
) -> LatentSpace:  # fmt: skip
    """Find the components of w, and measure what they change in pictures, as seen by ``net`` too.

    ``check`` may raise Cancelled between pictures.
    """
    mean = spread.mean
    variance, axes = np.linalg.eigh(spread.covariance)  # ascending
    count = min(COMPONENTS, int((variance > 1e-10 * variance[-1]).sum()))
    sd = np.sqrt(variance[::-1][:count])
    axes = axes[:, ::-1].T[:count]  # [count, w_dim]
    middle = _views(painter, net, mean)
    rows: list[list[Floats]] = [[] for _ in middle]
    for s, a in zip(sd, axes, strict=True):
        check()
        for row, seen, still in zip(rows, _views(painter, net, mean + s * a), middle, strict=True):
            row.append(seen - still)
    shown = np.zeros((count, count))  # what each pair of components shows in common
    for row in rows:
        gram = np.stack(row) @ np.stack(row).T
        shown += gram / max(np.trace(gram), 1e-12)
    power, rotation = np.linalg.eigh(shown)
    kept = min(KEPT, count)
    rotation = rotation[:, ::-1][:, :kept]  # [count, k]
    sight = np.sqrt(np.maximum(power[::-1][:kept], 1e-12))
    basis = rotation.T @ (sd[:, None] * axes)  # [k, w_dim]
    inverse = (axes / sd[:, None]).T @ rotation  # [w_dim, k]
    sight = sight / np.sqrt((sight**2).mean())
    return LatentSpace(mean, basis, inverse, sight)


def _views(painter: Painter, net: Any | None, w: Floats) -> list[Floats]:
    """One w as each eye sees it, flat: the small picture, and the net's features."""
    if net is None:
        return [_small(painter.packed_image(painter.wide(w), BLOCKS))]
    import torch
    import torch.nn.functional as F

    with torch.inference_mode():
        picture = painter.draw(painter.wide(w), None).clamp(-1, 1).cpu()  # [1, 3, h, w]
        side = 4 * 2 ** (BLOCKS - 1)
        small = F.interpolate(picture, (side, side), mode="area")[0].numpy()
        parts = []
        for f in net.trunk.features(F.interpolate(picture, (128, 128), mode="area")):
            f = F.normalize(f, dim=1)[0] / float(np.sqrt(f.shape[2] * f.shape[3]))  # [c, h, w]
            parts.append(f.flatten())
        features: Floats = torch.cat(parts).numpy().astype(np.float64)
    return [_small(small), features]


def _small(picture: npt.NDArray[Any]) -> Floats:
    """A small picture [3, h, w] in -1..1 as weighted brightness and colour, flat."""
    picture = np.clip(picture, -1, 1)
    light = picture.mean(0)
    weighted = np.concatenate([light[None], CHROMA * (picture - light)]) * _inner(len(light))
    return weighted.ravel().astype(np.float64)


def _inner(side: int) -> Floats:
    """Weights [side, side]: 1 over eyes, nose and mouth, falling off outside."""
    y, x = np.mgrid[:side, :side] / (side - 1) - 0.5
    out: Floats = 0.25 + 0.75 * np.exp(-((x / 0.3) ** 2 + ((y - 0.03) / 0.33) ** 2))
    return out

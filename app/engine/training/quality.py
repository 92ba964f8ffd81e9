"""How generated faces compare with real ones as a crowd: likeness of distributions, memorisation.

All distances are taken in the attribute net's embedding, standardised on real training faces: the
usual Inception features are not at hand offline, so these figures compare models of this project
with each other, not with published ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from app.engine.attribute_net import AttributeNet, to_input

Floats = npt.NDArray[np.float64]
NEIGHBOURS = 3


@dataclass(frozen=True, eq=False)
class Embedder:
    """Pictures uint8 [n, h, w, 3] -> whitened embedding [n, dims] of the attribute net."""

    net: AttributeNet
    mean: Floats
    basis: Floats

    @staticmethod
    def fit(net: AttributeNet, real: npt.NDArray[np.uint8], dims: int = 64) -> Embedder:
        """Principal components of real faces' embeddings, each scaled to unit variance."""
        raw = embedded(net, real)
        mean = raw.mean(0)
        _, s, vt = np.linalg.svd(raw - mean, full_matrices=False)
        std = np.maximum(s[:dims] / np.sqrt(len(raw)), 1e-6)
        return Embedder(net, mean, vt[:dims].T / std)

    def __call__(self, pixels: npt.NDArray[np.uint8]) -> Floats:
        return np.asarray((embedded(self.net, pixels) - self.mean) @ self.basis, np.float64)


def embedded(net: AttributeNet, pixels: npt.NDArray[np.uint8], batch: int = 64) -> Floats:
    """The net's embedding [n, 512] of pictures uint8 [n, h, w, 3]."""
    with torch.inference_mode():
        out = [
            net.trunk.embed(to_input(pixels[i : i + batch])).double().numpy()
            for i in range(0, len(pixels), batch)
        ]
    return np.concatenate(out)


def frechet(a: Floats, b: Floats) -> float:
    """Fréchet distance of Gaussians fitted to a [n, d] and b [m, d] (Heusel et al. 2017)."""
    from scipy.linalg import sqrtm

    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = np.real(sqrtm(ca @ cb))
    return float(np.square(a.mean(0) - b.mean(0)).sum() + np.trace(ca + cb - 2 * root))


def kernel_distance(a: Floats, b: Floats) -> float:
    """Unbiased squared MMD with the cubic kernel (KID, Bińkowski et al. 2018)."""
    d = a.shape[1]

    def kernel(x: Floats, y: Floats) -> Floats:
        return np.asarray((x @ y.T / d + 1) ** 3)

    kaa, kbb, kab = kernel(a, a), kernel(b, b), kernel(a, b)
    n, m = len(a), len(b)
    same = (kaa.sum() - np.trace(kaa)) / (n * (n - 1)) + (kbb.sum() - np.trace(kbb)) / (m * (m - 1))
    return float(same - 2 * kab.mean())


def precision_recall(real: Floats, fake: Floats, k: int = NEIGHBOURS) -> tuple[float, float]:
    """Share of fakes within the real faces' neighbourhoods, and the other way round.

    Kynkäänniemi et al. 2019, section 2: each point's neighbourhood reaches to its k-th neighbour.
    """
    return _covered(real, fake, k), _covered(fake, real, k)


def _covered(inside: Floats, points: Floats, k: int) -> float:
    from sklearn.neighbors import NearestNeighbors

    radius = NearestNeighbors(n_neighbors=k + 1).fit(inside).kneighbors(inside)[0][:, -1]
    gaps = np.linalg.norm(points[:, None] - inside[None], axis=2)  # [points, inside]
    return float((gaps <= radius).any(1).mean())


def nearest(points: Floats, others: Floats) -> Floats:
    """Distance [n] of each point to its nearest other."""
    from sklearn.neighbors import NearestNeighbors

    found: Floats = NearestNeighbors(n_neighbors=1).fit(others).kneighbors(points)[0][:, 0]
    return found


def memorisation(fake: Floats, held_out: Floats, train: Floats) -> dict[str, float]:
    """Are generated faces nearer to training faces than unseen real faces are?

    Medians of the nearest-training-face distance, and the share of generated faces that lie nearer
    to one than 99 % of the held-out faces do (1 % by chance).
    """
    made, real = nearest(fake, train), nearest(held_out, train)
    return {
        "nearest_training_face_generated": float(np.median(made)),
        "nearest_training_face_held_out": float(np.median(real)),
        "share_nearer_than_1_percent_of_held_out": float((made < np.percentile(real, 1)).mean()),
    }

"""How far an edited face has left the person it was: 0 is the same face, 1 two strangers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from app.engine.painter import Painter
from app.models.portrait import Recipe

STRANGERS = 24  # faces whose pairwise distances give the unit
COARSE = 16  # side of the small pictures compared where a model has no attribute net


class DriftMeter:
    """Distances of one model's faces in its attribute net's embedding (else small pictures)."""

    def __init__(self, painter: Painter, net: Any | None) -> None:
        self.painter, self.net = painter, net
        faces = [painter.pixels_of(painter.wide(painter.sample(seed))) for seed in range(STRANGERS)]
        points = self._embed(np.stack(faces))  # [STRANGERS, d]
        far = np.linalg.norm(points[:, None] - points[None], axis=2)
        self.unit = float(np.median(far[np.triu_indices(STRANGERS, 1)])) or 1.0

    def distance(self, first: Recipe, second: Recipe) -> float:
        """Distance of two recipes in units of the median distance of unrelated faces."""
        if first == second:
            return 0.0
        a, b = self._embed(np.stack([self.painter.pixels(first), self.painter.pixels(second)]))
        return float(np.linalg.norm(a - b)) / self.unit

    def _embed(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """uint8 [n, h, w, 3] -> [n, d]."""
        if self.net is not None:
            from app.engine.attribute_net import to_input

            with torch.inference_mode():
                out: npt.NDArray[np.float32] = self.net.trunk.embed(to_input(pixels)).numpy()
            return out
        n, h, w, _ = pixels.shape
        small = pixels.reshape(n, COARSE, h // COARSE, COARSE, w // COARSE, 3).mean((2, 4))
        return (small.reshape(n, -1) / 255.0).astype(np.float32)

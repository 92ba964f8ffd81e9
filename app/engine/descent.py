"""Brings the encoder's guess nearer by a few learned steps: what is wrong says how to move.

Supervised descent (Xiong and De la Torre 2013), as active appearance models were fitted (Cootes,
Edwards and Taylor 2001, section 3.2): for every stage one linear map from the difference between
photo and drawn face, made small, to a change of w+. It costs a drawing each and no derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from app.models.errors import ModelError

Array = npt.NDArray[np.float32]
Draw = Callable[[torch.Tensor], torch.Tensor]  # w+ [n, layers, w_dim] -> pictures [n, 3, h, w]
FRAME = 128
STEPS = (1.0, 0.5)  # the second is tried where the first makes it worse


@dataclass(frozen=True, eq=False)
class Stage:
    """One map of rank r: ``down`` [side * side * 3, r], ``up`` [r, layers * w_dim], both float32;
    the difference is averaged to ``side`` x ``side`` first. Codes: w = code * scale + offset."""

    side: int
    down: torch.Tensor
    up: torch.Tensor

    def change(self, difference: torch.Tensor) -> torch.Tensor:
        """Difference photo - drawn, [n, 3, 128, 128] -> change of all codes [n, layers * w_dim]."""
        return features(difference, self.side) @ self.down @ self.up


@dataclass(frozen=True, eq=False)
class Descent:
    """The stages in order."""

    stages: tuple[Stage, ...]

    def refine(self, target: torch.Tensor, w: Array, scale: Array, draw: Draw) -> Array:
        """Photos [n, 3, 128, 128] in -1..1 and w+ [n, layers, w_dim] -> w+ that is never worse, by
        the mean square of the pixels."""
        with torch.inference_mode():
            best = torch.from_numpy(w)
            spread = torch.from_numpy(scale)
            difference = target - in_frame(draw(best))
            error = difference.square().mean((1, 2, 3))  # [n]
            for stage in self.stages:
                change = stage.change(difference).reshape(best.shape) * spread
                for step in STEPS:
                    tried = best + step * change
                    left = target - in_frame(draw(tried))
                    found = left.square().mean((1, 2, 3))
                    better = found < error
                    best = torch.where(better[:, None, None], tried, best)
                    difference = torch.where(better[:, None, None, None], left, difference)
                    error = torch.minimum(found, error)
                    if bool(better.all()):
                        break
                    change = change * ~better[:, None, None]
        return np.asarray(best.numpy(), np.float32)

    @staticmethod
    def load(path: Path, codes: int) -> Descent:
        """Load ``descent.safetensors`` for ``codes`` = layers * w_dim; ModelError when it does not
        fit."""
        from safetensors.torch import load_file

        try:
            found = load_file(str(path))
            stages = []
            for k in range(len(found) // 2):
                down, up = found[f"{k}.down"].float(), found[f"{k}.up"].float()
                side = round((len(down) / 3) ** 0.5)
                whole = 3 * side * side == len(down) and down.shape[1] == len(up)
                if not whole or FRAME % side or up.shape[1] != codes:
                    raise ValueError(f"stage {k} has the shapes {down.shape} and {up.shape}")
                stages.append(Stage(side, down, up))
        except Exception as error:
            raise ModelError("model.unreadable", file=str(path), why=str(error)) from error
        return Descent(tuple(stages))

    def save(self, path: Path) -> None:
        """Write the maps in half precision."""
        from safetensors.torch import save_file

        tensors: dict[str, torch.Tensor] = {}
        for k, stage in enumerate(self.stages):
            tensors |= {f"{k}.down": stage.down.half().contiguous(),
                        f"{k}.up": stage.up.half().contiguous()}  # fmt: skip
        save_file(tensors, str(path))


def features(difference: torch.Tensor, side: int) -> torch.Tensor:
    """[n, 3, 128, 128] -> [n, 3 * side * side], averaged."""
    return F.avg_pool2d(difference, difference.shape[-1] // side).flatten(1)


def in_frame(x: torch.Tensor) -> torch.Tensor:
    """Pictures of any size as [n, 3, 128, 128]."""
    return x if x.shape[-1] == FRAME else F.interpolate(x, (FRAME, FRAME), mode="area")

"""Reads a drawing of a face as the generator's appearance code, and says where it is unsure."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import nn

from app.models.errors import ModelError

INPUT = 128
Array = npt.NDArray[np.float32]


class Strokes(nn.Module):
    """Darkness [n, 1, 128, 128] -> where strokes of which orientation lie, [n, FEATURES].

    Fixed filters: half-wave slopes in eight directions at two scales, pooled in cells and evened
    over their neighbourhood, as in HOG (Dalal and Triggs 2005), and the tone of each cell. What a
    drawing's style changes (thickness, contrast, shading) is mostly gone before anything is learnt.
    """

    FEATURES = 16 * 16 * 8 + 8 * 8 * 8 + 16 * 16
    slopes: torch.Tensor
    soft: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        angle = torch.arange(8) * (torch.pi / 4)
        sobel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
        slopes = torch.stack([a.cos() * sobel + a.sin() * sobel.T for a in angle])
        self.register_buffer("slopes", slopes[:, None], persistent=False)  # [8, 1, 3, 3]
        reach = torch.exp(-0.5 * (torch.arange(-2, 3) / 1.0) ** 2)
        soft = (reach[:, None] * reach[None]) / reach.sum() ** 2
        self.register_buffer("soft", soft[None, None], persistent=False)  # [1, 1, 5, 5]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        fine = F.conv2d(F.pad(x, (2, 2, 2, 2), "replicate"), self.soft)
        coarse = F.conv2d(F.pad(F.avg_pool2d(fine, 4), (1, 1, 1, 1), "replicate"), self.slopes)
        lines = F.relu(F.conv2d(F.pad(fine, (1, 1, 1, 1), "replicate"), self.slopes))
        cells = _evened(F.avg_pool2d(lines, 8))  # [n, 8, 16, 16]
        wide = _evened(F.avg_pool2d(F.relu(coarse), 4))  # [n, 8, 8, 8]
        tone = F.avg_pool2d(x, 8)  # [n, 1, 16, 16]
        return torch.cat([cells.flatten(1), wide.flatten(1), tone.flatten(1)], 1)


def _evened(cells: torch.Tensor) -> torch.Tensor:
    strength = cells.sum(1, keepdim=True)
    around = F.avg_pool2d(strength, 3, 1, 1, count_include_pad=False)
    return (cells / (around + 0.02)).sqrt()


class SketchTrunk(nn.Module):
    """Darkness [n, 1, 128, 128] in 0..1 -> appearance code [n, code]: fixed strokes, then a linear
    reading and a hidden layer that corrects it."""

    def __init__(self, code: int = 256, hidden: int = 352) -> None:
        super().__init__()
        self.strokes = Strokes()
        self.linear = nn.Linear(Strokes.FEATURES, code)
        self.hidden = nn.Linear(Strokes.FEATURES, hidden)
        self.correct = nn.Linear(hidden, code, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.read_strokes(self.strokes(x))

    def read_strokes(self, f: torch.Tensor) -> torch.Tensor:
        """[n, FEATURES] -> [n, code]."""
        out: torch.Tensor = self.linear(f) + self.correct(F.relu(self.hidden(f)))
        return out


class SketchNet:
    """The trained net; ``unsure`` [code]: its typical error per code on held-out drawings."""

    def __init__(self, trunk: SketchTrunk, unsure: Array) -> None:
        self.trunk = trunk.eval().requires_grad_(False)
        self.unsure = unsure

    @staticmethod
    def load(path: Path) -> SketchNet:
        """Load ``sketch.safetensors``; ModelError when it does not fit."""
        from safetensors import safe_open

        try:
            with safe_open(str(path), "pt") as file:
                hidden = int(json.loads((file.metadata() or {})["shape"])["hidden"])
                state = {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118
            unsure = state.pop("unsure").float().numpy()
            state = {k: v.float() if v.is_floating_point() else v for k, v in state.items()}
            trunk = SketchTrunk(len(unsure), hidden)
            trunk.load_state_dict(state)
        except Exception as error:
            raise ModelError("model.unreadable", file=str(path), why=str(error)) from error
        return SketchNet(trunk, unsure)

    def save(self, path: Path) -> None:
        """Write half-precision weights; the shape is in the metadata."""
        from safetensors.torch import save_file

        state = {
            k: (v.half() if v.is_floating_point() else v).contiguous()
            for k, v in self.trunk.state_dict().items()
        }
        state["unsure"] = torch.from_numpy(self.unsure).half()
        shape = {"hidden": self.trunk.hidden.out_features}
        save_file(state, str(path), metadata={"shape": json.dumps(shape)})

    def read(self, drawings: npt.NDArray[np.uint8]) -> Array:
        """Grey drawings uint8 [n, h, w] that a face fills -> codes [n, 256]."""
        x = torch.from_numpy(np.stack([darkness(d) for d in drawings]))[:, None]
        with torch.inference_mode():
            out: Array = self.trunk(x).numpy()
        return out


def darkness(drawing: npt.NDArray[np.uint8]) -> Array:
    """A grey drawing uint8 [h, w] as darkness float32 [128, 128]: 0 the paper, 1 the darkest."""
    small = drawing
    if drawing.shape != (INPUT, INPUT):
        way = cv2.INTER_AREA if min(drawing.shape) > INPUT else cv2.INTER_CUBIC
        small = cv2.resize(drawing, (INPUT, INPUT), interpolation=way)
    low, high = np.percentile(small, (1, 97))
    dark = (float(high) - small.astype(np.float32)) / max(float(high - low), 16.0)
    return np.clip(dark, 0, 1).astype(np.float32)

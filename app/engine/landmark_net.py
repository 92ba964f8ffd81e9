"""Finds mesh points in a rough face crop, so that any face can be aligned to the training frame."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from app.engine.attribute_net import Residual
from app.engine.unfilled import filled, widened
from app.models.errors import ModelError

INPUT = 96
# 72 of the 468 mesh points: contour, brows, eyes, nose, mouth (public face-mesh numbering)
POINTS: tuple[int, ...] = (
    10, 338, 297, 284, 389, 454, 361, 397, 379, 400, 152, 176, 150, 172, 132, 234, 162, 54, 67, 109,
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300,
    33, 160, 158, 133, 153, 144, 159, 145, 362, 385, 387, 263, 373, 380, 386, 374,
    168, 6, 197, 195, 5, 4, 1, 2, 129, 358, 98, 327,
    61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91, 13, 14,
)  # fmt: skip


NAMED = {
    "eye_left": 33, "eye_right": 263, "cheek_left": 234, "cheek_right": 454, "nose": 2,
    "mouth_left": 61, "mouth_right": 291, "chin": 152,
}  # fmt: skip
FACE_SCORE = 0.5


class LandmarkTrunk(nn.Module):
    """[n, 3, 96, 96] in -1..1 -> points [n, 72, 2] in -1..1 of the crop, and face logits [n]."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        c = width
        self.stem = nn.Sequential(nn.Conv2d(3, c, 4, 4, bias=False), nn.BatchNorm2d(c), nn.ReLU())
        self.blocks = nn.Sequential(
            Residual(c, 2 * c, down=False),  # [n, 2c, 24, 24]
            Residual(2 * c, 4 * c, down=True),  # [n, 4c, 12, 12]
            Residual(4 * c, 6 * c, down=True),  # [n, 6c, 6, 6]
        )
        self.hidden = nn.Linear(6 * c * 36, 256)
        self.head = nn.Linear(256, 2 * len(POINTS) + 1)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        y = torch.relu(self.hidden(self.blocks(self.stem(x)).flatten(1)))
        y = self.head(y)  # [n, 145]
        return y[:, :-1].reshape(len(y), len(POINTS), 2), y[:, -1]


class LandmarkNet:
    """The trained net and the canonical points (pixels in the 128x128 training frame)."""

    def __init__(self, trunk: LandmarkTrunk, canonical: npt.NDArray[np.float32]) -> None:
        self.trunk = trunk.eval().requires_grad_(False)
        self.canonical = canonical  # [72, 2]

    @staticmethod
    def load(path: Path) -> LandmarkNet:
        """Load ``landmarks.safetensors``; ModelError when it does not fit."""
        from safetensors import safe_open

        try:
            with safe_open(str(path), "pt") as file:
                canonical = np.array(json.loads((file.metadata() or {})["canonical"]), np.float32)
                state = {k: widened(file.get_tensor(k)) for k in file.keys()}  # noqa: SIM118
            trunk = filled(LandmarkTrunk, state)
        except Exception as error:
            raise ModelError("model.unreadable", file=str(path), why=str(error)) from error
        return LandmarkNet(trunk, canonical)

    def save(self, path: Path) -> None:
        """Write half-precision weights with the canonical points in the metadata."""
        from safetensors.torch import save_file

        state = {
            k: (v.half() if v.is_floating_point() else v).contiguous()
            for k, v in self.trunk.state_dict().items()
        }
        canonical = json.dumps(self.canonical.round(3).tolist())
        save_file(state, str(path), metadata={"canonical": canonical})

    def find(
        self, crops: npt.NDArray[np.uint8]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Crops uint8 RGB [n, 96, 96, 3] -> points [n, 72, 2] in 0..1, face scores [n] in 0..1."""
        x = torch.from_numpy(np.ascontiguousarray(crops)).permute(0, 3, 1, 2).float() / 127.5 - 1
        with torch.inference_mode():
            points, score = self.trunk(x)
        return ((points + 1) / 2).numpy(), score.sigmoid().numpy()


def find_aligned(
    net: LandmarkNet, pixels: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """As ``LandmarkNet.find``, of aligned faces uint8 RGB [n, h, w, 3] of any size."""
    import cv2

    small = [cv2.resize(p, (INPUT, INPUT), interpolation=cv2.INTER_AREA) for p in pixels]
    return net.find(np.stack(small).astype(np.uint8))


def named_points(
    net: LandmarkNet, pixels: npt.NDArray[np.uint8]
) -> tuple[tuple[str, float, float], ...]:
    """(name, x, y) of one aligned face uint8 RGB [h, w, 3], in fractions of its picture; nothing
    where the net sees no face."""
    points, scores = find_aligned(net, pixels[None])
    if scores[0] < FACE_SCORE:
        return ()
    at = {name: points[0][POINTS.index(number)] for name, number in NAMED.items()}
    return tuple((name, round(float(x), 4), round(float(y), 4)) for name, (x, y) in at.items())

"""Trains the landmark net on mesh points, under turns, sizes, shifts, shade and occlusion."""

from __future__ import annotations

import copy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from app.engine.landmark_net import INPUT, POINTS, LandmarkNet, LandmarkTrunk
from app.engine.training.facedata import FaceData
from app.engine.training.run import read_state, save_state


def random_views(
    pixels: torch.Tensor, points: torch.Tensor, g: torch.Generator, size: int = INPUT
) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures [n, 3, 128, 128] and points [n, k, 2], both in -1..1 -> augmented crops [n, 3, s, s]
    and points in crop coordinates. Turn +-35 degrees, size 0.7..1.35, shift +-0.18."""
    n = len(pixels)
    turn = (torch.rand(n, generator=g) + torch.rand(n, generator=g) - 1) * 0.6
    zoom = torch.exp((torch.rand(n, generator=g) - 0.5) * 0.66) * 1.05
    shift = (torch.rand(n, 2, generator=g) - 0.5) * 0.36
    cos, sin = torch.cos(turn) * zoom, torch.sin(turn) * zoom
    theta = torch.stack(
        [torch.stack([cos, -sin, shift[:, 0]], 1), torch.stack([sin, cos, shift[:, 1]], 1)], 1
    )  # [n, 2, 3] crop -> picture
    grid = F.affine_grid(theta, [n, 3, size, size], align_corners=False)
    crops = F.grid_sample(pixels, grid, padding_mode="reflection", align_corners=False)
    inverse = torch.linalg.inv(theta[:, :, :2])  # [n, 2, 2]
    moved = (points - theta[:, None, :, 2]) @ inverse.transpose(1, 2)  # [n, k, 2]
    return spoil(crops, g), moved


def spoil(x: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Shade, contrast, tint, blur, noise and a random grey box on a third of the crops."""
    n, _, size, _ = x.shape
    x = x * (1 + (torch.rand(n, 1, 1, 1, generator=g) - 0.5) * 0.9)
    x = (
        x
        + (torch.rand(n, 3, 1, 1, generator=g) - 0.5) * 0.35
        + (torch.rand(n, 1, 1, 1, generator=g) - 0.5) * 0.5
    )
    k = int(torch.randint(1, 5, (1,), generator=g))
    if k > 1:
        x = F.interpolate(F.avg_pool2d(x, k), (size, size), mode="bilinear")
    x = x + torch.randn(x.shape, generator=g) * 0.05 * float(torch.rand(1, generator=g))
    for i in range(0, n, 3):
        a = torch.randint(0, size - 24, (2,), generator=g)
        h, w = (int(v) for v in torch.randint(10, 32, (2,), generator=g))
        x[i, :, a[0] : a[0] + h, a[1] : a[1] + w] = float(torch.rand(1, generator=g)) * 2 - 1
    return x.clamp(-1, 1)


def not_faces(crops: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Negatives from the same pixels: corners blown up, quarters shuffled, upside-down faces."""
    n, _, s, _ = crops.shape
    h = s // 2
    quarters = [crops[:, :, :h, :h], crops[:, :, :h, h:], crops[:, :, h:, :h], crops[:, :, h:, h:]]
    order = torch.randperm(4, generator=g).tolist()
    while order == [0, 1, 2, 3]:
        order = torch.randperm(4, generator=g).tolist()
    q = [quarters[i] for i in order]
    shuffled = torch.cat([torch.cat(q[:2], 3), torch.cat(q[2:], 3)], 2)
    corner = F.interpolate(
        quarters[int(torch.randint(4, (1,), generator=g))], (s, s), mode="bilinear"
    )
    kind = torch.arange(n) % 3
    out = torch.where((kind == 0)[:, None, None, None], shuffled, corner)
    return torch.where((kind == 2)[:, None, None, None], crops.flip(2), out)


@dataclass(frozen=True)
class LandmarkSettings:
    """Settings of one run."""

    batch: int = 48
    lr: float = 2e-3
    weight_decay: float = 0.01
    seed: int = 0


class LandmarkTrainer:
    """One resumable run: ``step`` trains a batch, ``save`` is atomic, ``load`` goes on exactly."""

    def __init__(self, data: FaceData, settings: LandmarkSettings) -> None:
        if data.points is None:
            raise ValueError("mesh points are needed")
        self.data, self.s = data, settings
        torch.manual_seed(settings.seed)
        self.trunk = LandmarkTrunk()
        self.points = torch.from_numpy(data.points[:, POINTS] / 64 - 1)  # -1..1 in the picture
        self.pixels, self.train = torch.from_numpy(data.pixels), torch.from_numpy(data.train)
        self.opt = torch.optim.AdamW(
            self.trunk.parameters(), settings.lr, weight_decay=settings.weight_decay
        )
        self.rng = torch.Generator().manual_seed(settings.seed)
        self.steps = self.seen = 0

    def step(self, rate: float) -> dict[str, float]:
        """Train on one batch at ``rate`` of the learning rate; returns the loss."""
        for group in self.opt.param_groups:
            group["lr"] = self.s.lr * rate
        size = self.s.batch
        i = self.train[torch.randint(len(self.train), (size,), generator=self.rng)]
        faces = self.pixels[i].float() / 127.5 - 1
        crops, wanted = random_views(faces, self.points[i], self.rng)
        others = not_faces(crops[: size // 4], self.rng)
        found, score = self.trunk(torch.cat([crops, others]))
        is_face = torch.cat([torch.ones(size), torch.zeros(len(others))])
        loss = F.smooth_l1_loss(found[:size], wanted, beta=0.03)
        loss = loss + 0.02 * F.binary_cross_entropy_with_logits(score, is_face)
        self.opt.zero_grad(set_to_none=True)
        loss.backward()
        self.opt.step()
        self.steps += 1
        self.seen += size
        return {"loss": float(loss.detach())}

    def net(self) -> LandmarkNet:
        """The net as it is now, with the mean face as its canonical points."""
        assert self.data.points is not None
        canonical = self.data.points[self.data.train][:, POINTS].mean(0)
        return LandmarkNet(copy.deepcopy(self.trunk), canonical.astype(np.float32))

    def held_out(self) -> float:
        """Mean point error on held-out faces, as a share of the distance between the eyes."""
        return landmark_error(self.net(), self.data)

    def settings(self) -> dict[str, Any]:
        """Settings and data, for the file beside the checkpoint."""
        return {**asdict(self.s), "data": self.data.hashes}

    def state(self) -> dict[str, Any]:
        """Everything that the next step depends on."""
        return {
            "trunk": self.trunk.state_dict(), "opt": self.opt.state_dict(),
            "rng": self.rng.get_state(), "steps": self.steps, "seen": self.seen,
        }  # fmt: skip

    def save(self, path: Path) -> None:
        """Write the checkpoint atomically."""
        save_state(self, path)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint of this class."""
        state = read_state(path)
        self.trunk.load_state_dict(state["trunk"])
        self.opt.load_state_dict(state["opt"])
        self.rng.set_state(state["rng"])
        self.steps, self.seen = int(state["steps"]), int(state["seen"])

    def publish(self, out: Path) -> LandmarkNet:
        """Write ``landmarks.safetensors`` under ``out``."""
        net = self.net()
        out.mkdir(parents=True, exist_ok=True)
        net.save(out / "landmarks.safetensors")
        return net


def landmark_error(net: LandmarkNet, data: FaceData, seed: int = 1) -> float:
    """Mean point error on augmented held-out faces, as a share of the outer eye distance."""
    assert data.points is not None
    g = torch.Generator().manual_seed(seed)
    i = data.held_out
    points = torch.from_numpy(data.points[i][:, POINTS] / 64 - 1)
    crops, wanted = random_views(torch.from_numpy(data.pixels[i]).float() / 127.5 - 1, points, g)
    with torch.inference_mode():
        found, _ = net.trunk(crops)
    gap = (wanted[:, POINTS.index(33)] - wanted[:, POINTS.index(263)]).norm(dim=1)
    return float(((found - wanted).norm(dim=2).mean(1) / gap).mean())

"""Trains the landmark net on mesh points, under turns, sizes, shifts, shade and occlusion."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from app.engine.landmark_net import INPUT, POINTS, LandmarkNet, LandmarkTrunk
from app.engine.training.facedata import FaceData

Report = Callable[[str], None]


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


def train_landmarks(
    data: FaceData,
    out: Path,
    *,
    minutes: float,
    seed: int = 0,
    batch: int = 48,
    lr: float = 2e-3,
    report: Report = print,
) -> LandmarkNet:
    """Train for ``minutes`` and write ``landmarks.safetensors`` under ``out``."""
    if data.points is None:
        raise ValueError("mesh points are needed")
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    trunk = LandmarkTrunk()
    points = torch.from_numpy(data.points[:, POINTS] / 64 - 1)  # -1..1 in the picture
    pixels, train = torch.from_numpy(data.pixels), torch.from_numpy(data.train)
    optimiser = torch.optim.AdamW(trunk.parameters(), lr=lr, weight_decay=0.01)
    start, step = time.monotonic(), 0
    while (done := (time.monotonic() - start) / (minutes * 60)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = (
                lr * min(1, (step + 1) / 200) * max(0.01, 0.5 * (1 + np.cos(np.pi * done)))
            )
        i = train[torch.randint(len(train), (batch,), generator=g)]
        crops, wanted = random_views(pixels[i].float() / 127.5 - 1, points[i], g)
        others = not_faces(crops[: batch // 4], g)
        found, score = trunk(torch.cat([crops, others]))
        is_face = torch.cat([torch.ones(batch), torch.zeros(len(others))])
        loss = F.smooth_l1_loss(found[:batch], wanted, beta=0.03)
        loss = loss + 0.02 * F.binary_cross_entropy_with_logits(score, is_face)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        step += 1
        if step % 100 == 0:
            report(f"{done:6.1%} step {step} loss {float(loss.detach()):.4f}")
    canonical = data.points[data.train][:, POINTS].mean(0)
    net = LandmarkNet(trunk, canonical.astype(np.float32))
    out.mkdir(parents=True, exist_ok=True)
    net.save(out / "landmarks.safetensors")
    report(f"held-out error {landmark_error(net, data):.2%} of the distance between the eyes")
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

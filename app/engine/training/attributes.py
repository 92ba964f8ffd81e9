"""Trains the attribute net: classes, measures, landmark shape and appearance code together."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from app.engine.attribute_net import AttributeNet, AttributeTrunk, NetShape
from app.engine.training.facedata import FaceData
from app.engine.training.targets import ClassTarget, ScalarTarget, class_targets, scalar_targets

HAND_WEIGHT = 0.12
Report = Callable[[str], None]


def shape_codes(
    points: npt.NDArray[np.float32], train: npt.NDArray[np.int64], count: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """PCA of mesh points [n, 468, 2] (pixels): codes [n, count], mean [936], basis [count, 936]."""
    flat = points.reshape(len(points), -1)
    mean = flat[train].mean(0)
    _, s, vt = np.linalg.svd(flat[train][::3] - mean, full_matrices=False)
    std = s[:count] / np.sqrt(len(train[::3]))
    basis = (vt[:count] * std[:, None]).astype(np.float32)
    codes = (flat - mean) @ vt[:count].T / std
    return codes.astype(np.float32), mean.astype(np.float32), basis


class Batches:
    """Draws augmented batches; hand-labelled faces come twice as often as chance would have it."""

    def __init__(
        self, data: FaceData, generator: torch.Generator, hand_share: float = 0.25
    ) -> None:
        self.pixels = torch.from_numpy(data.pixels)
        self.train = torch.from_numpy(data.train)
        in_train = set(data.train.tolist())
        self.hand = torch.tensor([i for i in data.hand if i in in_train])
        self.generator, self.hand_share = generator, hand_share

    def draw(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Indices [size] and pictures float32 [size, 3, 128, 128] in -1..1, augmented."""
        g = self.generator
        n_hand = round(size * self.hand_share) if len(self.hand) else 0
        some = self.train[torch.randint(len(self.train), (size - n_hand,), generator=g)]
        if n_hand:
            some = torch.cat(
                [some, self.hand[torch.randint(len(self.hand), (n_hand,), generator=g)]]
            )
        return some, augment(self.pixels[some].float() / 127.5 - 1, g)


def augment(x: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Light changes that leave every target true: shift, light, contrast, tint, blur, noise."""
    n = len(x)
    theta = torch.eye(2, 3).repeat(n, 1, 1)
    theta[:, :, 2] = (torch.rand(n, 2, generator=g) - 0.5) * 0.05
    theta[:, 0, 0] = theta[:, 1, 1] = 1 + (torch.rand(n, generator=g) - 0.5) * 0.06
    x = F.grid_sample(
        x,
        F.affine_grid(theta, list(x.shape), align_corners=False),
        padding_mode="reflection",
        align_corners=False,
    )
    gain = 1 + (torch.rand(n, 1, 1, 1, generator=g) - 0.5) * 0.3
    tint = (torch.rand(n, 3, 1, 1, generator=g) - 0.5) * 0.12
    x = x * gain + tint
    factor = int(torch.randint(0, 6, (1,), generator=g))
    if factor in (2, 3):  # a third of the batches is soft, as small or generated faces are
        x = F.interpolate(F.avg_pool2d(x, factor), x.shape[-2:], mode="bilinear")
    return (x + 0.03 * torch.randn(x.shape, generator=g)).clamp(-1, 1)


def train_attributes(
    data: FaceData,
    out: Path,
    *,
    minutes: float,
    seed: int = 0,
    batch: int = 48,
    lr: float = 2e-3,
    report: Report = print,
) -> AttributeNet:
    """Train for ``minutes`` and write ``attributes.safetensors`` under ``out``."""
    if data.points is None:
        raise ValueError("mesh points are needed")
    classes, scalars = class_targets(data), scalar_targets(data)
    shape = NetShape(
        tuple((t.attribute, t.values) for t in classes),
        tuple((t.name, t.mean, t.std) for t in scalars),
    )
    torch.manual_seed(seed)
    trunk = AttributeTrunk(shape)
    mesh, mean, basis = shape_codes(data.points, data.train, shape.shape)
    wanted = _targets(data, classes, scalars, mesh)
    optimiser = torch.optim.AdamW(trunk.parameters(), lr=lr, weight_decay=0.02)
    batches = Batches(data, torch.Generator().manual_seed(seed))
    start, step = time.monotonic(), 0
    while (done := (time.monotonic() - start) / (minutes * 60)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = (
                lr * min(1, (step + 1) / 200) * max(0.01, 0.5 * (1 + np.cos(np.pi * done)))
            )
        index, x = batches.draw(batch)
        loss = _loss(trunk(x), index, wanted)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        step += 1
        if step % 50 == 0:
            report(f"{done:6.1%} step {step} loss {float(loss.detach()):.3f}")
    net = calibrated(AttributeNet(shape, trunk.eval()), data, classes)
    out.mkdir(parents=True, exist_ok=True)
    net.save(out / "attributes.safetensors")
    from safetensors.numpy import save_file

    save_file({"mean": mean, "basis": basis}, str(out / "shape.safetensors"))
    return net


Targets = tuple[list[tuple[torch.Tensor, torch.Tensor, float]], torch.Tensor, torch.Tensor]


def _targets(
    data: FaceData,
    classes: list[ClassTarget],
    scalars: list[ScalarTarget],
    mesh: npt.NDArray[np.float32],
) -> Targets:
    parts = []
    for t in classes:
        seen = t.labels[data.train]
        count = np.bincount(seen[seen >= 0], minlength=len(t.values)).astype(np.float32)
        weight = (count.sum() / (len(count) * np.maximum(count, 5))) ** 0.4  # soften imbalance
        parts.append(
            (
                torch.from_numpy(t.labels),
                torch.from_numpy(weight.astype(np.float32)),
                HAND_WEIGHT if t.by_hand else 1.0,
            )
        )
    measures = torch.from_numpy(np.stack([(t.values - t.mean) / t.std for t in scalars], 1))
    codes = torch.from_numpy(np.concatenate([data.codes, mesh], 1))
    return parts, measures, codes


def _loss(y: torch.Tensor, index: torch.Tensor, targets: Targets) -> torch.Tensor:
    parts, measures, codes = targets
    loss, at = y.new_zeros(()), 0
    for labels, weight, share in parts:
        k = len(weight)
        wanted = labels[index]
        if bool((wanted >= 0).any()):
            term = F.cross_entropy(
                y[:, at : at + k], wanted, weight, ignore_index=-1, label_smoothing=0.02
            )
            loss = loss + share * term
        at += k
    m = measures.shape[1]
    loss = loss + 3.0 * F.smooth_l1_loss(y[:, at : at + m], measures[index], beta=0.5)
    return loss + 2.0 * F.mse_loss(y[:, at + m :], codes[index])


def calibrated(net: AttributeNet, data: FaceData, classes: list[ClassTarget]) -> AttributeNet:
    """The net with one temperature per attribute, fitted on held-out faces (Guo et al. 2017)."""
    with torch.inference_mode():
        y = torch.cat(
            [
                net.trunk(torch.from_numpy(data.pixels[i]).float() / 127.5 - 1)
                for i in np.array_split(data.held_out, 8)
            ]
        )
    grid, chosen, at = np.geomspace(0.5, 4, 25), [], 0
    for t in classes:
        logits, wanted = y[:, at : at + len(t.values)], torch.from_numpy(t.labels[data.held_out])
        at += len(t.values)
        if int((wanted >= 0).sum()) < 30:
            chosen.append((t.attribute, 1.5))  # too few to fit: stay modest
            continue
        losses = [float(F.cross_entropy(logits / k, wanted, ignore_index=-1)) for k in grid]
        chosen.append((t.attribute, float(grid[int(np.argmin(losses))])))
    shape = NetShape(**{**net.shape.__dict__, "temperature": tuple(chosen)})
    return AttributeNet(shape, net.trunk)

"""Trains the attribute net: classes, measures, landmark shape and appearance code together."""

from __future__ import annotations

import copy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from app.engine.attribute_net import AttributeNet, AttributeTrunk, NetShape
from app.engine.training.facedata import FaceData
from app.engine.training.run import follow, read_state, save_state
from app.engine.training.targets import ClassTarget, ScalarTarget, class_targets, scalar_targets

HAND_WEIGHT = 0.12
AGE_WEIGHT = 1.2
SHAPE_CODES = 64


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


@dataclass(frozen=True)
class AttributeSettings:
    """Settings of one run; ``hand_share`` of each batch carries hand labels."""

    batch: int = 48
    lr: float = 2e-3
    weight_decay: float = 0.03
    hand_share: float = 0.25
    ema: float = 0.998
    bfloat16: bool = False
    device: str = "cpu"
    seed: int = 0


class AttributeTrainer:
    """One resumable run: ``step`` trains a batch, ``save`` is atomic, ``load`` goes on exactly."""

    def __init__(self, data: FaceData, settings: AttributeSettings) -> None:
        if data.points is None:
            raise ValueError("mesh points are needed")
        self.data, self.s = data, settings
        self.classes, scalars = class_targets(data), scalar_targets(data)
        mesh, self.mean, self.basis = shape_codes(data.points, data.train, SHAPE_CODES)
        self.shape = NetShape(
            tuple((t.attribute, t.values) for t in self.classes),
            tuple((t.name, t.mean, t.std) for t in scalars),
            code=data.codes.shape[1],
            shape=mesh.shape[1],
            deep_stem=True,
        )
        self.train = torch.from_numpy(data.attribute_train())
        self.targets = Targets(data, self.classes, scalars, mesh, settings.device)
        torch.manual_seed(settings.seed)
        self.device = torch.device(settings.device)
        self.trunk = AttributeTrunk(self.shape).to(self.device)
        self.ema = copy.deepcopy(self.trunk).eval().requires_grad_(False)
        self.opt = torch.optim.AdamW(
            self.trunk.parameters(), settings.lr, weight_decay=settings.weight_decay
        )
        self.rng = torch.Generator().manual_seed(settings.seed)
        self.pixels = torch.from_numpy(data.pixels)
        allowed = set(self.train.tolist())
        self.hand = torch.tensor([i for i in data.hand if i in allowed])
        self.steps = self.seen = 0

    def step(self, rate: float) -> dict[str, float]:
        """Train on one batch at ``rate`` of the learning rate; returns the loss."""
        for group in self.opt.param_groups:
            group["lr"] = self.s.lr * rate
        index, flipped, x = self.draw()
        torch.manual_seed(self.s.seed * 1_000_003 + self.steps)  # dropout's draws
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.s.bfloat16):
            y = self.trunk(x.to(self.device))
        loss = self.targets.loss(y.float(), index, flipped)
        self.opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.trunk.parameters(), 5.0)
        self.opt.step()
        self.steps += 1
        self.seen += len(index)
        follow(self.ema, self.trunk, self.s.ema, self.steps)
        return {"loss": float(loss.detach())}

    def draw(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Indices [n], which are mirrored [n], pictures float32 [n, 3, 128, 128] in -1..1."""
        size, g = self.s.batch, self.rng
        n_hand = round(size * self.s.hand_share) if len(self.hand) else 0
        index = self.train[torch.randint(len(self.train), (size - n_hand,), generator=g)]
        if n_hand:
            some = self.hand[torch.randint(len(self.hand), (n_hand,), generator=g)]
            index = torch.cat([index, some])
        x = augment(self.pixels[index].float() / 127.5 - 1, g)
        flipped = torch.rand(size, generator=g) < 0.5
        return index, flipped, torch.where(flipped[:, None, None, None], x.flip(3), x)

    @torch.no_grad()
    def held_out(self) -> float:
        """Mean absolute error of age in years on the held-out faces."""
        read = AttributeNet(self.shape, self.ema).read(
            self.data.pixels[self.data.held_out].transpose(0, 2, 3, 1)
        )
        return float(np.abs(read.scalars["age"] - self.data.age[self.data.held_out]).mean())

    def settings(self) -> dict[str, Any]:
        """Settings and data, for the file beside the checkpoint."""
        return {**asdict(self.s), "data": self.data.hashes}

    def state(self) -> dict[str, Any]:
        """Everything that the next step depends on."""
        return {
            "trunk": self.trunk.state_dict(), "ema": self.ema.state_dict(),
            "opt": self.opt.state_dict(), "rng": self.rng.get_state(),
            "steps": self.steps, "seen": self.seen,
        }  # fmt: skip

    def save(self, path: Path) -> None:
        """Write the checkpoint atomically."""
        save_state(self, path)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint of this class."""
        state = read_state(path, self.device)
        for name, part in (("trunk", self.trunk), ("ema", self.ema), ("opt", self.opt)):
            part.load_state_dict(state[name])
        self.rng.set_state(state["rng"].cpu())
        self.steps, self.seen = int(state["steps"]), int(state["seen"])

    def publish(self, out: Path) -> AttributeNet:
        """Calibrate, write ``attributes.safetensors`` and ``shape.safetensors`` under ``out``."""
        from safetensors.numpy import save_file

        trunk = copy.deepcopy(self.ema).cpu()
        net = calibrated(AttributeNet(self.shape, trunk), self.data, self.classes)
        out.mkdir(parents=True, exist_ok=True)
        net.save(out / "attributes.safetensors")
        shape = {"mean": self.mean, "basis": self.basis}
        save_file(shape, str(out / "shape.safetensors"))
        return net


class Targets:
    """What every face should be read as, and the loss that says how far off a reading is."""

    def __init__(
        self,
        data: FaceData,
        classes: list[ClassTarget],
        scalars: list[ScalarTarget],
        mesh: npt.NDArray[np.float32],
        device: str,
    ) -> None:
        train = data.attribute_train()
        self.parts = [_class_part(t, train, device) for t in classes]
        measures = np.stack([(t.values - t.mean) / t.std for t in scalars], 1)
        self.measures = torch.from_numpy(measures).to(device)
        self.codes = torch.from_numpy(np.concatenate([data.codes, mesh], 1)).to(device)
        self.age_at = [t.name for t in scalars].index("age")
        self.age_share = torch.from_numpy(_rarity(data.age, train)).to(device)

    def loss(self, y: torch.Tensor, index: torch.Tensor, flipped: torch.Tensor) -> torch.Tensor:
        """Loss of readings ``y`` [n, outputs]; codes of mirrored faces are not known."""
        loss, at = y.new_zeros(()), 0
        index, straight = index.to(y.device), ~flipped.to(y.device)
        for labels, weight, share in self.parts:
            k = len(weight)
            wanted = labels[index]
            if bool((wanted >= 0).any()):
                term = F.cross_entropy(
                    y[:, at : at + k], wanted, weight, ignore_index=-1, label_smoothing=0.02
                )
                loss = loss + share * term
            at += k
        m = self.measures.shape[1]
        found, wanted = y[:, at : at + m], self.measures[index]
        loss = loss + 3.0 * F.smooth_l1_loss(found, wanted, beta=0.5)
        age = F.smooth_l1_loss(
            found[:, self.age_at], wanted[:, self.age_at], beta=0.3, reduction="none"
        )
        loss = loss + AGE_WEIGHT * (age * self.age_share[index]).mean()
        codes = (y[:, at + m :] - self.codes[index]).square().mean(1)  # [n]
        return loss + 2.0 * (codes * straight).sum() / straight.sum().clamp_min(1)


def _class_part(
    t: ClassTarget, train: npt.NDArray[np.int64], device: str
) -> tuple[torch.Tensor, torch.Tensor, float]:
    seen = t.labels[train]
    count = np.bincount(seen[seen >= 0], minlength=len(t.values)).astype(np.float32)
    weight = (count.sum() / (len(count) * np.maximum(count, 5))) ** 0.4  # soften imbalance
    return (
        torch.from_numpy(t.labels).to(device),
        torch.from_numpy(weight.astype(np.float32)).to(device),
        HAND_WEIGHT if t.by_hand else 1.0,
    )


def _rarity(age: npt.NDArray[np.float32], train: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    # few are over 60, and a net trained on all alike reads them as 50 (Yang et al. 2021, delving
    # into deep imbalanced regression: weights by the smoothed density of the target)
    bins = np.clip(age / 5, 0, 19).astype(int)
    count = np.bincount(bins[train], minlength=20).astype(np.float32)
    smooth = np.convolve(count, [0.25, 0.5, 0.25], "same")
    share = np.sqrt(smooth.max() / np.maximum(smooth, 10))[bins]
    return (share / share[train].mean()).astype(np.float32)


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


def calibrated(net: AttributeNet, data: FaceData, classes: list[ClassTarget]) -> AttributeNet:
    """The net with one temperature per attribute, fitted on held-out faces (Guo et al. 2017)."""
    with torch.inference_mode():
        y = torch.cat(
            [
                net.trunk(torch.from_numpy(data.pixels[i]).float() / 127.5 - 1)
                for i in np.array_split(data.attribute_held_out(), 8)
            ]
        )
    grid, chosen, at = np.geomspace(0.5, 4, 25), [], 0
    for t in classes:
        logits, wanted = (
            y[:, at : at + len(t.values)],
            torch.from_numpy(t.labels[data.attribute_held_out()]),
        )
        at += len(t.values)
        if int((wanted >= 0).sum()) < 30:
            chosen.append((t.attribute, 1.5))  # too few to fit: stay modest
            continue
        losses = [float(F.cross_entropy(logits / k, wanted, ignore_index=-1)) for k in grid]
        chosen.append((t.attribute, float(grid[int(np.argmin(losses))])))
    shape = NetShape(**{**net.shape.__dict__, "temperature": tuple(chosen)})
    return AttributeNet(shape, net.trunk)

"""Trains the generator on faces whose codes are known: reconstruction first, sharpness late.

The synthesis network is regressed on (w = scale * code, face) pairs (GLO, Bojanowski et al. 2018,
with fixed codes), so codes keep their meaning and directions can be fitted on real labels. Late in
training a feature loss from the attribute net, a loss on the strength of fine detail and a small
patch discriminator (Isola et al. 2017; logistic loss with R1, Mescheder et al. 2018) bring back the
texture that a pixel loss averages away. The weight of the adversary is set by the ratio of
gradients at the last layer (VQGAN, Esser et al. 2021).
"""

from __future__ import annotations

import copy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from app.engine.attribute_net import AttributeNet
from app.engine.perceptual import feature_loss, pyramid_loss
from app.engine.stylegan2 import Generator
from app.engine.training.adversary import PatchDiscriminator, texture_loss
from app.engine.training.facedata import FaceData
from app.engine.training.run import follow, read_state, save_state

R1_EVERY = 16


@dataclass(frozen=True)
class GeneratorSettings:
    """Settings of one run; written beside every checkpoint.

    ``adversary`` weighs the discriminator, which has had ``head_start`` steps before the generator
    listens to it; ``random_share`` of a batch is drawn from random codes for it to judge, too;
    ``finest_weight`` and ``texture_weight`` trade true pixels for as much detail as is real; ``r1``
    is the discriminator's gradient penalty (Mescheder et al. 2018), taken every 16 steps.
    """

    minutes: float = 60.0
    batch: int = 16
    lr: float = 2e-3
    lr_d: float = 2e-3
    jitter: float = 0.1
    ema: float = 0.998
    feature_weight: float = 0.0
    adversary: float = 0.0
    random_share: float = 0.25
    finest_weight: float = 1.0
    patch_width: int = 16
    texture_weight: float = 0.0
    head_start: int = 0
    r1: float = 0.0
    bfloat16: bool = False
    device: str = "cpu"
    seed: int = 0


def _mean(scales: list[torch.Tensor]) -> torch.Tensor:
    return torch.stack([p.mean() for p in scales]).mean()


class Trainer:
    """One resumable run: ``step`` trains a batch, ``save`` is atomic, ``load`` goes on exactly."""

    def __init__(
        self,
        generator: Generator,
        data: FaceData,
        settings: GeneratorSettings,
        net: AttributeNet | None = None,
    ) -> None:
        self.device = torch.device(settings.device)
        self.g, self.data, self.s, self.net = generator.to(self.device), data, settings, net
        if net is not None:
            net.trunk.to(self.device)
        self.ema = copy.deepcopy(generator).eval().requires_grad_(False)
        self.d = PatchDiscriminator(settings.patch_width).to(self.device)
        self.params = list(generator.synthesis.parameters())
        self.opt_g = torch.optim.Adam(self.params, settings.lr, (0.0, 0.99))
        self.opt_d = torch.optim.Adam(self.d.parameters(), settings.lr_d, (0.0, 0.99))
        self.rng = torch.Generator().manual_seed(settings.seed)
        self.pixels = torch.from_numpy(data.pixels)
        self.codes = torch.from_numpy(data.codes)
        self.scale = torch.from_numpy(data.scale).to(self.device)
        self.train = torch.from_numpy(data.train)
        self.steps = 0
        self.balance = 0.0
        self.seen = 0

    def draw(self, w: torch.Tensor) -> torch.Tensor:
        """w [n, w_dim] -> pictures [n, 3, 128, 128]."""
        ws = w.unsqueeze(1).expand(-1, self.g.num_ws, -1)
        with self._precision():
            return self.g.synthesis(ws, noise_mode="none").float()

    def _precision(self) -> torch.autocast:
        # convolutions in bfloat16 take 0.6 of the time on a CPU that has it; losses stay in float32
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.s.bfloat16)

    def batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        """w [n, w_dim] of training faces with a little jitter, and the faces in -1..1."""
        i = self.train[torch.randint(len(self.train), (self.s.batch,), generator=self.rng)]
        z = self.codes[i] + self.s.jitter * torch.randn(
            self.s.batch, self.codes.shape[1], generator=self.rng
        )
        x = self.pixels[i].to(self.device).float() / 127.5 - 1
        return z.to(self.device) * self.scale, x

    def step(self, rate: float) -> dict[str, float]:
        """Train on one batch at ``rate`` of the learning rate; returns the losses."""
        for group in self.opt_g.param_groups:
            group["lr"] = self.s.lr * rate
        w, x = self.batch()
        y = self.draw(w)
        loss = pixel = pyramid_loss(y, x, finest=self.s.finest_weight)
        if self.net is not None and self.s.feature_weight:
            half = len(y) // 2  # features of half the batch: the dearest term
            with self._precision():
                seen_as = feature_loss(self.net, y[:half], x[:half])
            loss = loss + self.s.feature_weight * seen_as
        if self.s.texture_weight:
            loss = loss + self.s.texture_weight * texture_loss(y, x)
        report = {"pixel": float(pixel.detach())}
        if self.s.adversary:
            fake = torch.cat([y, self.draw(self._random_w())]) if self.s.random_share else y
            with self._precision():
                wanted = _mean([F.softplus(-p) for p in self.d(fake)])
            if (
                self.steps % 10 == 0
            ):  # the ratio drifts slowly, and measuring it costs two backward passes
                self.balance = self._adversary_weight(loss, wanted)
            weight = self.balance
            loss = loss + self.s.adversary * weight * wanted * (self.steps >= self.s.head_start)
            report |= {"adv": float(wanted.detach()), "adv_weight": weight}
        self.opt_g.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.params, 5.0)
        self.opt_g.step()
        if self.s.adversary:
            report["d"] = self._step_discriminator(x, fake.detach())
        self.steps += 1
        self.seen += self.s.batch
        follow(self.ema.synthesis, self.g.synthesis, self.s.ema, self.steps)
        return report

    def _random_w(self) -> torch.Tensor:
        n = max(1, int(self.s.batch * self.s.random_share))
        z = torch.randn(n, self.codes.shape[1], generator=self.rng) * 0.8
        return z.to(self.device) * self.scale

    def _adversary_weight(self, loss: torch.Tensor, wanted: torch.Tensor) -> float:
        last = self.g.synthesis.blocks()[-1].torgb.weight
        a = torch.autograd.grad(loss, last, retain_graph=True)[0].norm()
        b = torch.autograd.grad(wanted, last, retain_graph=True)[0].norm()
        return float((a / (b + 1e-4)).clamp(0, 10))

    def _step_discriminator(self, real: torch.Tensor, fake: torch.Tensor) -> float:
        with self._precision():
            on_real, on_fake = self.d(real), self.d(fake)
        loss = _mean([F.softplus(-p) for p in on_real]) + _mean([F.softplus(p) for p in on_fake])
        self.opt_d.zero_grad(set_to_none=True)
        loss.backward()
        if self.s.r1 and self.steps % R1_EVERY == 0:
            self._penalty(real[: len(real) // 2]).backward()
        self.opt_d.step()
        return float(loss.detach())

    def _penalty(self, real: torch.Tensor) -> torch.Tensor:
        x = real.detach().requires_grad_(True)
        realness = torch.stack([p.mean((1, 2, 3)) for p in self.d(x)]).mean(0)  # [n]
        slope = torch.autograd.grad(realness.sum(), x, create_graph=True)[0]
        return self.s.r1 / 2 * R1_EVERY * slope.square().sum((1, 2, 3)).mean()

    @torch.no_grad()
    def held_out(self) -> float:
        """Pixel loss of the averaged generator on the held-out faces."""
        total = 0.0
        for part in np.array_split(self.data.held_out, max(1, len(self.data.held_out) // 15)):
            w = self.codes[part].to(self.device) * self.scale
            ws = w.unsqueeze(1).expand(-1, self.ema.num_ws, -1)
            y = self.ema.synthesis(ws, noise_mode="none")
            x = self.pixels[part].to(self.device).float() / 127.5 - 1
            total += float(pyramid_loss(y, x)) * len(part)
        return total / len(self.data.held_out)

    def state(self) -> dict[str, Any]:
        """Everything that the next step depends on."""
        return {
            "G": self.g.state_dict(), "ema": self.ema.state_dict(), "D": self.d.state_dict(),
            "opt_g": self.opt_g.state_dict(), "opt_d": self.opt_d.state_dict(),
            "rng": self.rng.get_state(), "balance": self.balance,
            "steps": self.steps, "seen": self.seen,
        }  # fmt: skip

    def settings(self) -> dict[str, Any]:
        """Settings and data, for the file beside the checkpoint."""
        return {**asdict(self.s), "data": self.data.hashes}

    def save(self, path: Path) -> None:
        """Write the checkpoint atomically."""
        save_state(self, path)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint of this class (weights only; nothing in it can run)."""
        state = read_state(path, self.device)
        for name, part in (("G", self.g), ("ema", self.ema), ("D", self.d),
                           ("opt_g", self.opt_g), ("opt_d", self.opt_d)):  # fmt: skip
            part.load_state_dict(state[name])
        self.rng.set_state(state["rng"].cpu())
        self.steps, self.seen = int(state["steps"]), int(state["seen"])
        self.balance = float(state["balance"])

"""Trains the encoder through the fixed generator: what it says has to look like the photo."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from app.engine.attribute_net import AttributeNet
from app.engine.encoder import FEATURE_WEIGHT
from app.engine.encoder_net import EncoderNet, EncoderTrunk, from_attribute_net
from app.engine.perceptual import feature_loss, pyramid_loss
from app.engine.stylegan2 import Generator
from app.engine.training.facedata import FaceData
from app.engine.training.run import read_state, save_state


@dataclass(frozen=True)
class EncoderSettings:
    """Settings of one run.

    ``code_weight`` keeps the mean of the layers near the face's known code, ``apart_weight`` keeps
    the layers near each other (e4e, Tov et al. 2021: what lies near W can be edited).
    """

    batch: int = 12
    lr: float = 4e-4
    code_weight: float = 0.03
    apart_weight: float = 0.02
    bfloat16: bool = False
    seed: int = 0


class EncoderTrainer:
    """One resumable run: ``step`` trains a batch, ``save`` is atomic, ``load`` goes on exactly.

    ``generator`` is one whose w are scale * code (as trained, before the mapping is set).
    """

    def __init__(
        self, generator: Generator, net: AttributeNet, data: FaceData, settings: EncoderSettings
    ) -> None:
        self.g, self.net, self.data, self.s = generator, net, data, settings
        torch.manual_seed(settings.seed)
        self.trunk = from_attribute_net(net, generator.num_ws, generator.arch.w_dim)
        self.opt = torch.optim.Adam(self.trunk.parameters(), settings.lr, (0.9, 0.99))
        self.rng = torch.Generator().manual_seed(settings.seed)
        self.pixels, self.train = torch.from_numpy(data.pixels), torch.from_numpy(data.train)
        self.codes, self.scale = torch.from_numpy(data.codes), torch.from_numpy(data.scale)
        self.steps = self.seen = 0

    def step(self, rate: float) -> dict[str, float]:
        """Train on one batch at ``rate`` of the learning rate; returns the losses."""
        for group in self.opt.param_groups:
            group["lr"] = self.s.lr * rate
        i = self.train[torch.randint(len(self.train), (self.s.batch,), generator=self.rng)]
        x = self.pixels[i].float() / 127.5 - 1
        codes = self._codes(x)
        picture = self._picture_loss(codes, x)
        mean = codes.mean(1)  # [n, w_dim]
        loss = picture + self.s.code_weight * (mean - self.codes[i]).square().mean()
        apart = (codes - mean.unsqueeze(1)).square().mean()
        loss = loss + self.s.apart_weight * apart
        self.opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.trunk.parameters(), 1.0)
        self.opt.step()
        self.steps += 1
        self.seen += len(x)
        return {"picture": float(picture.detach()), "apart": float(apart.detach())}

    def _codes(self, x: torch.Tensor) -> torch.Tensor:
        self.trunk.eval()  # small batches: the statistics of the attribute net's training stay
        with torch.autocast("cpu", torch.bfloat16, enabled=self.s.bfloat16):
            return self.trunk(x).float()  # [n, layers, w_dim]

    def _picture_loss(self, codes: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.s.bfloat16):
            y = self.g.synthesis(codes * self.scale, "none").float()
            seen_as = feature_loss(self.net, y, x)
        return pyramid_loss(y, x) + FEATURE_WEIGHT * seen_as

    @torch.no_grad()
    def held_out(self) -> float:
        """Pixel and feature loss of one look at each held-out face."""
        total = 0.0
        for part in np.array_split(self.data.held_out, max(1, len(self.data.held_out) // 15)):
            x = torch.from_numpy(self.data.pixels[part]).float() / 127.5 - 1
            total += float(self._picture_loss(self._codes(x), x)) * len(part)
        return total / len(self.data.held_out)

    def settings(self) -> dict[str, Any]:
        """Settings and data, for the file beside the checkpoint."""
        return {**asdict(self.s), "data": self.data.hashes}

    def state(self) -> dict[str, Any]:
        """Everything that the next step depends on."""
        return {
            "trunk": self.trunk.state_dict(), "opt": self.opt.state_dict(),
            "rng": self.rng.get_state(), "steps": self.steps, "seen": self.seen,
        }  # fmt: skip

    def save(self, path: Any) -> None:
        """Write the checkpoint atomically."""
        save_state(self, path)

    def load(self, path: Any) -> None:
        """Go on from a checkpoint of this class, also one made for an earlier generator."""
        state = read_state(path)
        self.trunk.load_state_dict(state["trunk"])
        self.opt.load_state_dict(state["opt"])
        self.rng.set_state(state["rng"])
        self.steps, self.seen = int(state["steps"]), int(state["seen"])

    def publish(self, path: Any) -> EncoderNet:
        """Write the encoder (its w without the packed model's offset, which pack adds)."""
        trunk = EncoderTrunk(self.trunk.width, self.trunk.layers, self.trunk.w_dim)
        trunk.load_state_dict(self.trunk.state_dict())
        encoder = EncoderNet(trunk, self.data.scale, np.zeros_like(self.data.scale))
        encoder.save(path)
        return encoder

"""StyleGAN2 (Karras et al. 2020, arXiv 1912.04958) in plain torch, with the public G_ema names.

This is the clear form: trained, imported, exported and checked against the public implementation.
What draws on the officer's laptop is ``packed.py``, which must give the same pictures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import nn

from app.engine.ops import blur, lrelu, upsample2

NoiseMode = Literal["none", "const", "seeded"]
DEMODULATION_EPSILON = 1e-8


@dataclass(frozen=True)
class Architecture:
    """The shape of a generator. ``resolution`` is a power of two, 32 to 1024.

    ``channel_base`` / resolution, at most ``channel_max``, is the width of each block.
    ``conv_clamp`` clamps the output of every layer (half-precision checkpoints use 256).
    """

    z_dim: int = 512
    w_dim: int = 512
    resolution: int = 128
    channel_base: int = 16384
    channel_max: int = 512
    mapping_layers: int = 8
    conv_clamp: float | None = None

    @property
    def resolutions(self) -> tuple[int, ...]:
        """4, 8, ... resolution."""
        return tuple(2**i for i in range(2, int(math.log2(self.resolution)) + 1))

    @property
    def num_ws(self) -> int:
        """How many w a picture takes: 2 log2(resolution) - 2."""
        return 2 * len(self.resolutions)

    def channels(self, resolution: int) -> int:
        """Width of the block at one resolution."""
        return min(self.channel_base // resolution, self.channel_max)


def seeded_noise(seed: int, layer: int, resolution: int) -> torch.Tensor:
    """Unit Gaussian noise [resolution, resolution] that depends on nothing but its arguments."""
    generator = torch.Generator().manual_seed((seed * 1_000_003 + layer) % 2**63)
    return torch.randn(resolution, resolution, generator=generator)


class FullyConnected(nn.Module):
    """[n, inputs] -> [n, outputs] with the equalised learning rate (weights stored / lr)."""

    def __init__(
        self, inputs: int, outputs: int, *, lr: float = 1.0, bias: float = 0.0, act: bool = False
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / lr)
        self.bias = nn.Parameter(torch.full((outputs,), bias / lr))
        self.weight_gain, self.bias_gain, self.act = lr / math.sqrt(inputs), lr, act

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.linear(x, self.weight * self.weight_gain, self.bias * self.bias_gain)
        return lrelu(x) if self.act else x


class Mapping(nn.Module):
    """z [n, z_dim] -> w [n, w_dim]; ``w_avg`` is the mean w that truncation pulls towards."""

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        self.layers = arch.mapping_layers
        for i in range(self.layers):
            inputs = arch.z_dim if i == 0 else arch.w_dim
            setattr(self, f"fc{i}", FullyConnected(inputs, arch.w_dim, lr=0.01, act=True))
        self.w_avg: torch.Tensor
        self.register_buffer("w_avg", torch.zeros(arch.w_dim))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        x = z * (z.square().mean(1, keepdim=True) + 1e-8).rsqrt()
        for i in range(self.layers):
            x = getattr(self, f"fc{i}")(x)
        return x


class SynthesisLayer(nn.Module):
    """Modulated 3x3 convolution, noise, bias and activation; ``up`` doubles the size."""

    def __init__(
        self, inputs: int, outputs: int, w_dim: int, resolution: int, *, up: bool, index: int,
        clamp: float | None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.affine = FullyConnected(w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.noise_strength = nn.Parameter(torch.zeros([]))
        self.noise_const: torch.Tensor
        self.register_buffer("noise_const", torch.randn(resolution, resolution))
        self.resolution, self.up, self.index, self.clamp = resolution, up, index, clamp

    def forward(
        self, x: torch.Tensor, w: torch.Tensor, noise_mode: NoiseMode, seed: int
    ) -> torch.Tensor:
        style = self.affine(w)  # [n, inputs]
        energy = self.weight.square().sum((2, 3))  # [outputs, inputs]
        demodulation = (style.square() @ energy.t() + DEMODULATION_EPSILON).rsqrt()  # [n, outputs]
        x = x * style[:, :, None, None]
        if self.up:
            x = F.conv_transpose2d(x, self.weight.transpose(0, 1), stride=2)
            x = blur(x, gain=4.0)  # [n, outputs, resolution, resolution]
        else:
            x = F.conv2d(x, self.weight, padding=1)
        x = x * demodulation[:, :, None, None]
        noise = self.noise(noise_mode, seed)
        if noise is not None:
            x = x + noise
        return lrelu(x + self.bias[:, None, None], self.clamp)

    def noise(self, mode: NoiseMode, seed: int) -> torch.Tensor | None:
        """The noise picture [resolution, resolution] scaled by its strength, or None."""
        if mode == "none":
            return None
        if mode == "const":
            return self.noise_const * self.noise_strength
        if mode == "seeded":
            noise = seeded_noise(seed, self.index, self.resolution)
            return noise.to(self.noise_const) * self.noise_strength
        raise ValueError(f"unknown noise mode {mode!r}")


class ToRGB(nn.Module):
    """Modulated 1x1 convolution to three channels, without demodulation."""

    def __init__(self, inputs: int, w_dim: int, *, clamp: float | None) -> None:
        super().__init__()
        self.affine = FullyConnected(w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(3, inputs, 1, 1))
        self.bias = nn.Parameter(torch.zeros(3))
        self.gain, self.clamp = 1 / math.sqrt(inputs), clamp

    def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        style = self.affine(w) * self.gain  # [n, inputs]
        x = F.conv2d(x * style[:, :, None, None], self.weight) + self.bias[:, None, None]
        return x if self.clamp is None else x.clamp(-self.clamp, self.clamp)


class Block(nn.Module):
    """Two layers (one at 4x4) and the picture so far, doubled and added to."""

    def __init__(self, arch: Architecture, resolution: int, index: int) -> None:
        super().__init__()
        width, w_dim, clamp = arch.channels(resolution), arch.w_dim, arch.conv_clamp
        self.is_first = resolution == 4
        if self.is_first:
            self.const = nn.Parameter(torch.randn(width, 4, 4))
        else:
            self.conv0 = SynthesisLayer(
                arch.channels(resolution // 2), width, w_dim, resolution,
                up=True, index=index, clamp=clamp,
            )  # fmt: skip
            index += 1
        self.conv1 = SynthesisLayer(
            width, width, w_dim, resolution, up=False, index=index, clamp=clamp
        )
        self.torgb = ToRGB(width, w_dim, clamp=clamp)

    def convolutions(self) -> list[SynthesisLayer]:
        """Its layers, in order."""
        return [self.conv1] if self.is_first else [self.conv0, self.conv1]

    def forward(
        self, x: torch.Tensor | None, image: torch.Tensor | None, ws: torch.Tensor,
        noise_mode: NoiseMode, seed: int,
    ) -> tuple[torch.Tensor, torch.Tensor]:  # fmt: skip
        if x is None or image is None:
            x = self.const.unsqueeze(0).expand(ws.shape[0], -1, -1, -1)
            x = self.conv1(x, ws[:, 0], noise_mode, seed)
            return x, self.torgb(x, ws[:, 1])
        x = self.conv0(x, ws[:, 0], noise_mode, seed)
        x = self.conv1(x, ws[:, 1], noise_mode, seed)
        return x, upsample2(image) + self.torgb(x, ws[:, 2])


class Synthesis(nn.Module):
    """w+ [n, num_ws, w_dim] -> picture [n, 3, resolution, resolution], about -1..1."""

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        self.arch, self.num_ws, self.resolutions = arch, arch.num_ws, arch.resolutions
        for i, resolution in enumerate(arch.resolutions):
            setattr(self, f"b{resolution}", Block(arch, resolution, max(0, 2 * i - 1)))

    def forward(
        self, ws: torch.Tensor, noise_mode: NoiseMode = "const", seed: int = 0,
        stop: int | None = None,
    ) -> torch.Tensor:  # fmt: skip
        """``stop`` ends after that many blocks with the small picture."""
        x = image = None
        for i, resolution in enumerate(self.resolutions[:stop]):
            first = max(0, 2 * i - 1)  # the last w of a block is the first of the next
            part = ws[:, first : first + (2 if i == 0 else 3)]
            x, image = getattr(self, f"b{resolution}")(x, image, part, noise_mode, seed)
        assert image is not None
        return image

    def blocks(self) -> list[Block]:
        """The blocks, coarse to fine."""
        return [getattr(self, f"b{resolution}") for resolution in self.resolutions]


class Generator(nn.Module):
    """Mapping and synthesis under their public names."""

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        self.arch, self.num_ws = arch, arch.num_ws
        self.mapping = Mapping(arch)
        self.synthesis = Synthesis(arch)

    def map(self, z: torch.Tensor, psi: float = 1.0, cutoff: int | None = None) -> torch.Tensor:
        """z [n, z_dim] -> w+ [n, num_ws, w_dim]; the first ``cutoff`` layers (all: None) are
        truncated by ``psi`` towards ``w_avg``."""
        w = self.mapping(z)
        ws = w.unsqueeze(1).repeat(1, self.num_ws, 1)
        if psi != 1.0:
            n = self.num_ws if cutoff is None else cutoff
            ws[:, :n] = self.mapping.w_avg.lerp(ws[:, :n], psi)
        return ws

    def forward(
        self, z: torch.Tensor, psi: float = 1.0, noise_mode: NoiseMode = "const", seed: int = 0
    ) -> torch.Tensor:
        return self.synthesis(self.map(z, psi), noise_mode, seed)


def to_pixels(image: torch.Tensor) -> torch.Tensor:
    """Picture [n, 3, h, w] in -1..1 -> uint8 [n, h, w, 3], as the public code rounds it."""
    image = (image * 127.5 + 128).clamp(0, 255).to(torch.uint8)
    return image.permute(0, 2, 3, 1).contiguous()

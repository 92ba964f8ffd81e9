"""Layers in half precision as the reference's fp16 blocks compute them, overflow kept away.

After ``modulated_conv2d`` of stylegan2-ada-pytorch (training/networks.py, un-fused): weights are
divided by sqrt(inputs * 9) and by each output's largest, styles by their largest, which
demodulation undoes; then no sum can leave the half range while activations are clamped to 256
(256 * sqrt(512 * 9) = 17,400 of 65,504). Sums of squares and styles stay float32. The gain of
sqrt 2 is multiplied into demodulation, noise and bias: leaky ReLU is homogeneous.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from app.engine.ops import GAIN, SLOPE
from app.engine.packed import as_convolved
from app.engine.stylegan2 import (
    DEMODULATION_EPSILON,
    Architecture,
    NoiseMode,
    SynthesisLayer,
    ToRGB,
)

CLAMP = 256.0  # the reference's conv_clamp: above it half precision was never trained
HALF_BLOCKS = 4  # the reference's num_fp16_res
FIRST_HALF = 8  # no block below this size is in half precision
SMALLEST = 1e-12  # a style of zeros is no division by zero


def half_from(arch: Architecture) -> int | None:
    """The resolution from which the reference computes in half precision; None: nowhere.

    Half precision belongs to models that were trained with a clamp. Without one an activation may
    be larger than half precision holds, for a latent that no check has seen.
    """
    if arch.conv_clamp is None or arch.conv_clamp > CLAMP:
        return None
    return max(2 * arch.resolution >> HALF_BLOCKS, FIRST_HALF)


@dataclass(frozen=True, eq=False)
class HalfLayer:
    """One convolution: ``weight`` half [outputs, inputs, 3, 3] (up: [inputs, outputs, 3, 3]),
    normalised, ``energy`` float32 [inputs, outputs] its squared sums, ``bias`` half
    [1, outputs, 1, 1] and ``noise`` half [side, side] with the gain, ``kernel`` the filter after an
    up-convolution."""

    weight: torch.Tensor
    energy: torch.Tensor
    bias: torch.Tensor
    noise: torch.Tensor | None
    kernel: torch.Tensor | None
    source: SynthesisLayer

    @staticmethod
    def of(layer: SynthesisLayer) -> HalfLayer:
        weight = layer.weight.detach()
        largest = weight.abs().amax((1, 2, 3), keepdim=True).clamp(min=SMALLEST)
        weight = weight / (math.sqrt(weight[0].numel()) * largest)
        energy = weight.square().sum((2, 3)).t().contiguous()
        strength = float(layer.noise_strength)
        noise = (layer.noise_const * (strength * GAIN)).half() if strength else None
        bias = (layer.bias.detach() * GAIN).half()[None, :, None, None]
        weight, kernel = as_convolved(weight.half(), layer.up, torch.channels_last)
        return HalfLayer(weight, energy, bias, noise, kernel, layer)

    def run(
        self, x: torch.Tensor, scale: torch.Tensor, style: torch.Tensor, mode: NoiseMode, seed: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """x [n, inputs, h, w], half, or float32 that stands for x * scale [n, inputs] -> half
        [n, outputs, h', w'] in -256..256, and a scale of ones."""
        if x.dtype != torch.half:
            x = (x * scale[:, :, None, None]).half()
        style = style / style.abs().amax(1, keepdim=True).clamp(min=SMALLEST)
        d = (style.square() @ self.energy + DEMODULATION_EPSILON).rsqrt() * GAIN  # [n, outputs]
        x = x * style.half()[:, :, None, None]
        if self.kernel is None:
            x = F.conv2d(x, self.weight, padding=1)
        else:
            x = F.conv_transpose2d(x, self.weight, stride=2)  # [n, outputs, 2h + 1, 2w + 1]
            x = F.conv2d(x, self.kernel, padding=1, groups=len(self.kernel))
        factor, noise = d.half()[:, :, None, None], self._noise(mode, seed)
        if noise is None:
            x = torch.addcmul(self.bias, x, factor)
        else:
            x = torch.addcmul(noise.expand(1, 1, -1, -1), x, factor).add_(self.bias)
        limit = self.source.clamp or CLAMP
        return F.leaky_relu_(x, SLOPE).clamp_(-limit, limit), torch.ones_like(d)

    def _noise(self, mode: NoiseMode, seed: int) -> torch.Tensor | None:
        if mode == "none" or self.noise is None:
            return None
        if mode == "const":
            return self.noise
        noise = self.source.noise(mode, seed)
        return None if noise is None else (noise * GAIN).half()


@dataclass(frozen=True, eq=False)
class HalfToRGB:
    """The 1x1 convolution to three channels: ``weight`` float32 [inputs, 3] with the style gain,
    ``bias`` float32 [3]."""

    weight: torch.Tensor
    bias: torch.Tensor
    clamp: float

    @staticmethod
    def of(layer: ToRGB) -> HalfToRGB:
        weight = (layer.weight.detach()[:, :, 0, 0] * layer.gain).t().contiguous()
        return HalfToRGB(weight, layer.bias.detach(), layer.clamp or CLAMP)

    def run(self, x: torch.Tensor, scale: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        """x half [n, inputs, h, w] -> float32 [n, 3, h, w]."""
        n, c, h, w = x.shape
        weight = (self.weight * style[:, :, None]).half()  # [n, inputs, 3]
        rgb = x.permute(0, 2, 3, 1).reshape(n, h * w, c) @ weight  # [n, h * w, 3], half
        rgb = (rgb.float() + self.bias).clamp_(-self.clamp, self.clamp)
        return rgb.reshape(n, h, w, 3).permute(0, 3, 1, 2)

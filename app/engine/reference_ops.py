"""The public implementation's plain operations, unoptimised: what speed and pictures are held to.

Written as the reference (un-fused, un-cached) forms of stylegan2-ada-pytorch do their work on a
CPU: weights modulated per picture, one grouped convolution, an up-firdn with an explicit 4x4
filter. ``bench`` measures the packed form against these on the same weights in the same run.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from app.engine.ops import GAIN, SLOPE
from app.engine.stylegan2 import Block, Synthesis, SynthesisLayer, ToRGB


def filter_kernel() -> torch.Tensor:
    """The outer product of [1, 3, 3, 1], normalised to sum 1: [4, 4]."""
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
    kernel = taps[:, None] * taps[None, :]
    return kernel / kernel.sum()


def upfirdn2d(
    x: torch.Tensor, kernel: torch.Tensor, up: int = 1, pad: tuple[int, int] = (0, 0),
    gain: float = 1.0,
) -> torch.Tensor:  # fmt: skip
    """Insert zeros, pad, filter each channel in two dimensions: [n, c, h, w] -> [n, c, h', w']."""
    n, c, h, w = x.shape
    x = x.reshape(n, c, h, 1, w, 1)
    x = F.pad(x, [0, up - 1, 0, 0, 0, up - 1]).reshape(n, c, h * up, w * up)
    x = F.pad(x, [pad[0], pad[1], pad[0], pad[1]])
    weight = (kernel * gain).flip([0, 1])[None, None].repeat(c, 1, 1, 1)
    return F.conv2d(x, weight, groups=c)


def modulated_conv2d(
    x: torch.Tensor, weight: torch.Tensor, style: torch.Tensor, kernel: torch.Tensor, *,
    up: bool = False, demodulate: bool = True,
) -> torch.Tensor:  # fmt: skip
    """Weights scaled by style [n, in] per picture, demodulated, and one grouped convolution."""
    n, outputs, inputs, size = len(x), *weight.shape[:3]
    w = weight.unsqueeze(0) * style.reshape(n, 1, -1, 1, 1)  # [n, out, in, k, k]
    if demodulate:
        w = w * (w.square().sum((2, 3, 4)) + 1e-8).rsqrt().reshape(n, -1, 1, 1, 1)
    x = x.reshape(1, -1, *x.shape[2:])
    if up:
        w = w.transpose(1, 2).reshape(n * inputs, outputs, size, size)
        x = F.conv_transpose2d(x, w, stride=2, groups=n)
        x = x.reshape(n, -1, *x.shape[2:])
        return upfirdn2d(x, kernel, pad=(1, 1), gain=4.0)
    w = w.reshape(-1, inputs, size, size)
    x = F.conv2d(x, w, padding=size // 2, groups=n)
    return x.reshape(n, -1, *x.shape[2:])


def _layer(layer: SynthesisLayer, x: torch.Tensor, w: torch.Tensor, noise: bool) -> torch.Tensor:
    kernel = filter_kernel()
    x = modulated_conv2d(x, layer.weight, layer.affine(w), kernel, up=layer.up)
    if noise:
        x = x + layer.noise_const * layer.noise_strength
    x = F.leaky_relu(x + layer.bias.reshape(1, -1, 1, 1), SLOPE) * GAIN
    return x if layer.clamp is None else x.clamp(-layer.clamp, layer.clamp)


def _to_rgb(layer: ToRGB, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    style = layer.affine(w) * layer.gain
    x = modulated_conv2d(x, layer.weight, style, filter_kernel(), demodulate=False)
    x = x + layer.bias.reshape(1, -1, 1, 1)
    return x if layer.clamp is None else x.clamp(-layer.clamp, layer.clamp)


def reference_synthesis(synthesis: Synthesis, ws: torch.Tensor, noise: bool = True) -> torch.Tensor:
    """w+ [n, num_ws, w_dim] -> [n, 3, h, w] with the weights of ``synthesis``; constant noise."""
    blocks: list[Block] = synthesis.blocks()
    x = blocks[0].const.unsqueeze(0).repeat(len(ws), 1, 1, 1)
    x = _layer(blocks[0].conv1, x, ws[:, 0], noise)
    image = _to_rgb(blocks[0].torgb, x, ws[:, 1])
    for i, block in enumerate(blocks[1:], start=1):
        x = _layer(block.conv0, x, ws[:, 2 * i - 1], noise)
        x = _layer(block.conv1, x, ws[:, 2 * i], noise)
        image = upfirdn2d(image, filter_kernel(), up=2, pad=(2, 1), gain=4.0)
        image = image + _to_rgb(block.torgb, x, ws[:, 2 * i + 1])
    return image

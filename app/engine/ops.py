"""The few tensor operations StyleGAN2 needs besides convolutions, in plain torch."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

SLOPE = 0.2
GAIN = math.sqrt(2.0)


def lrelu(x: torch.Tensor, clamp: float | None = None) -> torch.Tensor:
    """Leaky ReLU with slope 0.2 and gain sqrt 2, then an optional clamp to +-``clamp``."""
    x = F.leaky_relu(x, SLOPE) * GAIN
    return x if clamp is None else x.clamp(-clamp, clamp)


def blur(x: torch.Tensor, gain: float = 1.0) -> torch.Tensor:
    """Low-pass filter [1, 3, 3, 1]/8 along both axes, one pixel of zeros around, times ``gain``.

    [n, c, h, w] -> [n, c, h - 1, w - 1]; shifted sums are faster on a CPU than a 4x4 convolution.
    """
    k = math.sqrt(gain) / 8.0
    x = F.pad(x, (1, 1, 1, 1))  # [n, c, h + 2, w + 2]
    x = (x[..., :-3] + x[..., 3:]) * k + (x[..., 1:-2] + x[..., 2:-1]) * (3 * k)
    return (x[..., :-3, :] + x[..., 3:, :]) * k + (x[..., 1:-2, :] + x[..., 2:-1, :]) * (3 * k)


def upsample2(x: torch.Tensor) -> torch.Tensor:
    """Twice the size with the same filter, polyphase (taps 3/4 and 1/4): [n, c, 2h, 2w]."""
    n, c, h, w = x.shape
    x = F.pad(x, (1, 1, 0, 0))
    left, mid, right = x[..., :-2], x[..., 1:-1] * 0.75, x[..., 2:]
    x = torch.stack([mid + left * 0.25, mid + right * 0.25], dim=-1).reshape(n, c, h, 2 * w)
    x = F.pad(x, (0, 0, 1, 1))
    above, mid, below = x[..., :-2, :], x[..., 1:-1, :] * 0.75, x[..., 2:, :]
    return torch.stack([mid + above * 0.25, mid + below * 0.25], dim=-2).reshape(n, c, 2 * h, 2 * w)

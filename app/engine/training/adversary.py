"""The discriminator of late generator training: it looks at patches, above all at fine detail."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn

from app.engine.ops import lrelu

DETAIL_GAIN = 6.0  # brings the high-pass of a face to the size of the face itself


class Convolution(nn.Module):
    """[n, inputs, h, w] -> [n, outputs, h, w], or half the size, with the equalised rate."""

    def __init__(self, inputs: int, outputs: int, size: int, *, down: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.gain, self.down = 1 / math.sqrt(inputs * size * size), down

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.down:
            x = F.avg_pool2d(x, 2)
        return F.conv2d(x, self.weight * self.gain, self.bias, padding=self.weight.shape[-1] // 2)


class Patches(nn.Module):
    """[n, 3, h, w] -> realness [n, 1, h / 4, w / 4] of overlapping patches of about 26 px."""

    def __init__(self, width: int) -> None:
        super().__init__()
        c = width
        self.layers = nn.ModuleList(
            [
                Convolution(6, c, 1), Convolution(c, c, 3), Convolution(c, 2 * c, 3, down=True),
                Convolution(2 * c, 2 * c, 3), Convolution(2 * c, 4 * c, 3, down=True),
            ]
        )  # fmt: skip
        self.last = Convolution(4 * c, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.cat([x, DETAIL_GAIN * detail(x)], 1)  # [n, 6, h, w]
        for layer in self.layers:
            x = lrelu(layer(x))
        return self.last(x).float()


class PatchDiscriminator(nn.Module):
    """Realness of small patches (texture) and of patches of the halved picture (how parts meet).

    Two scales, as in pix2pixHD (Wang et al. 2018, section 3.2). Each also sees the picture's
    high-pass: told apart by pixels alone, soft faces pass for real ones for thousands of steps.
    """

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.fine, self.coarse = Patches(width), Patches(width)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        return [self.fine(x), self.coarse(F.avg_pool2d(x, 2))]


def detail(x: torch.Tensor) -> torch.Tensor:
    """What a halving takes away: x minus its halved and doubled self, [n, 3, h, w]."""
    return x - F.interpolate(F.avg_pool2d(x, 2), scale_factor=2, mode="bilinear")


def texture_loss(x: torch.Tensor, y: torch.Tensor, window: int = 8) -> torch.Tensor:
    """How much fine detail x [n, 3, h, w] lacks where y has it, wherever its lines lie.

    L1 of the local strength of the high-pass at two scales: a pixel loss is least for no texture,
    this one for as much of it as the real face has at that place.
    """
    total = x.new_zeros(())
    for level in range(2):
        strengths = [
            (F.avg_pool2d(detail(v).square().mean(1, keepdim=True), window) + 1e-5).sqrt()
            for v in (x, y)
        ]
        total = total + (strengths[0] - strengths[1]).abs().mean()
        if level == 0:
            x, y, window = F.avg_pool2d(x, 2), F.avg_pool2d(y, 2), window // 2
    return total

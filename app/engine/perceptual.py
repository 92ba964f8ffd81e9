"""Differences between pictures as losses: pixels and gradients over a pyramid, and net features."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from app.engine.attribute_net import AttributeNet


def pyramid_loss(
    x: torch.Tensor, y: torch.Tensor, levels: int = 4, *, finest: float = 1.0
) -> torch.Tensor:
    """L1 of pixels and of their gradients over a pyramid of halvings; x, y [n, 3, h, w].

    ``finest`` weighs the full-size level: a loss that asks for each pixel there asks for the mean
    of all textures that fit, which is none.
    """
    total = x.new_zeros(())
    for level in range(levels):
        d = x - y
        weight = finest if level == 0 else 1.0
        dx, dy = d[..., 1:] - d[..., :-1], d[..., 1:, :] - d[..., :-1, :]
        total = total + weight * (d.abs().mean() + 2 * (dx.abs().mean() + dy.abs().mean()))
        if level < levels - 1:
            x, y = F.avg_pool2d(x, 2), F.avg_pool2d(y, 2)
    return total / levels


def feature_loss(net: AttributeNet, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Distance of normalised attribute-net features (as LPIPS, Zhang et al. 2018, own trunk)."""
    total = x.new_zeros(())
    for a, b in zip(net.trunk.features(x), net.trunk.features(y), strict=True):
        a, b = F.normalize(a, dim=1), F.normalize(b.detach(), dim=1)
        total = total + (a - b).square().sum(1).mean()
    return total

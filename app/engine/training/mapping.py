"""Fits the mapping network so that z ~ N(0, 1) lands on w = spread * scale * z, where faces live."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch

from app.engine.stylegan2 import Generator

SPREAD = 0.85


def fit_mapping(
    generator: Generator, scale: npt.NDArray[np.float32], *, minutes: float, seed: int = 0,
    report: Callable[[str], None] = print,
) -> float:
    """Regress the mapping on w = 0.85 * scale * z; sets ``w_avg``; returns the mean square error
    per dimension (compare with the variance of w)."""
    mapping = generator.mapping.requires_grad_(True)
    target = torch.from_numpy(scale) * SPREAD
    optimiser = torch.optim.Adam(mapping.parameters(), 2e-3)
    g = torch.Generator().manual_seed(seed)
    start, error = time.monotonic(), 0.0
    while (done := (time.monotonic() - start) / (minutes * 60)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = 2e-3 * max(0.02, 1 - done)
        z = torch.randn(256, len(scale), generator=g)
        loss = (mapping(z) - z * target).square().mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        error = 0.99 * error + 0.01 * float(loss.detach())
    with torch.no_grad():
        mapping.w_avg.copy_(mapping(torch.randn(20000, len(scale), generator=g)).mean(0))
    mapping.requires_grad_(False)
    report(f"mapping: mean square error {error:.4f} of {float(target.square().mean()):.4f}")
    return error

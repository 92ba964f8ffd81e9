"""Tiny generators and model folders with random weights, for tests that need a real one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from app.engine.api import DirectionInfo
from app.engine.directions import Direction, write_directions
from app.engine.stylegan2 import Architecture, Generator, SynthesisLayer
from app.engine.weights import write_model

ARCH = Architecture(
    z_dim=24, w_dim=24, resolution=32, channel_base=512, channel_max=32, mapping_layers=2
)


def generator(arch: Architecture = ARCH, seed: int = 0) -> Generator:
    """Random weights, noise on, biases not zero, so that every term counts."""
    torch.manual_seed(seed)
    made = Generator(arch).eval().requires_grad_(False)
    for module in made.modules():
        if isinstance(module, SynthesisLayer):
            module.noise_strength.fill_(0.3)
            module.bias.normal_()
    made.mapping.w_avg.normal_()
    return made


def ws(arch: Architecture = ARCH, n: int = 1, seed: int = 1) -> torch.Tensor:
    """Random w+ [n, num_ws, w_dim]."""
    g = torch.Generator().manual_seed(seed)
    return torch.randn(n, arch.num_ws, arch.w_dim, generator=g)


def directions(w_dim: int = ARCH.w_dim, num_ws: int = ARCH.num_ws) -> list[Direction]:
    """Three orthogonal directions: an age in years, a two-ended one, and one with a layer mask."""
    q, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((w_dim, 3)))
    a, b, c = q.T.astype(np.float32)
    mask = np.zeros(num_ws, np.float32)
    mask[num_ws // 2 :] = 1
    years = DirectionInfo("age", "age", "whole", -40, 40, "years", holistic=True, quality=0.7)
    nose = DirectionInfo(
        "nose_width", "nose_width", "nose", -3, 3, low_value="narrow", high_value="wide",
        quality=0.8, side_effects=(("age", 0.2),),
    )  # fmt: skip
    hair = DirectionInfo("hair_color_blond", "hair_color", "hair", -3, 3, high_value="blond")
    return [
        Direction(years, a / 10, a * 10, 40.0),
        Direction(nose, b, b, 0.0, score="measure:nose_width"),
        Direction(
            hair, c, c, -0.5, scale=1.5, mean=-2.0, score="class:hair_color=blond", layers=mask
        ),
    ]


def model_folder(folder: Path, arch: Architecture = ARCH, seed: int = 0) -> Path:
    """A complete model folder."""
    folder.mkdir(parents=True)
    write_directions(folder, directions(arch.w_dim, arch.num_ws))
    card = {"name": "tiny", "licence": "none", "sampling": {"psi": 0.8, "noise": "const"}}
    write_model(folder, arch, generator(arch, seed).state_dict(), card, half=False)
    return folder

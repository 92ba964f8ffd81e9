"""Builds the mapping network in closed form: z ~ N(0, 1) lands where steady, frontal faces live.

Codes are Gaussian and w = scale * code, so the wanted mapping is linear, and a mapping network
whose units all stay on the positive side of their activation is linear too. To keep its outputs
positive, w is moved by a constant, which the affine layers of the synthesis network take back: the
pictures are those of the regressed generator, to half precision.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch

from app.engine.stylegan2 import FullyConnected, Generator
from app.models.errors import BadInput

SPREAD = 0.85
MARGIN = 6.0  # standard deviations of w that stay positive
HIDDEN = 8.0  # the same for the hidden units, in standard deviations of z
Array = npt.NDArray[np.float32]


def set_linear_mapping(generator: Generator, scale: Array, basis: Array, steady: Array) -> Array:
    """Set mapping and affine biases in place so that w = scale * steadied(0.85 z) + offset.

    ``scale`` [d], ``basis`` [k, d] and ``steady`` [d] are those of nuisance.py. Returns the offset
    [d] by which this generator's w differ from scale * code.
    """
    if generator.arch.mapping_layers != 2:
        raise BadInput("training.mapping_needs_two_layers", found=generator.arch.mapping_layers)
    keep = np.eye(len(scale)) - basis.T.astype(np.float64) @ basis
    linear = SPREAD * scale[:, None] * keep  # [d, d]: w = linear @ z + shift
    shift = scale * steady
    offset = MARGIN * np.sqrt(np.square(linear).sum(1)) + np.abs(shift) + 0.05
    root = math.sqrt(2.0)
    first, last = (getattr(generator.mapping, name) for name in ("fc0", "fc1"))
    ones = np.full(len(scale), HIDDEN)
    _set(first, np.eye(len(scale)), ones)  # hidden = root * (z + 8)
    _set(last, linear / 2, (shift + offset - linear @ ones) / root)
    with torch.no_grad():
        generator.mapping.w_avg.copy_(torch.from_numpy((shift + offset).astype(np.float32)))
        moved = torch.from_numpy(offset.astype(np.float32))
        for block in generator.synthesis.blocks():
            for layer in ("conv0", "conv1", "torgb"):
                if hasattr(block, layer):
                    affine = getattr(block, layer).affine
                    affine.bias -= (affine.weight @ moved) * affine.weight_gain / affine.bias_gain
    return offset.astype(np.float32)


def _set(
    layer: FullyConnected, weight: npt.NDArray[np.float64], bias: npt.NDArray[np.float64]
) -> None:
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight / layer.weight_gain))
        layer.bias.copy_(torch.from_numpy(bias / layer.bias_gain))

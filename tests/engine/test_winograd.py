"""The Winograd form is the same convolution, to float32's small change."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("torch")

import torch
import torch.nn.functional as F

from app.engine.packed import PackedSynthesis
from app.engine.reference_ops import reference_synthesis
from app.engine.stylegan2 import to_pixels
from app.engine.winograd import Winograd
from tests.engine.tiny import ARCH, generator, ws

pytestmark = pytest.mark.needs_torch


@pytest.mark.parametrize(
    ("inputs", "outputs", "side"), [(5, 7, 4), (64, 32, 8), (16, 16, 12), (3, 64, 32)]
)
@pytest.mark.parametrize("memory", [torch.channels_last, torch.contiguous_format])
def test_it_is_a_convolution(
    inputs: int, outputs: int, side: int, memory: torch.memory_format
) -> None:
    torch.manual_seed(0)
    x = torch.randn(1, inputs, side, side).contiguous(memory_format=memory)
    weight, bias = torch.randn(outputs, inputs, 3, 3), torch.randn(outputs)
    wanted = F.conv2d(x.double(), weight.double(), bias.double(), padding=1)
    found = Winograd.of(weight)(x, bias)
    assert found.shape == wanted.shape
    assert float((found - wanted).abs().max()) < 5e-5 * float(wanted.abs().max())


def test_wide_layers_use_it_and_the_pictures_stay() -> None:
    arch = replace(ARCH, resolution=64, channel_base=4096, channel_max=64)
    synthesis = generator(arch).synthesis
    packed = PackedSynthesis(synthesis)
    used = [layer.quick is not None for block in packed._layers for layer in block]
    assert any(used)
    assert not all(used)
    latent = ws(arch)
    found, wanted = packed(latent, "const"), reference_synthesis(synthesis, latent)
    assert float((found - wanted).abs().max()) < 2e-4 * float(wanted.abs().max())
    assert int((to_pixels(found).int() - to_pixels(wanted).int()).abs().max()) <= 1
    assert torch.equal(found, packed(latent, "const"))

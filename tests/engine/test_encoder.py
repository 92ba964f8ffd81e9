"""The encoder: never worse than its first guess, stops when asked, and says what it took."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from app.engine.attribute_net import AttributeNet, AttributeTrunk, NetShape
from app.engine.encoder import encode
from app.engine.stylegan2 import Architecture, Generator
from app.models.errors import Cancelled

ARCH = Architecture(16, 16, 128, channel_base=256, channel_max=8, mapping_layers=2)
SHAPE = NetShape((("sex", ("male", "female")),), (("age", 40.0, 15.0),), code=16, shape=4, width=8)


@pytest.fixture
def setting() -> tuple[np.ndarray, AttributeNet, np.ndarray, np.ndarray, Generator]:
    torch.manual_seed(0)
    generator = Generator(ARCH).eval().requires_grad_(False)
    net = AttributeNet(SHAPE, AttributeTrunk(SHAPE))
    with torch.no_grad():
        picture = generator(torch.randn(1, 16), noise_mode="none")[0]
    pixels = ((picture.clamp(-1, 1) + 1) * 127.5).byte().permute(1, 2, 0).numpy()
    return pixels, net, np.ones(16, np.float32), np.zeros(16, np.float32), generator


def test_refinement_keeps_the_best_and_reports_progress(setting) -> None:  # type: ignore[no-untyped-def]
    pixels, net, scale, offset, generator = setting
    seen: list[int] = []
    found = encode(
        pixels, net, scale, offset, lambda ws: generator.synthesis(ws, "none"), ARCH.num_ws,
        steps=12, progress=lambda done, total: seen.append(done),
    )  # fmt: skip
    assert found.loss < found.first_loss
    assert found.w.shape == (ARCH.num_ws, 16)
    assert seen == list(range(1, 13))


def test_without_steps_the_guess_is_a_single_w(setting) -> None:  # type: ignore[no-untyped-def]
    pixels, net, scale, offset, generator = setting
    found = encode(
        pixels, net, scale, offset, lambda ws: generator.synthesis(ws, "none"), ARCH.num_ws
    )
    assert found.w.shape == (16,)
    assert found.steps == 0


def test_a_cancelled_refinement_stops_at_once(setting) -> None:  # type: ignore[no-untyped-def]
    pixels, net, scale, offset, generator = setting

    def check() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        encode(
            pixels, net, scale, offset, lambda ws: generator.synthesis(ws, "none"), ARCH.num_ws,
            steps=5, check=check,
        )  # fmt: skip


def test_the_time_limit_ends_a_refinement(setting) -> None:  # type: ignore[no-untyped-def]
    pixels, net, scale, offset, generator = setting
    found = encode(
        pixels, net, scale, offset, lambda ws: generator.synthesis(ws, "none"), ARCH.num_ws,
        steps=10_000, seconds=0.5,
    )  # fmt: skip
    assert 0 < found.steps < 10_000

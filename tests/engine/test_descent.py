"""Learned steps bring a guess nearer, never make it worse, and are read back as written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from app.engine.descent import Descent, Stage, features
from app.engine.training.descent import linear_map, psnr
from app.models.errors import ModelError

LAYERS, WIDTH = 2, 5
MIX = torch.randn(LAYERS * WIDTH, 3 * 4 * 4, generator=torch.Generator().manual_seed(3))
SCALE = np.linspace(1.0, 0.2, WIDTH, dtype=np.float32)


def draw(w: torch.Tensor) -> torch.Tensor:
    """A generator that is linear in its codes: 4 x 4 blocks of colour."""
    codes = (w / torch.from_numpy(SCALE)).flatten(1)
    return torch.nn.functional.interpolate((0.1 * codes @ MIX).reshape(-1, 3, 4, 4), (128, 128))


@pytest.fixture
def descent() -> Descent:
    """One step, fitted on a hundred pairs of codes and pictures."""
    change = torch.randn(100, LAYERS * WIDTH, generator=torch.Generator().manual_seed(1))
    pictures = draw(change.reshape(-1, LAYERS, WIDTH) * torch.from_numpy(SCALE))
    return Descent((linear_map(features(pictures, 4), change, 4, 1e-6),))


def faces(count: int, seed: int) -> np.ndarray:
    codes = np.random.default_rng(seed).standard_normal((count, LAYERS, WIDTH))
    return (codes * SCALE).astype(np.float32)


def test_a_fitted_step_finds_what_was_drawn(descent: Descent) -> None:
    true, guess = faces(6, 2), np.zeros((6, LAYERS, WIDTH), np.float32)
    found = descent.refine(draw(torch.from_numpy(true)), guess, SCALE, draw)
    assert np.abs(found - true).max() < 0.01


def test_a_step_that_leads_astray_is_not_taken(descent: Descent) -> None:
    stage = descent.stages[0]
    astray = Descent((Stage(4, stage.down, -stage.up), stage))
    true, guess = torch.from_numpy(faces(3, 4)), faces(3, 5)
    before = psnr(draw(true), draw(torch.from_numpy(guess)))
    only = Descent(astray.stages[:1]).refine(draw(true), guess, SCALE, draw)
    assert np.array_equal(only, guess)
    both = astray.refine(draw(true), guess, SCALE, draw)
    assert psnr(draw(true), draw(torch.from_numpy(both))) > before + 10


def test_saved_steps_are_read_back_and_broken_ones_refused(
    descent: Descent, tmp_path: Path
) -> None:
    path = tmp_path / "descent.safetensors"
    descent.save(path)
    found = Descent.load(path, LAYERS * WIDTH)
    assert found.stages[0].side == 4
    assert torch.allclose(found.stages[0].up, descent.stages[0].up, atol=1e-2)
    with pytest.raises(ModelError):
        Descent.load(path, LAYERS * WIDTH + 1)  # made for another generator
    path.write_bytes(b"nothing")
    with pytest.raises(ModelError):
        Descent.load(path, LAYERS * WIDTH)

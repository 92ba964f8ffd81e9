"""The closed-form mapping network, and what it keeps still."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch

from app.engine.stylegan2 import Architecture, Generator, to_pixels
from app.engine.training.mapping import SPREAD, set_linear_mapping
from app.engine.training.nuisance import steadied
from app.engine.training.publish import write_samples

D = 32
ARCH = Architecture(D, D, 32, channel_base=256, channel_max=16, mapping_layers=2)


def parts() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    scale = np.linspace(1, 0.3, D).astype(np.float32)
    basis = np.linalg.qr(rng.standard_normal((D, 3)))[0].T.astype(np.float32)
    steady = (basis.T @ np.array([0.5, 0.0, -0.3])).astype(np.float32)
    return scale, basis, steady


def test_the_mapping_is_exactly_linear_in_the_normalised_z() -> None:
    torch.manual_seed(0)
    generator = Generator(ARCH)
    scale, basis, steady = parts()
    offset = set_linear_mapping(generator, scale, basis, steady)
    z = np.random.default_rng(3).standard_normal((200, D)).astype(np.float32)
    z /= np.sqrt((z**2).mean(1, keepdims=True))  # as the network itself normalises
    with torch.no_grad():
        w = generator.mapping(torch.from_numpy(z)).numpy()
    wanted = scale * steadied(SPREAD * z, basis, steady) + offset
    assert np.abs(w - wanted).max() < 1e-3


def test_moving_w_leaves_the_pictures_as_they_were() -> None:
    torch.manual_seed(0)
    generator = Generator(ARCH)
    scale, basis, steady = parts()
    code = torch.from_numpy(np.random.default_rng(4).standard_normal((2, D)).astype(np.float32))
    w = code * torch.from_numpy(scale)

    def drawn(w: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return generator.synthesis(w.unsqueeze(1).expand(-1, generator.num_ws, -1), "none")

    before = drawn(w)
    offset = torch.from_numpy(set_linear_mapping(generator, scale, basis, steady))
    assert float((drawn(w + offset) - before).abs().max()) < 1e-3 * float(before.abs().max())


def test_steadied_codes_all_read_the_same_nuisance() -> None:
    _, basis, steady = parts()
    z = np.random.default_rng(5).standard_normal((50, D)).astype(np.float32)
    readings = steadied(z, basis, steady) @ basis.T
    assert np.abs(readings - readings[0]).max() < 1e-5


def test_the_card_shows_the_faces_of_64_seeds_in_a_row(tmp_path: Path) -> None:
    torch.manual_seed(0)
    generator = Generator(ARCH).eval()
    write_samples(tmp_path / "samples.jpg", generator)
    grid = cv2.imread(str(tmp_path / "samples.jpg"), cv2.IMREAD_COLOR_RGB)
    assert grid is not None
    assert grid.shape == (8 * 32, 8 * 32, 3)
    z = np.random.default_rng(9).standard_normal((1, D)).astype(np.float32)  # row 1, column 1
    with torch.no_grad():
        w = generator.mapping.w_avg.lerp(generator.mapping(torch.from_numpy(z)), 0.7)
        ws = w.unsqueeze(1).expand(-1, generator.num_ws, -1)
        face = to_pixels(generator.synthesis(ws, "none")).numpy()[0]
    assert np.abs(grid[32:64, 32:64].astype(float) - face).mean() < 12  # JPEG

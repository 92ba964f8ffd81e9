"""Synthetic faces: drawn ellipses whose shape and colour are known, for tests of the training."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from app.engine.training.facedata import FaceData


def drawn(code: np.ndarray) -> np.ndarray:
    """One 128x128 RGB face whose skin, eyes and mouth follow the first numbers of ``code``."""
    face = np.full((128, 128, 3), 120, np.uint8)
    skin = tuple(int(np.clip(150 + 40 * code[k], 20, 250)) for k in range(3))
    cv2.ellipse(face, (64, 64), (int(40 + 4 * code[3]), 54), 0, 0, 360, skin, -1)
    for x in (46, 82):
        cv2.circle(face, (x, int(52 + 3 * code[4])), 6, (30, 30, 30), -1)
    cv2.line(face, (int(50 - 4 * code[5]), 92), (int(78 + 4 * code[5]), 92), (120, 40, 40), 4)
    return face


@pytest.fixture(scope="session")
def synthetic_faces() -> FaceData:
    """64 drawn faces with codes of 256 numbers, plausible mesh points and a few hand labels."""
    rng = np.random.default_rng(0)
    n = 64
    codes = rng.standard_normal((n, 256)).astype(np.float32)
    pixels = np.stack([drawn(np.clip(c, -2, 2)) for c in codes]).transpose(0, 3, 1, 2)
    base = rng.uniform(20, 108, (468, 2)).astype(np.float32)
    points = base + rng.standard_normal((n, 468, 2)).astype(np.float32)
    hand = {i: {"glasses": i % 2, "beard": i % 4, "hair_colour": "black"} for i in range(20)}
    return FaceData(
        pixels=np.ascontiguousarray(pixels),
        age=rng.uniform(18, 80, n).astype(np.float32),
        sex=rng.integers(0, 2, n),
        origin=rng.integers(0, 5, n),
        codes=codes,
        scale=np.linspace(1, 0.2, 256, dtype=np.float32),
        points=points,
        hand=hand,
        train=np.arange(48),
        held_out=np.arange(48, 64),
        hashes={"synthetic": "0"},
    )

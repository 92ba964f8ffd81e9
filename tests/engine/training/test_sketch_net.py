"""The sketch net learns from drawings what it can, in its time, and comes back from its file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.engine.pictures.sketch_net import SketchNet, darkness
from app.engine.training.facedata import FaceData
from app.engine.training.sketch_net import drawing, explained, train_sketch
from app.engine.training.sketches import TRAINED, UNSEEN


def test_every_style_draws_every_face(synthetic_faces: FaceData) -> None:
    for style in {**TRAINED, **UNSEEN}.values():
        drawn = drawing(synthetic_faces, 3, style, np.random.default_rng(0))
        assert drawn.shape == (128, 128)
        assert drawn.dtype == np.uint8
        again = drawing(synthetic_faces, 3, style, np.random.default_rng(0))
        assert (drawn == again).all()


def test_a_short_training_reads_more_than_nothing_and_is_kept(
    synthetic_faces: FaceData, tmp_path: Path
) -> None:
    net, figures = train_sketch(synthetic_faces, tmp_path, minutes=0.03, report=lambda line: None)
    assert figures["drawings"] >= 48
    assert set(explained(net, synthetic_faces, 8)) == {*TRAINED, *(f"unseen.{n}" for n in UNSEEN)}
    kept = SketchNet.load(tmp_path / "sketch.safetensors")
    drawn = drawing(synthetic_faces, 3, TRAINED["dodge"], np.random.default_rng(0))[None]
    np.testing.assert_allclose(kept.read(drawn), net.read(drawn), atol=0.02)
    assert (tmp_path / "sketch.safetensors").stat().st_size <= 4 * 2**20
    assert (kept.unsure > 0).all()


@pytest.mark.parametrize("side", [64, 128, 500])
def test_paper_is_no_darkness_whatever_its_colour(side: int) -> None:
    paper = np.full((side, side), 170, np.uint8)
    paper[side // 4 : side // 2, side // 4 : side // 2] = 20
    dark = darkness(paper)
    assert dark.shape == (128, 128)
    assert dark[5, 5] == 0
    assert dark[48, 48] > 0.95

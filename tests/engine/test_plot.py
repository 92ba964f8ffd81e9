"""Plots are pictures of the promised size in which each series leaves its ink."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from app.engine.plot import bars, plot_lines


def test_lines_and_bands_are_drawn(tmp_path: Path) -> None:
    plot_lines(tmp_path / "a.png", {"picks": [1, 2, 3]}, "round", "likeness")
    plot_lines(
        tmp_path / "b.png", {"picks": [1, 2, 3]}, "round", "likeness",
        bands={"picks": ([0, 1, 2], [2, 3, 4])},
    )  # fmt: skip
    bare, banded = (cv2.imread(str(tmp_path / name)) for name in ("a.png", "b.png"))
    assert bare.shape == (480, 800, 3)
    assert not np.array_equal(bare, banded)


def test_bars_are_a_picture() -> None:
    picture = cv2.imdecode(np.frombuffer(bars({"all": 0.9, "women": 0.8}, "share"), np.uint8), 1)
    assert picture.shape == (480, 800, 3)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 10

"""The script that takes pictures of every page still drives the window through a sitting."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    "start", "interview", "description", "round", "round_blurred", "round_simplified", "refine",
    "refine_compare", "refine_layers", "refine_part", "confirm", "export", "break", "start_photo",
    "start_between", "start_sketch", "start_video",
}  # fmt: skip


@pytest.mark.slow
def test_every_page_is_taken_at_the_size_asked_for(tmp_path: Path) -> None:
    script = [sys.executable, str(ROOT / "scripts/screenshots.py")]
    asked = ["--fake", "--out", str(tmp_path), "--themes", "high_contrast", "--size", "1366x768"]
    done = subprocess.run(
        [*script, *asked], capture_output=True, text=True, timeout=110,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "problem:" not in done.stderr
    taken = {file.name.removesuffix("_high_contrast.png"): file for file in tmp_path.iterdir()}
    assert set(taken) == PAGES
    for file in taken.values():
        image = QImage(str(file))
        assert (image.width(), image.height()) == (1366, 768)
        colours = {image.pixel(x, y) for x in range(0, 1366, 5) for y in range(0, 768, 5)}
        assert len(colours) > 1, file.name

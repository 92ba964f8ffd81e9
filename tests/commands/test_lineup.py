"""``lineup``: everything written, the lot can be drawn again, and refusals in one line."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from app import main as program
from app.commands.verifier.report import verify
from app.models.lineup import drawn_order

pytestmark = [pytest.mark.bundled_model, pytest.mark.needs_torch]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    from app.engine.runtime import Runtime

    painter = Runtime(device="cpu").load()
    drawn = painter.pixels_of(painter.wide(painter.sample(4)))
    wall = np.full((300, 300, 3), 128, np.uint8)
    wall[50:250, 50:250] = cv2.resize(drawn, (200, 200), interpolation=cv2.INTER_CUBIC)
    path = tmp_path / "suspect.png"
    cv2.imwrite(str(path), wall[:, :, ::-1])
    return path


def test_an_array_with_its_origins_and_fairness_is_written(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ["lineup", str(photo), "--fillers", "3", "--out", str(out), "--seed", "9",
                 "--text", "about 40 years old", "--choices", "1,2,3,4,4", "--json",
                 "--bundle", str(tmp_path / "bundle.zip")]  # fmt: skip
    assert program.main(arguments) == 0
    report = json.loads(capsys.readouterr().out)
    written = json.loads((out / "lineup.json").read_text())
    assert written["order"] == report["order"] == list(drawn_order(4, 9))
    assert report["fairness"]["effective"] == pytest.approx(25 / 7)
    assert report["fairness"]["suspect"] == report["suspect_number"]
    origins = [m["origin"] for m in sorted(report["members"], key=lambda m: m["role"] != "suspect")]
    assert origins == ["rendered", "generated", "generated", "generated"]
    assert verify(tmp_path / "bundle.zip").problems == []
    for name in ("array.png", *(m["file"] for m in report["members"])):
        assert b"DigitalSourceType" in (out / name).read_bytes()[:2000]


def test_a_folder_without_photographs_and_a_photo_without_a_face_are_refused(
    tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    blank = tmp_path / "blank.png"
    cv2.imwrite(str(blank), np.full((200, 200, 3), 128, np.uint8))
    for arguments, word in (
        ([str(blank)], "no face"), ([str(photo), "--from-folder", str(empty)], "photographs"),
        ([str(tmp_path / "none.jpg")], "none.jpg"),
    ):  # fmt: skip
        assert program.main(["lineup", *arguments, "--out", str(tmp_path / "o")]) == 3
        said = capsys.readouterr().err.splitlines()
        assert word in said[-1]

"""The photo commands on a real photograph and the bundled nets."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest

from app import main as program
from tests.engine.pictures.clips import wall, write_clip

pytestmark = [pytest.mark.bundled_model, pytest.mark.needs_torch]


@pytest.fixture
def photo(shared_data: Path) -> str:
    return str(shared_data / "photos" / "003.jpg")


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:  # type: ignore[type-arg]
    assert program.main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_faces_finds_the_one_face_and_cuts_it_out(
    photo: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = answer(capsys, "faces", photo, "--out", str(tmp_path))
    assert len(found["faces"]) == 1
    x, y, w, h = found["faces"][0]["box"]
    assert 50 < x + w / 2 < 200
    assert 50 < y + h / 2 < 200
    assert (tmp_path / "face_000.png").stat().st_size > 1000


def test_attributes_are_read_in_words_and_as_celeba_names(
    photo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    read = answer(capsys, "attributes", photo)
    names = {a["name"]: a for a in read["attributes"]}
    assert names["sex"]["value"] in ("male", "female")
    assert 18 <= names["age"]["value"] <= 100
    assert len(read["celeba"]) == 40


def test_refinement_brings_the_reconstruction_nearer(
    photo: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = answer(capsys, "encode", photo, "--steps", "15", "--out", str(tmp_path))
    assert report["loss"] < report["first_loss"]
    assert {p.name for p in tmp_path.iterdir()} == {
        "aligned.png", "reconstruction.png", "recipe.json", "report.json",
    }  # fmt: skip


def test_faces_finds_the_persons_of_a_video(
    photo: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    face = cv2.resize(cv2.imread(photo), (240, 240))[:, :, ::-1]
    frame = wall(320, 240)
    frame[:, 40:280] = face
    clip = write_clip(tmp_path / "clip.avi", [frame] * 6, 10.0, codec="MJPG")
    found = answer(capsys, "faces", str(clip), "--out", str(tmp_path / "crops"))
    (person,) = found["persons"]
    assert found["complete"]
    assert person["sightings"] == 3
    assert (tmp_path / "crops" / person["best"][0]["file"]).is_file()


def test_a_sketch_becomes_faces(
    photo: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(capsys, "sketch", photo, "--out", str(tmp_path / "drawing.png"))
    made = answer(
        capsys, "sketch", str(tmp_path / "drawing.png"), "--to-face", "--count", "2",
        "--text", "He had blond hair", "--out", str(tmp_path / "faces"),
    )  # fmt: skip
    assert len(made["recipes"]) == 2
    assert all((tmp_path / "faces" / name).is_file() for name in made["files"])

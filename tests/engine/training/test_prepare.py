"""A folder of photographs becomes a training kit; what is left out is listed with its reason."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from app import main as program
from app.engine.landmark_net import POINTS
from app.engine.training.facedata import load_face_data
from app.engine.training.kit import appearance_codes, whole_mesh
from app.engine.training.prepare import colourfulness, likeness, read_labels, thumbnail
from app.models.errors import BadInput


@pytest.fixture(scope="module")
def folder(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-five real photographs, one of them twice, one grey, one blurred, one broken."""
    made = tmp_path_factory.mktemp("photos")
    for path in sorted((shared_data / "photos").glob("*.jpg"))[:25]:
        shutil.copy(path, made)
    first = cv2.imread(str(made / "009.jpg"))
    cv2.imwrite(str(made / "a_mirrored.png"), first[:, ::-1])
    grey = cv2.cvtColor(cv2.imread(str(made / "004.jpg")), cv2.COLOR_BGR2GRAY)
    cv2.imwrite(str(made / "b_grey.png"), grey)
    cv2.imwrite(str(made / "c_blurred.png"), cv2.GaussianBlur(first, (0, 0), 6))
    (made / "d_broken.jpg").write_bytes((made / "003.jpg").read_bytes()[:300])
    cv2.imwrite(str(made / "e_wall.png"), np.full((300, 300, 3), (90, 120, 150), np.uint8))
    (made / "labels.csv").write_text(
        "file,age,sex,origin,glasses\n007.jpg,44,female,black,1\n", encoding="utf-8"
    )
    return made


@pytest.mark.bundled_model
@pytest.mark.needs_torch
def test_a_folder_becomes_a_kit_and_every_refusal_has_its_reason(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kit, run = tmp_path / "kit", tmp_path / "run"
    prepare = ["train", "prepare", "--photos", str(folder), "--data", str(kit), "--out", str(run)]
    assert program.main([*prepare, "--minutes", "0.00001"]) == 3
    assert "run the same command again" in capsys.readouterr().err
    assert program.main(prepare) == 0
    journal = (kit / "prepared" / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    entries = {e["file"]: e for e in map(json.loads, journal)}
    assert len(entries) == len(journal) == 30
    reasons = {name: entries[name]["reason"] for name in entries if name[1] == "_"}
    assert reasons == {
        "a_mirrored.png": "near_duplicate", "b_grey.png": "grey", "c_blurred.png": "blurred",
        "d_broken.jpg": "unreadable", "e_wall.png": "no_face",
    }  # fmt: skip
    data = load_face_data(kit)
    kept = [e for e in entries.values() if e["reason"] is None]
    assert len(data.pixels) == len(kept) >= 20
    assert data.points is not None
    assert data.points.shape == (len(kept), 468, 2)
    at = [e["file"] for e in kept].index("007.jpg")
    assert (data.age[at], data.sex[at], data.origin[at]) == (44, 1, 1)
    assert data.hand == {at: {"glasses": 1}}
    assert (run / "attributes.safetensors").is_file()
    (kit / "prepared" / "journal.jsonl").write_text("\n".join([*journal, '{"file": "torn']))
    assert program.main(prepare) == 0  # nothing is looked at twice, a torn line does no harm


@pytest.mark.bundled_model
def test_the_whole_mesh_is_found_from_the_points_of_the_landmark_net() -> None:
    from safetensors.numpy import load_file

    from app.engine.weights import find_model

    shape = load_file(str(find_model(None) / "shape.safetensors"))
    codes = np.random.default_rng(0).standard_normal((20, len(shape["basis"])))
    true = (shape["mean"] + codes @ shape["basis"]).reshape(20, 468, 2)
    found = whole_mesh(true[:, list(POINTS)].astype(np.float32), shape["mean"], shape["basis"])
    mean = shape["mean"].reshape(468, 2)
    error = np.linalg.norm(found - true, axis=2).mean()
    assert error < 0.35 * np.linalg.norm(mean - true, axis=2).mean()


def test_codes_have_unit_variance_and_tell_faces_apart() -> None:
    rng = np.random.default_rng(1)
    points = (rng.uniform(20, 108, (468, 2)) + rng.normal(0, 1, (30, 1, 1))).astype(np.float32)
    shade = rng.uniform(30, 220, 30)
    faces = np.stack([np.full((128, 128, 3), s, np.uint8) for s in shade])
    z, scale, explained = appearance_codes(faces, points)
    assert z.shape == (30, 256)
    assert np.abs(z[:, 0].std(ddof=1) - 1) < 0.01
    assert scale[0] == 1.0
    assert (scale[29:] == 0).all()
    assert explained > 0.99
    told = z[:, :2] @ np.linalg.lstsq(z[:, :2], shade - shade.mean(), rcond=None)[0]
    assert np.corrcoef(told, shade)[0, 1] > 0.99  # the two components are size and shade


def test_a_near_duplicate_is_alike_and_another_picture_is_not() -> None:
    rng = np.random.default_rng(2)
    one, other = (
        cv2.resize(rng.integers(0, 255, (8, 8, 3), np.uint8), (128, 128)) for _ in range(2)
    )
    again = cv2.imdecode(cv2.imencode(".jpg", one[:, ::-1])[1], cv2.IMREAD_COLOR)
    assert likeness(again, [thumbnail(one)])[0] > 0.98
    assert likeness(other, [thumbnail(one)])[0] < 0.9
    sepia = np.full((128, 128, 3), (120, 100, 80), np.uint8)
    assert colourfulness(sepia) < 1 < colourfulness(one)


def test_a_label_that_cannot_be_is_refused_with_its_line(tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("file,age,sex\na.jpg,30,male\nb.jpg,30,man\n", encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_labels(table)
    assert refused.value.code == "training.bad_label"
    assert refused.value.facts["line"] == 3
    assert read_labels(tmp_path / "none.csv") == {}


def test_prepare_without_pictures_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare = ["train", "prepare", "--data", str(tmp_path / "k"), "--out", str(tmp_path / "r")]
    assert program.main(prepare) == 3
    assert "--photos" in capsys.readouterr().err

"""Simulated sittings: real held-out faces as targets, and the same figures from two processes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")

from app.engine.native import library
from app.engine.simulation import ORIGINS, Lab, Ledger, Plan, run_all
from tests.engine.tiny import ARCH, model_folder

pytestmark = pytest.mark.needs_torch
FACES = 40


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from safetensors.numpy import save_file

    folder = model_folder(tmp_path_factory.mktemp("m") / "tiny")
    save_file({"w_offset": np.zeros(ARCH.w_dim, np.float32)}, str(folder / "shape.safetensors"))
    return folder


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training kit of forty faces, of which four are held out."""
    folder = tmp_path_factory.mktemp("kit")
    rng = np.random.default_rng(0)
    pictures = []
    for _ in range(FACES):
        picture = cv2.resize(rng.integers(0, 255, (8, 8, 3), np.uint8), (128, 128))
        pictures.append(np.frombuffer(cv2.imencode(".jpg", picture)[1].tobytes(), np.uint8))
    offsets = np.cumsum([0, *(len(p) for p in pictures)])
    labels = np.stack([[30 + i, i % 2, i % 5] for i in range(FACES)])
    np.savez(folder / "faces.npz", data=np.concatenate(pictures), off=offsets, lab=labels)
    codes = rng.standard_normal((FACES, ARCH.w_dim)).astype(np.float32)
    np.savez(folder / "codes.npz", z=codes, scale=np.ones(ARCH.w_dim, np.float32))
    nothing = {"watermarked": [], "labels": {}}
    (folder / "labels.json").write_text(json.dumps(nothing), encoding="utf-8")
    return folder


def test_real_faces_are_the_targets_and_their_labels_the_groups(model: Path, kit: Path) -> None:
    from app.engine.training.facedata import load_face_data

    lab = Lab(Plan(str(model), rounds=2, crowd=10, kit=str(kit)))
    held_out = load_face_data(kit).held_out
    sittings = [lab.sitting("posterior", i) for i in range(len(held_out))]
    for face, sitting in zip(held_out, sittings, strict=True):
        sex, band, origin = sitting.group
        assert sex == ("male", "female")[face % 2]
        assert band == ("age_30_44" if face < 15 else "age_45_59" if face < 30 else "age_60_120")
        assert origin == ORIGINS[face % 5]
        assert min(sitting.distance) > 0  # no face of the model is the photograph
    assert len(held_out) > 1
    assert lab.sitting("posterior", 1).distance == sittings[1].distance


@pytest.fixture
def torch_draws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The kernels lie in a cache folder that tests turn away from once this process has them:
    without this, it would draw with them and its children without."""
    monkeypatch.setenv("PORTRAIT_PARLE_NATIVE", "0")
    library.cache_clear()
    yield
    library.cache_clear()


@pytest.mark.slow
@pytest.mark.usefixtures("torch_draws")
def test_two_processes_find_what_one_finds(model: Path) -> None:
    plan = Plan(str(model), rounds=2, crowd=10)
    one = run_all(plan, ["posterior"], 2, Ledger(None, plan))
    two = run_all(plan, ["posterior"], 2, Ledger(None, plan), jobs=2)
    for name, sittings in one.items():
        assert [s.distance for s in sittings] == [s.distance for s in two[name]]

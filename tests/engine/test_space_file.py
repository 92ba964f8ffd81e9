"""The searched space is kept with the model that it was measured on, and with no other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from app.engine.proposals import latent_space
from app.engine.runtime import Runtime
from app.engine.space_file import FILE, read_space, write_space
from app.engine.weights import rewrite_card
from app.models.errors import ModelError
from tests.engine.tiny import model_folder

pytestmark = pytest.mark.needs_torch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tiny model with its space beside it."""
    folder = model_folder(tmp_path / "tiny")
    painter = Runtime(folder, device="cpu").load()
    write_space(painter, latent_space(Runtime(folder, device="cpu"), painter), folder / FILE)
    rewrite_card(folder)
    return folder


def test_the_space_that_is_read_is_the_one_that_was_measured(folder: Path, tmp_path: Path) -> None:
    bare = Runtime(model_folder(tmp_path / "bare"), device="cpu")
    measured = latent_space(bare, bare.load())
    runtime = Runtime(folder, device="cpu")
    found = latent_space(runtime, runtime.load())
    assert read_space(bare.load()) is None
    for name in ("mean", "basis", "inverse", "sight"):
        np.testing.assert_allclose(getattr(found, name), getattr(measured, name), rtol=1e-5)


def test_the_space_of_other_weights_is_not_used(folder: Path, tmp_path: Path) -> None:
    other = model_folder(tmp_path / "other", seed=1)
    (other / FILE).write_bytes((folder / FILE).read_bytes())
    rewrite_card(other)
    assert read_space(Runtime(other, device="cpu").load()) is None


@pytest.mark.parametrize("damage", ["half", "nan", "shape", "many", "none"])
def test_a_damaged_space_is_refused_by_its_name(folder: Path, damage: str) -> None:
    from safetensors.numpy import load_file, save_file

    path = folder / FILE
    if damage == "half":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        import json

        tensors = load_file(str(path))
        if damage == "nan":
            tensors["basis"][0, 0] = np.nan
        elif damage == "shape":
            tensors["sight"] = tensors["sight"][:-1]
        else:
            k, w_dim = (500 if damage == "many" else 0), len(tensors["mean"])
            tensors |= {
                "sight": np.ones(k, np.float32), "basis": np.zeros((k, w_dim), np.float32),
                "inverse": np.zeros((w_dim, k), np.float32),
            }  # fmt: skip
        sha256 = Runtime(folder, device="cpu").load().sha256
        save_file(tensors, str(path), metadata={"space": json.dumps({"model": sha256})})
    rewrite_card(folder)
    with pytest.raises(ModelError) as error:
        read_space(Runtime(folder, device="cpu").load())
    assert error.value.facts["file"].endswith(FILE)

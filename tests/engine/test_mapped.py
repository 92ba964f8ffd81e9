"""Weights are looked at where their file is mapped, and a file that changes is noticed first."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from app.engine import mapped
from app.engine.mapped import MappedFile, give_back, verified
from app.engine.painter import Painter
from app.engine.weights import LoadedModel, load_model, write_model
from app.models.errors import ModelError
from tests.engine.tiny import ARCH, generator, model_folder

pytestmark = pytest.mark.needs_torch
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/smaps")
no_windows = pytest.mark.skipif(sys.platform == "win32", reason="files are not mapped there")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return model_folder(tmp_path / "tiny")


def mappings_of(address: int) -> list[str]:
    """The name of what is mapped at an address."""
    found = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        begin, end = (int(n, 16) for n in line.split()[0].split("-"))
        if begin <= address < end:
            found += line.split()[5:]
    return found


def kilobytes(kind: str, name: str) -> int:
    """Kilobytes of the mappings of a file: in memory (Rss), or own copies (Anonymous)."""
    text, total, inside = Path("/proc/self/smaps").read_text(), 0, False
    for line in text.splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            inside = line.endswith(name)
        elif inside and line.startswith(f"{kind}:"):
            total += int(line.split()[1])
    return total


@on_linux
def test_single_precision_weights_are_the_file_itself(folder: Path) -> None:
    model = load_model(folder)
    made = model.generator
    where = str(folder / "model.safetensors")
    assert all(where in mappings_of(p.data_ptr()) for p in made.parameters())
    assert float(made.synthesis.b32.conv0.weight.sum()) == pytest.approx(
        float(generator().synthesis.b32.conv0.weight.sum())
    )
    assert kilobytes("Anonymous", "model.safetensors") == 0


@on_linux
def test_what_draws_looks_at_no_mapped_weights(folder: Path) -> None:
    painter = Painter(load_model(folder))
    picture(painter)
    assert kilobytes("Rss", "model.safetensors") == 0
    exact(painter)
    assert kilobytes("Rss", "model.safetensors") > 0


@no_windows
def test_writing_into_weights_never_reaches_the_file(folder: Path) -> None:
    before = (folder / "model.safetensors").read_bytes()
    made = load_model(folder).generator
    made.synthesis.b32.conv0.weight.fill_(0.0)
    assert (folder / "model.safetensors").read_bytes() == before


def test_the_clear_form_is_there_only_while_it_is_held(folder: Path) -> None:
    model = load_model(folder)
    first = model.generator
    assert model.generator is first
    wanted = {n: t.clone() for n, t in first.state_dict().items()}
    del first
    again = model.generator
    assert all(torch.equal(t, wanted[n]) for n, t in again.state_dict().items())


def picture(painter: Painter) -> np.ndarray:
    return painter.pixels_of(painter.wide(painter.sample(1)))


def exact(painter: Painter) -> np.ndarray:
    return painter.exact(painter.wide(painter.sample(1)), "const").numpy()


@no_windows
def test_a_file_that_is_replaced_is_not_seen_by_who_mapped_it(folder: Path) -> None:
    painter = Painter(load_model(folder))
    before = exact(painter)
    write_model(folder, ARCH, generator(seed=5).state_dict(), {}, half=False)
    assert np.array_equal(exact(painter), before)


@no_windows
@pytest.mark.parametrize("keep", [0, 4000, 20_000])
def test_a_file_that_is_cut_short_stops_no_drawing_and_is_named_when_it_is_needed(
    folder: Path, keep: int
) -> None:
    painter = Painter(load_model(folder))
    before = picture(painter)
    os.truncate(folder / "model.safetensors", keep)  # a look at what is gone would be SIGBUS
    assert np.array_equal(picture(painter), before)
    with pytest.raises(ModelError, match="hash_mismatch"):
        exact(painter)


@no_windows
def test_a_file_that_is_overwritten_in_place_is_refused_until_it_is_right_again(
    folder: Path,
) -> None:
    painter = Painter(load_model(folder))
    before, path = exact(painter), folder / "model.safetensors"
    data = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(-8, os.SEEK_END)
        file.write(b"\0" * 8)
    os.utime(path, ns=(1, 1))  # were the clock too coarse to tell
    with pytest.raises(ModelError, match="hash_mismatch"):
        exact(painter)
    path.unlink()
    path.write_bytes(data)
    assert np.array_equal(exact(painter), before)


def test_a_file_is_read_where_mapping_would_keep_it_from_being_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = exact(Painter(load_model(folder)))
    monkeypatch.setattr(mapped, "MAPS", False)
    file = MappedFile(folder / "model.safetensors")
    assert isinstance(file.data, bytearray)
    os.truncate(folder / "model.safetensors", 10)
    assert file.unchanged()
    file.forget()
    assert len(file.data) > 10
    monkeypatch.undo()
    model_folder(folder.parent / "other")
    monkeypatch.setattr(mapped, "MAPS", False)
    model: LoadedModel = load_model(folder.parent / "other")
    assert np.array_equal(exact(Painter(model)), wanted)


def test_the_hash_is_that_of_what_is_mapped(folder: Path) -> None:
    path = folder / "model.safetensors"
    digest = MappedFile(path).sha256()
    assert verified(path, digest).sha256() == digest
    with pytest.raises(ModelError, match="hash_mismatch"):
        verified(path, "0" * 64)


def test_a_mapping_keeps_no_descriptor_open_when_it_is_gone(folder: Path) -> None:
    file = MappedFile(folder / "model.safetensors")
    descriptor = file._descriptor
    del file
    if descriptor >= 0:
        with pytest.raises(OSError):
            os.fstat(descriptor)


def test_a_missing_file_and_one_too_large_are_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelError, match="file_missing"):
        MappedFile(folder / "nothing.safetensors")
    monkeypatch.setattr(mapped, "FILE_LIMIT", 100)
    with pytest.raises(ModelError, match="too_large"):
        MappedFile(folder / "model.safetensors")


def test_memory_can_be_given_back_at_any_time() -> None:
    give_back()
    give_back()

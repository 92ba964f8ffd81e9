"""Model folders: what is written reads back, and whatever is wrong is refused with its reason."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from app.engine.tensorfile import HEADER_LIMIT, read_tensors
from app.engine.weights import (
    find_model,
    load_model,
    model_folders,
    read_card,
    rewrite_card,
    user_models_folder,
    write_model,
)
from app.models.errors import ModelError
from tests.engine.tiny import ARCH, generator, model_folder

pytestmark = pytest.mark.needs_torch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return model_folder(tmp_path / "tiny")


def code_of(action: Callable[[], object]) -> str:
    with pytest.raises(ModelError) as caught:
        action()
    assert caught.value.facts.get("file")
    return caught.value.code


def parts(data: bytes) -> tuple[dict[str, dict[str, object]], bytes]:
    length = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def joined(header: dict[str, dict[str, object]], body: bytes) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def with_hash(folder: Path, data: bytes) -> None:
    """Replace the weights and make the card's hash right, so that the reader is what refuses."""
    (folder / "model.safetensors").write_bytes(data)
    rewrite_card(folder)


def test_a_written_model_reads_back(folder: Path) -> None:
    model = load_model(folder)
    assert model.card.name == "tiny"
    assert model.card.architecture == ARCH
    assert model.card.psi == 0.8
    assert set(model.directions.by_name) == {"age", "nose_width", "hair_color_blond"}
    wanted = generator().state_dict()
    assert all(torch.equal(t, wanted[n]) for n, t in model.generator.state_dict().items())
    assert ("licence", "none") in model.card.shown()


def test_half_precision_is_widened(tmp_path: Path) -> None:
    write_model(tmp_path / "half", ARCH, generator().state_dict(), {}, half=True)
    tensors = load_model(tmp_path / "half").generator.state_dict()
    assert all(t.dtype is torch.float32 for t in tensors.values())


def test_the_public_filter_buffers_are_accepted_and_others_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
    state = dict(generator().state_dict())
    for scale, fits in ((1 / 64, True), (1 / 60, False)):
        place = tmp_path / str(fits)
        write_model(place, ARCH, state, {})
        full = {**state, "synthesis.b8.conv0.resample_filter": torch.outer(taps, taps) * scale}
        save_file(full, str(place / "model.safetensors"))
        rewrite_card(place)
        if fits:
            load_model(place)
        else:
            assert code_of(lambda p=place: load_model(p)) == "model.unknown_filter"  # type: ignore[misc]


def test_a_changed_byte_is_a_hash_mismatch(folder: Path) -> None:
    path = folder / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    assert code_of(lambda: load_model(folder)) == "model.hash_mismatch"


def test_a_changed_further_file_is_a_hash_mismatch(folder: Path) -> None:
    path = folder / "directions.safetensors"
    path.write_bytes(path.read_bytes() + b" ")
    assert code_of(lambda: load_model(folder)) == "model.hash_mismatch"


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "directions.toml").unlink()
    assert code_of(lambda: load_model(folder)) == "model.file_missing"


def test_values_that_are_not_finite_are_refused(folder: Path) -> None:
    header, body = parts((folder / "model.safetensors").read_bytes())
    begin, _ = header["synthesis.b8.conv0.weight"]["data_offsets"]  # type: ignore[misc]
    for bad in (np.nan, np.inf):
        broken = body[:begin] + struct.pack("<f", bad) + body[begin + 4 :]
        with_hash(folder, joined(header, broken))
        assert code_of(lambda: load_model(folder)) == "model.not_finite"


def test_writing_values_that_are_not_finite_is_refused(tmp_path: Path) -> None:
    state = dict(generator().state_dict())
    state["mapping.w_avg"] = torch.full((ARCH.w_dim,), float("nan"))
    with pytest.raises(ModelError, match="not_finite"):
        write_model(tmp_path / "nan", ARCH, state, {})


def spoilt_shape(h: dict[str, dict[str, object]]) -> None:
    h["mapping.fc0.weight"]["shape"] = [ARCH.w_dim * ARCH.z_dim]


def spoilt_type(h: dict[str, dict[str, object]]) -> None:
    h["mapping.fc0.weight"]["dtype"] = "I32"


def missing_tensor(h: dict[str, dict[str, object]]) -> None:
    del h["mapping.fc0.weight"]


def extra_tensor(h: dict[str, dict[str, object]]) -> None:
    h["evil"] = dict(h["mapping.fc0.weight"])


def overlap(h: dict[str, dict[str, object]]) -> None:
    h["mapping.w_avg"]["data_offsets"] = [0, ARCH.w_dim * 4]


def beyond(h: dict[str, dict[str, object]]) -> None:
    offsets = h["mapping.fc0.bias"]["data_offsets"]
    h["mapping.fc0.bias"]["data_offsets"] = [o + 10**9 for o in offsets]  # type: ignore[attr-defined]


def negative(h: dict[str, dict[str, object]]) -> None:
    h["mapping.fc0.bias"]["data_offsets"] = [-ARCH.w_dim * 4, 0]


def no_offsets(h: dict[str, dict[str, object]]) -> None:
    del h["mapping.fc0.bias"]["data_offsets"]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (spoilt_shape, "model.wrong_shape"), (spoilt_type, "model.wrong_type"),
        (missing_tensor, "model.missing_tensor"), (extra_tensor, "model.unexpected_tensor"),
        (overlap, "model.bad_offsets"), (beyond, "model.bad_offsets"),
        (negative, "model.header_unreadable"), (no_offsets, "model.header_unreadable"),
    ],
)  # fmt: skip
def test_a_wrong_header_is_refused(
    folder: Path, spoil: Callable[[dict[str, dict[str, object]]], None], code: str
) -> None:
    header, body = parts((folder / "model.safetensors").read_bytes())
    spoil(header)
    with_hash(folder, joined(header, body))
    assert code_of(lambda: load_model(folder)) == code


@pytest.mark.parametrize("keep", [0, 4, 8, 100, 5000, -1])
def test_a_truncated_file_is_refused(folder: Path, keep: int) -> None:
    data = (folder / "model.safetensors").read_bytes()
    with_hash(folder, data[:keep])
    code = code_of(lambda: load_model(folder))
    assert code in ("model.truncated", "model.header_unreadable")


def test_bytes_after_the_last_tensor_are_refused(folder: Path) -> None:
    with_hash(folder, (folder / "model.safetensors").read_bytes() + b"payload!")
    assert code_of(lambda: load_model(folder)) == "model.bad_offsets"


def test_a_huge_header_is_refused_before_it_is_parsed(folder: Path) -> None:
    with_hash(folder, struct.pack("<Q", HEADER_LIMIT + 1) + b"{" * 2 * HEADER_LIMIT)
    assert code_of(lambda: load_model(folder)) == "model.header_too_large"


@pytest.mark.parametrize(
    "text", [b"[]", b"nonsense", b'{"a": 1, "a": 2}', b"[" * 100_000, b"\xff\xfe"]
)
def test_a_header_that_is_no_table_is_refused(folder: Path, text: bytes) -> None:
    with_hash(folder, struct.pack("<Q", len(text)) + text)
    assert code_of(lambda: load_model(folder)) in ("model.header_unreadable",)


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no symbolic links here")
def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.safetensors"
    (folder / "model.safetensors").rename(outside)
    (folder / "model.safetensors").symlink_to(outside)
    assert code_of(lambda: load_model(folder)) == "model.leaves_folder"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("format = 1", "format = 9"), ('kind = "stylegan2"', 'kind = "other"'),
        ("resolution = 32", "resolution = 33"), ("resolution = 32", "resolution = 4096"),
        ("channel_max = 32", "channel_max = 0"), ("w_dim = 24", "w_dim = 999999999"),
        ("num_ws = 8", "num_ws = 9"), ("psi = 0.8", "psi = -3.0"), ('sha256 = "', 'sha256 = "zz'),
        ("directions.toml", "../directions.toml"), ("[architecture]", "[somewhere]"),
        ("format = 1", "format = "),
    ],
)  # fmt: skip
def test_a_wrong_card_is_refused(folder: Path, old: str, new: str) -> None:
    path = folder / "model.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1).replace('"../', '"../'))
    assert code_of(lambda: load_model(folder)) == "model.card_unreadable"


def test_a_huge_card_is_refused(folder: Path) -> None:
    with (folder / "model.toml").open("a") as file:
        file.write("#" * (1 << 20))
    assert code_of(lambda: read_card(folder)) == "model.card_unreadable"


def test_models_are_found_by_name_and_by_path(folder: Path) -> None:
    mine = user_models_folder() / "mine"
    model_folder(mine)
    assert find_model("mine") == mine
    assert find_model(str(folder)) == folder
    assert mine in model_folders()
    assert code_of(lambda: find_model("nowhere")) == "model.missing"


def test_brain_float_tensors_are_widened(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    wanted = torch.tensor([1.5, -2.0, 0.25])
    save_file({"a": wanted.bfloat16()}, str(tmp_path / "a.safetensors"))
    found = read_tensors(tmp_path / "a.safetensors", {"a": (3,)})
    assert found["a"].tolist() == wanted.tolist()


@pytest.mark.bundled_model
def test_the_bundled_model_is_as_its_card_says() -> None:
    model = load_model(find_model())
    assert model.card.architecture.resolution >= 128
    assert len(model.directions.items) >= 20
    assert sum(p.stat().st_size for p in model.folder.iterdir()) <= 40 << 20

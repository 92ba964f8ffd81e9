"""Public checkpoints come in as they are drawn elsewhere; nothing in a file is ever run."""

from __future__ import annotations

import io
import os
import pickle
import random
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from app.engine.importing.convert import import_model
from app.engine.packed import PackedSynthesis
from app.engine.weights import load_model
from app.models.errors import PortraitError
from tests.engine.tiny import ARCH, generator, ws

pytestmark = pytest.mark.needs_torch


# ------------------------------------------------------------------ files that are right


@pytest.mark.shared_data
def test_the_reference_pickle_draws_the_reference_pictures(
    shared_data: Path, tmp_path: Path
) -> None:
    import_model(shared_data / "reference" / "stylegan2-ada-tiny.pkl", tmp_path / "tiny")
    made = load_model(tmp_path / "tiny").generator
    wanted = np.load(shared_data / "reference" / "stylegan2-ada-tiny.npz")
    latent = made.map(torch.from_numpy(wanted["z"]), float(wanted["psi"]))
    np.testing.assert_allclose(latent.numpy(), wanted["w"], atol=1e-4)
    packed = PackedSynthesis(made.synthesis)
    for key, source, noise in (
        ("image_const_noise", "w", "const"),
        ("image_no_noise", "w", "none"),
        ("image_w_plus", "w_plus", "const"),
    ):
        ws_ = torch.from_numpy(wanted[source])
        clear = made.synthesis(ws_, noise)  # type: ignore[arg-type]
        np.testing.assert_allclose(clear.numpy(), wanted[key], atol=1e-4)
        for i in range(len(ws_)):
            quick = packed(ws_[i : i + 1], noise)[0]  # type: ignore[arg-type]
            np.testing.assert_allclose(quick.numpy(), wanted[key][i], atol=1e-4)


def rosinality_state() -> dict[str, Any]:
    """The tiny generator in rosinality's layout."""
    state = generator().state_dict()
    out: OrderedDict[str, torch.Tensor] = OrderedDict()
    for i in range(ARCH.mapping_layers):
        out[f"style.{i + 1}.weight"] = state[f"mapping.fc{i}.weight"]
        out[f"style.{i + 1}.bias"] = state[f"mapping.fc{i}.bias"]
    out["input.input"] = state["synthesis.b4.const"][None]
    layers = [("conv1", "b4.conv1")]
    colours = [("to_rgb1", "b4.torgb")]
    for k, r in enumerate(ARCH.resolutions[1:]):
        layers += [(f"convs.{2 * k}", f"b{r}.conv0"), (f"convs.{2 * k + 1}", f"b{r}.conv1")]
        colours.append((f"to_rgbs.{k}", f"b{r}.torgb"))
    for n, (old, new) in enumerate(layers):
        new = f"synthesis.{new}"
        weight = state[f"{new}.weight"]
        out[f"{old}.conv.weight"] = weight[None] * (weight.shape[1] * 9) ** 0.5
        out[f"{old}.activate.bias"] = state[f"{new}.bias"]
        out[f"{old}.conv.modulation.weight"] = state[f"{new}.affine.weight"]
        out[f"{old}.conv.modulation.bias"] = state[f"{new}.affine.bias"]
        out[f"{old}.noise.weight"] = state[f"{new}.noise_strength"].reshape(1)
        out[f"noises.noise_{n}"] = state[f"{new}.noise_const"][None, None]
    for old, new in colours:
        new = f"synthesis.{new}"
        out[f"{old}.conv.weight"] = state[f"{new}.weight"][None]
        out[f"{old}.bias"] = state[f"{new}.bias"].reshape(1, 3, 1, 1)
        out[f"{old}.conv.modulation.weight"] = state[f"{new}.affine.weight"]
        out[f"{old}.conv.modulation.bias"] = state[f"{new}.affine.bias"]
    return {"g_ema": out, "latent_avg": state["mapping.w_avg"]}


@pytest.mark.parametrize("zipped", [True, False])
def test_a_rosinality_checkpoint_draws_the_same_pictures(tmp_path: Path, zipped: bool) -> None:
    source = tmp_path / "faces.pt"
    torch.save(rosinality_state(), source, _use_new_zipfile_serialization=zipped)
    import_model(source, tmp_path / "faces", licence="test only")
    model = load_model(tmp_path / "faces")
    assert model.card.architecture == ARCH
    assert model.card.data["licence"] == "test only"
    wanted = generator().synthesis(ws(n=2), "const")
    found = model.generator.synthesis(ws(n=2), "const")
    assert float((found - wanted).abs().max()) < 1e-4 * float(wanted.abs().max())


def test_the_decoder_of_an_encoder_checkpoint_is_taken(tmp_path: Path) -> None:
    plain = rosinality_state()
    state = {f"decoder.{n}": t for n, t in plain["g_ema"].items()}
    state["encoder.input_layer.0.weight"] = torch.zeros(4, 3, 3, 3)
    average = plain["latent_avg"].expand(ARCH.num_ws, -1).clone()
    torch.save(
        {"state_dict": state, "latent_avg": average, "opts": {"device": "cuda", "start": 0}},
        tmp_path / "psp.pt",
    )
    import_model(tmp_path / "psp.pt", tmp_path / "psp")
    found = load_model(tmp_path / "psp").generator
    wanted = generator()
    picture = wanted.synthesis(ws(n=1), "const")
    assert torch.allclose(found.mapping.w_avg, wanted.mapping.w_avg, atol=1e-6)
    assert float((found.synthesis(ws(n=1), "const") - picture).abs().max()) < 1e-4 * float(
        picture.abs().max()
    )


def test_a_checkpoint_of_an_encoder_alone_is_refused(tmp_path: Path) -> None:
    torch.save({"state_dict": {"encoder.weight": torch.zeros(2)}}, tmp_path / "e.pt")
    with pytest.raises(PortraitError):
        import_model(tmp_path / "e.pt", tmp_path / "e")


def test_a_checkpoint_without_a_mean_gets_one(tmp_path: Path) -> None:
    state = rosinality_state()
    del state["latent_avg"]
    torch.save(state, tmp_path / "a.pt")
    import_model(tmp_path / "a.pt", tmp_path / "a")
    mean = load_model(tmp_path / "a").generator.mapping.w_avg
    assert bool(torch.isfinite(mean).all())
    assert float(mean.abs().max()) > 0


# ------------------------------------------------------------------ files that are not


class Canary:
    """Unpickling this with Python's own loader would leave a file behind."""

    def __init__(self, path: Path, how: int) -> None:
        self.path, self.how = path, how

    def __reduce__(self) -> Any:
        command = f"touch '{self.path}'"
        text = f"open({str(self.path)!r}, 'w').close()"
        return (
            (os.system, (command,)),
            (eval, (text,)),
            (exec, (text,)),
            (__import__("subprocess").call, (["touch", str(self.path)],)),
            (Path.touch, (self.path,)),
            (open, (str(self.path), "w")),
        )[self.how % 6]


def hostile_pickles(canary: Path) -> list[bytes]:
    """Canaries alone, inside containers, in every protocol, before and behind harmless data."""
    out = []
    for how in range(6):
        evil = Canary(canary, how)
        for protocol in range(6):
            out.append(pickle.dumps(evil, protocol))
            out.append(pickle.dumps({"G_ema": evil, "G": 1}, protocol))
            out.append(pickle.dumps({"g_ema": OrderedDict(a=[evil])}, protocol))
    name = str(canary).encode()
    out += [
        b"cos\nsystem\n(S'touch " + name + b"'\ntR.",
        b"(S'touch " + name + b"'\nios\nsystem\n.",
        b"(cos\nsystem\nS'touch " + name + b"'\no.",
        b"\x80\x02cbuiltins\ngetattr\n(cos\nX\x06\x00\x00\x00systemtR.",
        b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x8c\x06system\x93.",
        b"\x80\x02cnumpy\ndtype\n(X\x02\x00\x00\x00|OtR.",
        b"\x80\x02\x82\x01.", b"\x80\x02U\x01aQ.", b"\x80\x05\x97.", b"P1\n.",
        b"\x80\x02ccollections\nOrderedDict\n)R}X\x01\x00\x00\x00aK\x01sb.",
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(K\x01K\x02)tR.",
        b"\x80\x02ctorch.storage\n_load_from_bytes\n(C\x02abtR.",
    ]  # fmt: skip
    return out


def broken_files() -> list[bytes]:
    """Truncated, flipped and invented variants of a real checkpoint."""
    whole = io.BytesIO()
    torch.save(rosinality_state(), whole, _use_new_zipfile_serialization=False)
    legacy = whole.getvalue()
    rng = random.Random(0)
    out = [legacy[: int(len(legacy) * k / 30)] for k in range(30)]
    for _ in range(25):
        data = bytearray(legacy)
        for _ in range(3):
            data[rng.randrange(2000)] ^= 1 << rng.randrange(8)
        out.append(bytes(data))
    for spoil in ("nan", "shape", "names", "stride"):
        state = rosinality_state()
        g = state["g_ema"]
        if spoil == "nan":
            g["conv1.conv.weight"] = torch.full_like(g["conv1.conv.weight"], float("nan"))
        elif spoil == "shape":
            g["conv1.conv.weight"] = g["conv1.conv.weight"][:, :3]
        elif spoil == "names":
            del g["to_rgb1.bias"]
        else:
            g["style.1.weight"] = torch.zeros(1).expand(ARCH.w_dim, ARCH.z_dim)
        for zipped in (True, False):
            file = io.BytesIO()
            torch.save(state, file, _use_new_zipfile_serialization=zipped)
            out.append(file.getvalue())
    out += [
        b"",
        b"PK\x03\x04",
        b"\x80",
        b"\x80\x02.",
        b"N.",
        b"}.",
        b"(" * 5000,
        b"\x80\x02]" + b"]" * 9999,
    ]
    out += [
        struct.pack("<Q", 100 << 20) + b"{" * 1000,
        b"\x80\x04\x8e" + struct.pack("<Q", 1 << 60),
    ]
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/data.pkl", b"(" * (4 << 20))
    out.append(bomb.getvalue())
    return out


def test_two_hundred_hostile_or_broken_files_are_refused_and_nothing_runs(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    files = [*hostile_pickles(canary), *broken_files()]
    while len(files) < 200:
        files.append(random.Random(len(files)).randbytes(300))
    taken: list[int] = []
    for i, data in enumerate(files):
        source = tmp_path / "file"
        source.write_bytes(data)
        out = tmp_path / f"out{i}"
        try:
            import_model(source, out)
        except PortraitError as error:
            assert error.code == "import.refused", (i, error)  # noqa: PT017
            assert error.facts["file"] == str(source)  # noqa: PT017
            assert error.facts["why"]  # noqa: PT017
            assert not out.exists()
        else:
            taken.append(i)
            load_model(out)  # a flip that hit a number: then the model must be sound
        assert not canary.exists(), f"file {i} was run"
    assert len(files) >= 200
    assert len(taken) <= 12


def test_the_canary_would_sing(tmp_path: Path) -> None:
    """The hostile files are hostile: Python's own loader does run them."""
    for how in range(6):
        canary = tmp_path / f"canary{how}"
        result = pickle.loads(pickle.dumps(Canary(canary, how)))  # noqa: S301
        if hasattr(result, "close"):
            result.close()
        assert canary.exists()


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(PortraitError, match=r"file\.missing"):
        import_model(tmp_path / "none.pkl", tmp_path / "out")

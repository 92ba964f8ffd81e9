"""The C kernels draw what the clear form draws, and are left alone where that cannot be sure."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch

from app.engine import native
from app.engine.native_memory import Memory
from app.engine.native_synthesis import NativeSynthesis, agrees, best_form, fits
from app.engine.packed import LayerCache, PackedSynthesis
from app.engine.stylegan2 import Architecture, Generator, Synthesis

pytestmark = [
    pytest.mark.needs_torch,
    pytest.mark.skipif(native.compiler() is None, reason="no C compiler here"),
]

ARCH = Architecture(32, 32, 64, 64 * 16, 48, 1)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = native.build(tmp_path_factory.mktemp("native") / "kernels.so")
    assert path is not None
    return path


@pytest.fixture(scope="module")
def library(file: Path) -> ctypes.CDLL:
    return native.load(file)


@pytest.fixture
def named(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("PORTRAIT_PARLE_NATIVE", str(file))
    native.library.cache_clear()
    yield file
    native.library.cache_clear()


def synthesis(arch: Architecture = ARCH) -> Synthesis:
    torch.manual_seed(0)
    made = Generator(arch).eval().requires_grad_(False).synthesis
    for value in (*made.parameters(), *made.buffers()):
        value.copy_(torch.randn(value.shape))
    return made


def compiler(folder: Path, does: str) -> str:
    """A program in ``folder`` that is called as a compiler is; ``$out`` is what it shall write."""
    path = folder / "cc"
    path.write_text(f'#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done; out=$2\n{does}\n')
    path.chmod(0o700)
    return str(path)


def latents(n: int = 1) -> torch.Tensor:
    return torch.randn(n, ARCH.num_ws, ARCH.w_dim, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("mode", ["none", "const", "seeded"])
@pytest.mark.parametrize("clamp", [None, 0.7])
def test_pictures_are_those_of_the_clear_form(
    library: ctypes.CDLL, mode: str, clamp: float | None
) -> None:
    made = synthesis(Architecture(32, 32, 64, 64 * 16, 48, 1, clamp))
    wanted = made(latents(2), mode, 5)
    found = NativeSynthesis(made, library)(latents(2), mode, 5)
    assert (found - wanted).abs().max() < 1e-4 * wanted.abs().max()


@pytest.mark.parametrize("most", [16, 32, 48, 80, 160])
def test_pictures_of_wider_nets_are_those_of_the_clear_form(
    library: ctypes.CDLL, most: int
) -> None:
    made = synthesis(Architecture(32, 32, 64, 64 * most, most, 1))
    wanted = made(latents(2), "const")
    found = NativeSynthesis(made, library)(latents(2), "const")
    assert (found - wanted).abs().max() < 1e-4 * wanted.abs().max()


@pytest.mark.parametrize("side", [8, 16, 32, 128])
@pytest.mark.parametrize("clamp", [None, 0.7])
def test_the_last_layer_is_right_whatever_its_size(
    library: ctypes.CDLL, side: int, clamp: float | None
) -> None:
    made = synthesis(Architecture(32, 32, side, side * 16, 32, 1, clamp))
    ws = torch.randn(2, made.num_ws, 32, generator=torch.Generator().manual_seed(2))
    wanted = made(ws, "const")
    found = NativeSynthesis(made, library)(ws, "const")
    assert (found - wanted).abs().max() < 1e-4 * wanted.abs().max()


@pytest.mark.parametrize("stop", [2, 3, 4, None])
@pytest.mark.parametrize("threads", [2, 3, 7])
def test_a_picture_is_the_same_alone_as_among_others_and_by_several_threads(
    library: ctypes.CDLL, threads: int, stop: int | None
) -> None:
    drawn, ws = NativeSynthesis(synthesis(), library), latents(3)
    together, before = drawn(ws, "const", stop=stop), torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        again = drawn(ws, "const", stop=stop)
    finally:
        torch.set_num_threads(before)
    alone = [drawn(ws[i : i + 1], "const", stop=stop) for i in range(3)]
    assert torch.equal(together, again)
    assert torch.equal(together, torch.cat(alone))


def test_every_way_to_convolve_is_taken_by_the_nets_of_these_tests_and_of_the_self_check(
    library: ctypes.CDLL,
) -> None:
    layers = [
        p.layer for block in NativeSynthesis(synthesis(), library)._convolutions for p in block
    ]
    ways = {(layer.up, layer.winograd) for layer in layers}
    assert ways == {(0, 0), (1, 0), (0, 4), (1, 4), (0, 6)}


def test_a_picture_that_is_held_is_not_drawn_over() -> None:
    memory = Memory(1000)
    first, second = memory.picture(2, 10), memory.picture(20)
    assert first.data_ptr() != second.data_ptr()
    address = first.data_ptr()
    del first
    assert memory.kept == 20
    assert memory.picture(5, 4).data_ptr() == address
    assert memory.picture(21).data_ptr() != address


def test_no_more_memory_is_kept_than_allowed() -> None:
    memory = Memory(100)
    held = [memory.picture(60), memory.picture(60), memory.picture(200)]
    held.clear()
    assert memory.kept == 60


def test_what_a_cache_holds_stays_while_other_faces_are_drawn(library: ctypes.CDLL) -> None:
    drawn, cache, ws = NativeSynthesis(synthesis(), library), LayerCache(), latents(2)
    drawn(ws[:1], "const", cache=cache)
    kept = [block[0].clone() for block in cache.blocks]
    drawn(ws, "const")
    drawn(ws[1:], "const")
    assert all(torch.equal(a, b[0]) for a, b in zip(kept, cache.blocks, strict=True))


def test_a_late_change_starts_late_and_draws_the_same(library: ctypes.CDLL) -> None:
    drawn, cache, ws = NativeSynthesis(synthesis(), library), LayerCache(), latents()
    drawn(ws, "const", cache=cache)
    moved = ws.clone()
    moved[:, 7:] += 0.5
    assert cache.reusable(drawn, moved, ("const", 0)) == 3
    assert torch.equal(drawn(moved, "const", cache=cache), drawn(moved, "const"))
    assert cache.reusable(object(), moved, ("const", 0)) == 0


def test_a_preview_is_the_small_picture_of_the_early_blocks(library: ctypes.CDLL) -> None:
    made = synthesis()
    small = NativeSynthesis(made, library)(latents(), "const", stop=3)
    assert small.shape == (1, 3, 16, 16)
    wanted = made(latents(), "const", stop=3)
    assert (small - wanted).abs().max() < 1e-4 * wanted.abs().max()


def test_kernels_that_draw_something_else_are_not_used(library: ctypes.CDLL) -> None:
    made = synthesis()
    drawn = NativeSynthesis(made, library)
    assert agrees(drawn, made)
    made.b32.conv0.weight[:, 0].mul_(1.5)  # were they all, demodulation would undo it
    assert not agrees(drawn, made)
    made.b32.conv0.weight.fill_(float("nan"))
    assert not agrees(NativeSynthesis(made, library), made)


def test_the_quickest_form_is_taken_where_it_fits(named: Path) -> None:
    assert isinstance(best_form(synthesis()), NativeSynthesis)
    odd = Architecture(32, 32, 32, 32 * 8, 24, 1)
    assert not fits(odd)
    assert type(best_form(synthesis(odd))) is PackedSynthesis


@pytest.mark.parametrize("mode", [0o666, 0o620])
def test_a_file_that_others_may_write_is_not_loaded(
    named: Path, mode: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "open.so"
    copy.write_bytes(named.read_bytes())
    copy.chmod(mode)
    monkeypatch.setenv("PORTRAIT_PARLE_NATIVE", str(copy))
    native.library.cache_clear()
    assert native.library() is None
    copy.chmod(0o600)
    native.library.cache_clear()
    assert native.library() is not None


def test_what_is_built_is_loaded_where_new_files_belong_to_the_group(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "folder" / "kernels.so"
    with_umask_002 = compiler(tmp_path, f'cp {file} "$out"; chmod 775 "$out"')
    monkeypatch.setattr(native, "compiler", lambda: with_umask_002)
    assert native.build(path) == path
    assert native._is_ours(path)


def test_where_no_folder_can_be_made_torch_draws(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert native.build(tmp_path / "file" / "native" / "kernels.so") is None


def test_the_background_build_takes_no_module_from_the_present_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler(tmp_path, f"touch {tmp_path}/called; exit 1")
    (tmp_path / "platform.py").write_text(f"open({str(tmp_path / 'taken')!r}, 'w').close()")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PORTRAIT_PARLE_NATIVE", raising=False)
    monkeypatch.setattr(native, "built_file", lambda: tmp_path / "none.so")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    started = native.build_for_next_start()
    assert started is not None
    assert started.wait(60) == 1
    assert not (tmp_path / "taken").exists()
    assert (tmp_path / "called").exists()  # it came as far as to the compiler


@pytest.mark.parametrize("content", [None, b"", b"no library"])
def test_without_a_good_file_torch_draws(
    named: Path, content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "none.so"
    if content is not None:
        path.write_bytes(content)
        os.chmod(path, 0o600)
    monkeypatch.setenv("PORTRAIT_PARLE_NATIVE", str(path))
    native.library.cache_clear()
    assert type(best_form(synthesis())) is PackedSynthesis


def test_where_the_compiler_fails_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "compiler", lambda: "false")
    assert native.build(tmp_path / "folder" / "kernels.so") is None
    assert list((tmp_path / "folder").iterdir()) == []


def test_a_portable_program_keeps_its_kernels_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTRAIT_PARLE_PORTABLE", str(tmp_path))
    assert native.built_file().parent == tmp_path / "cache" / "native"


def test_a_frozen_program_is_not_started_again_to_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PORTRAIT_PARLE_NATIVE", raising=False)
    monkeypatch.setattr(native, "built_file", lambda: tmp_path / "none.so")
    monkeypatch.setattr(native.sys, "frozen", True, raising=False)
    monkeypatch.setattr(native.subprocess, "Popen", lambda *args, **more: pytest.fail("started"))
    assert native.build_for_next_start() is None


def test_nothing_is_built_in_the_background_when_it_is_forbidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORTRAIT_PARLE_NATIVE", "0")
    assert native.build_for_next_start() is None

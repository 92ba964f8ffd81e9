"""The GPU's form: its half precision on CPU tensors, its recordings with a stand-in for graphs.

Nothing here ran on a GPU; the one test that would is skipped without.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch

from app.engine import cuda_layers
from app.engine.cuda_graphs import Chains, Tensors
from app.engine.cuda_layers import HalfLayer, HalfToRGB, half_from
from app.engine.cuda_synthesis import (
    LARGEST,
    MEAN,
    CudaSynthesis,
    bytes_of_blocks,
    cuda_form,
    difference,
)
from app.engine.drawing import drawing_form, form_name
from app.engine.packed import LayerCache, PackedLayer, PackedSynthesis
from app.engine.painter import Painter
from app.engine.stylegan2 import Architecture, Synthesis, SynthesisLayer
from app.engine.weights import load_model
from app.models.errors import Cancelled
from tests.engine.tiny import ARCH, generator, model_folder, ws

pytestmark = pytest.mark.needs_torch
CLAMPED = replace(ARCH, conv_clamp=256.0)
PUBLIC = Architecture(512, 512, 256, 16384, 512, 2, 256.0)


class StandIn:
    """Records as a GPU does: the same memory again, new values at every replay, holding nothing."""

    def __init__(self, free: int = 1 << 40, fails: str = "", spoils: bool = False) -> None:
        self.free, self.fails, self.spoils = free, fails, spoils
        self.recorded = self.replayed = 0

    def free_bytes(self) -> int:
        return self.free

    def new_pool(self) -> Any:
        return object()

    def warm(self, work: Callable[[], Any]) -> None:
        if self.fails == "memory":
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
        work()

    def record(self, work: Callable[[], Tensors], pool: Any) -> tuple[Callable[[], None], Tensors]:
        if self.fails == "capture" and self.recorded == 2:
            raise RuntimeError("operation not permitted when stream is capturing\nmore lines")
        self.recorded += 1
        left = work()
        if self.spoils:
            left = tuple(t + 1 for t in left)

        held, places = weakref.ref(work), [weakref.ref(t) for t in left]

        def replay() -> None:
            self.replayed += 1
            again = held()
            assert again is not None, "what the recording reads is gone"
            for place, value in zip(places, again(), strict=True):
                target = place()
                assert target is not None, "what the recording leaves is gone"
                target.copy_(value)

        return replay, left


def synthesis(arch: Architecture = CLAMPED, loud: float = 1.0) -> Synthesis:
    """Random weights; ``loud`` multiplies biases and noise, and divides what colours make of it."""
    made = generator(arch).synthesis
    for module in made.modules():
        if isinstance(module, SynthesisLayer):
            module.bias.mul_(loud)
            module.noise_strength.mul_(loud)
    for block in made.blocks():
        block.torgb.weight.div_(8 * loud)  # a picture in about -1..1, as a trained net's
    return made


# ---------------------------------------------------------------- half precision


def test_half_precision_is_where_the_reference_has_it() -> None:
    assert half_from(replace(CLAMPED, resolution=1024)) == 128
    assert half_from(replace(CLAMPED, resolution=256)) == 32
    assert half_from(CLAMPED) == 8
    assert half_from(ARCH) is None
    assert half_from(replace(ARCH, conv_clamp=1e4)) is None


@pytest.mark.parametrize("up", [False, True])
@pytest.mark.parametrize("mode", ["none", "const", "seeded"])
def test_a_half_layer_is_the_layer(up: bool, mode: Any) -> None:
    torch.manual_seed(0)
    layer = SynthesisLayer(24, 40, 8, 16, up=up, index=3, clamp=256.0).requires_grad_(False)
    layer.noise_strength.fill_(0.5)
    layer.bias.normal_()
    x, w = torch.randn(2, 24, 8 if up else 16, 8 if up else 16), torch.randn(2, 8)
    scale, style = torch.rand(2, 24) + 0.5, layer.affine(w)
    wanted, _ = PackedLayer.of(layer, torch.channels_last).run(x, scale, style, mode, 7)
    carried = _carried(PackedLayer.of(layer, torch.channels_last), x, scale, style, mode)
    found, ones = HalfLayer.of(layer).run(x, scale, style, mode, 7)
    assert found.dtype is torch.half
    assert bool((ones == 1).all())
    assert found.shape == wanted.shape
    assert float((found - carried).abs().max()) < 4e-3 * float(carried.abs().max())


def _carried(layer: PackedLayer, x: Any, scale: Any, style: Any, mode: Any) -> torch.Tensor:
    y, s = layer.run(x, scale, style, mode, 7)
    return y * s[:, :, None, None]


def test_sums_stay_in_range_where_plain_half_precision_would_not() -> None:
    layer = SynthesisLayer(512, 16, 8, 8, up=False, index=3, clamp=256.0).requires_grad_(False)
    layer.weight.fill_(300.0)
    x = torch.full((1, 512, 8, 8), 256.0)
    style = torch.full((1, 512), 90.0)
    plain = torch.nn.functional.conv2d((x * 90).half(), layer.weight.half(), padding=1)
    assert not bool(torch.isfinite(plain).all())
    found, _ = HalfLayer.of(layer).run(x.half(), torch.ones(1, 512), style, "none", 0)
    assert float(found.max()) == 256.0  # sqrt(512 * 9) * 256 * gain, clamped
    assert bool(torch.isfinite(found).all())
    assert float(found.min()) > 0


def test_a_style_or_a_weight_of_zeros_is_no_division_by_zero() -> None:
    layer = SynthesisLayer(4, 4, 8, 8, up=False, index=3, clamp=256.0).requires_grad_(False)
    layer.weight[0].zero_()
    found, _ = HalfLayer.of(layer).run(
        torch.ones(1, 4, 8, 8), torch.ones(1, 4), torch.zeros(1, 4), "none", 0
    )
    assert bool(torch.isfinite(found).all())


def test_half_colours_are_the_colours() -> None:
    made = synthesis()
    x, style = torch.randn(2, 16, 32, 32), torch.randn(2, 16)
    to_rgb = made.b32.torgb
    wanted = PackedSynthesis(made)._rgb[-1].run(x, torch.ones(2, 16), style)
    found = HalfToRGB.of(to_rgb).run(x.half(), torch.ones(2, 16), style)
    assert found.dtype is torch.float32
    assert float((found - wanted).abs().max()) < 3e-3 * float(wanted.abs().max())


@pytest.mark.parametrize("loud", [1.0, 40.0, 300.0])
@pytest.mark.parametrize("n", [1, 2])
def test_half_pictures_are_those_of_float32_also_where_the_clamp_cuts(n: int, loud: float) -> None:
    made, latent = synthesis(loud=loud), ws(CLAMPED, n)
    form = CudaSynthesis(made)
    assert form.name == "cuda, half, eager"
    found, wanted = form(latent, "const"), PackedSynthesis(made)(latent, "const")
    largest, mean = difference(found, wanted)
    assert largest <= LARGEST
    assert mean <= MEAN
    unclamped = synthesis(ARCH, loud)
    cut = difference(PackedSynthesis(unclamped)(latent, "const"), wanted)[0]
    assert (cut > LARGEST) == (loud > 1)  # then the clamp makes the picture


@pytest.mark.slow
def test_half_pictures_of_a_public_size_are_those_of_float32(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Convolutions in float32, rounded to half: what a CPU's half convolution gives, sooner."""
    plain = torch.nn.functional

    class Rounded:
        leaky_relu_ = staticmethod(plain.leaky_relu_)

        @staticmethod
        def conv2d(x: Any, weight: Any, **more: Any) -> torch.Tensor:
            return plain.conv2d(x.float(), weight.float(), **more).half()

        @staticmethod
        def conv_transpose2d(x: Any, weight: Any, **more: Any) -> torch.Tensor:
            return plain.conv_transpose2d(x.float(), weight.float(), **more).half()

    x, weight = torch.randn(1, 32, 8, 8).half(), torch.randn(8, 32, 3, 3).half()
    real = plain.conv2d(x, weight, padding=1)
    assert float((Rounded.conv2d(x, weight, padding=1) - real).abs().max()) <= 0.032
    monkeypatch.setattr(cuda_layers, "F", Rounded)
    for loud in (1.0, 300.0):
        made = synthesis(PUBLIC, loud)
        latent = ws(PUBLIC)
        found, wanted = CudaSynthesis(made)(latent, "const"), PackedSynthesis(made)(latent, "const")
        largest, mean = difference(found, wanted)
        assert largest <= LARGEST, loud
        assert mean <= MEAN, loud


# ---------------------------------------------------------------- recordings


@pytest.mark.parametrize("arch", [CLAMPED, ARCH])
@pytest.mark.parametrize("n", [1, 9])
def test_a_replay_draws_new_latents_as_the_same_work_unrecorded(
    arch: Architecture, n: int
) -> None:
    made, recorder = synthesis(arch), StandIn()
    form, eager = CudaSynthesis(made, recorder), CudaSynthesis(made)
    kept = [(form(ws(arch, n, seed), "const"), seed) for seed in range(3)]
    for picture, seed in kept:  # compared at the end: no picture may be written over
        assert torch.equal(picture, eager(ws(arch, n, seed), "const"))
    assert recorder.recorded == 1 + len(arch.resolutions)
    assert "graphs" in form.name


def test_recordings_are_kept_by_batch_and_noise_and_the_oldest_goes() -> None:
    recorder = StandIn()
    form, each = CudaSynthesis(synthesis(), recorder), 1 + len(CLAMPED.resolutions)
    for n, mode in ((1, "const"), (9, "const"), (1, "none"), (1, "const")):
        form(ws(CLAMPED, n), mode)
    assert recorder.recorded == 3 * each
    form(ws(CLAMPED, 16), "const")  # the array's goes
    form(ws(CLAMPED, 1), "none")
    assert recorder.recorded == 4 * each
    form(ws(CLAMPED, 9), "const")
    assert recorder.recorded == 5 * each


def test_other_batches_and_seeded_noise_are_drawn_unrecorded() -> None:
    recorder = StandIn()
    form = CudaSynthesis(synthesis(), recorder)
    form(ws(CLAMPED, 2), "const")
    form(ws(CLAMPED, 1), "seeded", 7)
    assert recorder.recorded == 0
    assert form.problem == ""


def test_a_batch_that_would_take_too_much_memory_is_not_recorded() -> None:
    recorder = StandIn(free=4 * 9 * bytes_of_blocks(CLAMPED) - 1)
    form = CudaSynthesis(synthesis(), recorder)
    form(ws(CLAMPED, 9), "const")
    assert recorder.recorded == 0
    form(ws(CLAMPED, 1), "const")
    assert recorder.recorded > 0
    assert form.problem == ""


@pytest.mark.parametrize("arch", [CLAMPED, ARCH])
def test_cache_preview_and_late_changes_are_those_of_the_packed_form(arch: Architecture) -> None:
    made, recorder = synthesis(arch), StandIn()
    form, eager = CudaSynthesis(made, recorder), CudaSynthesis(made)
    cache, other, latent = LayerCache(), LayerCache(), ws(arch)
    small = form(latent, "const", cache=cache, stop=2)
    assert small.shape == (1, 3, 8, 8)
    checks: list[int] = []
    whole = form(latent, "const", cache=cache, check=lambda: checks.append(1))
    assert len(checks) == len(arch.resolutions) - 2
    assert torch.equal(whole, eager(latent, "const"))
    form(ws(arch, seed=9), "const", cache=other)  # writes over what the recording left
    changed = latent.clone()
    changed[:, 6:] += 0.5
    recorder.replayed = 0
    assert torch.equal(form(changed, "const", cache=cache), eager(changed, "const"))
    assert recorder.replayed == 1 + 1  # the styles and the last block


def test_a_newer_face_stops_a_replay_between_blocks_and_spoils_nothing() -> None:
    form, cache, latent = CudaSynthesis(synthesis(), StandIn()), LayerCache(), ws(CLAMPED)
    first = form(latent, "const", cache=cache)

    def newer() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        form(latent + 1, "const", cache=cache, check=newer)
    assert form.problem == ""
    assert torch.equal(form(latent, "const", cache=cache), first)


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("recorder", "why"),
    [
        (StandIn(fails="capture"), "not permitted when stream is capturing"),
        (StandIn(fails="memory"), "out of memory"),
        (StandIn(spoils=True), "draws something else"),
    ],
)
def test_whatever_fails_ends_in_float32_without_graphs_and_is_said(
    recorder: StandIn, why: str
) -> None:
    made, latent = synthesis(), ws(CLAMPED)
    form = cuda_form(made, lambda: latent, recorder)
    assert form.name.startswith("cuda, float32, eager (")
    assert why in form.name
    assert "\n" not in form.name
    assert torch.equal(form(latent, "const"), PackedSynthesis(made)(latent, "const"))


def test_a_batch_that_fails_later_falls_back_and_its_picture_is_drawn() -> None:
    made, recorder = synthesis(), StandIn()
    form = cuda_form(made, lambda: ws(CLAMPED), recorder)
    assert form.name == "cuda, half, graphs"
    recorder.fails = "memory"
    picture = form(ws(CLAMPED, 9), "const")
    assert form.name == "cuda, float32, eager (out of memory)"
    assert torch.equal(picture, PackedSynthesis(made)(ws(CLAMPED, 9), "const"))


def test_half_precision_that_draws_something_else_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = HalfToRGB.run
    for factor, recorder in ((1.3, StandIn()), (float("nan"), None)):
        monkeypatch.setattr(HalfToRGB, "run", lambda *a, f=factor: right(*a) * f)
        form = cuda_form(synthesis(), None, recorder)
        assert form.name.startswith("cuda, float32, eager (half precision differs by")


def test_a_batch_that_does_not_fit_is_drawn_face_by_face(monkeypatch: pytest.MonkeyPatch) -> None:
    made, latent, right = synthesis(), ws(CLAMPED, 4), PackedSynthesis._block

    def small_device(self: Any, i: int, x: torch.Tensor, *rest: Any) -> Any:
        if len(x) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return right(self, i, x, *rest)

    wanted = torch.cat([PackedSynthesis(made)(w[None], "const") for w in latent])
    form = CudaSynthesis(made, StandIn())
    monkeypatch.setattr(PackedSynthesis, "_block", small_device)
    assert torch.equal(form(latent, "const"), wanted)
    assert form.problem == "out of memory"


def test_one_face_that_does_not_fit_is_a_memory_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*ignored: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory")

    form = CudaSynthesis(synthesis(), StandIn())
    monkeypatch.setattr(PackedSynthesis, "_block", full)
    with pytest.raises(MemoryError):
        form(ws(CLAMPED), "const")


def test_nothing_kept_is_left_of_a_recording_that_failed() -> None:
    chains = Chains(StandIn())

    def fails(chain: object) -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        chains.get("a", 0, fails)
    assert chains.get("a", 0, lambda chain: None) is not None


def test_a_cpu_draws_with_the_forms_for_cpus_and_says_which() -> None:
    form = drawing_form(generator().synthesis)
    assert not isinstance(form, CudaSynthesis)
    assert form_name(form) in ("native", "torch")
    assert form_name(CudaSynthesis(synthesis())) == "cuda, half, eager"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_device_that_cannot_hold_the_model_leaves_it_on_the_cpu(tmp_path: Path) -> None:
    model = load_model(model_folder(tmp_path / "tiny"))
    painter = Painter(model, "cuda")
    assert painter.device.type == "cpu"
    assert painter.info().device == "cpu"
    face = painter.wide(painter.sample(1))
    assert (painter.pixels_of(face) == Painter(model).pixels_of(face)).all()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_draws_what_the_cpu_draws() -> None:
    made = synthesis()
    form = drawing_form(synthesis().to("cuda"))
    assert form_name(form) == "cuda, half, graphs"
    for n in (1, 9, 2, 1):
        found = form(ws(CLAMPED, n).cuda(), "const").cpu()
        assert difference(found, PackedSynthesis(made)(ws(CLAMPED, n), "const"))[0] <= LARGEST

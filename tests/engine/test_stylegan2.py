"""The clear form, the packed form and the plain reference operations draw the same pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from app.engine.packed import LayerCache, PackedSynthesis, gflop
from app.engine.reference_ops import reference_synthesis
from app.engine.stylegan2 import Architecture, Generator, seeded_noise, to_pixels
from app.models.errors import Cancelled
from tests.engine.tiny import ARCH, generator, ws

pytestmark = pytest.mark.needs_torch

GOLDEN = [-5.22306, 8.06272, -3.51848, -5.43331]
SHAPES = [
    ARCH,
    replace(ARCH, conv_clamp=2.0),
    replace(ARCH, resolution=64, channel_base=256, channel_max=20, w_dim=10),
    replace(ARCH, resolution=128, channel_base=256, channel_max=12),
    replace(ARCH, resolution=256, channel_base=512, channel_max=8),
]


@pytest.mark.parametrize("arch", SHAPES)
def test_all_forms_draw_the_same_picture(arch: Architecture) -> None:
    synthesis = generator(arch).synthesis
    latent = ws(arch, 3)
    wanted = reference_synthesis(synthesis, latent)
    assert wanted.shape == (3, 3, arch.resolution, arch.resolution)
    scale = float(wanted.abs().max())
    assert float((synthesis(latent, "const") - wanted).abs().max()) < 1e-4 * scale
    packed = PackedSynthesis(synthesis)
    singly = torch.cat([packed(latent[i : i + 1], "const") for i in range(3)])
    assert float((singly - wanted).abs().max()) < 1e-4 * scale
    assert float((packed(latent, "const") - wanted).abs().max()) < 1e-4 * scale
    pixels = to_pixels(singly).int() - to_pixels(wanted).int()
    assert int(pixels.abs().max()) <= 1


@pytest.mark.parametrize("memory", [torch.channels_last, torch.contiguous_format])
def test_noise_can_be_left_out_or_seeded(memory: torch.memory_format) -> None:
    synthesis = generator().synthesis
    packed, latent = PackedSynthesis(synthesis, memory), ws()
    for mode in ("none", "const", "seeded"):
        wanted = synthesis(latent, mode, 7)
        assert torch.allclose(packed(latent, mode, 7), wanted, atol=1e-3)
    assert not torch.allclose(synthesis(latent, "seeded", 7), synthesis(latent, "seeded", 8))
    assert torch.allclose(
        synthesis(latent, "none"), reference_synthesis(synthesis, latent, noise=False), atol=1e-3
    )


def test_seeded_noise_depends_on_nothing_but_its_arguments() -> None:
    torch.manual_seed(1)
    first = seeded_noise(5, 2, 8)
    torch.manual_seed(2)
    assert torch.equal(first, seeded_noise(5, 2, 8))
    assert not torch.equal(first, seeded_noise(5, 3, 8))


def test_an_unknown_noise_mode_is_an_error() -> None:
    with pytest.raises(ValueError, match="noise mode"):
        generator().synthesis(ws(), "sometimes")  # type: ignore[arg-type]


def test_the_cache_draws_late_changes_without_the_early_layers() -> None:
    synthesis = generator().synthesis
    packed, cache, latent = PackedSynthesis(synthesis), LayerCache(), ws()
    packed(latent, "const", cache=cache)
    for first_changed, blocks in ((8, 4), (7, 3), (4, 2), (0, 0)):
        changed = latent.clone()
        changed[:, first_changed:] += 0.5
        if first_changed < ARCH.num_ws:
            assert cache.reusable(packed, changed, ("const", 0)) == min(blocks, first_changed // 2)
        picture = packed(changed, "const", cache=cache)
        wanted = reference_synthesis(synthesis, changed)
        assert float((picture - wanted).abs().max()) < 1e-4 * float(wanted.abs().max())
        packed(latent, "const", cache=cache)
    assert cache.reusable(packed, latent, ("none", 0)) == 0


def test_a_repeat_gives_the_same_bytes_with_and_without_the_cache() -> None:
    packed, cache, latent = PackedSynthesis(generator().synthesis), LayerCache(), ws()
    first = packed(latent, "const")
    assert torch.equal(first, packed(latent, "const"))
    assert torch.equal(first, packed(latent, "const", cache=cache))
    assert torch.equal(first, packed(latent, "const", cache=cache))


def test_a_preview_is_the_small_picture_of_the_early_blocks() -> None:
    packed = PackedSynthesis(generator().synthesis)
    assert packed(ws(), "none", stop=2).shape == (1, 3, 8, 8)


def test_the_whole_picture_goes_on_from_its_preview() -> None:
    packed, cache, latent, checks = PackedSynthesis(generator().synthesis), LayerCache(), ws(), []
    packed(latent, "const", cache=cache, stop=2)
    drawn = packed(latent, "const", cache=cache, check=lambda: checks.append(1))
    assert len(checks) == len(ARCH.resolutions) - 2
    assert torch.equal(drawn, packed(latent, "const"))
    small = packed(latent, "const", cache=cache, stop=1)
    assert torch.equal(small, packed(latent, "const", stop=1))


def test_a_newer_face_stops_the_drawing_between_blocks() -> None:
    packed, cache, latent = PackedSynthesis(generator().synthesis), LayerCache(), ws()
    packed(latent, "const", cache=cache)

    def newer() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        packed(latent + 1, "const", cache=cache, check=newer)
    assert torch.equal(packed(latent, "const", cache=cache), packed(latent, "const"))


def test_drawing_never_changes_the_weights() -> None:
    made = generator()
    before = {n: t.clone() for n, t in made.state_dict().items()}
    PackedSynthesis(made.synthesis)(ws(n=2), "const")
    assert all(torch.equal(t, before[n]) for n, t in made.state_dict().items())


def test_truncation_pulls_the_first_layers_to_the_mean() -> None:
    made = generator()
    z = torch.randn(2, ARCH.z_dim)
    full, half = made.map(z), made.map(z, 0.5)
    mean = made.mapping.w_avg
    assert torch.allclose(half - mean, 0.5 * (full - mean), atol=1e-5)
    cut = made.map(z, 0.5, cutoff=3)
    assert torch.equal(cut[:, :3], half[:, :3])
    assert torch.equal(cut[:, 3:], full[:, 3:])
    assert torch.allclose(made.map(z, 0.0)[0, 0], mean, atol=1e-6)


def test_public_names_are_kept() -> None:
    names = set(Generator(ARCH).state_dict())
    for name in (
        "mapping.fc0.weight", "mapping.fc1.bias", "mapping.w_avg", "synthesis.b4.const",
        "synthesis.b4.conv1.weight", "synthesis.b8.conv0.affine.weight",
        "synthesis.b32.conv1.noise_const", "synthesis.b32.conv1.noise_strength",
        "synthesis.b16.torgb.affine.bias",
    ):  # fmt: skip
        assert name in names
    assert "synthesis.b4.conv0.weight" not in names


def test_the_number_of_latents_follows_the_resolution() -> None:
    assert [Architecture(resolution=2**i).num_ws for i in range(5, 11)] == [8, 10, 12, 14, 16, 18]


def test_a_known_net_draws_a_known_picture() -> None:
    """Golden values of a net whose weights are a formula, drawn by the reference operations."""
    made = Generator(ARCH).eval().requires_grad_(False)
    for i, (_, tensor) in enumerate(sorted(made.state_dict().items())):
        count = torch.arange(tensor.numel(), dtype=torch.float64)
        tensor.copy_(torch.sin(count * 0.7 + i).reshape(tensor.shape).float())
    z = torch.cos(torch.arange(ARCH.z_dim, dtype=torch.float64)).float()[None]
    picture = PackedSynthesis(made.synthesis)(made.map(z, 0.7), "const")[0]
    found = [
        float(picture[c, y, x]) for c, y, x in ((0, 0, 0), (1, 5, 9), (2, 16, 16), (0, 31, 30))
    ]
    np.testing.assert_allclose(found, GOLDEN, rtol=2e-4, atol=2e-4)


def test_work_is_counted_in_gflop() -> None:
    small, large = (gflop(generator(a).synthesis) for a in (SHAPES[0], SHAPES[4]))
    assert 0 < small < large

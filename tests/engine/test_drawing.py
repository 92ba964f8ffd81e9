"""The form that draws keeps no large weights but its own, and takes none from its network."""

from __future__ import annotations

import weakref
from dataclasses import replace

import pytest

pytest.importorskip("torch")

import torch

from app.engine import native
from app.engine.drawing import drawing_form
from app.engine.native_synthesis import best_form
from app.engine.stylegan2 import Architecture
from tests.engine.tiny import ARCH, generator, ws

pytestmark = pytest.mark.needs_torch
WIDE = replace(ARCH, channel_base=32 * 16, channel_max=32)  # what the kernels can draw


@pytest.fixture(params=["kernels where there are any", "torch"])
def arch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Architecture:
    if request.param == "torch":
        monkeypatch.setattr(native, "library", lambda: None)
    return WIDE


@pytest.mark.parametrize("mode", ["none", "const", "seeded"])
def test_it_draws_what_the_quickest_form_draws(arch: Architecture, mode: str) -> None:
    made = generator(arch).synthesis
    wanted = best_form(made)(ws(arch, 2), mode, 5)  # type: ignore[arg-type]
    assert torch.equal(drawing_form(made)(ws(arch, 2), mode, 5), wanted)  # type: ignore[arg-type]


def test_its_network_stays_whole(arch: Architecture) -> None:
    made = generator(arch).synthesis
    before = {n: t.clone() for n, t in made.state_dict().items()}
    form = drawing_form(made)
    form(ws(arch), "const")
    assert made.state_dict().keys() == before.keys()
    assert all(torch.equal(t, before[n]) for n, t in made.state_dict().items())


def test_large_weights_are_freed_with_their_network(arch: Architecture) -> None:
    made = generator(arch).synthesis
    large = [weakref.ref(b.conv1.weight) for b in made.blocks()]
    large += [weakref.ref(b.conv1.affine.weight) for b in made.blocks()]
    form = drawing_form(made)
    wanted = form(ws(arch), "const")
    del made
    assert [r for r in large if r() is not None] == []
    assert torch.equal(form(ws(arch), "const"), wanted)


def test_what_is_written_into_the_network_later_does_not_show(arch: Architecture) -> None:
    made = generator(arch).synthesis
    form = drawing_form(made)
    wanted = form(ws(arch), "const")
    for value in (*made.parameters(), *made.buffers()):
        value.fill_(7.0)
    assert torch.equal(form(ws(arch), "const"), wanted)

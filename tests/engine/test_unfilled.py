"""Networks without values have the right shapes, and are made without torch's symbolic half."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch

from app.engine.attribute_net import AttributeTrunk, NetShape
from app.engine.encoder_net import EncoderTrunk
from app.engine.landmark_net import LandmarkTrunk
from app.engine.stylegan2 import Generator
from app.engine.unfilled import filled, unfilled, widened
from tests.engine.tiny import ARCH, generator

pytestmark = pytest.mark.needs_torch
NETS = [
    lambda: Generator(ARCH),
    lambda: AttributeTrunk(NetShape((("a", ("b", "c")),), (("d", 0.0, 1.0),), width=4)),
    lambda: EncoderTrunk(4, 2, 6),
    LandmarkTrunk,
]


@pytest.mark.parametrize("make", NETS)
def test_an_unfilled_network_has_the_shapes_and_no_memory(make: object) -> None:
    made, wanted = unfilled(make).state_dict(), make().state_dict()  # type: ignore[arg-type, operator]
    assert {n: t.shape for n, t in made.items()} == {n: t.shape for n, t in wanted.items()}
    assert all(t.is_meta for t in made.values() if t.is_floating_point())


@pytest.mark.parametrize("make", NETS)
def test_a_filled_network_is_the_one_its_tensors_came_from(make: object) -> None:
    first = make().eval()  # type: ignore[operator]
    state = first.state_dict()
    again = filled(make, state).eval()  # type: ignore[arg-type]
    assert all(torch.equal(t, state[n]) for n, t in again.state_dict().items())
    assert all(p.data_ptr() == state[n].data_ptr() for n, p in again.named_parameters())


def test_a_tensor_that_is_missing_is_an_error() -> None:
    state = dict(generator().state_dict())
    del state["mapping.w_avg"]
    with pytest.raises(RuntimeError, match="w_avg"):
        filled(lambda: Generator(ARCH), state)


def test_outside_tensors_are_filled_as_ever() -> None:
    unfilled(lambda: Generator(ARCH))
    assert float(torch.full((2,), 3.0).sum() / 2) == 3.0
    assert not torch.randn(2).is_meta


def test_widened_tensors_are_copies() -> None:
    for dtype, wanted in ((torch.half, torch.float32), (torch.int64, torch.int64)):
        value = torch.ones(2).to(dtype)
        assert widened(value).dtype is wanted
    single = torch.ones(2)
    assert widened(single).data_ptr() != single.data_ptr()


def test_loading_a_model_imports_no_symbolic_mathematics(tmp_path: Path) -> None:
    """It would cost two seconds and 70 MB at every start."""
    from tests.engine.tiny import model_folder

    folder = model_folder(tmp_path / "tiny")
    program = (
        "import sys; from pathlib import Path; from app.engine.weights import load_model; "
        f"from app.engine.painter import Painter; Painter(load_model(Path({str(folder)!r}))); "
        "sys.exit(', '.join(sorted({'sympy', 'mpmath'} & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          cwd=Path(__file__).resolve().parents[2], check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")

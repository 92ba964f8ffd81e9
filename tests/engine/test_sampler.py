"""The first array of the bundled model: what was said is there, what was not differs."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from app.engine.runtime import Runtime
from app.engine.sampler import CLEAR, Drawn
from app.engine.witness import Crowd, perceived
from app.models.description import Attribute

pytestmark = [pytest.mark.needs_torch, pytest.mark.bundled_model]
SAID = (
    Attribute("sex", "male"), Attribute("age", (50, 60)), Attribute("hair_color", "grey"),
    Attribute("ethnicity", "white"),
)  # fmt: skip


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    return Runtime(device="cpu")


def array(runtime: Runtime, *said: Attribute, seed: int = 1) -> list[Drawn]:
    return runtime.sampler(runtime.load()).start_array(said, 9, seed)[0]


def test_every_face_of_an_array_from_words_is_what_was_said(runtime: Runtime) -> None:
    faces = array(runtime, *SAID)
    assert all(max(f.missed.values()) <= 2 * CLEAR for f in faces)
    net = runtime.attribute_net(runtime.load())
    read = net.read(np.stack([f.pixels for f in faces]))
    assert (read.probabilities["sex"].argmax(1) == net.values("sex").index("male")).all()
    assert (read.scalars["age"] > 45).all()


def test_an_array_from_words_holds_the_face_in_the_middle_of_what_was_said(
    runtime: Runtime,
) -> None:
    """Nearer to faces that are as was said than the faces of an array are to each other."""
    painter = runtime.load()
    shown = np.stack([perceived(f.pixels) for f in array(runtime, *SAID)])
    others = np.stack([perceived(f.pixels) for f in array(runtime, *SAID, seed=2)])
    between = np.linalg.norm(shown[:, None] - others[None], axis=2)
    within = np.linalg.norm(shown[:, None] - shown[None], axis=2)[np.triu_indices(9, 1)]
    assert between.mean(1).min() < within.mean()
    assert within.mean() > 0.3 * Crowd(painter, 20).usual  # and they are nine faces, not one


def test_the_same_words_and_seed_give_the_same_array(runtime: Runtime) -> None:
    first, second = array(runtime, *SAID), array(Runtime(device="cpu"), *SAID)
    np.testing.assert_array_equal([f.w for f in first], [f.w for f in second])


def test_an_array_without_words_has_both_sexes_and_several_origins(runtime: Runtime) -> None:
    net = runtime.attribute_net(runtime.load())
    read = net.read(np.stack([f.pixels for f in array(runtime)]))
    assert len(set(read.probabilities["sex"].argmax(1))) == 2
    assert len(set(read.probabilities["ethnicity"].argmax(1))) >= 3

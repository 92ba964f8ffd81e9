"""What is held is where it was, as the attribute net reads the picture, not only on the average."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from app.engine.directions import Direction
from app.engine.editing import edit_recipe
from app.engine.holding import moved
from app.engine.keeping import kept
from app.engine.runtime import Runtime
from app.engine.weights import find_model
from app.engine.wishes import Wish, measured_readings
from app.models.errors import Cancelled
from app.models.portrait import Recipe

pytestmark = [pytest.mark.needs_torch, pytest.mark.bundled_model]
HELD = ("eye_size", "eye_spacing", "eye_shape_narrow")


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    made = Runtime(find_model(), device="cpu")
    made.load()
    return made


def read(runtime: Runtime, recipe: Recipe, held: tuple[Direction, ...]) -> np.ndarray:
    painter = runtime.load()
    net = runtime.attribute_net(painter)
    seen = net.read(painter.pixels(recipe)[None])
    return measured_readings(net, seen, [Wish(d, 0, 0, 0) for d in held])[0]


def test_what_is_held_reads_as_before_on_this_very_face(runtime: Runtime) -> None:
    painter = runtime.load()
    directions = painter.model.directions
    held = directions.named(HELD)
    linear, looked = [], []
    for seed in (3, 4, 5):
        face = Recipe.from_array(painter.sha256, painter.sample(seed), seed=seed)
        older = moved(directions, face, "age", 20.0, HELD)
        put_back = kept(painter, runtime.attribute_net(painter), face, older, held)
        assert put_back.edit("age") == 20.0
        before = read(runtime, face, held)
        linear.append(np.abs(read(runtime, older, held) - before).mean())
        looked.append(np.abs(read(runtime, put_back, held) - before).mean())
    assert np.mean(looked) < 0.12
    assert np.mean(looked) < 0.6 * np.mean(linear)


def test_words_keep_what_is_held_and_say_how_well(runtime: Runtime) -> None:
    painter = runtime.load()
    face = Recipe.from_array(painter.sha256, painter.sample(6), seed=6)
    net = runtime.attribute_net(painter)
    edited = edit_recipe(painter, net, face, ["age=+15"], ["eye_spacing"])
    ((name, free, held),) = edited.held
    assert name == "eye_spacing"
    assert abs(held) <= max(0.12, abs(free))
    assert edited.recipe.edit("age") == 15.0


def test_without_a_net_or_holds_nothing_is_looked_at(runtime: Runtime) -> None:
    painter = runtime.load()
    face = Recipe.from_array(painter.sha256, painter.sample(7), seed=7)
    older = face.with_edit("age", 10.0)
    held = painter.model.directions.named(HELD)
    assert kept(painter, None, face, older, held) == older
    assert kept(painter, runtime.attribute_net(painter), face, older, ()) == older


def test_looking_can_be_cancelled(runtime: Runtime) -> None:
    painter = runtime.load()
    face = Recipe.from_array(painter.sha256, painter.sample(3), seed=3)

    def check() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        kept(
            painter, runtime.attribute_net(painter), face, face.with_edit("age", 30.0),
            painter.model.directions.named(HELD), check,
        )  # fmt: skip

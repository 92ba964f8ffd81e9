"""What is held stays where it reads, however often other sliders are moved."""

from __future__ import annotations

import numpy as np
import pytest

from app.engine.api import DirectionInfo
from app.engine.directions import Direction, Directions
from app.engine.holding import moved
from app.models.portrait import Recipe

W_DIM = 24


@pytest.fixture
def directions() -> Directions:
    rng = np.random.default_rng(3)
    common = rng.standard_normal(W_DIM)  # entangled: every direction has a share of it
    made = []
    for name in ("age", "wrinkles", "hair"):
        vector = (rng.standard_normal(W_DIM) + 0.8 * common).astype(np.float32)
        reader = (vector / (vector @ vector)).astype(np.float32)
        made.append(Direction(DirectionInfo(name, name, "whole", -3, 3), vector, reader))
    return Directions(tuple(made))


def reading(directions: Directions, recipe: Recipe, name: str) -> float:
    ws = np.repeat(recipe.array()[None], 4, axis=0)  # [layers, w_dim]
    return float(directions.find(name).reading(directions.apply(ws, recipe.edits).mean(0)))


def test_the_held_reading_stays_and_the_other_moves(directions: Directions) -> None:
    plain = Recipe.from_array("a" * 64, np.zeros(W_DIM))
    free = moved(directions, plain, "wrinkles", 2.0, ())
    held = moved(directions, plain, "wrinkles", 2.0, ("age",))
    before = reading(directions, plain, "age")
    assert abs(reading(directions, free, "age") - before) > 0.2
    assert reading(directions, held, "age") == pytest.approx(before, abs=0.02)
    assert held.edit("wrinkles") == 2.0


def test_moving_there_and_back_leaves_nothing_behind(directions: Directions) -> None:
    plain = Recipe.from_array("a" * 64, np.zeros(W_DIM))
    recipe = plain
    for amount in (0.5, 1.0, 2.5, -1.0, 0.0):
        recipe = moved(directions, recipe, "hair", amount, ("age", "wrinkles"))
    assert dict(recipe.edits) == pytest.approx({}, abs=1e-5) or all(
        abs(a) < 1e-5 for _, a in recipe.edits
    )


def test_earlier_edits_of_what_is_held_are_kept(directions: Directions) -> None:
    aged = Recipe.from_array("a" * 64, np.zeros(W_DIM)).with_edit("age", 1.0)
    before = reading(directions, aged, "age")
    once = moved(directions, aged, "hair", 1.0, ("age",))
    twice = moved(directions, once, "wrinkles", 1.0, ("age",))
    assert reading(directions, twice, "age") == pytest.approx(before, abs=0.04)

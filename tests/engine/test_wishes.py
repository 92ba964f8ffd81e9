"""Bounds loosen for whole arrays, and corrections go no further past them than they have to."""

from __future__ import annotations

import numpy as np
import pytest

from app.engine.directions import Directions
from app.engine.wishes import CALLED, LONGEST, MARGIN, SLACK, called, lenient, moved, wishes_for
from app.models.description import Attribute

pytest.importorskip("torch")

from tests.engine.tiny import directions

pytestmark = pytest.mark.needs_torch
SAID = (Attribute("hair_color", "blond"), Attribute("age", (30, 40)))
EVEN = 2.0 / 1.5  # reading of the tiny model's hair at even odds


def bounds(name: str, change: object = list) -> tuple[float, float]:
    wishes, _ = wishes_for(SAID, Directions(tuple(directions())))
    found = {w.direction.name: w for w in change(wishes)}  # type: ignore[operator]
    return found[name].low, found[name].high


def test_what_the_net_calls_so_counts_as_so_in_an_array() -> None:
    assert bounds("hair_color_blond") == (pytest.approx(EVEN + MARGIN), np.inf)
    assert bounds("hair_color_blond", called) == (pytest.approx(EVEN + CALLED), np.inf)
    assert bounds("age", called) == bounds("age")


def test_later_arrays_are_put_back_only_where_they_are_plainly_otherwise() -> None:
    low, high = bounds("age")
    assert bounds("age", lenient) == (low - 10 * SLACK, high + 10 * SLACK)
    assert bounds("hair_color_blond", lenient) == (pytest.approx(EVEN + CALLED - SLACK), np.inf)


def test_a_correction_ends_just_inside_the_bound_and_not_at_the_far_aim() -> None:
    wishes, _ = wishes_for(SAID[:1], Directions(tuple(directions())))
    w = np.zeros((1, 24), np.float32)
    readings = np.array([[wishes[0].low - 1.0]])
    far, near = (
        moved(wishes, w, readings, np.eye(24), inside=inside)[0] for inside in (None, 0.15)
    )
    reader = wishes[0].direction.reader
    assert far @ reader == pytest.approx(LONGEST / 1.05, rel=0.01)  # 1.05: the damping
    assert near @ reader == pytest.approx(1.15 / 1.05, rel=0.01)

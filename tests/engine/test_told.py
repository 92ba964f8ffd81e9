"""Words narrow the belief to faces that are so, by what the net reads on the model's own faces."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.engine.api import DirectionInfo
from app.engine.directions import Direction, Directions
from app.models.description import Attribute

pytest.importorskip("torch")
pytestmark = pytest.mark.needs_torch

FACES, DIMS = 900, 6


@pytest.fixture
def bank() -> Any:
    """Faces whose first coordinate is the sex, whose second is the age, whose third is the skin."""
    w = np.random.default_rng(0).standard_normal((FACES, DIMS)).astype(np.float32)
    female = 1 / (1 + np.exp(-4 * w[:, 0]))
    read = SimpleNamespace(
        probabilities={"sex": np.stack([1 - female, female], 1)},
        scalars={"age": 40 + 10 * w[:, 1], "skin_l": 60 + 5 * w[:, 2]},
        code=np.zeros((FACES, 0)),
    )
    return SimpleNamespace(w=w, read=read)


NET = SimpleNamespace(shape=SimpleNamespace(classes=(("sex", ("male", "female")),)))


def direction(name: str, axis: int, score: str, unit: str, mean: float, scale: float) -> Direction:
    info = DirectionInfo(
        name=name, attribute=name, region="whole", low=-3, high=3, unit=unit,
        low_value="very_dark" if name == "skin" else "",
        high_value="very_light" if name == "skin" else "", quality=0.9,
    )  # fmt: skip
    reader = np.eye(DIMS, dtype=np.float32)[axis]
    return Direction(info, reader, reader, 0.0, scale, mean, score)


DIRECTIONS = Directions((
    direction("age", 1, "measure:age", "years", 0.0, 1.0),
    direction("skin", 2, "measure:skin_l", "sd", 60.0, 5.0),
))  # fmt: skip


def belief(bank: Any, *said: Attribute) -> Any:
    from app.engine.told import told

    known = told(bank, NET, DIRECTIONS, said)
    return None if known is None else known.belief(bank.w)


def test_a_word_moves_the_mean_to_faces_that_are_so_and_leaves_the_rest(bank: Any) -> None:
    found = belief(bank, Attribute("sex", "female"))
    assert found.mean[0] > 0.6
    assert np.abs(found.mean[1:]).max() < 0.15
    assert found.covariance[0, 0] < 0.7 < found.covariance[3, 3]


def test_what_is_denied_moves_it_the_other_way(bank: Any) -> None:
    assert belief(bank, Attribute("sex", "female", negated=True)).mean[0] < -0.6


def test_an_age_and_a_shade_are_taken_at_their_middle(bank: Any) -> None:
    found = belief(bank, Attribute("age", (50, 60)), Attribute("skin", "tan"))
    assert found.mean[1] == pytest.approx(1.5, abs=0.15)
    assert -0.6 < found.mean[2] < 0
    assert np.linalg.eigvalsh(found.covariance).min() > 0


def test_a_doubtful_word_says_less(bank: Any) -> None:
    sure = belief(bank, Attribute("sex", "female"))
    doubtful = belief(bank, Attribute("sex", "female", certainty="doubtful"))
    assert 0.1 < doubtful.mean[0] < 0.7 * sure.mean[0]


def test_words_that_no_net_reads_say_nothing(bank: Any) -> None:
    from app.engine.told import told

    assert belief(bank, Attribute("hat", "cap")) is None
    assert told(None, NET, DIRECTIONS, [Attribute("sex", "female")]) is None

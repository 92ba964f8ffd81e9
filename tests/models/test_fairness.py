"""Lineup fairness: the published test vector, and what must hold for any choices."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.errors import BadInput
from app.models.fairness import (
    adjusted_size,
    at_least,
    counted,
    effective_interval,
    effective_size,
    figures,
    functional_size,
    wilson,
)

VECTOR = [3, 2, 5, 6, 1, 3, 3, 5, 6, 4]


def test_the_vector_of_the_r_package_gives_its_figures() -> None:
    found = figures(VECTOR, 6, suspect=3)
    assert found.effective == pytest.approx(5.0)
    assert found.functional == pytest.approx(10 / 3)
    assert found.adjusted == pytest.approx(4.8)
    assert found.bias == pytest.approx(0.3 - 1 / 6)
    low, high = found.effective_interval
    assert low < 5.0 < high <= 6.0


def test_members_that_nobody_chose_count() -> None:
    assert figures([1, 1, 2, 2], 6).effective == pytest.approx(2.0)
    assert figures([1, 1, 2, 2], 6).counts == (2, 2, 0, 0, 0, 0)
    assert figures([1, 1, 2, 2], 6).adjusted < figures([1, 1, 2, 2], 2).adjusted + 1


@given(st.integers(2, 12), st.integers(1, 20))
def test_even_choices_give_the_nominal_size(size: int, each: int) -> None:
    found = figures([m for m in range(1, size + 1) for _ in range(each)], size, suspect=1)
    assert found.effective == pytest.approx(size)
    assert found.adjusted == pytest.approx(size)
    assert found.functional == pytest.approx(size)
    assert found.bias == pytest.approx(0, abs=1e-12)


@given(st.integers(2, 12), st.integers(1, 40))
def test_all_on_one_gives_one(size: int, choices: int) -> None:
    found = figures([size] * choices, size, suspect=size)
    assert found.effective == pytest.approx(1.0)
    assert found.functional == pytest.approx(1.0)
    assert found.adjusted == pytest.approx(1.0)


@given(st.integers(2, 9).flatmap(
    lambda k: st.tuples(st.just(k), st.lists(st.integers(1, k), min_size=1, max_size=60))
))  # fmt: skip
def test_sizes_lie_between_one_and_the_nominal_size(case: tuple[int, list[int]]) -> None:
    size, choices = case
    counts = counted(choices, size)
    assert 1 - 1e-9 <= effective_size(counts) <= size + 1e-9
    assert 1 - 1e-9 <= adjusted_size(counts) <= size + 1e-9
    low, high = effective_interval(counts)
    assert 1 - 1e-9 <= low <= effective_size(counts) + 1e-9
    assert effective_size(counts) - 1e-9 <= high <= size + 1e-9
    share_low, share_high = wilson(int(counts[0]), len(choices))
    assert share_low - 1e-9 <= counts[0] / len(choices) <= share_high + 1e-9


def test_a_suspect_nobody_chose_has_no_functional_size() -> None:
    found = figures([1, 2, 2], 6, suspect=6)
    assert found.functional is None
    assert found.functional_interval is not None
    assert found.functional_interval[1] == math.inf
    assert functional_size([1, 2, 2], 6, 6) == math.inf


def test_chance_alone_is_counted_exactly() -> None:
    assert at_least(0, 10, 1 / 6) == pytest.approx(1.0)
    assert at_least(10, 10, 0.5) == pytest.approx(0.5**10)
    assert at_least(1, 2, 0.5) == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("choices", "size", "code"),
    [([], 6, "fairness.no_choices"), ([7], 6, "fairness.bad_member"),
     ([0], 6, "fairness.bad_member"), ([1], 1, "fairness.bad_size")],
)  # fmt: skip
def test_what_cannot_be_counted_is_refused(choices: list[int], size: int, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        figures(choices, size)
    assert caught.value.code == code

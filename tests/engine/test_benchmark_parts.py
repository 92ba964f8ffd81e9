"""A benchmark ends in its time, and what it found until then is kept whatever ends it."""

from __future__ import annotations

import pytest

from app.engine.benchmark_parts import Part, Report, expected, joined, run_parts


class Clock:
    """A clock that parts move."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def part(name: str, seconds: float, clock: Clock, takes: float | None = None) -> Part:
    def measure(left: float) -> Report:
        clock.now += seconds if takes is None else takes
        return {name: left}

    return Part(name, seconds, measure)


def test_every_part_adds_to_one_report_and_says_how_long_is_left() -> None:
    clock, said = Clock(), []
    report = run_parts(
        [part("a", 10, clock), part("b", 110, clock)], 1000, said.append, clock=clock
    )
    assert report["a"] == 20  # twice what it takes is its most
    assert report["b"] == 220
    assert report["seconds"] == 120
    assert report["part_seconds"] == {"a": 10, "b": 110}
    assert said == ["a (1/2, about 2 min to go)", "b (2/2, about 2 min to go)"]
    assert report["skipped"] == []
    assert report["stopped"] is None


def test_parts_that_do_not_fit_any_more_are_left_out_and_named() -> None:
    clock = Clock()
    parts = [part("slow", 10, clock, takes=90), part("large", 20, clock), part("small", 5, clock)]
    report = run_parts(parts, 100, clock=clock)
    assert report["skipped"] == ["large"]
    assert report["small"] == 10  # never more than is left
    assert "large" not in report


def test_a_part_that_can_do_less_is_begun_with_what_is_left() -> None:
    clock = Clock()
    short = Part("short", 110, lambda left: {"short": left}, least=30)
    report = run_parts([part("slow", 10, clock, takes=60), short], 100, clock=clock)
    assert report["short"] == 40
    assert report["skipped"] == []


def test_an_interruption_leaves_what_was_measured() -> None:
    clock, kept = Clock(), []

    def interrupted(left: float) -> Report:
        raise KeyboardInterrupt

    parts = [part("a", 1, clock), Part("b", 1, interrupted), part("c", 1, clock)]
    report = run_parts(parts, 100, keep=lambda found: kept.append(set(found)), clock=clock)
    assert report["stopped"] == "b"
    assert "a" in report
    assert "c" not in report
    assert "a" in kept[0]
    assert "seconds" in kept[-1]


def test_an_error_goes_on_after_what_was_measured_was_kept() -> None:
    kept: list[Report] = []

    def fails(left: float) -> Report:
        raise ValueError("broken")

    parts = [part("a", 1, Clock()), Part("b", 1, fails)]
    with pytest.raises(ValueError, match="broken"):
        run_parts(parts, 100, keep=lambda found: kept.append(dict(found)))
    assert "a" in kept[-1]


def test_tables_of_one_name_are_joined() -> None:
    report: Report = {"sizes": {"128": {"ms": 1}}, "other": 3}
    joined(report, {"sizes": {"256": {"ms": 2}, "128": {"p95": 4}}, "other": 5})
    assert report == {"sizes": {"128": {"ms": 1, "p95": 4}, "256": {"ms": 2}}, "other": 5}


def test_the_time_that_is_expected_is_said_in_words() -> None:
    assert expected([part("a", 40, Clock()), part("b", 200, Clock())], 460) == (
        "4 min on two idle cores, at most 8 min"
    )

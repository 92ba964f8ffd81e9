"""Work on other threads comes back in order, once, and only while it is wanted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from app.engine.api import LoadModel, ReadDescription, RenderFaces, RenderPortrait
from app.models.errors import BadInput, PortraitError
from app.views.jobs import Jobs
from tests.views.conftest import Wait
from tests.views.fakes import FakeEngine, recipe_of


@pytest.fixture
def jobs(qapp: Any, engine: FakeEngine, qtbot: QtBot) -> Iterator[Jobs]:
    made = Jobs()
    made.engine = engine
    loaded: list[Any] = []
    made.start(LoadModel(), loaded.append, loaded.append)
    qtbot.waitUntil(lambda: bool(loaded))
    yield made
    made.close()


def test_a_job_that_ends_at_once_is_still_heard(jobs: Jobs, wait: Wait) -> None:
    heard: list[Any] = []
    for _ in range(50):  # the trap: settled before the caller could connect
        jobs.start(ReadDescription("a man"), heard.append, heard.append)
        wait(lambda: heard)
        assert heard.pop().attributes[0].value == "male"


def test_answers_arrive_on_the_thread_of_the_window(jobs: Jobs, wait: Wait) -> None:
    threads: list[Any] = []

    def note(value: Any) -> None:
        threads.append(threading.current_thread())

    jobs.start(RenderFaces((recipe_of(1),)), note, note, note)
    wait(lambda: len(threads) == 2)
    assert set(threads) == {threading.main_thread()}


def test_a_newer_request_on_the_lane_silences_the_older(
    jobs: Jobs, engine: FakeEngine, wait: Wait
) -> None:
    engine.gate.clear()
    old: list[Any] = []
    new: list[Any] = []
    jobs.start(RenderPortrait(recipe_of(1)), old.append, old.append, old.append)
    jobs.start(RenderPortrait(recipe_of(2)), new.append, new.append, new.append)
    engine.gate.set()
    wait(lambda: new)
    assert not old
    assert new[-1].recipe == recipe_of(2)


def test_events_of_a_stale_job_are_dropped_even_when_already_queued(
    jobs: Jobs, engine: FakeEngine, wait: Wait
) -> None:
    old: list[Any] = []
    new: list[Any] = []
    recipes = tuple(recipe_of(i) for i in range(9))
    ticket = jobs.start(RenderFaces(recipes), old.append, old.append, old.append)
    engine._current["thumbnails"].future.exception(timeout=5)  # all nine wait in the event queue
    jobs.start(RenderFaces(recipes[:1]), new.append, new.append, new.append)
    wait(lambda: len(new) == 2)
    assert ticket.lane == "thumbnails"
    assert not old


def test_an_error_reaches_the_caller_as_it_is(jobs: Jobs, engine: FakeEngine, wait: Wait) -> None:
    engine.errors[RenderPortrait] = BadInput("recipe.bad_latent", bytes=3)
    failed: list[PortraitError] = []
    jobs.start(RenderPortrait(recipe_of(1)), failed.append, failed.append)
    wait(lambda: failed)
    assert failed[0].code == "recipe.bad_latent"


def test_a_fault_of_ours_is_reported_and_explained(
    jobs: Jobs, engine: FakeEngine, wait: Wait
) -> None:
    engine.errors[RenderPortrait] = ZeroDivisionError("secret words of a witness")
    failed: list[PortraitError] = []
    broke: list[Exception] = []
    jobs.broke.connect(broke.append)
    jobs.start(RenderPortrait(recipe_of(1)), failed.append, failed.append)
    wait(lambda: failed)
    assert failed[0].code == "engine.fault"
    assert isinstance(broke[0], ZeroDivisionError)


def test_cancel_ends_the_lane_and_says_so(jobs: Jobs, engine: FakeEngine, qtbot: QtBot) -> None:
    engine.gate.clear()
    heard: list[Any] = []
    busy: list[tuple[str, bool]] = []
    jobs.busy_changed.connect(lambda lane, on: busy.append((lane, on)))
    jobs.start(RenderPortrait(recipe_of(1)), heard.append, heard.append)
    assert jobs.is_busy("portrait")
    jobs.cancel("portrait")
    engine.gate.set()
    qtbot.wait(50)
    assert busy == [("portrait", True), ("portrait", False)]
    assert not heard


def test_work_aside_runs_elsewhere_and_in_order(jobs: Jobs, wait: Wait) -> None:
    order: list[Any] = []
    done: list[Any] = []
    jobs.aside("a", lambda: order.append(threading.current_thread()), done.append, done.append)
    jobs.aside("b", lambda: order.append(2), done.append, done.append)
    wait(lambda: len(done) == 2)
    assert order[0] is not threading.main_thread()
    assert order[1] == 2


def test_what_settles_is_heard_at_once_and_no_other_event_is_taken(jobs: Jobs, wait: Wait) -> None:
    order: list[str] = []
    QTimer.singleShot(0, lambda: order.append("event"))
    jobs.aside("a", lambda: "answer", order.append, print)
    assert jobs.settle("a", 5000)
    assert order == ["answer"]
    assert jobs.settle("a", 5000)  # there is none
    wait(lambda: len(order) == 2)
    assert order == ["answer", "event"]


def test_a_job_that_does_not_end_is_not_waited_for_without_limit(jobs: Jobs, wait: Wait) -> None:
    go_on, heard = threading.Event(), list[Any]()
    jobs.aside("a", lambda: go_on.wait(5), heard.append, heard.append)
    assert not jobs.settle("a", 10)
    go_on.set()
    wait(lambda: heard)
    assert heard == [True]


def test_without_an_engine_the_caller_is_told(qapp: Any) -> None:
    with pytest.raises(PortraitError, match="engine.not_ready"):
        Jobs().start(ReadDescription("x"), print, print)


def test_closing_while_a_long_job_runs_is_quick_and_leaves_nothing(
    jobs: Jobs, engine: FakeEngine
) -> None:
    engine.delay_s = 0.01
    heard: list[Any] = []
    jobs.start(RenderFaces(tuple(recipe_of(i) for i in range(1000))), heard.append, heard.append)
    jobs.close()
    assert jobs.engine is None

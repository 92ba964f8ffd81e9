"""Workers, lanes and tickets: newest wins, cancel means silence, close is quick."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from app.engine.api import (
    FaceReady,
    LoadModel,
    PrepareFaces,
    ProposeFaces,
    ReadDescription,
    RenderFaces,
    RenderPortrait,
)
from app.engine.service import EngineService
from app.models.errors import Cancelled, ModelError, PortraitError
from app.models.portrait import Recipe
from tests.engine.tiny import ARCH, model_folder

pytestmark = pytest.mark.needs_torch


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EngineService]:
    service = EngineService(model_folder(tmp_path / "tiny"))
    yield service
    service.close()


def recipes(engine: EngineService, count: int) -> tuple[Recipe, ...]:
    import numpy as np

    sha = engine.submit(LoadModel()).future.result(30).sha256
    rng = np.random.default_rng(0)
    return tuple(Recipe.from_array(sha, rng.standard_normal(ARCH.w_dim)) for _ in range(count))


def gate(engine: EngineService) -> tuple[Callable[[], None], threading.Event]:
    """Holds the torch worker inside an event until opened; returns the opener and "is held"."""
    (recipe,) = recipes(engine, 1)
    opened, held = threading.Event(), threading.Event()

    def hold(event: Any) -> None:
        held.set()
        opened.wait(10)

    engine.submit(RenderFaces((recipe,)), hold)
    assert held.wait(10)
    return opened.set, held


def test_of_many_slider_positions_only_the_newest_is_drawn(engine: EngineService) -> None:
    shown = recipes(engine, 20)
    open_gate, _ = gate(engine)
    tickets = [engine.submit(RenderPortrait(r)) for r in shown]
    open_gate()
    answer = tickets[-1].future.result(30)
    assert isinstance(answer, FaceReady)
    assert answer.recipe == shown[-1]
    for ticket in tickets[:-1]:
        with pytest.raises(Cancelled):
            ticket.future.result(30)


def test_a_waiting_job_ends_at_once_when_it_is_cancelled(engine: EngineService) -> None:
    shown = recipes(engine, 1)
    open_gate, _ = gate(engine)
    events: list[Any] = []
    ticket = engine.submit(RenderPortrait(shown[0]), events.append)
    ticket.cancel()
    with pytest.raises(Cancelled):
        ticket.future.result(0.5)  # the worker is still held
    open_gate()
    assert events == []


def test_cancel_between_faces_stops_the_rest(engine: EngineService) -> None:
    shown = recipes(engine, 40)
    events: list[Any] = []
    stop = threading.Event()

    def take(event: Any) -> None:
        events.append(event)
        if len(events) == 3:
            ticket.cancel()
            stop.set()

    ready = threading.Event()
    open_gate, _ = gate(engine)
    ticket = engine.submit(RenderFaces(shown), take)
    ready.set()
    open_gate()
    with pytest.raises(Cancelled):
        ticket.future.result(30)
    assert stop.wait(10)
    time.sleep(0.1)
    assert len(events) == 3


def test_other_lanes_go_on(engine: EngineService) -> None:
    (recipe,) = recipes(engine, 1)
    open_gate, _ = gate(engine)
    portrait = engine.submit(RenderPortrait(recipe))
    words = engine.submit(ReadDescription("a man with a beard"))
    assert words.future.result(30).attributes  # its own worker does not wait
    open_gate()
    assert portrait.future.result(30).recipe == recipe


def test_close_is_quick_and_cancels_everything(engine: EngineService) -> None:
    shown = recipes(engine, 24)
    tickets = [engine.submit(RenderFaces(shown * 20)), engine.submit(RenderPortrait(shown[0]))]
    start = time.monotonic()
    engine.close()
    engine.close()
    assert time.monotonic() - start < 2
    for ticket in tickets:
        with pytest.raises(Cancelled):
            ticket.future.result(1)
    with pytest.raises(Cancelled):
        engine.submit(RenderPortrait(shown[0])).future.result(1)


def test_a_failed_model_is_remembered_and_tried_again_on_request(tmp_path: Path) -> None:
    engine = EngineService(tmp_path / "later")
    try:
        with pytest.raises(ModelError, match="missing"):
            engine.submit(LoadModel()).future.result(30)
        model_folder(tmp_path / "later")
        assert engine.submit(LoadModel()).future.result(30).name == "tiny"
    finally:
        engine.close()


def test_a_recipe_of_another_model_is_refused(engine: EngineService) -> None:
    import numpy as np

    recipes(engine, 1)
    stranger = Recipe.from_array("f" * 64, np.zeros(ARCH.w_dim))
    with pytest.raises(PortraitError, match="not_installed"):
        engine.submit(RenderPortrait(stranger)).future.result(30)


def test_the_torch_worker_starts_only_when_something_is_asked(tmp_path: Path) -> None:
    before = threading.active_count()
    engine = EngineService(tmp_path)
    assert threading.active_count() == before
    engine.close()


def test_a_prepared_array_is_the_one_that_is_asked_for_and_is_there_at_once(
    engine: EngineService,
) -> None:
    engine.submit(LoadModel()).future.result(30)
    array = ProposeFaces(count=4, seed=3)
    plain: list[Any] = []
    wanted = engine.submit(array, plain.append).future.result(30)
    assert engine.submit(PrepareFaces(array)).future.result(30) == 4
    assert engine._runtime is not None
    assert engine._runtime.ahead is not None
    again: list[Any] = []
    assert engine.submit(array, again.append).future.result(30) == wanted
    assert [(e.index, e.recipe) for e in again] == [(e.index, e.recipe) for e in plain]
    assert all((a.pixels == b.pixels).all() for a, b in zip(again, plain, strict=True))
    assert engine._runtime.ahead is None


def test_another_array_than_the_prepared_one_is_drawn_as_ever(engine: EngineService) -> None:
    engine.submit(LoadModel()).future.result(30)
    other = ProposeFaces(count=4, seed=5)
    wanted = engine.submit(other).future.result(30)
    assert engine.submit(PrepareFaces(ProposeFaces(count=4, seed=3))).future.result(30) == 4
    assert engine.submit(other).future.result(30) == wanted
    engine.submit(PrepareFaces(other)).future.result(30)
    assert engine.submit(PrepareFaces(None)).future.result(30) == 0
    assert engine._runtime is not None
    assert engine._runtime.ahead is None


def test_preparing_gives_way_to_whatever_is_asked(engine: EngineService) -> None:
    (recipe,) = recipes(engine, 1)
    open_gate, _ = gate(engine)
    ahead = engine.submit(PrepareFaces(ProposeFaces(count=4, seed=3)))
    drawn = engine.submit(RenderPortrait(recipe))
    open_gate()
    assert drawn.future.result(30).recipe == recipe
    with pytest.raises(Cancelled):
        ahead.future.result(30)

"""The same promises of app/engine/api.py, kept by the fake engine and by the real one."""

from __future__ import annotations

import importlib.util
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.engine.api import (
    BlendPortraits,
    ChangePortrait,
    Engine,
    Event,
    FaceReady,
    FindLandmarks,
    LoadModel,
    MeasureDrift,
    ModelInfo,
    MovePortrait,
    Progress,
    ProposeFaces,
    ReadChanges,
    ReadDescription,
    RenderFaces,
    RenderPortrait,
    SketchPortrait,
    SwapRegion,
    WordedChange,
)
from app.models.errors import Cancelled, PortraitError
from app.models.overlay import Overlay, Stroke
from app.models.overlay_catalogue import MEAN
from app.models.portrait import Recipe
from app.models.region import LocalEdit
from app.models.round import Answer, Round
from tests.views.fakes import FakeEngine

PATIENCE_S = 60.0


def tiny_model(folder: Path) -> Path:
    """A 32x32 generator with random weights in a model folder of its own."""
    torch = pytest.importorskip("torch")
    from app.engine.directions import write_directions
    from app.engine.stylegan2 import Architecture, Generator
    from app.engine.weights import write_model

    torch.manual_seed(5)
    arch = Architecture(
        z_dim=32, w_dim=32, resolution=32, channel_base=512, channel_max=32, mapping_layers=2
    )
    folder.mkdir()
    write_directions(folder, _random_directions(arch.w_dim))
    write_model(folder, arch, Generator(arch).state_dict(), {"name": "tiny"})
    return folder


def _random_directions(w_dim: int) -> list[Any]:
    from app.engine.api import DirectionInfo
    from app.engine.directions import Direction

    rng = np.random.default_rng(1)
    made = []
    for name in ("age", "sex", "nose_size"):
        vector = rng.standard_normal(w_dim).astype(np.float32)
        info = DirectionInfo(name, name, "whole", -3.0, 3.0, quality=0.5)
        made.append(Direction(info, vector, vector / (vector @ vector)))
    return made


@pytest.fixture(params=["fake", "real"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each engine in turn; the real one on a tiny model with random weights."""
    made: Engine
    if request.param == "fake":
        made = FakeEngine()
    else:
        pytest.importorskip("torch")
        if importlib.util.find_spec("app.engine.service") is None:
            pytest.skip("the real engine has not landed yet")
        from app.engine.service import EngineService

        made = EngineService(tiny_model(tmp_path / "tiny"))
    yield made
    made.close()


@pytest.fixture
def info(engine: Engine) -> ModelInfo:
    found = engine.submit(LoadModel()).future.result(PATIENCE_S)
    assert isinstance(found, ModelInfo)
    return found


def recipe_for(info: ModelInfo, seed: int = 1) -> Recipe:
    w = np.random.default_rng(seed).standard_normal(info.w_dim) * 0.5
    return Recipe.from_array(info.sha256, w, seed=seed)


def ask(engine: Engine, request: Any) -> tuple[Any, list[Event]]:
    """The answer and every event, in order."""
    events: list[Event] = []
    answer = engine.submit(request, events.append).future.result(PATIENCE_S)
    return answer, events


def proposes(engine: Engine) -> None:
    if not isinstance(engine, FakeEngine) and not importlib.util.find_spec("app.engine.proposals"):
        pytest.skip("the real engine proposes no faces yet")


def test_loading_tells_what_the_model_is(info: ModelInfo) -> None:
    assert len(info.sha256) == 64
    assert info.w_dim > 0
    assert info.layers > 0
    assert all(d.low < d.high for d in info.directions)
    assert len({d.name for d in info.directions}) == len(info.directions)


def test_a_model_folder_that_is_not_there_is_a_typed_error(engine: Engine) -> None:
    with pytest.raises(PortraitError) as refused:
        engine.submit(LoadModel("/no/such/folder")).future.result(PATIENCE_S)
    assert refused.value.code.startswith("model.")


def test_submit_returns_at_once_and_never_raises(engine: Engine) -> None:
    class Unknown(RenderPortrait):
        pass

    started = time.perf_counter()
    ticket = engine.submit(Unknown(Recipe("0" * 64, b"")))
    assert time.perf_counter() - started < 0.5
    with pytest.raises(Exception):  # noqa: B017
        ticket.future.result(PATIENCE_S)


def test_words_are_read_before_any_model_is_loaded(engine: Engine) -> None:
    if not isinstance(engine, FakeEngine) and not importlib.util.find_spec("app.engine.language"):
        pytest.skip("the language has not landed yet")
    reading, _ = ask(engine, ReadDescription("A man with a beard", "en"))
    assert reading.text == "A man with a beard"
    assert ("sex", "male", False) in {a.key for a in reading.attributes}
    for attribute in reading.attributes:
        if attribute.span is not None:
            assert reading.text[slice(*attribute.span)] == attribute.text


def test_the_same_recipe_gives_the_same_pixels(engine: Engine, info: ModelInfo) -> None:
    recipe = recipe_for(info)
    first, _ = ask(engine, RenderPortrait(recipe))
    ask(engine, RenderPortrait(recipe_for(info, 2)))
    again, _ = ask(engine, RenderPortrait(recipe))
    _, events = ask(engine, RenderFaces((recipe_for(info, 3), recipe)))
    assert first.recipe == recipe
    assert first.pixels.dtype == np.uint8
    assert first.pixels.shape == (info.resolution, info.resolution, 3)
    assert (first.pixels == again.pixels).all()
    faces = [e for e in events if isinstance(e, FaceReady)]
    assert (faces[1].pixels == first.pixels).all()


def test_faces_come_one_by_one_in_order(engine: Engine, info: ModelInfo) -> None:
    recipes = tuple(recipe_for(info, i) for i in range(4))
    answer, events = ask(engine, RenderFaces(recipes))
    faces = [e for e in events if isinstance(e, FaceReady)]
    assert answer == recipes
    assert [(f.index, f.recipe) for f in faces] == list(enumerate(recipes))


def test_an_edit_moves_pixels_and_an_unknown_one_is_refused(
    engine: Engine, info: ModelInfo
) -> None:
    plain = recipe_for(info)
    name = info.directions[0].name
    edited = plain.with_edit(name, info.directions[0].high)
    a, b = (ask(engine, RenderPortrait(r))[0].pixels for r in (plain, edited))
    assert (a != b).any()
    with pytest.raises(PortraitError):
        ask(engine, RenderPortrait(plain.with_edit("no_such_direction", 1.0)))


def test_a_recipe_of_another_model_is_refused(engine: Engine, info: ModelInfo) -> None:
    with pytest.raises(PortraitError):
        ask(engine, RenderPortrait(replace(recipe_for(info), model="0" * 64)))


def test_a_preview_comes_before_the_answer(engine: Engine, info: ModelInfo) -> None:
    answer, events = ask(engine, RenderPortrait(recipe_for(info), preview=True))
    previews = [e for e in events if isinstance(e, FaceReady)]
    assert not answer.preview
    assert all(e.preview and e.recipe == answer.recipe for e in previews)


def test_an_array_obeys_its_count_and_repeats_itself(engine: Engine, info: ModelInfo) -> None:
    proposes(engine)
    request = ProposeFaces(count=6, seed=11)
    first, events = ask(engine, request)
    again, _ = ask(engine, request)
    other, _ = ask(engine, replace(request, seed=12))
    assert len(first.faces) == 6
    assert len(set(first.faces)) == 6
    assert first.faces == again.faces != other.faces
    shown = {e.index: e for e in events if isinstance(e, FaceReady) and not e.preview}
    assert [shown[i].recipe for i in range(6)] == list(first.faces)
    assert all(isinstance(e, FaceReady | Progress) for e in events)


def test_the_next_array_follows_answers(engine: Engine, info: ModelInfo) -> None:
    proposes(engine)
    first, _ = ask(engine, ProposeFaces(count=6, seed=1))
    answered = Round(1, first.faces, 1).answered(Answer.picked, (2,))
    nothing = Round(1, first.faces, 1).answered(Answer.none)
    for done in (answered, nothing):
        following, _ = ask(
            engine,
            ProposeFaces(rounds=(done,), portrait=next(iter(done.picked_faces), None), count=6,
                         seed=2),
        )
        assert len(following.faces) == 6
        assert following.faces != first.faces


def test_a_newer_request_on_the_lane_cancels_the_older(engine: Engine, info: ModelInfo) -> None:
    many = tuple(recipe_for(info, i) for i in range(400))
    started = threading.Event()
    late: list[Event] = []

    def on_event(event: Event) -> None:
        started.set()
        late.append(event)

    older = engine.submit(RenderFaces(many), on_event)
    assert started.wait(PATIENCE_S)
    newer = engine.submit(RenderFaces(many[:2]))
    with pytest.raises((Cancelled, CancelledError)):
        older.future.result(PATIENCE_S)
    heard = len(late)
    assert newer.future.result(PATIENCE_S) == many[:2]
    assert len(late) == heard < len(many)


def test_lanes_do_not_cancel_each_other(engine: Engine, info: ModelInfo) -> None:
    recipes = tuple(recipe_for(info, i) for i in range(5))
    faces = engine.submit(RenderFaces(recipes))
    portrait = engine.submit(RenderPortrait(recipes[0]))
    assert faces.future.result(PATIENCE_S) == recipes
    assert portrait.future.result(PATIENCE_S).recipe == recipes[0]


def test_after_cancel_nothing_more_is_heard(engine: Engine, info: ModelInfo) -> None:
    heard: list[Event] = []
    first = threading.Event()

    def on_event(event: Event) -> None:
        heard.append(event)
        first.set()

    many = tuple(recipe_for(info, i) for i in range(400))
    ticket = engine.submit(RenderFaces(many), on_event)
    assert first.wait(PATIENCE_S)
    ticket.cancel()
    count = len(heard)
    with pytest.raises((Cancelled, CancelledError)):
        ticket.future.result(PATIENCE_S)
    assert len(heard) == count
    ticket.cancel()  # twice does no harm


def test_blends_and_sketches_are_faces_too(engine: Engine, info: ModelInfo) -> None:
    pair = (recipe_for(info, 1), recipe_for(info, 2))
    blend, _ = ask(engine, BlendPortraits(pair, (1.0, 3.0)))
    assert blend.recipe.origin == "blend"
    sketch, _ = ask(engine, SketchPortrait(pair[0], size=128))
    assert sketch.pixels.shape == (128, 128, 3)
    assert (sketch.pixels[..., 0] == sketch.pixels[..., 1]).all()
    with pytest.raises(PortraitError):
        ask(engine, BlendPortraits(()))


def test_drift_is_nothing_for_the_same_face_and_more_for_another(
    engine: Engine, info: ModelInfo
) -> None:
    first, second = recipe_for(info, 1), recipe_for(info, 2)
    same, _ = ask(engine, MeasureDrift(first, first))
    other, _ = ask(engine, MeasureDrift(first, second))
    assert same == pytest.approx(0.0, abs=1e-4)
    assert other > same


def test_a_local_edit_changes_its_region_and_overlays_are_not_drawn(
    engine: Engine, info: ModelInfo
) -> None:
    plain = recipe_for(info, 1)
    age = info.directions[0]
    region = LocalEdit((Stroke(0.3, ((0.5, 0.15),)),), ((age.name, age.high),))
    local = plain.with_local((region,))
    before, inside = (ask(engine, RenderPortrait(r))[0].pixels.astype(int) for r in (plain, local))
    everywhere, _ = ask(engine, RenderPortrait(plain.with_edit(*region.edits[0])))
    mask = region.mask(*before.shape[:2])
    assert (inside[mask == 0] == before[mask == 0]).all()
    assert (inside[mask == 1] == everywhere.pixels[mask == 1]).all()
    assert (inside != before).any()
    worn, _ = ask(engine, RenderPortrait(local.with_overlays((Overlay("cap"),))))
    assert (worn.pixels == inside).all()


def test_features_are_found_or_the_model_says_that_it_cannot(
    engine: Engine, info: ModelInfo
) -> None:
    if not isinstance(engine, FakeEngine):  # the tiny model has no landmark net
        with pytest.raises(PortraitError) as refused:
            ask(engine, FindLandmarks(recipe_for(info, 1)))
        assert refused.value.code == "model.no_landmarks"
    else:
        found, _ = ask(engine, FindLandmarks(recipe_for(info, 1)))
        assert {name for name, _, _ in found.points} <= set(MEAN)
        assert all(-0.5 < v < 1.5 for _, x, y in found.points for v in (x, y))


def test_a_blend_wears_what_its_parents_wore(engine: Engine, info: ModelInfo) -> None:
    region = LocalEdit((Stroke(0.3, ((0.25, 0.5),)),), ((info.directions[1].name, 2.0),))
    first = recipe_for(info, 1).with_overlays((Overlay("cap"),)).with_local((region,))
    blend, _ = ask(engine, BlendPortraits((first, recipe_for(info, 2))))
    assert [o.name for o in blend.recipe.overlays] == ["cap"]
    assert blend.recipe.local[0].edit(info.directions[1].name) == pytest.approx(1.0)


def test_closing_is_quick_even_in_the_middle_and_can_be_repeated(
    engine: Engine, info: ModelInfo
) -> None:
    ticket = engine.submit(RenderFaces(tuple(recipe_for(info, i) for i in range(2000))))
    started = time.perf_counter()
    engine.close()
    assert time.perf_counter() - started < 5
    with pytest.raises((Cancelled, CancelledError)):
        ticket.future.result(PATIENCE_S)
    engine.close()
    with pytest.raises((PortraitError, CancelledError)):
        engine.submit(RenderFaces((recipe_for(info),))).future.result(PATIENCE_S)


def test_a_slider_moves_alone_when_nothing_is_held(engine: Engine, info: ModelInfo) -> None:
    name = info.directions[0].name
    recipe = recipe_for(info)
    answer, events = ask(engine, MovePortrait(recipe, name, 1.5, preview=True))
    assert answer.recipe == recipe.with_edit(name, 1.5)
    assert all(e.recipe == answer.recipe for e in events if isinstance(e, FaceReady))
    drawn, _ = ask(engine, RenderPortrait(answer.recipe))
    assert (drawn.pixels == answer.pixels).all()


def test_a_held_slider_is_compensated_as_an_edit_of_the_recipe(
    engine: Engine, info: ModelInfo
) -> None:
    name, held = (d.name for d in info.directions[:2])
    recipe = recipe_for(info)
    answer, _ = ask(engine, MovePortrait(recipe, name, 2.0, (held, "no such thing")))
    assert answer.recipe.edit(name) == 2.0
    assert answer.recipe.edit(held) != 0.0
    back, _ = ask(engine, MovePortrait(answer.recipe, name, 0.0, (held,)))
    assert back.recipe.edit(name) == 0.0
    with pytest.raises(PortraitError):
        ask(engine, MovePortrait(recipe, "no_such_direction", 1.0, (held,)))


def test_more_like_this_stays_near_the_face_and_shows_it(engine: Engine, info: ModelInfo) -> None:
    proposes(engine)
    face = recipe_for(info, 3)
    alike, _ = ask(engine, ProposeFaces(like=face, count=6, seed=4))
    start, _ = ask(engine, ProposeFaces(count=6, seed=4))

    def far(faces: tuple[Recipe, ...]) -> float:
        return float(np.mean([np.linalg.norm(f.array() - face.array()) for f in faces]))

    assert len(set(alike.faces)) == 6
    assert alike.wild is None
    assert far(alike.faces) < far(start.faces)


def test_a_region_comes_from_the_donor(engine: Engine, info: ModelInfo) -> None:
    mine, donor = recipe_for(info, 1), recipe_for(info, 2)
    for region in ("eyes", "jaw", "colouring"):
        swapped, _ = ask(engine, SwapRegion(mine, donor, region))
        assert swapped.recipe.origin == "blend"
        assert swapped.recipe not in (mine, donor)
        drawn, _ = ask(engine, RenderPortrait(swapped.recipe))
        assert (drawn.pixels == swapped.pixels).all()
    with pytest.raises(PortraitError):
        ask(engine, SwapRegion(mine, donor, "elbow"))


def test_words_about_a_face_are_read_and_made_moves(engine: Engine, info: ModelInfo) -> None:
    read, _ = ask(engine, ReadChanges("a bit older, keep the eyes", "en"))
    assert any(c.name == "age" and c.delta > 0 for c in read)
    assert any(c.hold for c in read)
    recipe = recipe_for(info)
    changed, _ = ask(engine, ChangePortrait(recipe, (*read, WordedChange("no such thing", "big"))))
    assert changed.recipe.edit("age") > 0
    assert changed.recipe.without_edits() == recipe

"""Painter, runtime, sampler, proposals, edits, sketches and drift on a tiny real model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from app.engine.api import Event, FaceReady, ProposeFaces, RenderFaces, RenderPortrait
from app.engine.drift import DriftMeter
from app.engine.editing import edit_recipe
from app.engine.packed import LayerCache
from app.engine.painter import Painter
from app.engine.proposals import latent_space
from app.engine.runtime import Runtime, blended, render_recipe
from app.engine.sketch import draw_sketch
from app.engine.wishes import linear_readings, moved, violations, wishes_for
from app.models.description import Attribute
from app.models.errors import BadInput, ModelError
from app.models.portrait import Recipe
from app.models.round import Answer, Round
from tests.engine.tiny import ARCH, model_folder

pytestmark = pytest.mark.needs_torch


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Runtime:
    return Runtime(model_folder(tmp_path_factory.mktemp("models") / "tiny"), device="cpu")


@pytest.fixture
def painter(runtime: Runtime) -> Painter:
    return runtime.load()


def recipe(painter: Painter, seed: int = 0) -> Recipe:
    return Recipe.from_array(painter.sha256, painter.sample(seed), seed=seed)


def ask(runtime: Runtime, request: Any) -> tuple[Any, list[Event]]:
    events: list[Event] = []
    return runtime.answer(request, events.append, lambda: None), events


# ------------------------------------------------------------------ drawing


def test_a_recipe_gives_the_same_bytes_every_time(painter: Painter) -> None:
    first = painter.pixels(recipe(painter))
    assert first.shape == (ARCH.resolution, ARCH.resolution, 3)
    assert first.dtype == np.uint8
    again = Painter(painter.model).pixels(recipe(painter))
    np.testing.assert_array_equal(first, again)
    cache = LayerCache()
    painter.pixels(recipe(painter, 1), cache)
    np.testing.assert_array_equal(first, painter.pixels(recipe(painter), cache))


def test_a_seed_does_not_depend_on_how_many_were_drawn(painter: Painter) -> None:
    np.testing.assert_array_equal(painter.sample(5), painter.sample(5))
    assert not np.array_equal(painter.sample(5), painter.sample(6))


def test_edits_are_drawn_and_undone(painter: Painter) -> None:
    plain = recipe(painter)
    edited = plain.with_edit("nose_width", 2.0)
    assert not np.array_equal(painter.pixels(plain), painter.pixels(edited))
    np.testing.assert_array_equal(
        painter.pixels(plain), painter.pixels(edited.with_edit("nose_width", 0.0))
    )


def test_a_latent_of_another_shape_is_refused(painter: Painter) -> None:
    with pytest.raises(BadInput, match="bad_latent"):
        painter.pixels(Recipe.from_array(painter.sha256, np.zeros(ARCH.w_dim + 1)))
    with pytest.raises(BadInput, match="bad_latent"):
        painter.pixels(Recipe.from_array(painter.sha256, np.zeros((3, ARCH.w_dim))))


def test_previews_come_first_and_small(runtime: Runtime, painter: Painter) -> None:
    answer, events = ask(runtime, RenderPortrait(recipe(painter), preview=True))
    assert [e.preview for e in events if isinstance(e, FaceReady)] == [True]
    assert not answer.preview


def test_several_recipes_arrive_in_order(runtime: Runtime, painter: Painter) -> None:
    faces = tuple(recipe(painter, s) for s in range(3))
    answer, events = ask(runtime, RenderFaces(faces))
    assert answer == faces
    assert [(e.index, e.recipe) for e in events if isinstance(e, FaceReady)] == list(
        enumerate(faces)
    )


def test_an_unknown_model_is_said_to_be_missing(runtime: Runtime) -> None:
    with pytest.raises(ModelError, match="not_installed"):
        runtime.painter_for("0" * 64)


@pytest.mark.bundled_model
def test_a_recipe_of_the_bundled_model_can_be_replayed() -> None:
    bundled = Runtime(device="cpu").load()
    face = Recipe.from_array(bundled.sha256, bundled.sample(1))
    np.testing.assert_array_equal(render_recipe(face), bundled.pixels(face))


# ------------------------------------------------------------------ blends, drift, sketches


def test_a_blend_lies_between_its_parents(painter: Painter) -> None:
    a, b = recipe(painter, 1).with_edit("age", 10.0), recipe(painter, 2)
    middle = blended((a, b))
    np.testing.assert_allclose(middle.array(), (a.array() + b.array()) / 2, atol=1e-6)
    assert middle.edit("age") == 5.0
    assert blended((a, b), (1.0, 0.0)).array().tolist() == a.array().tolist()
    wide = Recipe.from_array(painter.sha256, painter.wide(b.array()))
    assert blended((a, wide)).layers == ARCH.num_ws


@pytest.mark.parametrize("weights", [(1.0,), (0.0, 0.0), (-1.0, 2.0), (float("nan"), 1.0)])
def test_bad_weights_are_refused(painter: Painter, weights: tuple[float, ...]) -> None:
    with pytest.raises(BadInput):
        blended((recipe(painter, 1), recipe(painter, 2)), weights)
    with pytest.raises(BadInput):
        blended(())


def test_drift_grows_with_the_edit_and_is_nothing_for_the_same_face(painter: Painter) -> None:
    meter = DriftMeter(painter, None)
    plain = recipe(painter)
    small, large = (meter.distance(plain, plain.with_edit("nose_width", a)) for a in (0.5, 3.0))
    assert meter.distance(plain, plain) == 0.0
    assert 0 < small < large
    strangers = [meter.distance(recipe(painter, s), recipe(painter, s + 50)) for s in range(8)]
    assert 0.4 < float(np.median(strangers)) < 2.0


@pytest.mark.parametrize("style", ["pencil", "ink"])
def test_a_sketch_is_grey_and_the_same_every_time(painter: Painter, style: str) -> None:
    face = painter.pixels(recipe(painter))
    drawn = draw_sketch(face, style, 128)
    assert drawn.shape == (128, 128, 3)
    assert (drawn[..., 0] == drawn[..., 2]).all()
    assert drawn.std() > 1
    np.testing.assert_array_equal(drawn, draw_sketch(face, style, 128))
    assert draw_sketch(face[:, :20], style, 64).shape == (64, 40, 3)


def test_a_sketch_of_unknown_style_or_size_is_refused(painter: Painter) -> None:
    face = painter.pixels(recipe(painter))
    with pytest.raises(BadInput, match="style"):
        draw_sketch(face, "oil")
    with pytest.raises(BadInput, match="size"):
        draw_sketch(face, "ink", 10_000)


# ------------------------------------------------------------------ words to faces


def test_words_become_bounds(painter: Painter) -> None:
    directions = painter.model.directions
    said = (
        Attribute("age", (45, 55)), Attribute("nose_width", "wide"), Attribute("hat", "cap"),
        Attribute("hat", "none"), Attribute("hair_color", "blond", negated=True),
    )  # fmt: skip
    wishes, shortfalls = wishes_for(said, directions)
    by_name = {w.direction.name: w for w in wishes}
    assert 44 <= by_name["age"].low < by_name["age"].aim < by_name["age"].high <= 56
    assert by_name["nose_width"].low > 0
    assert by_name["nose_width"].high == np.inf
    assert by_name["hair_color_blond"].low == -np.inf
    assert [(s.attribute, s.reason) for s in shortfalls if s.reason == "no_direction"] == [
        ("hat", "no_direction")
    ]
    narrow, _ = wishes_for((Attribute("nose_width", "narrow"),), directions)
    average, _ = wishes_for((Attribute("nose_width", "average"),), directions)
    assert narrow[0].high < 0
    assert average[0].low < 0 < average[0].high


def test_a_weak_direction_is_tried_and_said(painter: Painter) -> None:
    wishes, shortfalls = wishes_for((Attribute("hair_color", "blond"),), painter.model.directions)
    assert len(wishes) == 1
    assert [s.reason for s in shortfalls] == ["weak"]


def test_moves_bring_readings_inside_and_leave_held_ones(
    runtime: Runtime, painter: Painter
) -> None:
    directions = painter.model.directions
    wishes, _ = wishes_for((Attribute("nose_width", "wide"),), directions)
    w = np.stack([painter.sample(s) for s in range(6)])
    spread = runtime.spread(painter)
    held = [directions.find("age")]
    before = linear_readings(wishes, w)
    after_w = w
    for _ in range(4):
        after_w = moved(wishes, after_w, linear_readings(wishes, after_w), spread.covariance, held)
    assert violations(wishes, linear_readings(wishes, after_w)).max() < 0.2
    assert violations(wishes, before).max() > 0.2
    drift = np.abs(held[0].reading(after_w) - held[0].reading(w))
    assert drift.max() < 0.25 * np.abs(held[0].reading(w) - 40).max() + 2


def test_the_start_array_obeys_and_is_the_same_for_the_same_request(runtime: Runtime) -> None:
    wanted = (Attribute("nose_width", "wide"), Attribute("beard", "full"))
    request = ProposeFaces(wanted=wanted, count=6, seed=3)
    first, events = ask(runtime, request)
    again, _ = ask(runtime, request)
    assert first == again
    assert len(set(first.faces)) == 6
    assert [e.recipe for e in events if isinstance(e, FaceReady)] == list(first.faces)
    assert ("beard", "no_direction") in {(s.attribute, s.reason) for s in first.shortfalls}
    nose = runtime.load().model.directions.find("nose_width")
    obeyed = [float(nose.reading(f.array())) > 0.3 for f in first.faces]
    assert np.mean(obeyed) >= 0.8
    other, _ = ask(runtime, ProposeFaces(wanted=wanted, count=6, seed=4))
    assert set(other.faces).isdisjoint(first.faces)


def test_what_was_not_said_is_spread(runtime: Runtime) -> None:
    answer, _ = ask(runtime, ProposeFaces(count=10, seed=1))
    age = runtime.load().model.directions.find("age")
    ages = np.array([float(age.reading(f.array())) for f in answer.faces])
    assert np.ptp(ages) > 1.5 * np.std(
        [float(age.reading(runtime.load().sample(s))) for s in range(99)]
    )


def answered(proposed: Any, number: int, picks: tuple[int, ...]) -> Round:
    return Round(number, proposed.faces, proposed.seed, wild=proposed.wild).answered(
        Answer.picked, picks
    )


@pytest.mark.parametrize("strategy", ["posterior", "evolution"])
def test_the_next_arrays_follow_from_the_rounds(runtime: Runtime, strategy: str) -> None:
    rounds: tuple[Round, ...] = ()
    for number in range(1, 5):
        request = ProposeFaces(rounds=rounds, count=9, seed=2, strategy=strategy)
        proposed, events = ask(runtime, request)
        assert ask(runtime, request)[0] == proposed
        assert len(set(proposed.faces)) == 9
        assert len(events) == 9
        rounds += (answered(proposed, number, (1, 3)),)
    assert (proposed.wild is not None) == (strategy == "posterior")
    assert proposed.state.spread < 1


def test_held_directions_keep_the_reading_of_the_portrait(runtime: Runtime) -> None:
    first, _ = ask(runtime, ProposeFaces(count=9, seed=2))
    portrait = first.faces[2]
    request = ProposeFaces(
        rounds=(answered(first, 1, (2,)),), portrait=portrait, held=("nose_width",), seed=2
    )
    proposed, _ = ask(runtime, request)
    nose = runtime.load().model.directions.find("nose_width")
    wanted = float(nose.reading(portrait.array()))
    found = np.array([float(nose.reading(f.array())) for f in proposed.faces])
    free, _ = ask(runtime, ProposeFaces(rounds=request.rounds, portrait=portrait, seed=2))
    loose = np.array([float(nose.reading(f.array())) for f in free.faces])
    assert np.abs(found - wanted).max() < 0.25 * np.abs(loose - wanted).max()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"count": 0}, "bad_count"), ({"count": 99}, "bad_count"),
        ({"strategy": "magic"}, "unknown_strategy"),
    ],
)  # fmt: skip
def test_bad_proposals_are_refused(runtime: Runtime, change: dict[str, Any], code: str) -> None:
    with pytest.raises(BadInput, match=code):
        ask(runtime, ProposeFaces(**change))


def test_coordinates_are_standard_normal_over_faces(runtime: Runtime, painter: Painter) -> None:
    space = latent_space(runtime, painter)
    z = np.random.default_rng(9).standard_normal((500, ARCH.z_dim))
    u = space.coordinates(painter.w_of(z, psi=1.0))
    np.testing.assert_allclose(u.std(0), 1, atol=0.25)
    np.testing.assert_allclose(space.coordinates(space.latent(u)), u, atol=1e-3)
    assert (np.diff(space.sight) <= 1e-9).all()
    assert float((space.sight**2).mean()) == pytest.approx(1)


# ------------------------------------------------------------------ edits by name


def test_a_setting_moves_its_direction(painter: Painter) -> None:
    edited = edit_recipe(painter, None, recipe(painter), ["nose_width=1.5"])
    assert edited.recipe.edit("nose_width") == 1.5
    assert edited.changes[0].reached


def test_years_are_years(painter: Painter) -> None:
    face = recipe(painter)
    edited = edit_recipe(painter, None, face, ["age=60"])
    age = painter.model.directions.find("age")
    assert float(age.reading(painter.ws_of(edited.recipe).mean(0))) == pytest.approx(60, abs=1.1)
    older = edit_recipe(painter, None, edited.recipe, ["age=+5"])
    assert older.recipe.edit("age") == pytest.approx(edited.recipe.edit("age") + 5)


def test_a_word_moves_to_its_end(painter: Painter) -> None:
    face = recipe(painter)
    nose = painter.model.directions.find("nose_width")
    for value, side in (("wide", 1), ("narrow", -1)):
        edited = edit_recipe(painter, None, face, [f"nose_width={value}"])
        assert side * float(nose.reading(painter.ws_of(edited.recipe).mean(0))) > 0.7


def test_a_hold_is_reported_before_and_after(painter: Painter) -> None:
    edited = edit_recipe(painter, None, recipe(painter), ["nose_width=2"], ["age"])
    ((name, without, with_hold),) = edited.held
    assert name == "age"
    assert abs(with_hold) <= abs(without) + 1e-3


@pytest.mark.parametrize(
    "setting",
    [
        "nose_width",
        "=1",
        "nose_width=",
        "nose_width=9",
        "ears=big",
        "age=x",
        "hair_color=green",
        "q=1",
    ],
)
def test_settings_that_are_not_understood_are_refused(painter: Painter, setting: str) -> None:
    with pytest.raises(BadInput):
        edit_recipe(painter, None, recipe(painter), [setting])
    with pytest.raises(BadInput):
        edit_recipe(painter, None, recipe(painter), [], ["q"])

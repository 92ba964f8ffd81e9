"""Every verb is in the case file before the state takes it; what fails changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from app.engine.api import FaceReady, LoadModel, ProposeFaces, RenderPortrait
from app.models.case import CaseFacts
from app.models.errors import ModelError
from app.models.events import Event
from app.models.replay import replay
from app.models.round import Answer
from app.models.session import Stage
from app.models.store import StoreError
from app.views.controller import Controller
from tests.views.conftest import TEXT, Wait, do_interview
from tests.views.fakes import INFO, FakeEngine, draw

PASSPHRASE = "correct horse battery staple"


def kinds(controller: Controller) -> list[str]:
    assert controller.case is not None
    return [e.kind for e in controller.case.events()]


def refuse(controller: Controller, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """From now on the case file takes nothing."""

    def append(*args: Any, **kwargs: Any) -> Event:
        raise StoreError(code)

    monkeypatch.setattr(controller.case, "append", append)


def test_a_practice_case_starts_at_the_interview_and_is_not_kept(practice: Controller) -> None:
    assert practice.case is not None
    assert not practice.case.kept
    assert practice.session.stage is Stage.interview
    assert kinds(practice)[-1] == "session.started"


def test_the_first_description_is_stored_word_for_word_before_any_face(
    described: Controller,
) -> None:
    assert described.case is not None
    first = next(e for e in described.case.events() if e.kind == "description.first")
    assert first.data["text"] == TEXT
    assert first.actor == "witness"
    assert not any(kind in ("face.shown", "round.shown") for kind in kinds(described))


def test_no_faces_before_the_gate_is_passed(practice: Controller, engine: FakeEngine) -> None:
    notices: list[str] = []
    practice.notice.connect(lambda code, facts: notices.append(code))
    practice.set_recall(TEXT)
    practice.confirm_recall()
    practice.offer_round()
    practice.go(Stage.round)
    assert notices == ["eligibility.open", "stage.not_yet", "stage.not_yet"]
    assert practice.session.stage is Stage.interview
    assert not any(isinstance(r, ProposeFaces) for r in engine.asked)


def test_a_concern_needs_a_reason_and_an_authority(practice: Controller, wait: Wait) -> None:
    do_interview(practice)
    practice.set_eligibility("photos_shown", "yes")
    assert not practice.session.eligibility.may_proceed
    practice.set_authority("witness insists", "DI Park")
    assert practice.session.eligibility.may_proceed
    wait(lambda: not practice.jobs.is_busy("description"))


def test_every_tile_is_journalled_before_it_is_shown(described: Controller, wait: Wait) -> None:
    stored_when_shown: list[bool] = []

    def on_face(face: FaceReady) -> None:
        stored_when_shown.append(described.was_shown(face.recipe))

    described.face_ready.connect(on_face)
    described.offer_round()
    wait(lambda: described.session.open_round)
    assert stored_when_shown == [True] * 9


def test_the_case_file_keeps_the_pixels_as_shown(offered: Controller) -> None:
    for recipe in offered.session.rounds[-1].faces:
        pixels = offered.known_face(recipe)
        assert pixels is not None
        assert (pixels == draw(recipe)).all()
        assert offered.picture(recipe) is not None


@pytest.mark.parametrize("code", ["case.disk_full", "case.io_error", "case.gone"])
def test_what_cannot_be_stored_does_not_happen(
    offered: Controller, monkeypatch: pytest.MonkeyPatch, problems: list[str], code: str
) -> None:
    before, history = offered.session, offered.history
    moved: list[Any] = []
    offered.session_changed.connect(lambda old, new: moved.append(new))
    refuse(offered, monkeypatch, code)
    offered.answer_round(Answer.picked, (1,))
    offered.use_portrait(3)
    offered.undo()
    offered.go(Stage.interview)
    offered.take_break()
    assert offered.session == before
    assert offered.history == history
    assert not moved
    assert not offered.is_paused
    assert problems == [code] * 5


def test_after_a_full_disk_the_case_goes_on(
    offered: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        refuse(offered, full, "case.disk_full")
        offered.answer_round(Answer.picked, (1,))
    offered.answer_round(Answer.picked, (1,))
    assert offered.session.rounds[-1].picks == (1,)


def test_a_tile_that_cannot_be_stored_is_not_shown(
    described: Controller, monkeypatch: pytest.MonkeyPatch, wait: Wait, problems: list[str]
) -> None:
    assert described.case is not None
    append = described.case.append

    def full_at_faces(kind: str, *rest: Any, **named: Any) -> Event:
        if kind == "face.shown":
            raise StoreError("case.disk_full")
        return append(kind, *rest, **named)

    monkeypatch.setattr(described.case, "append", full_at_faces)
    shown: list[Any] = []
    described.face_ready.connect(shown.append)
    described.offer_round()
    wait(lambda: problems)
    wait(lambda: not described.jobs.is_busy("round"))
    assert not shown
    assert described.session.open_round is None


def test_an_answer_that_does_not_fit_never_reaches_the_file(
    offered: Controller, problems: list[str]
) -> None:
    before = kinds(offered)
    offered.answer_round(Answer.picked, (99,))
    offered.answer_round(Answer.picked, ())
    assert kinds(offered) == before
    assert problems == ["round.bad_picks", "round.answer_without_pick"]


def test_the_next_array_comes_from_picks_and_portrait(offered: Controller, wait: Wait,
                                                      engine: FakeEngine) -> None:
    offered.answer_round(Answer.picked, (4, 0), ranked=True)
    offered.offer_round(6)
    wait(lambda: offered.session.open_round)
    asked = [r for r in engine.asked if isinstance(r, ProposeFaces)][-1]
    assert asked.rounds[0].picks == (4, 0)
    assert asked.rounds[0].ranked
    assert asked.portrait == offered.session.rounds[0].faces[4]
    assert asked.count == 6
    assert {a.name for a in asked.wanted} == {"sex", "age", "nose_size", "beard"}


def test_only_confirmed_attributes_shape_the_faces(
    practice: Controller, wait: Wait, engine: FakeEngine
) -> None:
    do_interview(practice)
    wait(lambda: practice.session.description.attributes)
    practice.confirm_attribute(0)
    practice.offer_round()
    wait(lambda: practice.session.open_round)
    asked = [r for r in engine.asked if isinstance(r, ProposeFaces)][-1]
    assert [a.name for a in asked.wanted] == ["sex"]


def test_a_cancelled_array_leaves_the_state_and_can_be_asked_again(
    described: Controller, engine: FakeEngine, wait: Wait
) -> None:
    engine.gate.clear()
    described.offer_round()
    before = described.session
    described.cancel("round")
    engine.gate.set()
    assert described.session == before
    described.offer_round()
    wait(lambda: described.session.open_round)
    assert described.session.rounds[0].number == 1


def test_a_stale_array_never_lands(described: Controller, engine: FakeEngine, wait: Wait) -> None:
    engine.gate.clear()
    described.offer_round(6)
    described.offer_round(12)
    engine.gate.set()
    wait(lambda: described.session.open_round)
    assert len(described.session.rounds) == 1
    assert len(described.session.rounds[0].faces) == 12


def test_a_failed_array_is_explained_and_changes_nothing(
    described: Controller, engine: FakeEngine, wait: Wait, problems: list[str]
) -> None:
    engine.errors[ProposeFaces] = ModelError("model.hash_mismatch")
    before = described.session
    described.offer_round()
    wait(lambda: problems)
    assert problems == ["model.hash_mismatch"]
    assert described.session == before


def test_dragging_draws_and_only_the_end_is_a_step(refining: Controller, wait: Wait) -> None:
    seen: list[FaceReady] = []
    refining.portrait_ready.connect(seen.append)
    nodes = len(refining.history.nodes)
    for amount in (1.0, 2.0, 3.0):
        refining.set_edit("age", amount, final=False)
    wait(lambda: any(f.recipe.edit("age") == 3.0 and not f.preview for f in seen))
    assert refining.session.portrait.edit("age") == 0.0  # type: ignore[union-attr]
    refining.set_edit("age", 3.0, final=True)
    wait(lambda: refining.was_shown(refining.session.portrait))  # type: ignore[arg-type]
    assert len(refining.history.nodes) == nodes + 1
    assert "portrait.edited" in kinds(refining)
    assert kinds(refining)[-1] == "portrait.shown"


def test_only_the_newest_slider_position_is_drawn(
    refining: Controller, engine: FakeEngine, wait: Wait
) -> None:
    engine.gate.clear()
    seen: list[float] = []
    refining.portrait_ready.connect(lambda face: seen.append(face.recipe.edit("age")))
    for amount in range(1, 21):
        refining.set_edit("age", float(amount), final=False)
    engine.gate.set()
    wait(lambda: seen)
    assert set(seen) == {20.0}


def test_an_amount_beyond_the_range_is_brought_back(refining: Controller) -> None:
    refining.set_edit("age", 1e6, final=True)
    direction = INFO.direction("age")
    assert direction is not None
    assert refining.session.portrait.edit("age") == direction.high  # type: ignore[union-attr]


def test_a_held_slider_does_not_move(refining: Controller, problems: list[str]) -> None:
    refining.set_hold("age", True)
    refining.set_edit("age", 5.0, final=True)
    assert problems == ["session.held"]
    assert refining.session.portrait.edits == ()  # type: ignore[union-attr]
    refining.set_hold("age", False)
    refining.set_edit("age", 5.0, final=True)
    assert refining.session.portrait.edit("age") == 5.0  # type: ignore[union-attr]


def test_reset_returns_to_the_chosen_face(refining: Controller) -> None:
    refining.set_edit("lips", 2.0, final=True)
    refining.reset_edit("lips")
    assert refining.session.portrait == refining.session.baseline


def test_undo_redo_and_jump_need_no_model(
    refining: Controller, engine: FakeEngine, wait: Wait
) -> None:
    chosen = refining.session.portrait
    refining.set_edit("age", 9.0, final=True)
    wait(lambda: refining.was_shown(refining.session.portrait))  # type: ignore[arg-type]
    edited = refining.session.portrait
    engine.errors[LoadModel] = ModelError("model.missing", folder="x")
    refining.load_model("x")
    wait(lambda: refining.model_state == "failed")
    shown: list[Any] = []
    refining.portrait_ready.connect(lambda face: shown.append(face.recipe))
    drawn = len(engine.asked)
    refining.undo()
    assert refining.session.portrait == chosen
    refining.redo()
    assert refining.session.portrait == edited
    refining.jump(0)
    assert refining.session.portrait is None
    refining.jump(len(refining.history.nodes) - 1)
    assert shown == [chosen, edited, edited]
    assert len(engine.asked) == drawn


def test_turning_the_page_is_no_step_of_the_history(refining: Controller) -> None:
    nodes = len(refining.history.nodes)
    refining.go(Stage.description)
    refining.go(Stage.round)
    refining.go(Stage.refine)
    assert len(refining.history.nodes) == nodes
    refining.undo()
    assert refining.session.portrait is not None  # the answer, not the page, was undone
    assert refining.session.rounds[-1].answer is not None


def test_the_answer_belongs_to_the_witness_and_the_slider_to_the_officer(
    refining: Controller,
) -> None:
    refining.set_edit("age", 2.0, final=True)
    assert refining.case is not None
    actors = {e.kind: e.actor for e in refining.case.events()}
    assert actors["round.answered"] == "witness"
    assert actors["portrait.chosen"] == "witness"
    assert actors["portrait.edited"] == "officer"
    assert actors["face.shown"] == "model"


def test_accept_rate_and_no_rating_for_another_face(refining: Controller, wait: Wait) -> None:
    refining.accept_portrait()
    assert refining.session.stage is Stage.validation
    refining.rate(4, "the eyes are right")
    assert (refining.session.rating, refining.session.remark) == (4, "the eyes are right")
    refining.set_edit("age", 4.0, final=True)
    assert refining.session.rating is None
    wait(lambda: not refining.jobs.is_busy("portrait"))


def test_a_portrait_that_was_not_drawn_cannot_be_accepted(
    refining: Controller, engine: FakeEngine, problems: list[str]
) -> None:
    engine.gate.clear()
    refining.set_edit("age", 7.0, final=True)
    refining.accept_portrait()
    assert problems == ["portrait.not_drawn"]
    engine.gate.set()


def test_a_break_is_journalled_and_ends_where_it_began(offered: Controller) -> None:
    paused: list[bool] = []
    offered.paused_changed.connect(paused.append)
    before = offered.session
    offered.take_break()
    offered.take_break()
    offered.resume()
    assert paused == [True, False]
    assert kinds(offered)[-2:] == ["paused", "resumed"]
    assert offered.session == before


def test_changed_and_added_attributes_must_be_of_the_vocabulary(
    described: Controller, problems: list[str]
) -> None:
    before = described.session
    described.add_attribute("eye_color", "ultraviolet")
    described.change_attribute(0, "banana")
    described.change_attribute(77, "male")
    described.drop_attribute(-1)
    assert described.session == before
    assert problems == ["attribute.bad_value"] * 4
    described.add_attribute("eye_color", "green")
    described.add_attribute("age", (30, 35))
    added = described.session.description.attributes[-2:]
    assert [(a.name, a.value, a.confirmed, a.source) for a in added] == [
        ("eye_color", "green", True, "officer"), ("age", (30, 35), True, "officer"),
    ]


def test_decisions_hold_when_the_text_is_read_again(described: Controller, wait: Wait) -> None:
    described.drop_attribute(3)  # the doubtful beard
    described.read_description(TEXT + " and glasses")
    wait(lambda: any(a.name == "glasses" for a in described.session.description.attributes))
    names = {a.name: a.confirmed for a in described.session.description.attributes}
    assert names == {"sex": True, "age": True, "nose_size": True, "glasses": False}
    assert described.session.recall == TEXT  # the first description stays as given


def test_without_a_model_everything_but_faces_works(
    practice: Controller, wait: Wait, problems: list[str]
) -> None:
    practice.load_model("nowhere")
    wait(lambda: practice.model_state == "failed")
    do_interview(practice)
    wait(lambda: practice.session.description.attributes)
    practice.confirm_all()
    practice.offer_round()
    assert problems == ["model.missing", "model.failed"]
    assert practice.session.stage is Stage.description


def test_without_a_case_verbs_say_so(controller: Controller, problems: list[str]) -> None:
    controller.set_recall("x")
    controller.rate(3)
    assert problems == ["case.none", "case.none"]


def test_thumbnails_come_from_the_case_and_only_the_rest_is_drawn(
    offered: Controller, engine: FakeEngine, wait: Wait
) -> None:
    got: list[Any] = []
    offered.thumbnail_ready.connect(lambda face: got.append(face.recipe))
    known = offered.session.rounds[0].faces[:3]
    offered.render_thumbnails(known)
    assert tuple(got) == known
    new = known[0].with_edit("age", 3.0)
    offered.render_thumbnails((new,))
    wait(lambda: got[-1] == new)


# ------------------------------------------------------------------ kept cases


def open_kept(
    controller: Controller, path: Path, wait: Wait, facts: Sequence[str] = ("2026/17",)
) -> None:
    controller.new_case(path, PASSPHRASE, CaseFacts(facts[0]))
    wait(lambda: controller.case is not None, 30000)


def test_reopening_lands_on_the_last_acknowledged_choice(
    controller: Controller, tmp_path: Path, wait: Wait
) -> None:
    path = tmp_path / "a.ppcase"
    open_kept(controller, path, wait)
    do_interview(controller)
    wait(lambda: controller.session.description.attributes)
    controller.confirm_all()
    controller.offer_round()
    wait(lambda: controller.session.open_round)
    controller.answer_round(Answer.none)
    controller.offer_round()
    wait(lambda: controller.session.open_round)
    controller.use_portrait(1)
    controller.set_edit("age", 6.0, final=True)
    wait(lambda: controller.was_shown(controller.session.portrait))  # type: ignore[arg-type]
    controller.undo()
    session, history = controller.session, controller.history
    controller.close_case()
    assert controller.case is None
    wait(lambda: not controller.jobs.is_busy("closing"), 30000)
    shown: list[Any] = []
    controller.face_ready.connect(lambda face: shown.append(face.index))
    controller.open_case(path, PASSPHRASE)
    wait(lambda: controller.case is not None, 30000)
    assert controller.session == session
    assert controller.history == history
    assert sorted(shown) == list(range(9))  # the array is on the table again, from the file
    controller.redo()
    assert controller.session.portrait.edit("age") == 6.0  # type: ignore[union-attr]


def test_a_wrong_passphrase_opens_nothing_and_blocks_nothing(
    controller: Controller, tmp_path: Path, wait: Wait, problems: list[str]
) -> None:
    path = tmp_path / "a.ppcase"
    open_kept(controller, path, wait)
    controller.close_case()
    wait(lambda: not controller.jobs.is_busy("closing"), 30000)
    controller.open_case(path, "not the passphrase")
    wait(lambda: problems, 30000)
    assert problems == ["case.wrong_passphrase"]
    assert controller.case is None


def test_the_second_who_opens_is_told_and_may_read_a_copy(
    controller: Controller, engine: FakeEngine, tmp_path: Path, wait: Wait, problems: list[str]
) -> None:
    path = tmp_path / "a.ppcase"
    open_kept(controller, path, wait)
    controller.set_eligibility("view", "good")
    second = Controller(lambda: engine)
    said: list[Any] = []
    second.problem.connect(said.append)
    second.open_case(path, PASSPHRASE)
    wait(lambda: said, 30000)
    assert said[0].code == "case.held"
    assert said[0].facts["who"]
    second.open_copy(path, PASSPHRASE)
    wait(lambda: second.case is not None, 30000)
    assert second.session.eligibility.answer("view") == "good"
    second.set_eligibility("view", "poor")
    assert said[-1].code == "case.read_only"
    assert second.session.eligibility.answer("view") == "good"
    said.clear()
    second.undo()  # a reader may turn through it; nothing is written
    assert second.session.eligibility.answer("view") is None
    second.redo()
    assert second.session.eligibility.answer("view") == "good"
    assert not said
    second.shut_down()
    controller.set_eligibility("view", "fair")  # the first goes on undisturbed
    assert not problems


def test_history_is_what_the_journal_says(refining: Controller) -> None:
    refining.set_edit("age", 3.0, final=True)
    refining.undo()
    refining.set_hold("sex", True)
    assert refining.case is not None
    assert replay(refining.case.events()) == refining.history


def test_a_live_face_is_journalled_when_it_becomes_the_portrait(
    refining: Controller, wait: Wait
) -> None:
    seen: list[FaceReady] = []
    refining.portrait_ready.connect(seen.append)
    refining.set_edit("lips", 1.5, final=False)
    wait(lambda: any(not f.preview for f in seen))
    moved = seen[-1].recipe
    assert not refining.was_shown(moved)
    refining.set_edit("lips", 1.5, final=True)
    assert refining.was_shown(moved)


def test_a_request_on_the_portrait_lane_is_asked_with_preview_only_while_dragging(
    refining: Controller, engine: FakeEngine, wait: Wait
) -> None:
    refining.set_edit("lips", 1.0, final=False)
    refining.set_edit("lips", 2.0, final=True)
    wait(lambda: refining.was_shown(refining.session.portrait))  # type: ignore[arg-type]
    asked = [r.preview for r in engine.asked if isinstance(r, RenderPortrait)]
    assert asked[-2:] == [True, False]


def test_with_something_held_the_engine_says_what_the_new_recipe_is(
    refining: Controller, wait: Wait, engine: FakeEngine
) -> None:
    refining.set_hold("sex", True)
    refining.set_edit("age", 4.0, final=False)
    wait(lambda: not refining.jobs.is_busy("portrait"))
    before = refining.session
    refining.set_edit("age", 5.0, final=True)
    assert refining.session == before  # not before the engine has answered
    wait(lambda: refining.session != before)
    portrait = refining.session.portrait
    assert portrait is not None
    assert portrait.edits == (("age", 5.0), ("sex", -0.625))
    assert refining.was_shown(portrait)
    assert refining.case is not None
    assert replay(refining.case.events()) == refining.history


def test_an_undo_while_a_held_move_is_computed_wins(
    refining: Controller, engine: FakeEngine, wait: Wait
) -> None:
    refining.set_hold("sex", True)
    engine.gate.clear()
    refining.set_edit("age", 5.0, final=True)
    refining.undo()
    undone = refining.session
    engine.gate.set()
    refining.go(Stage.refine)
    wait(lambda: not refining.jobs.is_busy("portrait"))
    assert refining.session == undone


def test_closing_says_the_words_under_which_the_record_stands(
    controller: Controller, tmp_path: Path, wait: Wait
) -> None:
    path = tmp_path / "a.ppcase"
    open_kept(controller, path, wait)
    said: list[tuple[str, dict[str, Any]]] = []
    controller.notice.connect(lambda code, facts: said.append((code, facts)))
    controller.close_case()
    wait(lambda: said, 30000)
    code, facts = said[0]
    assert code == "case.closed"
    assert len(facts["words"].split()) == 8
    controller.open_copy(path, PASSPHRASE)
    wait(lambda: controller.case is not None, 30000)
    assert controller.case is not None
    assert " ".join(controller.case.head().words) == facts["words"]


def test_ending_while_a_case_is_being_opened_leaves_it_closed(
    engine: FakeEngine, tmp_path: Path, controller: Controller, wait: Wait
) -> None:
    path = tmp_path / "a.ppcase"
    other = Controller(lambda: engine)
    other.new_case(path, PASSPHRASE, CaseFacts("r"))
    other.shut_down()  # at once
    assert path.is_file()
    controller.open_case(path, PASSPHRASE)  # held by nobody
    wait(lambda: controller.case is not None, 30000)
    assert controller.may_write

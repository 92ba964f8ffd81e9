"""The journal read as a history: pure, strict, and the same live and after reopening."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.models.case import CaseFacts
from app.models.description import Attribute, Description
from app.models.errors import BadInput, PortraitError
from app.models.events import Event
from app.models.history import History
from app.models.journal import Journal
from app.models.portrait import Recipe
from app.models.replay import next_round_number, pictures_shown, replay, step
from app.models.round import Answer
from app.models.session import Session, Stage
from app.models.store import StoreError, practice_case

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def face(seed: int) -> Recipe:
    return Recipe.from_array("a" * 64, np.full(4, seed, np.float32), seed=seed)


def event(kind: str, data: dict[str, Any], second: float = 0.0, seq: int = 1) -> Event:
    wall = f"2026-03-04T10:00:{second:06.3f}+01:00"
    return Event(seq, kind, "officer", wall, 0, data, (), "")


def after(*events: Event) -> History[Session]:
    return replay(events)


def shown(number: int = 1, count: int = 3, **more: Any) -> Event:
    recipes = [face(number * 100 + i).to_json() for i in range(count)]
    return event("round.shown", {"round": number, "recipes": recipes, "seed": 7, **more})


def answered(number: int = 1, answer: str = "picked", picks: tuple[int, ...] = (1,)) -> Event:
    data = {"round": number, "answer": answer, "picks": list(picks), "ranked": False}
    return event("round.answered", data)


def chosen(seed: int = 5) -> Event:
    return event("portrait.chosen", {"recipe": face(seed).to_json(), "round": 1, "tile": 0})


def edited(to: float, second: float) -> Event:
    return event("portrait.edited", {"name": "age", "from": 0.0, "to": to}, second)


def test_kinds_that_move_nothing_leave_the_history_as_it_is() -> None:
    start = History.start(Session())
    for kind in ("case.opened", "face.shown", "round.asked", "paused", "from.the.future"):
        assert step(start, event(kind, {})) is start


def test_answers_and_recall_are_one_step_each_however_often_they_change() -> None:
    history = after(
        event("eligibility", {"answers": {"view": "good"}}),
        event("eligibility", {"answers": {"view": "poor"}}, 30),
        event("description.draft", {"text": "a m"}, 31),
        event("description.draft", {"text": "a man"}, 59),
    )
    assert [n.label for n in history.nodes] == ["start", "eligibility", "recall"]
    assert history.state.recall == "a man"
    assert history.state.eligibility.answer("view") == "poor"


def test_the_recall_opens_the_description_with_the_same_words() -> None:
    state = after(event("description.first", {"text": "He was old."})).state
    assert (state.stage, state.recall) == (Stage.description, "He was old.")
    assert state.description.text == "He was old."


def test_a_whole_description_is_read_back_with_its_decisions() -> None:
    description = Description(
        "bald", (Attribute("hair_length", "bald", span=(0, 4), text="bald"),)
    ).confirm(0)
    state = after(event("attributes.confirmed", {"description": description.to_json()})).state
    assert state.description == description


def test_an_array_then_an_answer_then_a_portrait() -> None:
    history = after(shown(wild=2), answered(), chosen())
    assert history.state.rounds[0].wild == 2
    assert history.state.rounds[0].answer is Answer.picked
    assert history.state.portrait == history.state.baseline == face(5)
    assert history.state.stage is Stage.refine
    assert [n.label for n in history.nodes[1:]] == ["round", "answer", "portrait"]


def test_quick_slider_moves_are_one_step_and_slow_ones_are_two() -> None:
    quick = after(chosen(), edited(1, 1.0), edited(2, 1.5), edited(3, 2.2))
    slow = after(chosen(), edited(1, 1.0), edited(2, 2.5))
    assert len(quick.nodes) == 3
    assert quick.state.portrait is not None
    assert quick.state.portrait.edit("age") == 3.0
    assert len(slow.nodes) == 4


def test_a_moved_head_branches_and_keeps_what_was_left() -> None:
    left = after(shown(), answered(answer="none", picks=()), chosen(5))
    back = step(left, event("history.moved", {"how": "undo", "from": 3, "to": 2}))
    other = step(back, chosen(6))
    assert len(other.nodes) == 5
    assert other.children(2) == (3, 4)
    assert other.jump(3).state.portrait == face(5)


def test_turning_a_page_changes_the_stage_and_adds_no_step() -> None:
    history = after(shown(), answered(), event("stage.opened", {"stage": "interview"}))
    assert history.state.stage is Stage.interview
    assert len(history.nodes) == 3


@pytest.mark.parametrize(
    "bad",
    [
        event("history.moved", {"to": 9}),
        event("history.moved", {}),
        event("stage.opened", {"stage": "nowhere"}),
        event("stage.opened", {"stage": "refine"}),
        event("round.shown", {"round": 1, "recipes": [{"format": 1}], "seed": 0}),
        answered(number=4),
        answered(answer="perhaps"),
        answered(picks=(7,)),
        event("portrait.edited", {"name": "age", "to": 1.0}),
        event("portrait.edited", {"name": "age", "to": "much"}),
        event("portrait.rated", {"rating": 9, "remark": ""}),
        event("attributes.confirmed", {"description": {"text": 3}}),
    ],
)
def test_an_event_that_does_not_fit_is_refused_by_name(bad: Event) -> None:
    with pytest.raises(BadInput) as refused:
        after(shown(), bad)
    assert refused.value.code


def test_a_step_backwards_in_the_clock_never_merges_and_never_fails() -> None:
    history = after(chosen(), edited(1, 30.0), edited(2, 10.0))
    assert len(history.nodes) == 4


def test_round_numbers_are_never_used_twice_over_branches() -> None:
    history = after(shown(1), answered(1), shown(2))
    assert next_round_number(history.jump(0)) == 3


def test_pictures_are_found_by_the_face_they_show() -> None:
    recipes = [face(1).to_json(), face(2).to_json()]
    array = Event(1, "round.shown", "model", "", 0, {"recipes": recipes}, ("x", "y"), "")
    single = Event(2, "portrait.shown", "model", "", 0, {"recipe": face(3).to_json()}, ("z",), "")
    none = Event(3, "portrait.edited", "officer", "", 0, {"name": "age"}, (), "")
    assert pictures_shown(array) == ((face(1).id, "x"), (face(2).id, "y"))
    assert pictures_shown(single) == ((face(3).id, "z"),)
    assert pictures_shown(none) == ()


# ------------------------------------------------------------------ the journal around it


def test_a_journal_reads_back_what_another_wrote() -> None:
    case = practice_case(CaseFacts("x"))
    written = Journal(case)
    assert written.is_new
    written.record("session.started", "officer", {})
    written.record("portrait.chosen", "witness", dict(chosen().data))
    written.record("portrait.shown", "model", {"recipe": face(5).to_json()}, (PNG,))
    read = Journal(case)
    assert read.history == written.history
    assert read.picture(face(5)) == PNG
    assert read.picture(face(6)) is None
    assert not read.is_new


def test_what_does_not_fit_never_reaches_the_file() -> None:
    case = practice_case(CaseFacts("x"))
    journal = Journal(case)
    before = case.head()
    with pytest.raises(BadInput):
        journal.record("round.answered", "witness", dict(answered().data))
    assert case.head() == before


def test_what_the_file_refuses_never_reaches_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    case = practice_case(CaseFacts("x"))
    journal = Journal(case)

    def full(*args: Any) -> Event:
        raise StoreError("case.disk_full")

    monkeypatch.setattr(case, "append", full)
    with pytest.raises(PortraitError, match="disk_full"):
        journal.record("portrait.chosen", "witness", dict(chosen().data))
    assert journal.session == Session()


def test_of_a_damaged_case_the_rest_can_still_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    case = practice_case(CaseFacts("x"))
    lost = answered(number=7)  # the array it answers was in the damaged part
    case.append(chosen().kind, "witness", chosen().data)
    case.append(lost.kind, "witness", lost.data)
    case.append("portrait.held", "officer", {"name": "age", "held": True})
    with pytest.raises(BadInput):
        Journal(case)
    case.problems = ("event 2: seal does not fit",)
    read = Journal(case)
    assert read.session.portrait == face(5)
    assert read.session.held == ("age",)

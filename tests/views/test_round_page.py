"""The array in front of the witness: arriving, picking, answering, and what is said beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.engine.api import FacesProposed, PrepareFaces, ProposeFaces, SearchState, Shortfall
from app.models.errors import PortraitError
from app.models.replay import replay
from app.models.round import Answer
from app.models.session import Stage
from app.views.controller import Controller
from app.views.round_pace import BreakWatch
from app.views.round_page import RoundPage
from tests.views.fakes import FakeEngine


@pytest.fixture
def page(described: Controller, qtbot: QtBot) -> Iterator[RoundPage]:
    """The page on screen, before any array, kept up to date as the window does it."""
    shown = RoundPage(described)
    qtbot.addWidget(shown)
    described.session_changed.connect(lambda old, new: shown.show_session(new))
    shown.resize(1190, 620)
    with qtbot.waitExposed(shown):
        shown.show()
    yield shown
    shown.hide()


def offer(page: RoundPage, qtbot: QtBot) -> None:
    """Press the button for faces and wait for the array."""
    with qtbot.waitSignal(page._controller.round_offered, timeout=5000):
        page.more.click()


def shown_faces(page: RoundPage) -> int:
    """How many tiles show a face."""
    return sum(tile.pixels is not None for tile in page.gallery.tiles)


def test_before_the_first_array_only_one_way_leads_on(page: RoundPage) -> None:
    assert page.more.isEnabled()
    assert page.more.text() == "Show faces"
    assert not page.none.isEnabled()
    assert not page.unsure.isEnabled()
    assert not page.work.isEnabled()
    assert page.rest.isEnabled()


def test_faces_arrive_one_by_one_in_plain_places(
    page: RoundPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.delay_s = 0.05
    page.more.click()
    qtbot.waitUntil(lambda: 0 < shown_faces(page) < 9)
    assert len(page.gallery.tiles) == 9
    assert not page.none.isEnabled()
    assert page.stop.isVisible()
    assert not page.more.isEnabled()
    qtbot.waitUntil(lambda: shown_faces(page) == 9 and page.none.isEnabled())
    assert not page.stop.isVisible()


def test_stopping_leaves_the_array_that_was_there(
    page: RoundPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    offer(page, qtbot)
    before = page._controller.session.rounds[-1]
    page.gallery.toggle(2)
    engine.delay_s = 0.05
    page.more.click()
    qtbot.waitUntil(lambda: shown_faces(page) == 1)
    page.stop.click()
    assert shown_faces(page) == 9
    assert page._controller.session.rounds[-1].faces == before.faces
    assert page.gallery.picks == (2,)


def test_keys_pick_and_enter_asks_for_more(page: RoundPage, qtbot: QtBot) -> None:
    offer(page, qtbot)
    qtbot.keyClick(page, Qt.Key.Key_3)
    qtbot.keyClick(page, Qt.Key.Key_7)
    assert page.gallery.picks == (2, 6)
    with qtbot.waitSignal(page._controller.round_offered, timeout=5000):
        qtbot.keyClick(page.gallery.tiles[6], Qt.Key.Key_Return)
    first, second = page._controller.session.rounds
    assert (first.answer, first.picks, first.ranked) == (Answer.picked, (2, 6), False)
    assert second.answer is None
    assert page.gallery.picks == ()


def test_while_faces_arrive_no_button_inherits_the_keyboard(
    page: RoundPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    offer(page, qtbot)
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.gallery.toggle(0)
    engine.delay_s = 0.03
    qtbot.keyClick(page.gallery.tiles[0], Qt.Key.Key_Return)
    assert QApplication.focusWidget() is page
    qtbot.keyClick(page, Qt.Key.Key_Space)
    assert not page._controller.is_paused
    qtbot.waitUntil(lambda: QApplication.focusWidget() is page.gallery.tiles[0])
    qtbot.keyClick(page.gallery.tiles[0], Qt.Key.Key_Space)
    assert page.gallery.picks == (0,)


@pytest.mark.parametrize(
    ("key", "answer"), [(Qt.Key.Key_N, Answer.none), (Qt.Key.Key_U, Answer.not_sure)]
)
def test_none_and_not_sure_are_answers_and_bring_new_faces(
    page: RoundPage, qtbot: QtBot, key: Qt.Key, answer: Answer
) -> None:
    offer(page, qtbot)
    with qtbot.waitSignal(page._controller.round_offered, timeout=5000):
        qtbot.keyClick(page, key)
    assert page._controller.session.rounds[0].answer is answer
    assert len(page._controller.session.rounds) == 2


def test_a_break_is_one_key(page: RoundPage, qtbot: QtBot) -> None:
    qtbot.keyClick(page, Qt.Key.Key_B)
    assert page._controller.is_paused


def test_the_order_counts_only_when_it_is_asked_for(page: RoundPage, qtbot: QtBot) -> None:
    offer(page, qtbot)
    page.options.ranked.setChecked(True)
    for index in (4, 1):
        page.gallery.toggle(index)
    assert page.gallery.tiles[4].rank == 1
    with qtbot.waitSignal(page._controller.round_offered, timeout=5000):
        page.more.click()
    answered = page._controller.session.rounds[0]
    assert (answered.picks, answered.ranked) == ((4, 1), True)


def test_enter_without_a_pick_asks_and_journals_nothing(page: RoundPage, qtbot: QtBot) -> None:
    offer(page, qtbot)
    before = page._controller.case.head().count  # type: ignore[union-attr]
    page.more.click()
    assert "Pick at least one" in page.hint.text()
    assert page._controller.case.head().count == before  # type: ignore[union-attr]
    assert page._controller.session.open_round is not None


def test_one_pick_can_be_worked_on(page: RoundPage, qtbot: QtBot) -> None:
    offer(page, qtbot)
    page.gallery.toggle(3)
    page.gallery.toggle(4)
    assert not page.work.isEnabled()
    page.gallery.toggle(4)
    assert page.work.isEnabled()
    page.work.click()
    session = page._controller.session
    assert session.stage is Stage.refine
    assert session.portrait == session.rounds[-1].faces[3]


def test_an_answer_that_cannot_be_stored_brings_no_new_faces(
    page: RoundPage, qtbot: QtBot, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(page, qtbot)
    page.gallery.toggle(0)

    def refuse(*args: object, **kwargs: object) -> None:
        raise PortraitError("case.disk_full")

    monkeypatch.setattr(page._controller.case, "append", refuse)
    asked = len([r for r in engine.asked if isinstance(r, ProposeFaces)])
    with qtbot.waitSignal(page._controller.problem) as problem:
        page.more.click()
    assert problem.args[0].code == "case.disk_full"
    assert page._controller.session.open_round is not None
    assert page.gallery.picks == (0,)
    assert len([r for r in engine.asked if isinstance(r, ProposeFaces)]) == asked


def test_undo_shows_the_array_before_with_its_picks(page: RoundPage, qtbot: QtBot) -> None:
    offer(page, qtbot)
    first = page._controller.session.rounds[-1].faces
    page.gallery.toggle(5)
    with qtbot.waitSignal(page._controller.round_offered, timeout=5000):
        page.more.click()
    page._controller.undo()
    assert page._controller.session.rounds[-1].faces == first
    assert page.gallery.picks == (5,)
    assert tuple(page._tiles[i] for i in range(9)) == first
    assert shown_faces(page) == 9


def test_the_blur_and_the_simple_view_reach_every_tile(page: RoundPage, qtbot: QtBot) -> None:
    offer(page, qtbot)
    assert not page.options.blur.isEnabled()
    page.options.blur_on.setChecked(True)
    page.options.blur.setValue(80)
    page.options.simplified.setChecked(True)
    assert {tile.look for tile in page.gallery.tiles} == {page.options.look}
    assert page.options.look.blur == pytest.approx(0.8)
    assert page.options.look.simplified


def test_the_search_speaks_in_words(page: RoundPage) -> None:
    page._on_offered(FacesProposed((), state=SearchState("narrowing")))
    assert "Narrowing" in page.hint.text()
    page._on_offered(FacesProposed((), state=SearchState("settled", enough=True)))
    assert "unlikely to help" in page.hint.text()
    assert not any(c.isdigit() for c in page.hint.text())


def test_shortfalls_are_said_calmly_and_only_when_there_are_any(page: RoundPage) -> None:
    assert not page.shortfalls.isVisible()
    short = (Shortfall("hat", "cap", "no_direction"), Shortfall("lips", "full", "weak"))
    page._on_offered(FacesProposed((), shortfalls=short))
    assert page.shortfalls.isVisible()
    words = "Hat: cap - this model cannot show it; it can be put on the picture."
    assert words in page.shortfalls.lines.text()
    assert "Lips: full - this model shows it only faintly" in page.shortfalls.lines.text()
    many = tuple(Shortfall("hat", f"h{i}", "weak") for i in range(9))
    page._on_offered(FacesProposed((), shortfalls=many))
    assert page.shortfalls.lines.text().endswith("and 5 more")


def test_without_a_model_the_page_says_why(
    page: RoundPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    page._controller.load_model("nowhere")
    assert "being loaded" in page.hint.text()
    qtbot.waitUntil(lambda: page._controller.model_state == "failed")
    assert "no face model" in page.hint.text()
    assert not page.more.isEnabled()


def test_showing_the_same_session_twice_changes_nothing(page: RoundPage, qtbot: QtBot) -> None:
    offer(page, qtbot)
    page.gallery.toggle(1)
    shown = [tile.pixels for tile in page.gallery.tiles]
    page.show_session(page._controller.session)
    assert page.gallery.picks == (1,)
    assert all(a is b for a, b in zip(shown, (t.pixels for t in page.gallery.tiles), strict=True))


def test_a_held_face_stays_where_it_is_in_the_next_arrays(page: RoundPage, qtbot: QtBot) -> None:
    offer(page, qtbot)
    tiles = page.gallery.tiles
    kept = page._tiles[4]
    tiles[4].setFocus()
    qtbot.keyClick(tiles[4], Qt.Key.Key_H)
    qtbot.mouseClick(tiles[1], Qt.MouseButton.LeftButton, pos=tiles[1]._pin().center())
    assert page.gallery.held == (1, 4)
    assert page.gallery.picks == ()  # holding is no picking
    qtbot.mouseClick(tiles[1], Qt.MouseButton.LeftButton, pos=tiles[1]._pin().center())
    assert "lock" in page.hint.text()
    for _ in range(2):
        qtbot.mouseClick(tiles[0], Qt.MouseButton.LeftButton)
        offer(page, qtbot)
        session = page._controller.session
        assert session.rounds[-1].faces[4] == kept
        assert len(set(session.rounds[-1].faces)) == 9
        assert page._tiles[4] == kept
        assert tiles[4].held
        assert shown_faces(page) == 9
    asked = [e for e in page._controller.case.events() if e.kind == "round.asked"]  # type: ignore[union-attr]
    assert [set(e.data.get("kept", {})) for e in asked] == [set(), {"4"}, {"4"}]
    wild = session.rounds[-1].wild
    assert wild is None or wild != 4
    assert replay(page._controller.case.events()) == page._controller.history  # type: ignore[union-attr]


def prepared(page: RoundPage) -> list[dict[str, object]]:
    """What was journalled as drawn ahead."""
    case = page._controller.case
    assert case is not None
    return [dict(e.data) for e in case.events() if e.kind == "round.prepared"]


def test_the_next_array_is_drawn_ahead_of_the_answer_and_journalled_as_not_shown(
    page: RoundPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    offer(page, qtbot)
    before = page._controller.session
    page._still.setInterval(0)
    qtbot.mouseClick(page.gallery.tiles[2], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(prepared(page)) == 1)
    ahead = prepared(page)[0]
    assert (ahead["round"], ahead["picks"], ahead["shown"]) == (2, [2], False)
    assert page._controller.session == before  # it is no step of the sitting
    offer(page, qtbot)
    asked = [r for r in engine.asked if isinstance(r, ProposeFaces)][-1]
    assert asked == next(r.array for r in engine.asked if isinstance(r, PrepareFaces))
    assert page._controller.session.rounds[-1].seed == ahead["seed"]


def test_an_array_drawn_ahead_of_another_answer_is_not_used(
    page: RoundPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    offer(page, qtbot)
    page._still.setInterval(0)
    qtbot.mouseClick(page.gallery.tiles[2], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(prepared(page)) == 1)
    with qtbot.waitSignal(page._controller.round_offered, timeout=5000):
        page.none.click()
    asked = [r for r in engine.asked if isinstance(r, ProposeFaces)][-1]
    assert asked.seed != prepared(page)[0]["seed"]
    assert asked.rounds[-1].answer is Answer.none


def test_nothing_is_drawn_ahead_without_picks_and_a_closed_case_forgets_it(
    page: RoundPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    offer(page, qtbot)
    page._controller.prepare_round((), False)
    assert not any(isinstance(r, PrepareFaces) for r in engine.asked)
    page._controller.prepare_round((1,), False)
    page._controller.prepare_round((1,), False)
    page._controller.close_case()
    assert [r.array is None for r in engine.asked if isinstance(r, PrepareFaces)] == [False, True]


def test_at_least_one_face_is_new_however_many_are_held(page: RoundPage, qtbot: QtBot) -> None:
    offer(page, qtbot)
    page.gallery.set_held(tuple(range(9)))
    page.gallery.set_picks((0,))
    before = page._controller.session.rounds[-1].faces
    offer(page, qtbot)
    after = page._controller.session.rounds[-1].faces
    assert after[:8] == before[:8]
    assert after[8] != before[8]


def test_looking_longer_is_suggested_and_locks_nothing(
    page: RoundPage, described: Controller, qtbot: QtBot
) -> None:
    described.change_settings(look_longer_s=1)
    offer(page, qtbot)
    assert "look at every face" in page.question.text()
    assert page.none.isEnabled()
    qtbot.waitUntil(lambda: "most like" in page.question.text())
    described.change_settings(look_longer_s=0)
    page.gallery.set_picks((0,))
    offer(page, qtbot)
    assert "most like" in page.question.text()


def test_a_break_is_suggested_after_a_while_of_faces(
    page: RoundPage, described: Controller, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    described.notice.connect(lambda code, facts: said.append(code))
    watch = BreakWatch(described, page)
    offer(page, qtbot)
    assert watch._timer.remainingTime() > 24 * 60_000
    watch._timer.start(20)
    qtbot.waitUntil(lambda: said == ["break.suggested"])
    described.take_break()
    assert not watch._timer.isActive()
    described.resume()
    assert watch._timer.isActive()
    described.change_settings(break_minutes=0)
    assert not watch._timer.isActive()

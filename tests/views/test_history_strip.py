"""The strip of steps: the path, branches beside it, and moving along it without a model."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QListWidgetItem
from pytestqt.qtbot import QtBot

from app.engine.api import RenderFaces
from app.models.history import History
from app.models.session import Session
from app.views.controller import Controller
from app.views.history_strip import (
    AFTER,
    BEFORE,
    WHOLE,
    Branches,
    HistoryStrip,
    shown_path,
    step_label,
)
from app.views.small_faces import NODE
from tests.views.fakes import FakeEngine


@pytest.fixture
def strip(refining: Controller, qtbot: QtBot) -> Iterator[HistoryStrip]:
    """The strip on screen in the middle of refinement."""
    shown = HistoryStrip(refining)
    qtbot.addWidget(shown)
    shown.resize(1366, 110)
    with qtbot.waitExposed(shown):
        shown.show()
    yield shown
    shown.hide()


def items(strip: HistoryStrip) -> list[QListWidgetItem]:
    """The steps shown."""
    return [strip.steps.item(i) for i in range(strip.steps.count())]


def texts(strip: HistoryStrip) -> list[str]:
    """Their words."""
    return [item.text() for item in items(strip)]


def edit(strip: HistoryStrip, name: str, amount: float) -> None:
    """One final slider move."""
    strip._controller.set_edit(name, amount, final=True)


def test_the_strip_begins_where_the_faces_begin(strip: HistoryStrip) -> None:
    assert texts(strip) == ["Features", "Faces 1", "Picked", "This face"]
    assert strip.steps.currentRow() == 3


def test_a_step_is_named_as_its_slider(strip: HistoryStrip) -> None:
    edit(strip, "nose_size", 1.0)
    edit(strip, "lips", -1.0)
    strip._controller.set_hold("lips", True)
    assert texts(strip)[-3:] == ["Nose size", "Lips", "Hold: Lips"]


def test_of_many_steps_only_what_changed_is_drawn_again(
    strip: HistoryStrip, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: all(strip._drawn))  # the small faces are there
    history = strip._controller.history
    for i in range(400):
        state = history.state.with_hold("lips", i % 2 == 0)
        history = history.push("hold", state, detail="lips", when=float(i))
    strip.show_history(history)
    strip.show_history(history)
    drawn: list[int] = []
    original = strip._show_step

    def counted(place: int, *rest: Any) -> bool:
        drawn.append(place)
        return original(place, *rest)

    monkeypatch.setattr(strip, "_show_step", counted)
    strip.show_history(history.push("hold", history.state.with_hold("age", True), when=500.0))
    assert len(drawn) <= 10
    assert BEFORE <= len(items(strip)) <= BEFORE + WHOLE


def test_of_a_long_history_the_steps_around_the_present_one_are_shown(
    strip: HistoryStrip, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = strip._controller.history
    drawn: list[int] = []
    original = strip._show_step
    monkeypatch.setattr(strip, "_show_step", lambda *a: (drawn.append(a[0]), original(*a)))
    for i in range(1000):
        state = history.state.with_hold("lips", i % 2 == 0)
        history = history.push("hold", state, detail="lips", when=float(i))
        strip.show_history(history)
    assert len(drawn) < 5 * 1000  # the present step and its neighbours, never all of them
    assert strip.steps.currentRow() == len(items(strip)) - 1
    for _ in range(500):
        history = history.undo()
    strip.show_history(history)
    path, place = shown_path(history)
    assert [item.data(NODE) for item in items(strip)] == [n.id for n in path]
    assert path[place] is history.current
    assert BEFORE <= place < BEFORE + WHOLE
    assert len(path) == place + 1 + AFTER


def test_ways_are_counted_as_a_whole_count_would(strip: HistoryStrip) -> None:
    history, ways, rng = strip._controller.history, Branches(), random.Random(1)
    for i in range(300):
        if rng.random() < 0.3:
            history = history.jump(rng.randrange(len(history.nodes)))
        history = history.push("x", history.state.with_hold(f"h{i}", True), when=float(i))
        ways.count(history)
        parents = {n.parent for n in history.nodes}
        ends = [n.id for n in history.nodes if n.id not in parents and n.id != history.head]
        assert [n.id for n in ways.other_ends(history)] == ends[::-1]
    for node in history.nodes:
        assert ways.children[node.id] == len(history.children(node.id))


def test_undo_keeps_what_was_undone_in_sight(strip: HistoryStrip) -> None:
    edit(strip, "nose_size", 1.0)
    strip.undo.click()
    assert texts(strip)[-1] == "Nose size"
    assert strip.steps.currentRow() == len(texts(strip)) - 2
    said = items(strip)[-1].data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Nose size, undone"
    strip.redo.click()
    assert strip.steps.currentRow() == len(texts(strip)) - 1


def test_another_way_on_is_a_branch_that_can_be_gone_to(strip: HistoryStrip) -> None:
    assert not strip.branches.isVisible()
    edit(strip, "nose_size", 1.0)
    left = strip._controller.history.head
    strip.undo.click()
    edit(strip, "lips", 1.0)
    assert strip.branches.isVisible()
    assert strip.branches.text() == "Other ways (1)"
    assert "other way on: 1" in items(strip)[-2].data(Qt.ItemDataRole.AccessibleTextRole)
    (action,) = strip.menu.actions()
    assert "Nose size" in action.text()
    action.trigger()
    assert strip._controller.history.head == left
    assert texts(strip)[-1] == "Nose size"


def test_a_click_goes_there(strip: HistoryStrip, qtbot: QtBot) -> None:
    edit(strip, "nose_size", 1.0)
    place = strip.steps.visualItemRect(items(strip)[1]).center()
    qtbot.mouseClick(strip.steps.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
    assert strip._controller.history.current.label == "round"
    assert strip._controller.session.portrait is None


def test_arrow_keys_look_and_enter_goes(strip: HistoryStrip, qtbot: QtBot) -> None:
    head = strip._controller.history.head
    strip.steps.setFocus()
    qtbot.keyClick(strip.steps, Qt.Key.Key_Left)
    assert strip._controller.history.head == head
    qtbot.keyClick(strip.steps, Qt.Key.Key_Return)
    assert strip._controller.history.current.label == "answer"


def test_faces_come_from_the_case_when_there_is_no_model(
    strip: HistoryStrip, qtbot: QtBot, engine: FakeEngine
) -> None:
    edit(strip, "nose_size", 2.0)
    portrait = strip._controller.session.portrait
    assert portrait is not None
    qtbot.waitUntil(lambda: strip._controller.was_shown(portrait))
    strip._controller.load_model("nowhere")
    qtbot.waitUntil(lambda: strip._controller.model_state == "failed")
    strip._on_case(strip._controller.case)  # as when a case is opened: no small face is known yet
    asked = len(engine.asked)
    qtbot.waitUntil(lambda: portrait.id in strip._thumbs, timeout=3000)
    strip.undo.click()
    strip.redo.click()
    assert strip._controller.session.portrait == portrait
    assert not any(isinstance(r, RenderFaces) for r in engine.asked[asked:])


def test_a_selected_face_keeps_its_colours(strip: HistoryStrip, qtbot: QtBot) -> None:
    portrait = strip._controller.session.portrait
    assert portrait is not None
    qtbot.waitUntil(lambda: portrait.id in strip._thumbs, timeout=3000)
    strip.show_history(strip._controller.history)
    icon = strip.icon_of(strip._controller.history.head)
    plain = icon.pixmap(52, 52).toImage()
    assert icon.pixmap(52, 52, icon.Mode.Selected).toImage() == plain


def test_a_long_sitting_touches_only_what_changed(strip: HistoryStrip) -> None:
    for number in range(30):
        edit(strip, "nose_size" if number % 2 else "lips", 0.1 * (number + 1))
    first = items(strip)[0]
    edit(strip, "mouth", 1.0)
    assert items(strip)[0] is first
    assert strip.steps.currentRow() == strip.steps.count() - 1
    rect = strip.steps.visualItemRect(items(strip)[-1])
    assert strip.steps.viewport().rect().intersects(rect)


def test_a_long_sitting_keeps_few_small_faces(
    strip: HistoryStrip, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr("app.views.history_strip.KEPT", 20)
    for number in range(40):
        edit(strip, "nose_size" if number % 2 else "lips", 0.05 * (number + 1))
        strip.icon_of(strip._controller.history.head)
    assert len(strip._thumbs) <= 20
    assert len(strip._icons) <= 20
    first = strip._controller.history.nodes[-35]
    assert not strip.icon_of(first.id).isNull()  # its place, until its face was read again
    strip.icon_of(first.id)
    qtbot.waitUntil(lambda: first.state.portrait.id in strip._thumbs, timeout=3000)  # type: ignore[union-attr]


def test_paths_and_ends_of_a_bare_tree() -> None:
    start: History[Session] = History.start(Session())
    ways = Branches()
    ways.count(start)
    path, place = shown_path(start)
    assert [n.id for n in path] == [0]
    assert place == 0
    assert ways.other_ends(start) == ()
    assert step_label(start.current) == "Start"

"""The sitting step by step: every event in order, faces as shown, faces drawn again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.models.events import KINDS, Event
from app.models.portrait import Recipe
from app.models.round import Answer
from app.views.controller import Controller
from app.views.event_words import event_title
from app.views.replay_dialog import ReplayDialog, open_replay
from tests.views import fakes
from tests.views.conftest import Wait


@pytest.fixture
def told(offered: Controller, wait: Wait) -> Controller:
    """One array answered, one face refined."""
    offered.answer_round(Answer.picked, (3, 1), ranked=True)
    offered.use_portrait(3)
    wait(lambda: offered.was_shown(offered.session.portrait))
    return offered


@pytest.fixture
def dialog(told: Controller, qtbot: QtBot) -> Iterator[ReplayDialog]:
    made = _opened(told)
    yield made
    if isValid(made):
        made.close()


def _opened(controller: Controller) -> ReplayDialog:
    case = controller.case
    assert case is not None
    dialog = ReplayDialog(controller, case, None)
    dialog.show()
    return dialog


def _titles(dialog: ReplayDialog) -> list[str]:
    return [dialog.steps.item(row).text()[10:] for row in range(dialog.steps.count())]


def _go_to(dialog: ReplayDialog, title: str) -> None:
    dialog.steps.setCurrentRow(_titles(dialog).index(title))


def test_the_steps_stand_in_order_and_every_event_on_request(dialog: ReplayDialog) -> None:
    titles = _titles(dialog)
    first = titles.index("The description as first given, word for word")
    assert first < titles.index("Array 1 was shown") < titles.index("The witness ranked: 4, 2")
    dialog.all.setChecked(True)
    assert dialog.steps.count() == len(dialog.events)


def test_an_answer_shows_its_array_as_shown_with_the_picks_ranked(
    dialog: ReplayDialog, told: Controller
) -> None:
    _go_to(dialog, "The witness ranked: 4, 2")
    tiles = dialog.tiles.shown
    assert [t.rank for t in tiles[:5]] == [None, 2, None, 1, None]
    faces = told.session.rounds[-1].faces
    assert all(
        (t.pixels == fakes.draw(f)).all() for t, f in zip(tiles, faces, strict=True)
        if t.pixels is not None
    )  # fmt: skip
    assert all(t.pixels is not None for t in tiles)


def test_a_face_taken_from_an_array_is_shown_as_it_was_there(
    dialog: ReplayDialog, told: Controller
) -> None:
    _go_to(dialog, "Face 4 was taken to be worked on")
    (tile,) = dialog.tiles.shown
    assert tile.pixels is not None
    assert (tile.pixels == fakes.draw(told.session.rounds[-1].faces[3])).all()


def test_the_words_of_the_witness_stand_beside_their_event(dialog: ReplayDialog) -> None:
    _go_to(dialog, "The description as first given, word for word")
    assert "A man of fifty with a big nose" in dialog.details.text()


def test_arrow_keys_and_the_time_line_walk_through_the_steps(
    dialog: ReplayDialog, qtbot: QtBot
) -> None:
    dialog.steps.setCurrentRow(0)
    dialog.line.setValue(2)
    assert dialog.steps.currentRow() == 2
    dialog._move(1)
    assert (dialog.steps.currentRow(), dialog.line.value()) == (3, 3)
    qtbot.keyClick(dialog.steps, Qt.Key.Key_Up)
    assert dialog.steps.currentRow() == 2


def test_faces_drawn_again_are_compared_with_the_pixels_as_shown(
    dialog: ReplayDialog, wait: Wait
) -> None:
    dialog.redrawing.toggle()
    wait(lambda: not dialog.redrawing.is_running)
    found = dialog.redrawing.differences
    assert len(found) >= 9
    assert set(found.values()) == {0}
    _go_to(dialog, "Array 1 was shown")
    assert {t.verdict for t in dialog.tiles.shown} == {"redrawn: the same"}


def test_a_face_that_is_drawn_otherwise_is_said(
    dialog: ReplayDialog, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = fakes.draw

    def otherwise(recipe: Recipe, size: int = fakes.SIZE) -> fakes.Pixels:
        pixels = draw(recipe, size)
        pixels[0, 0, 0] ^= 8
        return pixels

    monkeypatch.setattr(fakes, "draw", otherwise)
    dialog.redrawing.toggle()
    wait(lambda: not dialog.redrawing.is_running)
    assert set(dialog.redrawing.differences.values()) == {8}
    assert "0 the same" in dialog.outcome.text()


def test_comparing_can_be_stopped(
    dialog: ReplayDialog, wait: Wait, engine: fakes.FakeEngine
) -> None:
    engine.gate.clear()
    dialog.redrawing.toggle()
    assert dialog.redrawing.is_running
    dialog.redrawing.toggle()
    engine.gate.set()
    assert not dialog.redrawing.is_running
    assert dialog.compare.text() == "Draw all faces again and compare"


def test_it_closes_with_its_case(dialog: ReplayDialog, told: Controller, wait: Wait) -> None:
    told.close_case()
    wait(lambda: not isValid(dialog))


def test_reading_is_an_event_of_its_own(told: Controller, qtbot: QtBot) -> None:
    case = told.case
    assert case is not None
    dialog = open_replay(told, None)  # type: ignore[arg-type]
    assert dialog is not None
    assert [e.data["what"] for e in case.events() if e.kind == "read"] == ["step by step"]
    dialog.close()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_event_has_words_even_when_its_fields_are_missing(kind: str) -> None:
    assert event_title(Event(1, kind, "app", "2026-01-01T00:00:00.000+00:00", 0, {}, (), ""))

"""The large portrait and its sliders: live, final, held, compared, and on to the judgement."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from app.engine.api import DirectionInfo, RenderPortrait
from app.models.session import Stage
from app.views.controller import Controller
from app.views.refine_page import RefinePage
from app.views.slider_groups import grouped
from tests.views.fakes import FakeEngine, draw


@pytest.fixture
def page(refining: Controller, qtbot: QtBot) -> Iterator[RefinePage]:
    """The page on screen with a portrait, kept up to date as the window does it."""
    shown = RefinePage(refining)
    qtbot.addWidget(shown)
    refining.session_changed.connect(lambda old, new: shown.show_session(new))
    shown.resize(1190, 620)
    with qtbot.waitExposed(shown):
        shown.show()
    yield shown
    shown.hide()


def finals(page: RefinePage) -> list[tuple[str, str]]:
    """Label and detail of the steps since the face was taken."""
    return [(n.label, n.detail) for n in page._controller.history.path() if n.label == "edit"]


def test_sliders_stand_in_groups_from_the_whole_face_down(page: RefinePage) -> None:
    infos = tuple(row.direction for row in page.rows.values())
    regions = [region for region, _ in grouped(infos)]
    assert regions[0] == "whole"
    assert regions.index("hair") < regions.index("eyes") < regions.index("nose")
    assert regions.index("nose") < regions.index("mouth") < regions.index("jaw")
    assert sum(len(group) for _, group in grouped(infos)) == len(infos) == len(page.rows)


def test_a_holistic_direction_belongs_to_the_whole_face() -> None:
    info = DirectionInfo("honesty", "expression", "mouth", -1, 1, holistic=True)
    assert grouped((info,))[0][0] == "whole"


def test_the_portrait_follows_the_hand_and_only_letting_go_is_a_step(
    page: RefinePage, qtbot: QtBot, engine: FakeEngine
) -> None:
    slider = page.rows["skin"].slider
    at = slider._handle().center()
    before = page.compare.now
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=at)
    for x in (20, 60, 90):
        qtbot.mouseMove(slider, at + QPoint(x, 0))
    qtbot.waitUntil(lambda: not np.array_equal(page.compare.now, before))
    assert finals(page) == []
    assert any(isinstance(r, RenderPortrait) and r.preview for r in engine.asked)
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=at + QPoint(90, 0))
    assert finals(page) == [("edit", "skin")]
    portrait = page._controller.session.portrait
    assert portrait is not None
    assert portrait.edit("skin") > 0
    qtbot.waitUntil(lambda: np.array_equal(page.compare.now, draw(portrait)))


def test_undo_takes_the_slider_back(page: RefinePage, qtbot: QtBot) -> None:
    page._controller.set_edit("lips", 2.0, final=True)
    assert page.rows["lips"].amount == pytest.approx(2.0, abs=0.04)
    page._controller.undo()
    assert page.rows["lips"].amount == 0.0
    assert page.rows["lips"].value.text() == "0"


def test_reset_and_double_click_lead_back_to_the_chosen_face(
    page: RefinePage, qtbot: QtBot
) -> None:
    row = page.rows["mouth"]
    page._controller.set_edit("mouth", 1.5, final=True)
    row.reset.click()
    assert row.amount == 0.0
    page._controller.set_edit("mouth", -1.5, final=True)
    qtbot.mouseDClick(row.slider, Qt.MouseButton.LeftButton, pos=row.slider._handle().center())
    assert page._controller.session.portrait == page._controller.session.baseline


def test_what_is_held_cannot_be_moved(page: RefinePage) -> None:
    row = page.rows["nose_size"]
    row.hold.click()
    assert page._controller.session.held == ("nose_size",)
    assert not row.slider.isEnabled()
    assert row.hold.text() == "Held"
    row.hold.click()
    assert page._controller.session.held == ()
    assert row.slider.isEnabled()


def test_before_is_seen_while_the_key_is_down(page: RefinePage, qtbot: QtBot) -> None:
    page._controller.set_edit("skin", 3.0, final=True)
    qtbot.waitUntil(lambda: not np.array_equal(page.compare.now, page.compare.before))
    now = page.compare.grab().toImage()
    qtbot.keyPress(page, Qt.Key.Key_C)
    assert page.compare.showing_before
    assert page.compare.accessibleName() == "The face last chosen"
    assert page.compare.grab().toImage() != now
    qtbot.keyRelease(page, Qt.Key.Key_C)
    assert not page.compare.showing_before
    assert page.compare.grab().toImage() == now


def test_side_by_side_shows_both_without_overlap(page: RefinePage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.compare.before is not None)
    qtbot.keyClick(page, Qt.Key.Key_S)
    assert page.side_by_side.isChecked()
    (first, left), (second, right) = page.compare.places()
    assert (first, second) == ("before", "now")
    assert not left.intersects(right)
    assert left.size() == right.size()
    assert page.compare.rect().contains(left)
    assert page.compare.rect().contains(right)


def test_back_to_the_faces_keeps_the_portrait_as_anchor(page: RefinePage) -> None:
    page._controller.set_edit("lips", 1.0, final=True)
    portrait = page._controller.session.portrait
    page.back.click()
    assert page._controller.session.stage is Stage.round
    assert page._controller.session.portrait == portrait


def test_accepting_leads_to_the_judgement(page: RefinePage, qtbot: QtBot) -> None:
    page._controller.set_edit("lips", 1.0, final=True)
    portrait = page._controller.session.portrait
    qtbot.waitUntil(lambda: page._controller.was_shown(portrait))
    page.done.click()
    session = page._controller.session
    assert session.stage is Stage.validation
    assert session.baseline == portrait


def test_a_key_move_that_is_still_pending_is_not_lost_when_the_page_is_left(
    page: RefinePage, qtbot: QtBot
) -> None:
    slider = page.rows["eye_size"].slider
    slider.setFocus()
    qtbot.keyPress(slider, Qt.Key.Key_Right)
    page.back.click()
    portrait = page._controller.session.portrait
    assert portrait is not None
    assert portrait.edit("eye_size") > 0


def test_the_page_fits_the_small_screen_and_only_the_list_scrolls(page: RefinePage) -> None:
    assert page.minimumSizeHint().height() <= 560
    assert page.minimumSizeHint().width() <= 1190
    assert page.area.horizontalScrollBar().maximum() == 0
    assert page.area.verticalScrollBar().maximum() > 0


def test_without_a_model_the_face_stays_and_the_page_says_why(
    page: RefinePage, qtbot: QtBot
) -> None:
    assert page.compare.now is not None
    page._controller.load_model("nowhere")
    qtbot.waitUntil(lambda: page._controller.model_state == "failed")
    assert page.rows == {}
    assert "Without a face model" in page.empty.text()
    assert page.compare.now is not None


def test_a_part_of_the_face_can_be_gone_to(page: RefinePage) -> None:
    places = [page.regions.itemText(i) for i in range(page.regions.count())]
    assert places[0] == "Whole face"
    page.go_to_region(places.index("Nose"))
    row = page.rows["nose_size"]
    top = row.mapTo(page.area.viewport(), QPoint(0, 0)).y()
    assert 0 <= top < page.area.viewport().height()
    page.go_to_region(0)
    assert page.area.verticalScrollBar().value() == 0


def test_what_else_a_slider_moves_is_said_when_it_is_taken(page: RefinePage) -> None:
    page.rows["nose_size"].slider.setFocus()
    assert page.effects.text() == "Nose size: also moves age (a little)"
    page.rows["lips"].slider.setFocus()
    assert page.effects.text() == "Lips: moves little else"


def test_favourites_stand_first_and_are_kept_in_the_settings(
    page: RefinePage, refining: Controller, qtbot: QtBot
) -> None:
    page.rows["lips"].star.click()
    qtbot.waitUntil(lambda: next(iter(page.rows)) == "lips")
    assert page.regions.itemText(0) == "Favourites"
    assert refining.settings.favourites == ("lips",)
    assert page.rows["lips"].star.isChecked()
    assert page.rows["lips"].star.hasFocus()
    assert len(page.rows) == len(refining.model_info.directions)  # type: ignore[union-attr]
    page.rows["lips"].star.click()
    qtbot.waitUntil(lambda: page.regions.itemText(0) != "Favourites")
    assert refining.settings.favourites == ()

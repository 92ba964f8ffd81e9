"""Putting things on the portrait: journalled, undoable, there again after reopening."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from app.engine.api import FindLandmarks
from app.models.case import CaseFacts
from app.models.errors import ModelError
from app.models.overlay import DRAWING, Stroke
from app.models.round import Answer
from app.models.session import Stage
from app.views.controller import Controller
from app.views.refine_page import ON_TOP, PART, WHOLE, RefinePage
from tests.views.conftest import Wait, do_interview
from tests.views.fakes import FakeEngine

LINE = Stroke(0.2, ((0.3, 0.7), (0.7, 0.7)))


@pytest.fixture
def page(refining: Controller, qtbot: QtBot, wait: Wait) -> RefinePage:
    made = RefinePage(refining)
    qtbot.addWidget(made)
    refining.session_changed.connect(lambda old, new: made.show_session(new))  # the window does it
    made.resize(1200, 700)
    made.show()
    wait(lambda: made.compare.now is not None)
    return made


def put_on(controller: Controller, wait: Wait, *names: str) -> None:
    for name in names:
        before = len(controller.session.overlays)
        controller.overlays.add(name)
        wait(lambda n=before: len(controller.session.overlays) == n + 1)


def test_a_hat_is_fitted_journalled_and_drawn(refining: Controller, wait: Wait) -> None:
    before = refining.session.portrait
    put_on(refining, wait, "cap")
    cap = refining.session.overlays[0]
    assert cap.name == "cap"
    assert cap.scale != 1.0  # the fake face's eyes are closer than the mean face's
    assert refining.session.portrait.bare() == before
    event = next(e for e in refining.case.events() if e.kind == "overlay.added")
    assert event.actor == "officer"
    wait(lambda: refining.was_shown(refining.session.portrait))
    face = refining.known_face(refining.session.portrait)
    assert face.shape[0] > 64  # enlarged, with room for the hat


def test_undo_takes_it_off_and_redo_puts_it_on(refining: Controller, wait: Wait) -> None:
    put_on(refining, wait, "cap", "mole")
    refining.undo()
    assert [o.name for o in refining.session.overlays] == ["cap"]
    refining.redo()
    assert [o.name for o in refining.session.overlays] == ["cap", "mole"]
    refining.overlays.bring(0, 1)
    assert [o.name for o in refining.session.overlays] == ["mole", "cap"]
    refining.overlays.remove(0)
    assert [o.name for o in refining.session.overlays] == ["cap"]


def test_dragging_shows_at_once_and_is_one_step_at_the_end(
    refining: Controller, wait: Wait, qtbot: QtBot
) -> None:
    put_on(refining, wait, "cap")
    wait(lambda: refining.was_shown(refining.session.portrait))
    steps = len(refining.history.nodes)
    cap = refining.session.overlays[0]
    with qtbot.waitSignal(refining.portrait_ready):
        refining.overlays.change(0, cap.changed(x=0.4), final=False)
    assert len(refining.history.nodes) == steps
    refining.overlays.change(0, cap.changed(x=0.4), final=True)
    assert len(refining.history.nodes) == steps + 1
    assert refining.session.overlays[0].x == 0.4


def test_sliders_move_the_face_under_what_lies_on_it(refining: Controller, wait: Wait) -> None:
    put_on(refining, wait, "glasses_round")
    refining.set_edit("nose_size", 1.5, final=True)
    refining.set_hold("age", True)
    refining.set_edit("mouth", 1.0, final=True)
    wait(lambda: refining.session.portrait.edit("mouth") == 1.0)
    assert refining.session.portrait.edit("nose_size") == 1.5
    assert [o.name for o in refining.session.overlays] == ["glasses_round"]
    wait(lambda: refining.was_shown(refining.session.portrait))


def test_another_face_keeps_what_was_put_on(refining: Controller, wait: Wait) -> None:
    put_on(refining, wait, "cap")
    refining.go(Stage.round)
    refining.offer_round()
    wait(lambda: refining.session.open_round is not None)
    assert all(not f.overlays for f in refining.session.open_round.faces)
    refining.answer_round(Answer.picked, (2,))
    assert [o.name for o in refining.session.overlays] == ["cap"]
    refining.use_portrait(2)
    assert [o.name for o in refining.session.overlays] == ["cap"]
    wait(lambda: refining.was_shown(refining.session.portrait))


def test_a_reopened_case_has_it_all_again(
    controller: Controller, wait: Wait, tmp_path: Path
) -> None:
    refining, kept_case = controller, tmp_path / "case.ppcase"
    controller.new_case(kept_case, "correct horse", CaseFacts("R-1"))
    wait(lambda: controller.case is not None)
    do_interview(controller)
    wait(lambda: controller.session.description.attributes)
    controller.offer_round(4)
    wait(lambda: controller.session.open_round)
    controller.use_portrait(0)
    put_on(refining, wait, "cap")
    refining.overlays.paint_region((LINE,))
    refining.overlays.set_local(0, "lips", 2.0, final=True)
    portrait = refining.session.portrait
    wait(lambda: refining.was_shown(portrait))
    refining.close_case()
    refining.open_case(kept_case, "correct horse")
    wait(lambda: refining.case is not None)
    assert refining.session.portrait == portrait
    assert refining.picture(portrait) is not None


def test_a_part_is_painted_moved_alone_and_undone(refining: Controller, wait: Wait) -> None:
    refining.overlays.paint_region((LINE,))
    refining.overlays.set_local(0, "lips", 2.0, final=True)
    assert refining.session.portrait.local[0].edits == (("lips", 2.0),)
    assert refining.session.portrait.edit("lips") == 0.0
    refining.undo()
    assert refining.session.portrait.local[0].edits == ()
    refining.undo()
    assert refining.session.portrait.local == ()


def test_a_held_slider_stays_still_in_a_part_too(
    refining: Controller, problems: list[str], wait: Wait
) -> None:
    refining.overlays.paint_region((LINE,))
    refining.set_hold("lips", True)
    refining.overlays.set_local(0, "lips", 2.0, final=True)
    assert "session.held" in problems
    problems.clear()
    assert refining.session.portrait.local[0].edits == ()


def test_the_page_turns_to_a_part_and_its_sliders_move_there_only(
    page: RefinePage, refining: Controller, wait: Wait
) -> None:
    page.set_mode(PART)
    assert not page.area.isEnabled()
    page.part._on_known(3)
    wait(lambda: page.part.index == 0)
    assert page.area.isEnabled()
    page.rows["mouth"].moved.emit("mouth", 1.5, True)
    assert refining.session.portrait.local[0].edit("mouth") == 1.5
    page.set_mode(WHOLE)
    assert page.rows["mouth"].amount == 0.0


def test_painting_with_the_mouse_marks_a_part(
    page: RefinePage, refining: Controller, qtbot: QtBot
) -> None:
    page.set_mode(PART)
    page.part.paint.click()
    handles, middle = page.handles, page.handles.rect().center()
    qtbot.mousePress(handles, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(handles, middle + QPoint(40, 10))
    qtbot.mouseRelease(handles, Qt.MouseButton.LeftButton, pos=middle + QPoint(40, 10))
    page.part.paint.click()
    (local,) = refining.session.portrait.local
    assert len(local.strokes[0].points) >= 1
    assert not handles.isVisible()


def test_the_panel_offers_what_was_said_and_puts_it_on(
    page: RefinePage, refining: Controller, wait: Wait
) -> None:
    refining.add_attribute("hat", "cap")
    refining.add_attribute("glasses", "none")
    page.set_mode(ON_TOP)
    assert [entry.name for entry, _ in refining.overlays.offers()] == ["cap"]
    page.overlays.said.itemAt(1).widget().click()
    wait(lambda: len(refining.session.overlays) == 1)
    assert refining.overlays.offers() == ()
    assert page.overlays.worn.count() == 1
    assert page.handles.isVisible()


def test_keys_move_scale_and_turn_the_selected_one(
    page: RefinePage, refining: Controller, wait: Wait, qtbot: QtBot
) -> None:
    page.set_mode(ON_TOP)
    put_on(refining, wait, "scar")
    before = refining.session.overlays[0]
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Plus, Qt.Key.Key_PageDown):
        qtbot.keyClick(page.handles, key)
    after = refining.session.overlays[0]
    assert after.x > before.x
    assert after.scale > before.scale
    assert after.angle > before.angle


def test_dragging_the_frame_moves_it(
    page: RefinePage, refining: Controller, wait: Wait, qtbot: QtBot
) -> None:
    page.set_mode(ON_TOP)
    put_on(refining, wait, "birthmark")
    before = refining.session.overlays[0]
    handles = page.handles
    start = handles.at(QPointF(before.x, before.y)).toPoint()
    qtbot.mousePress(handles, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(handles, start + QPoint(30, 0))
    qtbot.mouseRelease(handles, Qt.MouseButton.LeftButton, pos=start + QPoint(30, 0))
    assert refining.session.overlays[0].x > before.x + 0.02
    assert refining.session.overlays[0].y == pytest.approx(before.y, abs=0.01)


def test_the_form_changes_numbers_colour_and_side(
    page: RefinePage, refining: Controller, wait: Wait
) -> None:
    page.set_mode(ON_TOP)
    put_on(refining, wait, "cap")
    form = page.overlays.form
    form.sliders["scale"].setValue(form.sliders["scale"].value() + 20)
    form.settle()
    assert refining.session.overlays[0].scale > 1.1
    form.colours[-1].click()
    assert refining.session.overlays[0].colour == "#8a2f33"
    form.mirrored.click()
    assert refining.session.overlays[0].mirrored


def test_a_drawing_by_hand_is_put_on(
    page: RefinePage, refining: Controller, qtbot: QtBot, wait: Wait
) -> None:
    page.set_mode(ON_TOP)
    page.overlays.draw.click()
    handles, middle = page.handles, page.handles.rect().center()
    qtbot.mousePress(handles, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(handles, middle + QPoint(50, 0))
    qtbot.mouseRelease(handles, Qt.MouseButton.LeftButton, pos=middle + QPoint(50, 0))
    page.overlays.draw.click()
    (drawn,) = refining.session.overlays
    assert drawn.name == DRAWING
    assert len(drawn.strokes) == 1


def test_every_sample_appears_and_enter_puts_it_on(
    page: RefinePage, refining: Controller, wait: Wait, qtbot: QtBot
) -> None:
    page.set_mode(ON_TOP)
    page.overlays.groups.setCurrentIndex(5)
    samples = page.overlays.samples
    wait(lambda: not page.overlays._waiting)
    assert samples.count() >= 8
    samples.setCurrentRow(2)
    qtbot.keyClick(samples, Qt.Key.Key_Return)
    wait(lambda: bool(refining.session.overlays))


def test_without_a_landmark_net_the_mean_face_serves(
    refining: Controller, engine: FakeEngine, wait: Wait
) -> None:
    engine.errors[FindLandmarks] = ModelError("model.no_landmarks")
    put_on(refining, wait, "cap")
    assert refining.session.overlays[0].scale == 1.0

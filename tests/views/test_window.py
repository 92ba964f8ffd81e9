"""The real window on the fake engine: pages follow the stage, nothing is lost, nothing blocks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.models.case import CaseFacts
from app.models.errors import PortraitError
from app.models.session import Stage
from app.models.settings import Settings, load_settings
from app.views.launch import make_window
from app.views.leaving import may_lose
from app.views.window import Window
from tests.views.conftest import Wait, do_interview
from tests.views.fakes import FakeEngine

PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def practising(window: Window, wait: Wait) -> Window:
    window.ask_practice()
    wait(lambda: window.controller.case is not None)
    return window


def test_the_first_page_has_no_rail_and_no_case(window: Window) -> None:
    assert window.current_page is window.start_page
    assert not window.rail.isVisible()
    assert not window.strip.isVisible()


def test_practice_says_on_every_page_that_nothing_is_kept(
    practising: Window, wait: Wait
) -> None:
    controller = practising.controller
    do_interview(controller)
    wait(lambda: controller.session.description.attributes)
    controller.offer_round()
    wait(lambda: controller.session.open_round)
    controller.use_portrait(0)
    for stage in Stage:
        controller.go(stage)
        assert practising.current_page is practising.pages[stage]
        assert practising._banner.isVisible()
        assert "nothing is kept" in practising._banner.text()
    wait(lambda: not controller.jobs.is_busy("portrait"))


def test_no_face_and_no_history_of_faces_is_on_the_interview_page(practising: Window) -> None:
    assert practising.current_page is practising.pages[Stage.interview]
    assert not practising.strip.isVisible()


def test_the_rail_opens_only_what_can_be_reached(practising: Window, wait: Wait) -> None:
    enabled = [s for s, b in practising.rail.stages.items() if b.isEnabled()]
    assert enabled == [Stage.interview]
    do_interview(practising.controller)
    enabled = [s for s, b in practising.rail.stages.items() if b.isEnabled()]
    assert enabled == [Stage.interview, Stage.description, Stage.round]
    wait(lambda: not practising.controller.jobs.is_busy("description"))


def test_keys_reach_stages_and_undo(practising: Window, wait: Wait, qtbot: QtBot) -> None:
    do_interview(practising.controller)
    wait(lambda: practising.controller.session.description.attributes)
    practising.activateWindow()
    actions = practising._actions
    assert actions["stage_interview"].shortcut().toString() == "Ctrl+1"
    assert actions["undo"].shortcut().toString() == "Ctrl+Z"
    actions["stage_interview"].trigger()
    assert practising.controller.session.stage is Stage.interview
    nodes = practising.controller.history.head
    actions["undo"].trigger()
    assert practising.controller.history.head == nodes - 1


def test_a_break_covers_everything_at_once_and_ends_with_one_button(
    practising: Window, qtbot: QtBot
) -> None:
    qtbot.keyClick(practising, Qt.Key.Key_F8)
    assert practising.controller.is_paused
    assert practising.curtain.isVisible()
    assert practising.curtain.practice.isVisible()
    assert not practising._stack.isVisible()
    assert not practising.menuBar().isVisible()
    qtbot.mouseClick(practising.curtain._go_on, Qt.MouseButton.LeftButton)
    assert not practising.controller.is_paused
    assert practising._stack.isVisible()


def test_a_problem_is_said_in_words_with_a_remedy_and_can_be_dismissed(window: Window) -> None:
    window.controller.problem.emit(PortraitError("case.disk_full"))
    assert window.messages.isVisible()
    assert "disk is full" in window.messages.text
    assert "Free some space" in window.messages.text
    window.messages.clear()
    assert not window.messages.isVisible()


def test_a_held_case_offers_a_copy(window: Window) -> None:
    facts = {"who": "Ana", "where": "desk-4", "since": "10:31"}
    window.controller.problem.emit(PortraitError("case.held", **facts))
    assert all(fact in window.messages.text for fact in facts.values())
    assert window.messages._action.isVisible()


@pytest.mark.parametrize("pressed", ["Stay", "Close it"])
def test_only_practice_with_content_asks_before_it_is_closed(
    practising: Window, monkeypatch: pytest.MonkeyPatch, pressed: str
) -> None:
    asked: list[str] = []

    def choose(box: QMessageBox) -> int:
        asked.append(box.text())
        next(b for b in box.buttons() if b.text() == pressed).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", choose)
    assert may_lose(practising)  # nothing yet: not asked
    assert not asked
    practising.controller.set_eligibility("view", "good")
    assert practising.ask_close_case() is (pressed == "Close it")
    assert len(asked) == 1
    assert (practising.controller.case is None) is (pressed == "Close it")
    practising.controller.close_case()


def test_closing_with_content_can_be_refused(
    practising: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([False, True])
    monkeypatch.setattr(practising, "_asked", lambda text: next(answers))
    practising.controller.set_eligibility("view", "good")
    assert not practising.ask_close_case()
    assert practising.controller.case is not None
    assert practising.ask_close_case()
    assert practising.controller.case is None


def test_a_kept_case_closes_without_a_question_and_locks(
    window: Window, tmp_path: Path, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "_asked", lambda text: pytest.fail("asked"))
    path = tmp_path / "a.ppcase"
    window.controller.new_case(path, PASSPHRASE, CaseFacts("r"))
    wait(lambda: window.controller.case is not None, 30000)
    assert window._banner.text() == ""
    recall = window.pages[Stage.interview].recall  # type: ignore[attr-defined]
    recall.text.setPlainText("typed and not stored yet")
    window.lock()
    assert window.controller.case is None
    assert window.start_page.open_form.file.path == path
    wait(lambda: not window.controller.jobs.is_busy("closing"), 30000)
    window.start_page.open_form.passphrase.line.setText(PASSPHRASE)
    window.start_page.open_form.submit()
    wait(lambda: window.controller.case is not None, 30000)
    assert window.controller.session.recall == "typed and not stored yet"


def test_leaving_with_a_kept_case_shows_its_words_before_the_window_closes(
    window: Window, tmp_path: Path, wait: Wait
) -> None:
    window.controller.new_case(tmp_path / "a.ppcase", PASSPHRASE, CaseFacts("r"))
    wait(lambda: window.controller.case is not None, 30000)
    assert not window.close()
    wait(lambda: window.messages.code == "case.closed", 30000)
    assert window.controller.case is None
    assert window.isVisible()
    leave = window.messages._action
    assert leave.isVisible()
    leave.click()
    assert not window.isVisible()


def test_size_and_place_are_remembered(
    qapp: QApplication, engine: FakeEngine, tmp_path: Path
) -> None:
    saved = tmp_path / "settings.json"
    first = make_window(qapp, lambda: engine, Settings(language="en"), saved)
    first.show()
    first.resize(1111, 666)
    first.close()
    second = make_window(qapp, lambda: engine, load_settings(saved), saved)
    assert second.height() == 666  # the offscreen screen is too narrow to keep the width
    for made in (first, second):
        made.controller.shut_down()
        made.deleteLater()


def test_language_and_size_change_live_and_the_page_stays(
    practising: Window, qapp: QApplication, wait: Wait
) -> None:
    do_interview(practising.controller)
    wait(lambda: practising.controller.session.description.attributes)
    practising.controller.change_settings(language="fr", text_scale=125)
    assert practising.current_page is practising.pages[Stage.description]
    assert practising._actions["undo"].text() == "&Annuler"
    practising.controller.change_settings(language="en", text_scale=100)
    assert practising._actions["undo"].text() == "&Undo"


@pytest.mark.parametrize("stage", list(Stage))
def test_every_page_fits_the_smallest_screen(
    practising: Window, wait: Wait, qtbot: QtBot, stage: Stage
) -> None:
    controller = practising.controller
    do_interview(controller)
    wait(lambda: controller.session.description.attributes)
    controller.offer_round()
    wait(lambda: controller.session.open_round)
    controller.use_portrait(0)
    wait(lambda: not controller.jobs.is_busy("portrait"))
    controller.go(stage)
    practising.resize(1366, 768)
    qtbot.wait(20)
    assert (practising.width(), practising.height()) == (1366, 768)
    hint = practising.minimumSizeHint()
    assert hint.width() <= 1366
    assert hint.height() <= 768


def test_dialogs_open_close_and_block_nothing(window: Window, qtbot: QtBot) -> None:
    for opening in (
        window.help.show_keys, window.help.show_model_card, window.help.show_about,
        window.help.show_page, window.help.show_glossary, window.show_settings,
    ):
        dialog = opening()
        assert dialog.isVisible()
        assert not dialog.isModal()
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()


def test_the_window_is_there_without_torch() -> None:
    """A fresh interpreter builds the window; torch must not have been imported for it."""
    program = (
        "import sys; from app.views import launch; from app.models.settings import Settings\n"
        "app = launch.make_application()\n"
        "window = launch.make_window(app, lambda: None, Settings(language='en'), None)\n"
        "window.show(); app.processEvents()\n"
        "sys.exit('torch' in sys.modules or 'cv2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_model_state_is_said_beside_the_rail(practising: Window, wait: Wait) -> None:
    assert practising.rail.model_note.text() == ""
    practising.controller.load_model("nowhere")
    assert "Loading" in practising.rail.model_note.text()
    wait(lambda: practising.controller.model_state == "failed")
    assert practising.rail.model_note.text() == "No face model"


def test_rebuilding_leaves_no_second_listener(practising: Window, wait: Wait) -> None:
    """Old pages must not go on acting after a rebuild."""
    for _ in range(3):
        practising.rebuild()
    do_interview(practising.controller)
    wait(lambda: practising.controller.session.description.attributes)
    assert practising.controller.case is not None
    kinds: list[Any] = [e.kind for e in practising.controller.case.events()]
    assert kinds.count("description.first") == 1
    assert kinds.count("description.changed") == 1


def test_a_message_goes_when_the_work_goes_on_unless_it_still_holds(practising: Window) -> None:
    controller = practising.controller
    controller.confirm_recall()
    assert practising.messages.code == "recall.empty"
    controller.set_recall("a man")
    assert practising.messages.code == ""
    controller.problem.emit(PortraitError("case.disk_full"))
    controller.set_eligibility("view", "good")
    assert practising.messages.code == ""
    controller.problem.emit(PortraitError("model.failed"))
    controller.set_eligibility("view", "poor")
    assert practising.messages.code == "model.failed"

"""The first page: new case, open, practice, recover."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.models.store import ADVISED_PASSPHRASE
from app.models.words import word_list
from app.views.passphrase import NewPassphraseField, suggested_passphrase
from app.views.window import Window
from tests.views.conftest import Wait

PASSPHRASE = "correct horse battery staple"


def test_a_case_is_made_with_the_keyboard_alone(
    window: Window, tmp_path: Path, wait: Wait, qtbot: QtBot
) -> None:
    window.ask_new_case()
    form = window.start_page.new_form
    qtbot.keyClicks(form.reference, "2026/0417 B")
    assert form.file.path is not None
    assert form.file.path.name == "2026-0417-B.ppcase"
    form.file.line.setText(str(tmp_path / "mine"))
    for line in (form.passphrase.line, form.passphrase.again):
        qtbot.keyClicks(line, PASSPHRASE)
    qtbot.keyClick(form._create, Qt.Key.Key_Space)
    assert form.passphrase.passphrase == ""
    assert window.start_page._waiting.isVisible()
    wait(lambda: window.controller.case is not None, 30000)
    assert (tmp_path / "mine.ppcase").is_file()
    assert window.controller.case is not None
    assert window.controller.case.facts.reference == "2026/0417 B"


def test_the_window_answers_while_the_passphrase_is_worked_on(
    window: Window, tmp_path: Path, wait: Wait, qtbot: QtBot
) -> None:
    form = window.start_page.new_form
    window.ask_new_case()
    form.reference.setText("r")
    form.file.line.setText(str(tmp_path / "a.ppcase"))
    form.passphrase.suggest()
    form.submit()
    assert window.controller.case is None  # it went on without waiting
    assert window.controller.jobs.is_busy("case")
    wait(lambda: window.controller.case is not None, 30000)
    assert not window.start_page._waiting.isVisible()


def test_a_short_or_unequal_passphrase_makes_no_case(window: Window, tmp_path: Path) -> None:
    form = window.start_page.new_form
    window.ask_new_case()
    form.reference.setText("r")
    form.file.line.setText(str(tmp_path / "a"))
    for first, second in (("short", "short"), (PASSPHRASE, PASSPHRASE + "x"), ("", "")):
        form.passphrase.line.setText(first)
        form.passphrase.again.setText(second)
        assert not form.is_ready
        assert not form._create.isEnabled()
        form.submit()
    assert window.controller.case is None
    assert not window.controller.jobs.is_busy("case")


def test_the_floor_is_characters_not_rules(qtbot: QtBot) -> None:
    made = NewPassphraseField()
    qtbot.addWidget(made)
    almost = "violet rain tonight"[: ADVISED_PASSPHRASE - 1]
    easy = ("a" * ADVISED_PASSPHRASE, "Sergeant Holloway 1")
    made.set_known(["Sergeant Holloway"])
    for text, good in ((almost, False), (almost + "g", True), *((e, False) for e in easy)):
        made.line.setText(text)
        made.again.setText(text)
        assert made.is_good is good
    assert made.line.echoMode() is QLineEdit.EchoMode.Password


def test_suggested_words_are_long_enough_shown_and_never_the_same(qtbot: QtBot) -> None:
    made = NewPassphraseField()
    qtbot.addWidget(made)
    made.suggest()
    assert made.is_good
    assert made.line.echoMode() is QLineEdit.EchoMode.Normal
    words = made.passphrase.split()
    assert len(words) == 6
    assert set(words) <= set(word_list())
    assert len({suggested_passphrase() for _ in range(50)}) == 50


def test_a_wrong_passphrase_is_said_and_can_be_typed_again(
    window: Window, tmp_path: Path, wait: Wait
) -> None:
    from app.models.case import CaseFacts

    path = tmp_path / "a.ppcase"
    window.controller.new_case(path, PASSPHRASE, CaseFacts("r"))
    wait(lambda: window.controller.case is not None, 30000)
    window.ask_open_case()
    wait(lambda: not window.controller.jobs.is_busy("closing"), 30000)
    form = window.start_page.open_form
    form.prepare(str(path))
    form.passphrase.line.setText("wrong")
    form.submit()
    wait(lambda: window.messages.code == "case.wrong_passphrase", 30000)
    form.passphrase.line.setText(PASSPHRASE)
    form.submit()
    wait(lambda: window.controller.case is not None, 30000)
    assert window.messages.code in ("", "case.continued")


def test_recent_cases_show_only_if_wanted(
    window: Window, tmp_path: Path, qtbot: QtBot
) -> None:
    case = tmp_path / "recent.ppcase"
    case.touch()

    def shown() -> bool:
        window.start_page.show_welcome()
        qtbot.wait(10)  # a layout shows its new widgets a turn of the event loop later
        texts = [b.text() for b in window.start_page.findChildren(QPushButton) if b.isVisible()]
        return "recent.ppcase" in texts

    window.controller.change_settings(recent=(str(case),))
    assert not shown()
    window.controller.change_settings(keep_recent=True)
    window.controller.change_settings(recent=(str(case),))
    assert shown()
    window.controller.change_settings(keep_recent=False)
    assert not shown()


def test_an_older_copy_is_restored_beside_the_damaged_file(
    window: Window, tmp_path: Path, wait: Wait
) -> None:
    from app.models.backup import backups
    from app.models.case import CaseFacts

    path = tmp_path / "a.ppcase"
    window.controller.new_case(path, PASSPHRASE, CaseFacts("r"))
    wait(lambda: window.controller.case is not None, 30000)
    window.controller.set_eligibility("view", "fair")
    window.controller.close_case()
    wait(lambda: not window.controller.jobs.is_busy("closing"), 30000)
    if not backups(path):
        pytest.fail("closing left no copy")
    path.write_bytes(b"\0" * 4096)
    form = window.start_page.recover_form
    window.start_page.show_recover()
    form.file.line.setText(str(path))
    assert form.copies.count() == len(backups(path))
    form.passphrase.line.setText(PASSPHRASE)
    form.submit()
    wait(lambda: window.controller.case is not None, 30000)
    assert window.controller.session.eligibility.answer("view") == "fair"
    assert path.read_bytes() == b"\0" * 4096
    assert (tmp_path / "a-restored.ppcase").is_file()


def test_practice_starts_with_one_button(window: Window, wait: Wait, qtbot: QtBot) -> None:
    made = next(b for b in window.start_page.findChildren(QPushButton) if b.text() == "Practice")
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton)
    wait(lambda: window.controller.case is not None)
    assert window.controller.case is not None
    assert not window.controller.case.kept


def test_after_a_crash_the_program_begins_at_the_case_that_was_open(
    window: Window, tmp_path: Path, wait: Wait
) -> None:
    from app.models.case import CaseFacts
    from app.models.session import Stage
    from app.views.left_open import LeftOpen
    from tests.views.conftest import do_interview

    left, controller, path = LeftOpen(window), window.controller, tmp_path / "a.ppcase"
    assert not left.offer()
    controller.new_case(path, "seven quiet owls", CaseFacts("A/1"))
    wait(lambda: controller.case is not None)
    do_interview(controller)
    assert controller.session.stage is Stage.description
    controller.go(Stage.interview)
    controller.record("interview.step", {"step": "order"})
    assert controller.settings.left_open == str(path)
    stored = controller.settings
    controller.close_case()
    assert controller.settings.left_open == ""
    wait(lambda: not controller.jobs.is_busy("closing"))
    controller.change_settings(left_open=stored.left_open)  # as a crash would leave it
    assert LeftOpen(window).offer()
    assert window.start_page.open_form.file.path == path
    window.start_page.open_form.passphrase.line.setText("seven quiet owls")
    window.start_page.open_form.submit()
    wait(lambda: controller.case is not None)
    assert controller.session.stage is Stage.interview
    assert controller.session.guide.step == "order"


def test_a_practice_case_is_not_remembered(window: Window, wait: Wait) -> None:
    from app.views.left_open import LeftOpen

    LeftOpen(window)
    window.ask_practice()
    wait(lambda: window.controller.case is not None)
    assert window.controller.settings.left_open == ""

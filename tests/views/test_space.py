"""A disk that fills up is said in time, and not again and again."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from app.models.case import CaseFacts
from app.views.controller import Controller
from app.views.sentences import notice_sentence
from app.views.space import SpaceWatch, free_space


def test_each_limit_is_said_once(controller: Controller, qtbot: QtBot, tmp_path: Path) -> None:
    left = 3_000_000_000
    watch = SpaceWatch(controller, lambda folder: left)
    said: list[int] = []
    controller.notice.connect(
        lambda code, facts: said.append(facts["megabytes"]) if code == "case.little_space" else None
    )
    controller.new_case(tmp_path / "a.ppcase", "correct horse battery", CaseFacts("R-1"))
    qtbot.waitUntil(lambda: controller.case is not None)
    qtbot.wait(20)
    assert said == []
    for megabytes in (1900, 1800, 499, 450, 150, 100, 1900):
        left = megabytes * 1_000_000
        watch.look()
    assert said == [1900, 499, 150]
    assert "150 MB" in notice_sentence("case.little_space", {"megabytes": 150})


def test_opening_a_case_on_a_full_disk_says_so_by_itself(
    controller: Controller, qtbot: QtBot, tmp_path: Path
) -> None:
    SpaceWatch(controller, lambda folder: 100_000_000)
    controller.new_case(tmp_path / "a.ppcase", "correct horse battery", CaseFacts("R-1"))
    with qtbot.waitSignal(controller.notice, check_params_cb=lambda c, f: "space" in c):
        pass


def test_practice_needs_no_room(practice: Controller) -> None:
    watch = SpaceWatch(practice, lambda folder: 1)
    said: list[str] = []
    practice.notice.connect(lambda code, facts: said.append(code))
    watch.look()
    assert not said


def test_a_folder_that_is_gone_says_nothing(tmp_path: Path) -> None:
    assert free_space(tmp_path / "gone") is None
    assert (free_space(tmp_path) or 0) > 0

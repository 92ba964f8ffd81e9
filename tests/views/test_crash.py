"""An uncaught exception: a report without secrets, one page, and on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.views.crash import KEPT_REPORTS, CrashHook, report_text, write_report

SECRET = "the witness said he was called Jo"


def broken() -> Exception:
    witness = SECRET
    try:
        try:
            int(witness)
        except ValueError as error:
            raise KeyError(witness) from error
    except KeyError as error:
        return error


@pytest.fixture
def hook(qapp: QApplication, tmp_path: Path) -> Iterator[CrashHook]:
    closed: list[bool] = []
    made = CrashHook(tmp_path / "logs", "1.2", lambda: True, lambda: closed.append(True))
    made.closed = closed  # type: ignore[attr-defined]
    made.install()
    yield made
    made.remove()


def raise_uncaught(error: Exception) -> None:
    sys.excepthook(type(error), error, error.__traceback__)


def test_a_report_names_types_files_and_lines_and_no_words_of_the_case(tmp_path: Path) -> None:
    text = report_text(broken(), "1.2")
    assert "KeyError" in text
    assert "after builtins.ValueError" in text
    assert "in broken" in text
    assert "Jo" not in text
    assert str(Path.home()) not in text


def test_only_the_newest_reports_are_kept(tmp_path: Path) -> None:
    for number in range(KEPT_REPORTS + 5):
        (tmp_path / f"crash-20200101-0000{number:02}.txt").write_text("old")
    kept = write_report(tmp_path, "new")
    assert kept is not None
    assert len(list(tmp_path.glob("crash-*.txt"))) == KEPT_REPORTS
    assert kept.read_text() == "new"


def test_a_full_disk_does_not_make_a_second_crash(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert write_report(tmp_path / "file" / "logs", "x") is None


def test_one_page_however_many_exceptions(hook: CrashHook, qtbot: QtBot, tmp_path: Path) -> None:
    for _ in range(3):
        raise_uncaught(broken())
    qtbot.waitUntil(lambda: hook._is_showing)
    pages = [w for w in QApplication.topLevelWidgets() if type(w).__name__ == "CrashDialog"]
    assert sum(p.isVisible() for p in pages) == 1
    go_on = next(b for b in hook._dialog.findChildren(QPushButton) if b.text() == "Go on")
    go_on.click()
    assert not hook._is_showing
    assert hook.closed == []  # type: ignore[attr-defined]
    assert list((tmp_path / "logs").glob("crash-*.txt"))


def test_the_program_can_be_closed_from_the_page(hook: CrashHook, qtbot: QtBot) -> None:
    raise_uncaught(broken())
    qtbot.waitUntil(lambda: hook._is_showing)
    hook._dialog.reject()
    assert hook.closed == [True]  # type: ignore[attr-defined]


def test_an_exception_of_another_thread_is_shown_on_this_one(
    hook: CrashHook, qtbot: QtBot
) -> None:
    thread = threading.Thread(target=lambda: raise_uncaught(broken()))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: hook._is_showing)
    hook._dialog.accept()


def test_the_hook_is_given_back(qapp: QApplication, tmp_path: Path) -> None:
    before = sys.excepthook
    made = CrashHook(tmp_path, "1", lambda: False, lambda: None)
    made.install()
    assert sys.excepthook != before
    made.remove()
    assert sys.excepthook == before

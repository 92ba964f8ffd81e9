"""Starting and ending the program: window first, settings kept, nothing left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from PySide6.QtCore import QTimer
from app.views import launch
from tests.views.fakes import FakeEngine

seen = []

def factory():
    seen.append("engine")
    return FakeEngine()

def on_window(window):
    assert window.isVisible()
    assert "torch" not in sys.modules
    seen.append("window")
    window.controller.model_changed.connect(lambda info, state: seen.append(state))
    {action}

code = launch.run(factory, {case!r}, on_window)
print(code, seen)
"""


def start(folder: Path, action: str, case: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PORTRAIT_PARLE_SETTINGS": str(folder / "settings.json"),
                                "XDG_STATE_HOME": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(action=action, case=case)], env=environment,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_the_window_comes_first_then_the_engine_and_closing_ends_the_program(
    tmp_path: Path,
) -> None:
    done = start(tmp_path, "QTimer.singleShot(300, window.close)")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("0 ['engine', 'window', 'ready']")
    saved = json.loads((tmp_path / "settings.json").read_text())
    assert saved["geometry"]


def test_a_case_given_on_the_command_line_waits_for_its_passphrase(tmp_path: Path) -> None:
    action = "print(window.start_page.open_form.file.path); QTimer.singleShot(50, window.close)"
    done = start(tmp_path, action, str(tmp_path / "x.ppcase"))
    assert str(tmp_path / "x.ppcase") in done.stdout


def test_an_exception_in_the_window_leaves_a_report_and_the_program_runs_on(
    tmp_path: Path,
) -> None:
    action = (
        "QTimer.singleShot(0, lambda: 1 / 0); "
        "QTimer.singleShot(600, lambda: (print('still here'), window.close()))"
    )
    done = start(tmp_path, action)
    assert "still here" in done.stdout, done.stderr
    reports = list(tmp_path.rglob("crash-*.txt"))
    assert len(reports) == 1
    assert "ZeroDivisionError" in reports[0].read_text()


@pytest.mark.parametrize("count", [0, 3])
def test_the_thread_setting_reaches_the_engine(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    from app.models.settings import Settings
    from app.views.launch import _choose_machine

    monkeypatch.delenv("PORTRAIT_PARLE_THREADS", raising=False)
    _choose_machine(Settings(threads=count))
    assert os.environ.get("PORTRAIT_PARLE_THREADS") == (str(count) if count else None)
    monkeypatch.setenv("PORTRAIT_PARLE_THREADS", "1")
    _choose_machine(Settings(threads=4))
    assert os.environ["PORTRAIT_PARLE_THREADS"] == "1"

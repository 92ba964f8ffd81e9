"""Sleep, lid and session lock, heard on a D-Bus of the test's own; what Windows' messages mean."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from PySide6.QtDBus import QDBusConnection
from pytestqt.qtbot import QtBot

from app.engine.api import ReadDescription
from app.models.case import CaseFacts
from app.models.store import CaseFile, open_case
from app.views import windows_messages
from app.views.machine_watch import SLEPT_S, TICK_MS, MachineWatch
from app.views.window import Window
from app.views.windows_messages import LID, PowerSetting, reason
from tests.views.fakes import FakeEngine

REPOSITORY = Path(__file__).resolve().parents[2]
LONG = "correct horse battery staple"


class FakeSystem:
    """The fake services and the bus that they are on."""

    def __init__(self, address: str, process: subprocess.Popen[str]) -> None:
        self.address, self._process = address, process

    def signal(self, name: str) -> None:
        """Send one of ``fake_login.SIGNALS``."""
        _pipe(self._process.stdin).write(name + "\n")
        _pipe(self._process.stdin).flush()

    def said(self) -> str:
        """The next line that the services print."""
        return _pipe(self._process.stdout).readline().strip()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


@pytest.fixture
def system() -> Iterator[FakeSystem]:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("no dbus-daemon on this machine")
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    address = _pipe(daemon.stdout).readline().strip()
    services = subprocess.Popen(
        [sys.executable, "-m", "tests.views.fake_login", address],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY,
    )  # fmt: skip
    fake = FakeSystem(address, services)
    assert fake.said() == "ready"
    yield fake
    for process in (services, daemon):
        process.terminate()
        process.communicate(timeout=10)


@pytest.fixture
def watch(system: FakeSystem, qtbot: QtBot) -> Iterator[MachineWatch]:
    bus = QDBusConnection.connectToBus(system.address, "watch")
    made = MachineWatch(bus, bus)
    made.start()
    yield made
    made.stop()
    made.deleteLater()
    del bus
    QDBusConnection.disconnectFromBus("watch")


@pytest.mark.parametrize(
    ("signal", "why"),
    [("sleep", "sleep"), ("lock", "session"), ("hint", "session"), ("saver", "session"),
     ("lid", "lid")],
)  # fmt: skip
def test_what_the_system_says_is_heard(
    system: FakeSystem, watch: MachineWatch, qtbot: QtBot, signal: str, why: str
) -> None:
    assert watch.sources == ("sleep", "lid", "session", "clock")
    assert system.said() == "inhibited"
    with qtbot.waitSignal(watch.away, timeout=5000) as heard:
        system.signal(signal)
    assert heard.args == [why]


def test_sleep_waits_until_the_case_is_locked_and_is_held_off_again_afterwards(
    system: FakeSystem, watch: MachineWatch, window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "a.ppcase"
    window.locker.follow(watch)
    _open_new(window, path, qtbot)
    assert system.said() == "inhibited"
    system.signal("sleep")
    qtbot.waitUntil(lambda: window.controller.case is None)
    qtbot.waitUntil(lambda: not watch.holds_off_sleep)
    assert system.said() == "released"
    with _reading(path) as case:
        closed = [e.data["reason"] for e in case.events() if e.kind == "case.closed"]
    assert closed == ["sleep"]
    assert window.start_page.open_form.file.path == path
    assert "put to sleep" in window.messages.text
    system.signal("awake")
    qtbot.waitUntil(lambda: watch.holds_off_sleep)
    assert system.said() == "inhibited"


def test_a_lock_drops_the_workers_with_what_they_hold(
    window: Window, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    controller = window.controller
    monkeypatch.setattr(controller, "_engine_factory", FakeEngine)
    _open_new(window, tmp_path / "a.ppcase", qtbot)
    before = controller.jobs.engine
    pages = window.pages
    window.lock("session")
    assert controller.jobs.engine is not before
    assert before is not None
    assert before.submit(ReadDescription("a man", "en")).future.exception() is not None
    assert set(window.pages.values()).isdisjoint(pages.values())
    qtbot.waitUntil(lambda: controller.model_ready)


def test_a_lock_waits_for_the_export_that_is_being_written(
    window: Window, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _open_new(window, tmp_path / "a.ppcase", qtbot)
    exporter = window.controller.exporter
    monkeypatch.setattr(exporter, "is_running", True)
    window.lock("lid")
    assert window.controller.case is not None
    exporter.is_running = False
    exporter.ended.emit()
    qtbot.waitUntil(lambda: window.controller.case is None)


def test_a_gap_in_the_clock_is_taken_for_sleep_that_nobody_told_of(qtbot: QtBot) -> None:
    now = 1000.0
    watch = MachineWatch(QDBusConnection(""), QDBusConnection(""), now=lambda: now)
    watch.start()
    assert watch.sources == ("clock",)
    heard: list[str] = []
    watch.away.connect(heard.append)
    for step in (TICK_MS / 1000, SLEPT_S, 10 * SLEPT_S):
        now += step
        watch.tick()
    assert heard == ["sleep"]
    watch.stop()


def test_windows_messages_mean_what_microsoft_says() -> None:
    lid = PowerSetting((windows_messages.ctypes.c_byte * 16)(*_signed(LID.bytes_le)), 4, 0)
    power, session = windows_messages.WM_POWERBROADCAST, windows_messages.WM_WTSSESSION_CHANGE
    assert [reason(session, w) for w in (7, 8, 1, 2)] == ["session", "", "", "session"]
    assert [reason(power, w) for w in (4, 7, 18)] == ["sleep", "", ""]
    assert reason(power, 0x8013, lid) == "lid"
    lid.value = 1
    assert reason(power, 0x8013, lid) == ""
    other = PowerSetting((windows_messages.ctypes.c_byte * 16)(), 4, 0)
    assert reason(power, 0x8013, other) == ""
    assert reason(0x0F, 4) == ""


def _signed(data: bytes) -> list[int]:
    return [b - 256 if b > 127 else b for b in data]


def _open_new(window: Window, path: Path, qtbot: QtBot) -> None:
    window.controller.new_case(path, LONG, CaseFacts("R-1"))
    qtbot.waitUntil(lambda: window.controller.case is not None)


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[CaseFile]:
    case = open_case(path, LONG)
    yield case
    case.close()

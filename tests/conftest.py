"""What holds for every test: own folders, no screen, nothing left running, nothing left open."""

from __future__ import annotations

import gc
import importlib.abc
import importlib.machinery
import os
import sys
import threading
import time
import warnings
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYTHONHASHSEED", "0")
# tiny nets gain nothing from a second thread, and two threads on busy cores wait for each other
os.environ.setdefault("OMP_NUM_THREADS", "1")

REPOSITORY = Path(__file__).resolve().parent.parent
CV2_VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
PATIENCE_S = 3.0


@pytest.fixture(autouse=True)
def collection_on_this_thread_only() -> Iterator[None]:
    """As in the program: a collection on an engine's thread would end Qt's objects there."""
    gc.disable()
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # some earlier test's: no telling whose
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                break


# ------------------------------------------------------- running without Qt, or without torch


class Uninstalled(importlib.abc.MetaPathFinder):
    """Makes the named packages look as if they were not installed."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] in self.names:
            raise ModuleNotFoundError(
                f"{fullname} counts as not installed in this run", name=fullname
            )
        return None


WITHOUT = frozenset(filter(None, os.environ.get("PORTRAIT_PARLE_WITHOUT", "").split(",")))
if WITHOUT:
    if already := sorted(WITHOUT & sys.modules.keys()):
        raise RuntimeError(f"imported before it could be blocked: {already}")
    sys.meta_path.insert(0, Uninstalled(WITHOUT))


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Let pyproject's Qt settings stand in a run where pytest-qt is switched off."""
    if not pluginmanager.hasplugin("pytest-qt"):
        for name in ("qt_api", "qt_log_level_fail"):
            parser.addini(name, "unused without pytest-qt")
        parser.addini("qt_log_ignore", "unused without pytest-qt", type="linelist")


# ------------------------------------------------------- what Qt objects were started, and where


_started: list[tuple[weakref.ref[Any], str]] = []


@pytest.hookimpl(trylast=True)  # pytest-qt imports Qt in its own hook, which must come first
def pytest_configure() -> None:
    """Remember each QTimer and QThread that is started, with the line that started it."""
    if "PySide6.QtCore" in sys.modules:
        from PySide6 import QtCore

        _watch(QtCore.QTimer)
        _watch(QtCore.QThread)
    try:
        from hypothesis import settings
    except ImportError:
        return
    settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
    settings.load_profile("repeatable")


def _watch(kind: Any) -> None:
    original = kind.start

    def start(self: Any, *args: Any) -> None:
        if isinstance(self, kind):  # QTimer.start() of an instance, not some static call
            _started.append((weakref.ref(self), _caller()))
        original(self, *args)

    kind.start = start


def _caller() -> str:
    frame = sys._getframe(2)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _still_going() -> list[str]:
    import shiboken6

    found = []
    for reference, where in _started:
        thing = reference()
        if thing is None or not shiboken6.isValid(thing):
            continue
        going = thing.isRunning() if hasattr(thing, "isRunning") else thing.isActive()
        if going:
            found.append(f"{type(thing).__name__} started at {where}")
    return found


def _let_qt_settle() -> None:
    from PySide6 import QtCore

    application = QtCore.QCoreApplication.instance()
    if application is not None:
        application.processEvents()
        application.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete.value)


def _open_windows() -> list[Any]:
    if "PySide6.QtWidgets" not in sys.modules:
        return []
    from PySide6 import QtWidgets

    if not isinstance(QtWidgets.QApplication.instance(), QtWidgets.QApplication):
        return []
    return [w for w in QtWidgets.QApplication.topLevelWidgets() if w.isVisible()]


def _qt_leftovers(windows_before: list[Any]) -> list[str]:
    if "PySide6.QtCore" not in sys.modules:
        return []
    _let_qt_settle()
    windows = [w for w in _open_windows() if w not in windows_before]
    return _still_going() + [f"window {type(w).__name__} '{w.windowTitle()}'" for w in windows]


# ------------------------------------------------------- fixtures


@pytest.fixture(autouse=True)
def nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test after which a thread, QThread, QTimer or window of its own is still there."""
    before, windows_before = set(threading.enumerate()), _open_windows()
    _started.clear()
    yield
    if request.node.get_closest_marker("lets_threads_live"):
        return
    deadline = time.monotonic() + PATIENCE_S
    while (left := _leftovers(before, windows_before)) and time.monotonic() < deadline:
        time.sleep(0.02)
    _started.clear()
    assert not left, "left behind: " + "; ".join(left)


def _leftovers(before: set[threading.Thread], windows_before: list[Any]) -> list[str]:
    threads = [
        f"thread {thread.name}"
        for thread in threading.enumerate()
        if thread not in before
        and thread.is_alive()
        and not isinstance(thread, threading._DummyThread)
        and not thread.name.startswith("pytest_timeout")
    ]
    return threads + _qt_leftovers(windows_before)


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, data and caches of every test lie in a folder of its own."""
    home = tmp_path_factory.mktemp("home")
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        folder = home / variable.lower()
        folder.mkdir()
        monkeypatch.setenv(variable, str(folder))
    monkeypatch.setenv("PORTRAIT_PARLE_HOME", str(home))
    monkeypatch.setenv("PORTRAIT_PARLE_PORTABLE", str(home / "portable"))  # not there until made
    return home


@pytest.fixture(autouse=True)
def no_variables_of_opencv() -> Iterator[None]:
    """OpenCV's wheel points Qt at its own plugins when imported; undo it around every test."""
    yield
    for variable in CV2_VARIABLES:
        if "cv2" in os.environ.get(variable, ""):
            del os.environ[variable]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Sample data beside the checkout (``PORTRAIT_PARLE_SHARED`` names another place)."""
    place = os.environ.get("PORTRAIT_PARLE_SHARED")
    folder = Path(place) if place else REPOSITORY.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip(f"no sample data at {folder / 'data'}")
    return folder / "data"

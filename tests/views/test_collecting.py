"""Garbage is collected on the GUI thread, however much an engine's thread allocates."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import ClassVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.views.collecting import Collector, settle


class Knot:
    """In a cycle with itself; remembers on which thread it ended."""

    ended: ClassVar[list[int]] = []

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        self.ended.append(threading.get_ident())


def test_a_cycle_ends_on_the_gui_thread_though_another_allocates(
    qapp: QApplication, qtbot: QtBot
) -> None:
    parent = QObject()
    Collector(parent)
    Knot.ended.clear()
    gone = weakref.ref(Knot())
    kept: list[list[int]] = []
    other = threading.Thread(target=lambda: kept.extend([] for _ in range(20_000)))
    other.start()
    other.join()
    assert gone() is not None  # the other thread passed every threshold and did not collect
    qtbot.waitUntil(lambda: gone() is None)
    assert set(Knot.ended) == {threading.get_ident()}
    assert not gc.isenabled()


def test_nothing_of_an_open_case_is_left_out_of_collections() -> None:
    gc.unfreeze()
    settle(too_soon=True)
    assert gc.get_freeze_count() == 0
    settle(too_soon=False)
    assert gc.get_freeze_count() > 0
    gc.unfreeze()

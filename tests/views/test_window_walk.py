"""Hundreds of random clicks and keys on the real window: no exception, no warning, nothing lost."""

from __future__ import annotations

import random
import sys
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QSlider,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.models.replay import replay
from app.views.window import Window
from tests.views.conftest import Wait, do_interview
from tests.views.test_controller_walk import check

STEPS = 400
KEYS = [
    Qt.Key.Key_1, Qt.Key.Key_3, Qt.Key.Key_9, Qt.Key.Key_N, Qt.Key.Key_U, Qt.Key.Key_Return,
    Qt.Key.Key_Space, Qt.Key.Key_Tab, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Down,
    Qt.Key.Key_Delete, Qt.Key.Key_Escape, Qt.Key.Key_C, Qt.Key.Key_S, Qt.Key.Key_W, Qt.Key.Key_F8,
]  # fmt: skip
STAYS_OUT = {"dictate", "stop", "open the folder"}  # would touch the machine, not the window
WORDS = ["a man of fifty ", "not a beard, ", "maybe glasses ", "\U0001f600", "Was it big? ", "\n"]


def controls(window: Window, kind: type[QWidget]) -> list[Any]:
    tops = [window, *(d for d in window.findChildren(QDialog) if d.isVisible())]
    return [
        c for top in tops for c in top.findChildren(kind) if c.isVisible() and c.isEnabled()
    ]


def click_something(window: Window, dice: random.Random, qtbot: QtBot) -> None:
    found = [b for b in controls(window, QAbstractButton)
             if b.text().replace("&", "").lower() not in STAYS_OUT]
    if found:
        qtbot.mouseClick(dice.choice(found), Qt.MouseButton.LeftButton)


def press_something(window: Window, dice: random.Random, qtbot: QtBot) -> None:
    target = window.focusWidget() or window
    qtbot.keyClick(target, dice.choice(KEYS))


def type_something(window: Window, dice: random.Random, qtbot: QtBot) -> None:
    for kind in (QPlainTextEdit, QLineEdit):
        found = [e for e in controls(window, kind) if not e.isReadOnly()]
        if found and dice.random() < 0.7:
            editor, word = dice.choice(found), dice.choice(WORDS)
            # as an input method would: QTest's key clicks know ASCII only
            editor.insertPlainText(word) if kind is QPlainTextEdit else editor.insert(word)


def move_something(window: Window, dice: random.Random, qtbot: QtBot) -> None:
    for kind in (QSlider, QSpinBox):
        found = controls(window, kind)
        if found:
            made = dice.choice(found)
            made.setValue(dice.randint(made.minimum(), made.maximum()))
    boxes = [b for b in controls(window, QComboBox) if b.count()]
    if boxes:
        box = dice.choice(boxes)
        box.setCurrentIndex(dice.randrange(box.count()))


def use_a_menu(window: Window, dice: random.Random, qtbot: QtBot) -> None:
    actions = [a for name, a in window._actions.items()
               if a.isEnabled() and name not in ("quit", "full_screen", "open", "new", "lock")]
    dice.choice(actions).trigger()


@pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen plugin, of popups
@pytest.mark.parametrize("seed", [1, 2])
def test_a_random_walk_over_the_window(
    window: Window, wait: Wait, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    raised: list[Any] = []
    monkeypatch.setattr(sys, "excepthook", lambda *args: raised.append(args))
    monkeypatch.setattr(window, "_asked", lambda text: False)
    monkeypatch.setattr(QMessageBox, "exec", lambda box: 0)
    for name, nothing in (("OpenFileName", ""), ("SaveFileName", ""), ("OpenFileNames", [])):
        monkeypatch.setattr(
            QFileDialog, f"get{name}", staticmethod(lambda *args, none=nothing: (none, ""))
        )
    monkeypatch.setattr(QDialog, "exec", lambda dialog: 0)  # a modal one would wait for ever
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *args: ""))
    monkeypatch.setattr(window.controller, "export", lambda *args: None)  # has tests of its own
    controller, dice = window.controller, random.Random(seed)
    window.ask_practice()
    wait(lambda: controller.case is not None)
    do_interview(controller)
    wait(lambda: controller.session.description.attributes)
    controller.offer_round()
    wait(lambda: controller.session.open_round)
    controller.use_portrait(3)
    steps = [click_something] * 5 + [press_something] * 4 + [type_something, move_something] * 2
    steps.append(use_a_menu)
    start = most = len(controller.history.nodes)
    for _ in range(STEPS):
        dice.choice(steps)(window, dice, qtbot)
        if dice.random() < 0.15:
            qtbot.wait(5)
        assert not raised, raised[0]
        check(controller.history)
        most = max(most, len(controller.history.nodes))
        assert controller.case is None or len(controller.history.nodes) == most
    for dialog in window.findChildren(QDialog):
        dialog.close()
    controller.resume()
    controller.jobs.cancel_all()
    assert controller.case is not None
    assert replay(controller.case.events()) == controller.history
    assert most > start  # how far it gets hangs on how fast pages come

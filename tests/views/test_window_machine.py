"""Anything in any order on the real window and the witness's screen: a Hypothesis state machine.

A few steps in CI; ``PORTRAIT_PARLE_UI_STEPS=5000`` takes as many, and ``PORTRAIT_PARLE_UI_SEED``
others than before.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
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
)
from pytestqt.qtbot import QtBot

from app.models.replay import replay
from app.models.settings import Settings
from app.views.translation import tr
from app.views.window import Window
from tests.views.conftest import do_interview
from tests.views.test_controller_walk import check
from tests.views.test_window_walk import KEYS, WORDS, controls
from tests.views.test_witness_screen import complaints

STEPS = int(os.environ.get("PORTRAIT_PARLE_UI_STEPS", "40"))
FIRST_SEED = int(os.environ.get("PORTRAIT_PARLE_UI_SEED", "1"))
AT_ONCE = 30  # steps on one practice case
SMALL = 400 + STEPS  # seconds that the whole may take
N = st.integers(0, 10_000)
RULES = {
    "click", "press", "type", "move", "choose", "menu", "be_the_witness", "dress", "rest",
}  # fmt: skip
LEFT_OUT = ("quit", "full_screen", "open", "new", "lock")


class Walk:
    """What the machine's runs share: one window, what was raised, how often each rule ran."""

    def __init__(self, window: Window, qtbot: QtBot, log: Any) -> None:
        self.window, self.qtbot, self.log = window, qtbot, log
        self.raised: list[Any] = []
        self.ran: Counter[str] = Counter()

    def wait(self, holds: Any) -> None:
        self.qtbot.waitUntil(lambda: bool(holds()), timeout=20_000)


class Machine(RuleBasedStateMachine):
    """One practice case; every rule is something that one of two people at the laptop can do."""

    walk: Walk

    @property
    def window(self) -> Window:
        return self.walk.window

    @initialize(begun=st.booleans())
    def begin(self, begun: bool) -> None:
        controller, walk = self.window.controller, self.walk
        controller.start_practice()
        walk.wait(lambda: controller.case is not None)
        if begun:
            do_interview(controller)
            walk.wait(lambda: controller.session.description.attributes)
            controller.offer_round()
            walk.wait(lambda: controller.session.open_round)
            controller.use_portrait(3)

    def did(self, name: str) -> None:
        self.walk.ran[name] += 1

    @rule(n=N)
    def click(self, n: int) -> None:
        out = {"dictate", "stop", "open the folder", tr("Dictate").lower(), tr("Stop").lower(),
               tr("Open the folder").lower()}
        found = [b for b in controls(self.window, QAbstractButton)
                 if b.text().replace("&", "").lower() not in out]
        if found:
            self.walk.qtbot.mouseClick(found[n % len(found)], Qt.MouseButton.LeftButton)
        self.did("click")

    @rule(key=st.sampled_from([*KEYS, Qt.Key.Key_H, Qt.Key.Key_Plus, Qt.Key.Key_Minus]),
          shift=st.booleans())
    def press(self, key: Qt.Key, shift: bool) -> None:
        keys = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        self.walk.qtbot.keyClick(self.window.focusWidget() or self.window, key, keys)
        self.did("press")

    @rule(n=N, word=st.sampled_from(WORDS))
    def type(self, n: int, word: str) -> None:
        plain, lines = controls(self.window, QPlainTextEdit), controls(self.window, QLineEdit)
        found = [e for e in (*plain, *lines) if not e.isReadOnly()]
        if found:
            editor = found[n % len(found)]
            editor.insertPlainText(word) if editor in plain else editor.insert(word)
        self.did("type")

    @rule(n=N, place=st.floats(0, 1))
    def move(self, n: int, place: float) -> None:
        found = [*controls(self.window, QSlider), *controls(self.window, QSpinBox)]
        if found:
            made = found[n % len(found)]
            low, high = made.minimum(), made.maximum()
            made.setValue(round(low + place * (high - low)))
        self.did("move")

    @rule(n=N, which=N)
    def choose(self, n: int, which: int) -> None:
        boxes = [b for b in controls(self.window, QComboBox) if b.count()]
        if boxes:
            box = boxes[n % len(boxes)]
            box.setCurrentIndex(which % box.count())
        self.did("choose")

    @rule(n=N)
    def menu(self, n: int) -> None:
        found = [a for name, a in self.window._actions.items()
                 if a.isEnabled() and name not in LEFT_OUT]
        found[n % len(found)].trigger()
        self.did("menu")

    @rule(n=N)
    def be_the_witness(self, n: int) -> None:
        screen = self.window.witness.screen
        if screen is None:
            self.window.toggle_witness()
        else:
            tiles = [t for t in screen.gallery.tiles if t.isVisible() and t.isEnabled()]
            buttons = [b for b in screen.buttons.values() if b.isVisible() and b.isEnabled()]
            if found := [*tiles, *buttons]:
                self.walk.qtbot.mouseClick(found[n % len(found)], Qt.MouseButton.LeftButton)
        self.did("be_the_witness")

    @rule(n=N, language=st.sampled_from(["en", "fr"]), theme=st.sampled_from(["light", "evening"]))
    def dress(self, n: int, language: str, theme: str) -> None:
        if n % 30 == 0:  # every page is made anew: dear
            self.window.controller.change_settings(language=language, theme=theme)
        self.did("dress")

    @rule(ms=st.integers(0, 30))
    def rest(self, ms: int) -> None:
        self.walk.qtbot.wait(ms)
        self.did("rest")

    @invariant()
    def nothing_was_raised_or_warned(self) -> None:
        assert not self.walk.raised, self.walk.raised[0]
        warned = [r for r in self.walk.log.records
                  if r.log_type_name in ("QtWarningMsg", "QtCriticalMsg") and not r.ignored]
        assert not warned, warned[0]

    @invariant()
    def the_witness_sees_only_what_is_on_the_closed_list(self) -> None:
        screen = self.window.witness.screen
        if screen is not None:
            assert complaints(screen) == []

    @invariant()
    def the_history_is_whole(self) -> None:
        check(self.window.controller.history)

    def teardown(self) -> None:
        window, controller = self.window, self.window.controller
        for dialog in window.findChildren(QDialog):
            dialog.close()
        window.witness.close()
        window.tour.end()
        controller.resume()
        controller.jobs.cancel_all()
        if controller.case is not None:
            assert replay(controller.case.events()) == controller.history
            controller.close_case()
        self.walk.wait(lambda: not controller.jobs.is_busy("closing"))
        controller.change_settings(**{
            f: getattr(Settings(), f)
            for f in ("array_size", "text_scale", "model_folder", "favourites", "witness_screen")
        }, language="en")  # fmt: skip
        self.walk.wait(lambda: controller.model_ready)
        super().teardown()


@pytest.mark.timeout(SMALL)
@pytest.mark.qt_log_ignore("This plugin does not support")
def test_anything_in_any_order(
    window: Window, qtbot: QtBot, qtlog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = Walk(window, qtbot, qtlog)
    monkeypatch.setattr(sys, "excepthook", lambda *args: walk.raised.append(args))
    monkeypatch.setattr(window, "_asked", lambda text: False)
    monkeypatch.setattr(QMessageBox, "exec", lambda box: 0)
    nothing = {
        "getOpenFileName": ("", ""), "getSaveFileName": ("", ""), "getOpenFileNames": ([], ""),
        "getExistingDirectory": "",
    }  # fmt: skip
    for name, answer in nothing.items():
        monkeypatch.setattr(QFileDialog, name, staticmethod(lambda *args, a=answer: a))
    monkeypatch.setattr(window.controller, "export", lambda *args: None)  # has tests of its own
    Machine.walk = walk
    number = FIRST_SEED
    while walk.ran.total() < STEPS:
        left = (STEPS - walk.ran.total()) // AT_ONCE
        kind = seed(number)(type(f"Machine{number}", (Machine,), {}))
        run_state_machine_as_test(kind, settings=settings(
            max_examples=min(20, max(1, left)), stateful_step_count=AT_ONCE, deadline=None,
            database=None, derandomize=False, phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ))  # fmt: skip
        number += 1
    print(f"{walk.ran.total()} steps: {dict(walk.ran)}")
    # a run leaves some rules out on purpose, so that others come in rows; many runs leave out none
    assert STEPS < 1000 or set(walk.ran) == RULES

"""The witness's screen: only what the closed list names, never a face before its time."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.models.portrait import Recipe
from app.models.session import Stage
from app.views.face_tile import FaceTile
from app.views.gallery import Gallery
from app.views.images import shown
from app.views.round_page import RoundPage
from app.views.theme import colour
from app.views.window import Window
from app.views.witness_allowed import SCENES, all_words, button_words
from app.views.witness_window import WitnessWindow, scene_of
from tests.views.conftest import Wait, do_interview
from tests.views.fakes import FakeEngine
from tests.views.test_controller_walk import random_verb

SHELL = ("WitnessWindow", "QFrame", "Gallery")


def complaints(screen: WitnessWindow) -> list[str]:
    """Everything on the screen that is not on the closed list."""
    scene, found = SCENES[screen.scene], []
    faces = [w for w in screen.findChildren(FaceTile) if w.isVisible() and w.pixels is not None]
    if len(faces) > scene.faces:
        found.append(f"{len(faces)} faces in {screen.scene}")
    pressed = [w for w in screen.findChildren(QAbstractButton) if w.isVisible()]
    words = [w.text() for w in pressed if not isinstance(w, FaceTile)]
    wanted = {t for k in scene.buttons for t in (button_words(k), button_words(k, 2))}
    found += [f"button {text!r} in {screen.scene}" for text in words if text not in wanted]
    for widget in [screen, *screen.findChildren(QWidget)]:
        if not widget.isVisible():
            continue
        kind = type(widget).__name__
        if kind not in (*SHELL, "FaceTile", "QPushButton"):
            found.append(f"a {kind}")
        if widget.toolTip() or widget.statusTip():
            found.append(f"a tip on {kind}")
        if isinstance(widget, QLabel):
            found.append(f"a label {widget.text()!r}")
        if isinstance(widget, FaceTile) and (widget.rank or not widget.plain or widget.text()):
            found.append("a mark on a face")
    if screen.windowTitle() != "Portrait Parlé":
        found.append(f"title {screen.windowTitle()!r}")
    return found + early_faces(screen)


def early_faces(screen: WitnessWindow) -> list[str]:
    """Faces that the case file does not hold as shown, in an array."""
    controller, known = screen._controller, []
    if screen.scene == "array":
        open_round = controller.session.open_round
        assert open_round is not None
        known = [controller.known_face(f) for f in open_round.faces]
        if any(not controller.was_shown(f) for f in open_round.faces):
            return ["an array that is not in the case file"]
    tiles = [t for t in screen.gallery.tiles if t.isVisible() and t.pixels is not None]
    if screen.scene == "array":
        return [
            f"tile {t.index} shows another face" for t, face in zip(tiles, known, strict=True)
            if face is None or not np.array_equal(t.pixels, face)
        ]  # fmt: skip
    return []


def began(window: Window, wait: Wait) -> WitnessWindow:
    """Practice up to the first array, with the witness's screen shown."""
    window.ask_practice()
    wait(lambda: window.controller.case is not None)
    window.toggle_witness()
    screen = window.witness.screen
    assert screen is not None
    do_interview(window.controller)
    wait(lambda: window.controller.session.description.attributes)
    assert screen.scene == "blank"
    assert complaints(screen) == []
    window.controller.offer_round()
    wait(lambda: screen.scene == "array")
    return screen


@pytest.fixture
def screen(window: Window, wait: Wait) -> WitnessWindow:
    return began(window, wait)


def press(screen: WitnessWindow, key: str) -> None:
    QTest.mouseClick(screen.buttons[key], Qt.MouseButton.LeftButton)


# ------------------------------------------------------------------ the closed list


def test_nothing_off_the_closed_list_ever_appears(
    screen: WitnessWindow, window: Window, wait: Wait
) -> None:
    dice, seen = random.Random(1), set()
    window.controller.busy_changed.connect(lambda *a: seen.update(complaints(screen)))
    window.controller.face_ready.connect(lambda *a: seen.update(complaints(screen)))
    scenes = set()
    for _ in range(80):
        random_verb(window.controller, dice, wait)
        if dice.random() < 0.2:
            buttons = [b for b in screen.buttons.values() if b.isVisible() and b.isEnabled()]
            if buttons:
                dice.choice(buttons).click()
        if dice.random() < 0.1:
            window.toggle_break()
        scenes.add(screen.scene)
        assert complaints(screen) == []
    window.controller.resume()
    assert not seen
    assert {"array", "blank", "portrait"} <= scenes


def test_a_thing_that_does_not_belong_there_would_be_noticed(screen: WitnessWindow) -> None:
    label = QLabel("PC 1234", screen)
    label.show()
    assert complaints(screen)
    label.deleteLater()
    label.hide()
    screen.buttons["none"].setToolTip("file.ppcase")
    assert complaints(screen) == ["a tip on QPushButton"]


def test_every_scene_has_words_for_its_buttons_and_no_digits() -> None:
    assert all(not any(c.isdigit() for c in word) for word in all_words())
    assert {k for s in SCENES.values() for k in s.buttons} == {
        "this_one", "none", "not_sure", "break", "go_on",
    }  # fmt: skip


# ------------------------------------------------------------------ never early


def test_an_array_appears_only_when_it_is_whole(
    screen: WitnessWindow, window: Window, engine: FakeEngine, wait: Wait, qtbot: QtBot
) -> None:
    engine.gate.clear()
    press(screen, "none")
    wait(lambda: window.controller.jobs.is_busy("round"))
    assert screen.scene == "blank"
    engine.gate.set()
    wait(lambda: screen.scene == "array")
    assert len([t for t in screen.gallery.tiles if t.isVisible()]) == 9


def test_before_the_faces_the_screen_is_empty_grey(window: Window, wait: Wait) -> None:
    window.ask_practice()
    wait(lambda: window.controller.case is not None)
    window.toggle_witness()
    screen = window.witness.screen
    assert screen is not None
    image = screen.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    seen = {image.pixel(x, y) for x in range(0, image.width(), 7)
            for y in range(0, image.height(), 7)}  # fmt: skip
    assert seen == {colour("face_surround").rgb()}


def test_the_curtain_is_empty_grey_at_once_and_a_witness_can_end_a_break(
    screen: WitnessWindow, window: Window
) -> None:
    window.toggle_break()
    assert screen.scene == "curtain"
    assert complaints(screen) == []
    assert not any(b.isVisible() for b in screen.buttons.values())
    window.toggle_break()
    assert screen.scene == "array"
    press(screen, "break")
    assert screen.scene == "rest"
    press(screen, "go_on")
    assert screen.scene == "array"


def test_no_face_belongs_to_the_interview_or_the_export(window: Window, wait: Wait) -> None:
    screen = began(window, wait)
    window.controller.use_portrait(1)
    wait(lambda: screen.scene == "portrait")
    for stage, scene in (
        (Stage.interview, "blank"), (Stage.description, "blank"), (Stage.validation, "look"),
        (Stage.export, "blank"), (Stage.refine, "portrait"),
    ):  # fmt: skip
        window.controller.go(stage)
        assert screen.scene == scene
        assert complaints(screen) == []


def test_a_case_without_a_session_shows_nothing(window: Window, wait: Wait) -> None:
    screen = began(window, wait)
    window.controller.close_case()
    assert screen.scene == "blank"
    assert scene_of(window.controller.session, "", False) == ("blank", ())


# ------------------------------------------------------------------ picking and answering


def test_picks_go_both_ways_and_this_one_leads_to_the_next_array(
    screen: WitnessWindow, window: Window, wait: Wait
) -> None:
    page = window.pages[Stage.round]
    assert isinstance(page, RoundPage)
    assert not screen.buttons["this_one"].isEnabled()
    QTest.mouseClick(screen.gallery.tiles[3], Qt.MouseButton.LeftButton)
    assert page.gallery.picks == (3,)
    page.gallery.toggle(5)
    assert screen.gallery.picks == (3, 5)
    assert screen.buttons["this_one"].text() == "These"
    first = window.controller.session.open_round
    press(screen, "this_one")
    wait(lambda: len(window.controller.session.rounds) == 2 and screen.scene == "array")
    answered = window.controller.session.rounds[0]
    assert first is not None
    assert (answered.number, answered.picks) == (first.number, (3, 5))
    assert screen.gallery.picks == ()


def test_the_witness_accepts_the_portrait(
    screen: WitnessWindow, window: Window, wait: Wait
) -> None:
    window.controller.use_portrait(2)
    portrait = window.controller.session.portrait
    assert isinstance(portrait, Recipe)
    wait(lambda: window.controller.was_shown(portrait) and screen.scene == "portrait")
    assert [k for k, b in screen.buttons.items() if b.isVisible()] == ["this_one", "break"]
    QTest.mouseClick(screen.gallery.tiles[0], Qt.MouseButton.LeftButton)
    assert not screen.gallery.tiles[0].isChecked()
    press(screen, "this_one")
    assert window.controller.session.stage is Stage.validation


def test_keys_work_on_the_witness_screen_too(screen: WitnessWindow, window: Window) -> None:
    QTest.keyClick(screen, Qt.Key.Key_4)
    assert screen.gallery.picks == (3,)
    QTest.keyClick(screen, Qt.Key.Key_B)
    assert window.controller.paused_by == "witness"
    QTest.keyClick(screen, Qt.Key.Key_Escape)
    assert not window.witness.is_shown


def test_the_look_and_the_size_follow_the_officer(screen: WitnessWindow, window: Window) -> None:
    page = window.pages[Stage.round]
    assert isinstance(page, RoundPage)
    page.options.blur_on.setChecked(True)
    tile = screen.gallery.tiles[0]
    assert tile.look.blur > 0
    before = tile.width()
    window.witness.resize_tiles(-4)
    assert tile.width() < before
    assert window.controller.settings.witness_tiles == 60
    assert shown(tile.pixels, 40, tile.look) is not None


def test_the_screen_survives_another_language_and_goes_with_the_window(
    screen: WitnessWindow, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "_asked", lambda text: True)
    window.controller.change_settings(language="fr")
    new = window.witness.screen
    assert new is not None
    assert new is not screen
    assert new.buttons["none"].text() == "Aucun"
    window.controller.change_settings(language="en")
    window.close()
    assert not window.witness.is_shown


# ------------------------------------------------------------------ numbers of two digits


def test_two_digits_pick_the_tiles_from_ten_on(qtbot: QtBot) -> None:
    gallery = Gallery()
    qtbot.addWidget(gallery)
    gallery.set_count(18)
    for index in range(18):
        gallery.set_face(index, np.zeros((8, 8, 3), np.uint8))
    for key in (Qt.Key.Key_1, Qt.Key.Key_7):
        gallery._digits.press(key - Qt.Key.Key_0, 18)
    assert gallery.picks == (16,)
    gallery._digits.press(4, 18)
    assert gallery.picks == (16, 3)
    gallery._digits.press(1, 18)
    assert gallery.picks == (16, 3)
    qtbot.waitUntil(lambda: gallery.picks == (16, 3, 0), timeout=2000)
    gallery._digits.press(1, 18)
    gallery._digits.press(9, 18)  # there is no 19: both count for themselves
    assert gallery.picks == (16, 3, 8)

"""The sketch page: a drawing has no colours, so they are asked for; several faces are offered."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from app.engine.api import SketchToFace
from app.models.session import Stage
from app.views.sketch_page import SketchPage
from app.views.window import Window
from tests.views.conftest import Wait
from tests.views.fakes import FakeEngine
from tests.views.picture_files import kinds, photo, told


@pytest.fixture
def sitting(window: Window, wait: Wait) -> Window:
    made = told(window, wait)
    made.show_starts()
    made.starts.show_kind("sketch")
    return made


@pytest.fixture
def page(sitting: Window) -> SketchPage:
    return sitting.starts.sketch


def choose(page: SketchPage, skin: str, hair: str) -> None:
    for name, value in (("skin", skin), ("hair_color", hair)):
        page.colours[name].setCurrentIndex(page.colours[name].findData(value))


def test_colours_must_be_answered_before_a_drawing_becomes_faces(
    sitting: Window, page: SketchPage, wait: Wait, engine: FakeEngine, tmp_path: Path
) -> None:
    sitting.desk.open_picture(str(photo(tmp_path, "none")), "sketch")  # a drawing needs no face
    wait(lambda: "none.png" in page.status.text())
    assert not page.draw.isEnabled()
    choose(page, "tan", "?")
    assert page.draw.isEnabled()
    page.draw.click()
    wait(lambda: "picture.possible" in kinds(sitting))
    asked = next(r for r in engine.asked if isinstance(r, SketchToFace))
    assert [(a.name, a.value) for a in asked.wanted] == [("skin", "tan")]  # not known: not invented
    assert asked.count == 4


def test_colours_that_were_said_are_filled_in(
    sitting: Window, page: SketchPage, wait: Wait
) -> None:
    sitting.controller.add_attribute("hair_color", "red")
    assert page.colours["hair_color"].currentData() == "red"
    assert page.colours["skin"].currentIndex() == 0


def test_one_of_the_faces_becomes_the_portrait(
    sitting: Window, page: SketchPage, wait: Wait, tmp_path: Path, qtbot: QtBot
) -> None:
    sitting.desk.open_picture(str(photo(tmp_path)), "sketch")
    wait(lambda: "one.png" in page.status.text())
    choose(page, "light", "brown")
    page.draw.click()
    wait(lambda: page.possible.faces)
    assert not page.possible.progress.isVisible()
    tile = page.possible.gallery.tiles[2]
    qtbot.keyClick(tile, Qt.Key.Key_H)  # there is no next array to hold a face for
    qtbot.mouseClick(tile, Qt.MouseButton.LeftButton, pos=QPoint(16, 16))
    assert page.possible.gallery.held == ()
    chosen = page.possible.chosen
    page.start.click()
    session = sitting.controller.session
    assert chosen is not None
    assert session.stage is Stage.refine
    assert session.portrait == chosen.recipe
    assert session.portrait.origin == "sketch"
    assert session.sources == chosen.sources != ()
    assert sitting.desk.at_hand[-1] == chosen  # and may be mixed with another face


def test_making_faces_can_be_stopped(
    sitting: Window, page: SketchPage, wait: Wait, engine: FakeEngine, tmp_path: Path
) -> None:
    sitting.desk.open_picture(str(photo(tmp_path)), "sketch")
    wait(lambda: "one.png" in page.status.text())
    choose(page, "light", "brown")
    engine.gate.clear()
    page.draw.click()
    assert page.possible.progress.isVisible()
    page.cancel.click()
    engine.gate.set()
    assert not page.possible.progress.isVisible()
    assert page.draw.isEnabled()
    assert page.possible.chosen is None

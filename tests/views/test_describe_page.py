"""The description: marks on the words, and attributes that the officer decides on."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.models.attributes import vocabulary
from app.models.case import CaseFacts
from app.models.description import Attribute
from app.models.session import Stage
from app.models.store import open_case
from app.views.attribute_row import saying
from app.views.controller import Controller
from app.views.describe_page import DescribePage
from app.views.window import Window
from tests.views.conftest import Wait, do_interview


@pytest.fixture
def page(practice: Controller, qtbot: QtBot, wait: Wait) -> DescribePage:
    made = DescribePage(practice)
    qtbot.addWidget(made)
    practice.session_changed.connect(lambda old, new: made.show_session(new))
    do_interview(practice)
    made.show()
    wait(lambda: made.rows)
    return made


def click(qtbot: QtBot, widget: object) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_every_attribute_has_a_mark_on_its_words(page: DescribePage) -> None:
    text = page.text.toPlainText()
    marked = {text[a:b] for a, b in page.text.marks()}
    assert {"man", "fifty", "big nose", "beard"} <= marked


def test_marks_stay_right_behind_characters_outside_the_basic_plane(
    page: DescribePage, practice: Controller, wait: Wait
) -> None:
    text = "\U0001f600\U0001f600 a man with a big nose"
    page.text.setPlainText(text)
    wait(lambda: practice.session.description.text == text)
    shown = {selection.cursor.selectedText() for selection in page.text.extraSelections()}
    assert {"man", "big nose"} <= shown


def test_confirm_drop_and_confirm_all(
    page: DescribePage, practice: Controller, qtbot: QtBot
) -> None:
    assert not page.show_faces.isEnabled()
    click(qtbot, page.rows[0].confirm)
    assert practice.session.description.attributes[0].confirmed
    click(qtbot, page.rows[3].drop)
    assert [a.name for a in practice.session.description.attributes] == ["sex", "age", "nose_size"]
    click(qtbot, page.confirm_all)
    assert all(a.confirmed for a in practice.session.description.attributes)
    assert page.show_faces.isEnabled()
    assert not page.confirm_all.isEnabled()


def test_everything_can_be_done_with_keys(
    page: DescribePage, practice: Controller, qtbot: QtBot
) -> None:
    page.rows[0].confirm.setFocus()
    qtbot.keyClick(page.rows[0].confirm, Qt.Key.Key_Space)
    assert practice.session.description.attributes[0].confirmed
    assert page.rows[0].isAncestorOf(page.focusWidget())  # focus stays with the feature
    qtbot.keyClick(page.rows[1].confirm, Qt.Key.Key_Delete)
    assert "age" not in [a.name for a in practice.session.description.attributes]


def test_another_value_is_chosen_from_the_vocabulary(
    page: DescribePage, practice: Controller, qtbot: QtBot
) -> None:
    click(qtbot, page.rows[2].change)
    assert page.editor.value == "big"
    assert not page.editor.name.isEnabled()
    page.editor.word.setCurrentIndex(page.editor.word.findData("small"))
    click(qtbot, page.editor.apply)
    changed = practice.session.description.attributes[2]
    assert (changed.value, changed.confirmed, changed.source) == ("small", True, "officer")
    assert page.editor.name.isEnabled()


def test_age_is_changed_as_an_interval(
    page: DescribePage, practice: Controller, qtbot: QtBot
) -> None:
    click(qtbot, page.rows[1].change)
    assert page.editor.value == (45, 55)
    page.editor.low.setValue(60)  # the upper end is pushed along
    assert page.editor.value == (60, 60)
    page.editor.high.setValue(65)
    click(qtbot, page.editor.apply)
    assert practice.session.description.attributes[1].value == (60, 65)


def test_every_entry_of_the_vocabulary_can_be_added(
    page: DescribePage, practice: Controller, qtbot: QtBot
) -> None:
    for entry in vocabulary().entries:
        page.editor.name.setCurrentIndex(page.editor.name.findData(entry.name))
        click(qtbot, page.editor.apply)
    names = {a.name for a in practice.session.description.attributes}
    assert names == set(vocabulary().names)


def test_reading_again_waits_until_the_typing_rests(
    page: DescribePage, practice: Controller, qtbot: QtBot, wait: Wait
) -> None:
    before = practice.session
    page.text.setPlainText("a woman")
    page.text.setPlainText("a woman with glasses")
    assert practice.session == before
    wait(lambda: practice.session.description.text == "a woman with glasses")
    changed = [e for e in practice.case.events() if e.kind == "description.changed"]  # type: ignore[union-attr]
    assert [e.data["text"] for e in changed][1:] == ["a woman with glasses"]
    assert page.text.toPlainText() == "a woman with glasses"


def test_show_faces_turns_the_page_and_asks_for_the_first_array(
    page: DescribePage, practice: Controller, qtbot: QtBot, wait: Wait
) -> None:
    click(qtbot, page.confirm_all)
    click(qtbot, page.show_faces)
    assert practice.session.stage is Stage.round
    wait(lambda: practice.session.open_round)


@pytest.mark.parametrize(
    ("attribute", "words"),
    [
        (Attribute("hair_color", "dark_brown"), "dark brown"),
        (Attribute("face_shape", "round", negated=True), "not round"),
        (Attribute("age", (45, 55)), "45 to 55 years"),
        (Attribute("age", (50, 50)), "50 years"),
        (Attribute("mark", "scar", where="left_cheek"), "scar, left cheek"),
        (Attribute("mark", "scar", where="unspecified"), "scar"),
    ],
)
def test_attributes_are_said_in_words(attribute: Attribute, words: str) -> None:
    assert saying(attribute) == words


def test_words_typed_just_before_the_window_closes_are_read_and_kept(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    controller, path = window.controller, tmp_path / "a.ppcase"
    controller.new_case(path, "correct horse battery staple", CaseFacts("R-1"))
    qtbot.waitUntil(lambda: controller.case is not None)
    do_interview(controller)
    qtbot.waitUntil(lambda: bool(controller.session.description.attributes))
    page = window.pages[Stage.description]
    assert isinstance(page, DescribePage)
    page.text.setPlainText("A woman with glasses")
    window.ask_close_case()
    qtbot.waitUntil(lambda: not controller.jobs.is_busy("closing"))
    case = open_case(path, "correct horse battery staple")
    kept = [e for e in case.events() if e.kind == "description.changed"][-1]
    case.close()
    assert kept.data["text"] == "A woman with glasses"

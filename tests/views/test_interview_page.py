"""The interview: big choices, the gate, and every word kept."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.models.interview import QUESTIONS
from app.models.session import Stage
from app.views.controller import Controller
from app.views.interview_page import InterviewPage
from app.views.interview_words import concern_text, question_text, value_text
from app.views.question_hints import leading_question
from tests.views.conftest import Wait


@pytest.fixture
def page(practice: Controller, qtbot: QtBot) -> InterviewPage:
    made = InterviewPage(practice)
    qtbot.addWidget(made)
    practice.session_changed.connect(lambda old, new: made.show_session(new))
    made.show_session(practice.session)
    made.show()
    return made


def answer_all(page: InterviewPage, qtbot: QtBot) -> None:
    for question in QUESTIONS:
        good = next(v for v in question.values if v not in question.against)
        made = page.questions._rows[question.key]._buttons[good]
        qtbot.mouseClick(made, Qt.MouseButton.LeftButton)


def test_every_question_answer_and_concern_has_words() -> None:
    for question in QUESTIONS:
        assert question_text(question.key)
        assert all(value_text(question.key, value) for value in question.values)
        if question.against:
            assert concern_text(question.key)


def test_answers_are_stored_as_they_are_given(
    page: InterviewPage, practice: Controller, qtbot: QtBot
) -> None:
    assert not page.questions.go_on.isEnabled()
    answer_all(page, qtbot)
    assert practice.session.eligibility.is_complete
    assert page.questions.go_on.isEnabled()
    assert not page.questions._gate.isVisible()


def test_a_concern_opens_the_gate_and_the_reason_is_kept(
    page: InterviewPage, practice: Controller, qtbot: QtBot
) -> None:
    answer_all(page, qtbot)
    yes = page.questions._rows["photos_shown"]._buttons["yes"]
    qtbot.mouseClick(yes, Qt.MouseButton.LeftButton)
    assert page.questions._gate.isVisible()
    assert "Photographs" in page.questions._concerns.text()
    assert not page.questions.go_on.isEnabled()
    qtbot.keyClicks(page.questions.reason, "only witness")
    qtbot.keyClicks(page.questions.authority, "DI Park")
    assert page.questions.go_on.isEnabled()
    qtbot.mouseClick(page.questions.go_on, Qt.MouseButton.LeftButton)
    stored = practice.session.eligibility
    assert (stored.reason, stored.authority) == ("only witness", "DI Park")
    assert page.recall.isVisible()


def test_typing_is_stored_after_a_second_and_confirmed_word_for_word(
    page: InterviewPage, practice: Controller, qtbot: QtBot, wait: Wait
) -> None:
    answer_all(page, qtbot)
    qtbot.mouseClick(page.questions.go_on, Qt.MouseButton.LeftButton)
    said = "  He had a big nose,\nI think.  "
    page.recall.text.setPlainText(said)
    wait(lambda: practice.session.recall == said)  # the draft, by itself
    page.recall.text.appendPlainText("And a beard")
    qtbot.mouseClick(page.recall._confirm, Qt.MouseButton.LeftButton)
    assert practice.session.recall == said + "\nAnd a beard"
    assert practice.session.stage is Stage.description
    assert page.recall.text.isReadOnly()
    wait(lambda: practice.session.description.attributes)


def test_an_undo_of_a_neighbour_does_not_touch_what_is_being_typed(
    page: InterviewPage, practice: Controller, qtbot: QtBot
) -> None:
    page.recall.text.setPlainText("half a sen")
    practice.set_eligibility("view", "good")
    assert page.recall.text.toPlainText() == "half a sen"


def test_showing_the_same_session_twice_changes_nothing(
    page: InterviewPage, practice: Controller, qtbot: QtBot
) -> None:
    answer_all(page, qtbot)
    count = len(list(practice.case.events()))  # type: ignore[union-attr]
    for _ in range(3):
        page.show_session(practice.session)
    assert len(list(practice.case.events())) == count  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("He was tall. Was his nose big?", "Was his nose big?"),
        ("Did he have a beard?", "Did he have a beard?"),
        ("What do you remember of the nose?", None),
        ("He was old.", None),
        ("Is it fine? Tell me. Had he glasses?", "Had he glasses?"),
        ("", None),
    ],
)
def test_leading_questions_are_noticed_and_open_ones_are_not(
    text: str, question: str | None
) -> None:
    hint = leading_question(text, "en")
    assert (hint.question if hint else None) == question
    if hint and "nose" in text:
        assert "nose" in hint.instead


def test_hints_are_logged_and_can_be_switched_off(
    page: InterviewPage, practice: Controller, wait: Wait, qtbot: QtBot
) -> None:
    practice.change_settings(question_hints=False)
    page.recall.text.setPlainText("Was his nose big?")
    qtbot.wait(700)
    assert page.recall._hint.text() == ""
    practice.change_settings(question_hints=True)
    page.recall.text.appendPlainText("Was his hair grey?")
    wait(lambda: "hair" in page.recall._hint.text())
    logged = [e for e in practice.case.events() if e.kind == "hint.shown"]  # type: ignore[union-attr]
    assert [e.data["question"] for e in logged] == ["Was his hair grey?"]


def test_dictated_words_go_to_the_end_and_say_how_they_came(
    page: InterviewPage, practice: Controller, qtbot: QtBot, wait: Wait
) -> None:
    from app.models.speech import Word

    answer_all(page, qtbot)
    qtbot.mouseClick(page.questions.go_on, Qt.MouseButton.LeftButton)
    page.recall.text.setPlainText("A man.")
    words = (Word("big", 0.1, 0.4, 0.9), Word("nose", 0.5, 0.9, 0.4))
    page.recall.dictation.recorded.emit(words, b"RIFF")
    page.recall.dictation.text_ready.emit("big nose")
    assert practice.session.recall == "A man.\nbig nose"
    qtbot.mouseClick(page.recall._confirm, Qt.MouseButton.LeftButton)
    events = {e.kind: e.data for e in practice.case.events()}  # type: ignore[union-attr]
    assert events["description.first"]["how"] == "dictated"
    assert [w["word"] for w in events["dictation.heard"]["words"]] == ["big", "nose"]
    assert len(events["dictation.heard"]["wav_sha256"]) == 64
    assert not page.recall.dictation.isVisible()
    page.recall.dictation.text_ready.emit("too late")
    assert practice.session.recall == "A man.\nbig nose"
    wait(lambda: practice.session.description.attributes)


def test_a_written_note_goes_to_the_end_and_says_how_it_came(
    page: InterviewPage, practice: Controller, qtbot: QtBot
) -> None:
    answer_all(page, qtbot)
    qtbot.mouseClick(page.questions.go_on, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(page.recall.note, Qt.MouseButton.LeftButton)
    assert page.note is not None
    assert page.note.isVisible()
    page.note.closed.emit()
    assert page.recall.isVisible()
    qtbot.mouseClick(page.recall.note, Qt.MouseButton.LeftButton)
    page.note.text_ready.emit("tall, grey hair")
    assert page.recall.isVisible()
    assert practice.session.recall == "tall, grey hair"
    draft = [e for e in practice.case.events() if e.kind == "description.draft"][-1]  # type: ignore[union-attr]
    assert draft.data["how"] == "note"

"""The interview: big choices, the gate, and every word kept."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.models.guide import STEPS
from app.models.interview import QUESTIONS
from app.models.replay import replay
from app.models.session import Stage
from app.views.controller import Controller
from app.views.interview_page import InterviewPage
from app.views.interview_words import concern_text, question_text, value_text
from app.views.question_hints import PARTS, _open_form, leading_question
from app.views.translation import catalogue
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
        made = page.questions.rows[question.key]._buttons[good]
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
    yes = page.questions.rows["photos_shown"]._buttons["yes"]
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


@pytest.mark.parametrize(
    ("question", "language", "why"),
    [
        ("Was his nose big", "en", "closed"),
        ("And did he have a beard?", "en", "closed"),
        ("Was it brown or black?", "en", "choice"),
        ("He had a scar, didn't he?", "en", "tag"),
        ("How big was his nose?", "en", "presumes"),
        ("His hair was grey?", "en", "closed"),
        ("Could you describe the eyes?", "en", None),
        ("Is there anything else you remember?", "en", None),
        ("Was", "en", None),
        ("Est-ce qu'il avait une barbe ?", "fr", "closed"),
        ("Ses yeux étaient-ils bleus ou verts ?", "fr", "choice"),
        ("Il était grand, n'est-ce pas ?", "fr", "tag"),
        ("Portait-il des lunettes ?", "fr", "closed"),
        ("Que vous rappelez-vous du nez ?", "fr", None),
        ("Pouvez-vous me décrire les yeux ?", "fr", None),
    ],
)
def test_what_leads_in_a_question_is_told_while_it_is_typed(
    question: str, language: str, why: str | None
) -> None:
    hint = leading_question(question, language, asking=True)
    assert (hint.why if hint else None) == why


@pytest.mark.parametrize("part", ["", *PARTS])
def test_the_open_form_that_is_offered_does_not_lead_itself(part: str) -> None:
    assert leading_question(_open_form(part), "en", asking=True) is None
    open_form = catalogue("fr")[_open_form(part)]
    assert leading_question(open_form, "fr", asking=True) is None


def kept(practice: Controller, kind: str) -> list[Any]:
    return [e.data for e in practice.case.events() if e.kind == kind]  # type: ignore[union-attr]


def test_a_question_is_hinted_at_kept_as_asked_and_never_refused(
    page: InterviewPage, practice: Controller, qtbot: QtBot, wait: Wait
) -> None:
    answer_all(page, qtbot)
    qtbot.mouseClick(page.questions.go_on, Qt.MouseButton.LeftButton)
    asking = page.recall.question
    practice.change_settings(question_hints=False)
    qtbot.keyClicks(asking.line, "Was his nose big?")
    qtbot.wait(700)
    assert asking.hint.text() == ""
    practice.change_settings(question_hints=True)
    asking.line.setText("Was his hair grey?")
    wait(lambda: "hair" in asking.hint.text())
    page.recall.turn_to("questions")
    qtbot.keyClick(asking.line, Qt.Key.Key_Return)
    assert asking.line.text() == ""
    assert asking.hint.text() == ""
    assert [d["question"] for d in kept(practice, "hint.shown")] == ["Was his hair grey?"]
    assert kept(practice, "interview.asked") == [
        {"question": "Was his hair grey?", "step": "questions", "leading": True}
    ]


def test_a_question_that_was_not_asked_goes_with_its_case(
    page: InterviewPage, practice: Controller, wait: Wait
) -> None:
    page.recall.question.line.setText("Was his nose big?")
    practice.start_practice()
    wait(lambda: practice.case is not None)
    assert page.recall.question.line.text() == ""


def test_the_steps_are_turned_to_freely_and_found_again(
    page: InterviewPage, practice: Controller, qtbot: QtBot
) -> None:
    answer_all(page, qtbot)
    qtbot.mouseClick(page.questions.go_on, Qt.MouseButton.LeftButton)
    steps, nodes = len(STEPS), len(practice.history.nodes)
    for _ in range(steps):
        page.recall.guide.go_on()
    assert practice.session.guide.step == STEPS[-1]
    assert practice.session.guide.seen == STEPS
    assert len(practice.history.nodes) == nodes  # no steps of the sitting: undo passes them by
    qtbot.mouseClick(page.recall.guide.steps["character"], Qt.MouseButton.LeftButton)
    assert page.recall.character.isVisible()
    assert not page.recall.text.isVisible()
    assert replay(practice.case.events()) == practice.history  # type: ignore[union-attr]


def test_judgements_of_character_are_the_witness_s_and_can_be_changed(
    page: InterviewPage, practice: Controller, qtbot: QtBot
) -> None:
    answer_all(page, qtbot)
    qtbot.mouseClick(page.questions.go_on, Qt.MouseButton.LeftButton)
    page.recall.turn_to("character")
    rows = page.recall.character.rows
    for trait, level in (("kindness", "low"), ("arrogance", "high"), ("kindness", "medium")):
        qtbot.mouseClick(rows[trait]._buttons[level], Qt.MouseButton.LeftButton)
    assert dict(practice.session.guide.traits) == {"kindness": "medium", "arrogance": "high"}
    assert {e.actor for e in practice.case.events() if e.kind == "interview.character"} == {  # type: ignore[union-attr]
        "witness"
    }
    page.recall.character.toggle_minute()
    assert page.recall.character._timer.isActive()
    page.recall.turn_to("close")
    assert not page.recall.character._timer.isActive()


def test_silence_is_counted_and_ends_with_a_word(
    page: InterviewPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_all(page, qtbot)
    qtbot.mouseClick(page.questions.go_on, Qt.MouseButton.LeftButton)
    guide = page.recall.guide
    monkeypatch.setattr(guide, "_clock", type("", (), {
        "elapsed": lambda self: 75_000, "start": lambda self: None,
    })())  # fmt: skip
    guide._show_silence()
    assert "1:15" in guide.silence.text()
    qtbot.keyClicks(page.recall.text, "a")
    assert guide.silence.text() == ""


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

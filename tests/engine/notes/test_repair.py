"""Misread words are put right only where little doubt is left."""

from __future__ import annotations

import pytest

from app.engine.notes.repair import face_model, put_right
from app.models.note import NoteWord


def fixed(line: str, confidence: float = 0.9) -> str:
    words = [NoteWord(text, (0, 0, 1, 1), confidence) for text in line.split()]
    return " ".join(word.text for word in put_right(words, face_model("en")))


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("shont brown haik,", "short brown hair,"),
        ("a thick moustacbe", "a thick moustache"),
        ("Lcar on the left cheek", "Scar on the left cheek"),
        ("No beand but glasses.", "No beard but glasses."),
        ("shortbrown hair", "short brown hair"),
    ],
)
def test_one_wrong_letter_is_put_right_by_its_neighbours(read: str, meant: str) -> None:
    assert fixed(read) == meant


def test_what_was_read_is_kept_beside_the_repair() -> None:
    word = put_right([NoteWord("moustacbe", (0, 0, 1, 1), 0.9)], face_model("en"))[0]
    assert (word.text, word.read) == ("moustache", "moustacbe")
    assert word.doubtful


@pytest.mark.parametrize("text", ["Xq 12/04/2026", "zzzzzz qqqqq", "555-1234", "Kowalski"])
def test_what_nobody_can_tell_is_left_as_read(text: str) -> None:
    assert fixed(text) == text


def test_a_right_sentence_is_never_touched() -> None:
    line = "He was about thirty, tall, with short brown hair and a crooked nose."
    assert fixed(line) == line

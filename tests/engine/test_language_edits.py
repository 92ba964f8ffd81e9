"""Words that change a face already there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.language import edits
from app.models.attributes import vocabulary


def wishes(text: str, language: str = "en") -> list[tuple]:
    return [
        (e.name, e.value, e.delta) for e in edits(text, language) if not e.hold and not e.release
    ]


def held(text: str, language: str = "en") -> set[str]:
    return {e.name for e in edits(text, language) if e.hold}


def test_the_example_of_the_issue_is_understood():
    text = "a bit older, thinner nose, keep the eyes"
    assert wishes(text) == [("age", None, 0.25), ("nose_width", "narrow", -0.5)]
    assert held(text) == {"eye_color", "eye_size", "eye_spacing", "eye_shape", "eye_bags"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("make the eyes smaller and closer together",
         [("eye_size", "small", -0.5), ("eye_spacing", "close", -0.5)]),
        ("much younger", [("age", None, -0.75)]),
        ("his nose is too big", [("nose_size", "small", -0.5)]),
        ("not so round", [("face_shape", "long", 0.5)]),
        ("widen the mouth a little", [("mouth", "wide", 0.25)]),
        ("less wrinkles", [("wrinkles", "none", -0.5)]),
        ("remove the beard", [("beard", "none", -1.0)]),
        ("no glasses", [("glasses", "none", -1.0)]),
        ("add glasses", [("glasses", "clear", 0.0)]),
        ("more feminine", [("sex", "female", 0.5)]),
        ("brown hair instead", [("hair_color", "brown", 0.0)]),
        ("the jaw is too wide make it more narrow", [("jaw", "narrow", -0.5)]),
        ("go back to the previous face", []),
        ("thank you, that is good", []),
    ],
)  # fmt: skip
def test_a_wish_has_a_name_a_direction_and_an_amount(text: str, expected: list[tuple]):
    assert wishes(text) == expected


def test_a_number_of_years_is_kept():
    (wish,) = edits("make him look ten years older")
    assert (wish.name, wish.years, wish.delta) == ("age", 10, 0.25)


def test_holding_goes_on_over_a_list():
    assert held("keep the nose and the ears") >= {"nose_size", "nose_width", "ears"}


def test_everything_else_is_all_but_what_is_changed():
    text = "longer nose, keep everything else"
    assert held(text) == set(vocabulary().names) - {"nose_length"}


def test_a_part_can_be_let_go():
    assert {e.name for e in edits("unlock the ears") if e.release} == {"ears"}


def test_french_wishes_are_understood():
    text = "un peu plus vieux, nez plus fin, garder les yeux"
    assert wishes(text, "fr") == [("age", None, 0.25), ("nose_width", "narrow", -0.5)]
    assert "eye_color" in held(text, "fr")


@given(st.text(max_size=60), st.sampled_from(["en", "fr"]))
def test_any_text_at_all_is_taken_without_a_fault(text: str, language: str):
    for wish in edits(text, language):
        assert -1 <= wish.delta <= 1
        assert wish.name in vocabulary()
        assert text[wish.span[0] : wish.span[1]] == wish.text

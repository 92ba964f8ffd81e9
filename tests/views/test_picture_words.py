"""Readings of a picture as words: how sure, what contradicts the witness, one plain sentence."""

from __future__ import annotations

import pytest

from app.engine.api import FaceQuality, Measured
from app.models.description import Attribute, Description
from app.views.picture_words import (
    chips,
    fidelity_sentence,
    likelihood,
    problems_of,
    sentence,
    time_code,
)

READ = (
    Measured("age", "43", 1.0), Measured("sex", "female", 0.95), Measured("hair_color", "red", 0.8),
    Measured("nose_width", "average", 0.9), Measured("beard", "goatee", 0.4),
    Measured("no_such_thing", "x", 0.9), Measured("lips", "blue", 0.9),
)  # fmt: skip


def by_name(*said: Attribute) -> dict[str, object]:
    return {c.attribute.name: c for c in chips(READ, "a.jpg", Description(attributes=said))}


def test_readings_become_chips_of_the_vocabulary_only() -> None:
    found = by_name()
    assert set(found) == {"age", "sex", "hair_color", "nose_width", "beard"}
    assert found["age"].attribute.value == (36, 50)
    assert likelihood(found["age"].probability) == "likely"  # it is no measurement
    assert found["sex"].attribute.source == "picture"
    assert found["sex"].attribute.text == "a.jpg"
    assert [n for n, c in found.items() if c.telling] == ["sex", "age", "hair_color"]


def test_a_chip_that_contradicts_what_was_said_is_not_offered() -> None:
    said = (
        Attribute("hair_color", "black"), Attribute("age", (20, 30)), Attribute("sex", "female"),
        Attribute("beard", "goatee", negated=True),
    )  # fmt: skip
    found = by_name(*said)
    assert found["hair_color"].conflict == "black"
    assert found["age"].conflict == "20 to 30 years"
    assert found["sex"].conflict == ""
    assert found["beard"].conflict == "not goatee"
    assert [n for n, c in found.items() if c.telling] == ["sex"]


def test_what_overlaps_or_comes_from_a_picture_is_no_contradiction() -> None:
    found = by_name(
        Attribute("age", (45, 55)), Attribute("hair_color", "black", source="picture"),
        Attribute("beard", "full", negated=True),
    )  # fmt: skip
    assert [c.conflict for c in found.values()] == [""] * 5


def test_one_plain_sentence() -> None:
    assert sentence(chips(READ, "a.jpg", Description())) == (
        "The picture seems to show a woman of about 43; hair colour: red."
    )
    unsure = chips((Measured("sex", "male", 0.5),), "a.jpg", Description())
    assert sentence(unsure) == "The picture seems to show a person."


@pytest.mark.parametrize(
    ("probability", "words"), [(0.97, "very likely"), (0.75, "likely"), (0.5, "uncertain")]
)
def test_probabilities_are_words(probability: float, words: str) -> None:
    assert likelihood(probability) == words


def test_quality_and_fidelity_are_sentences() -> None:
    quality = FaceQuality(17.6, 0.1, 0, 0, 0.9, 0, 0.1, ("blurred", "bright", "unheard_of"))
    said = problems_of(quality)
    assert "blurred" in said
    assert "overexposed" in said
    assert problems_of(FaceQuality(80, 1, 0, 0, 0.5, 0, 1)) == ""
    assert len({fidelity_sentence(f) for f in ("close", "fair", "loose")}) == 3


def test_time_codes() -> None:
    assert [time_code(s) for s in (0, 9.96, 75.25, 3661)] == [
        "0:00.0", "0:10.0", "1:15.2", "1:01:01.0",
    ]  # fmt: skip

"""Ages in words and figures, and numbers that are no ages."""

from __future__ import annotations

import datetime

import pytest

from app.engine.language import describe


def ages(text: str, language: str = "en") -> list[tuple]:
    reading = describe(text, language, today=datetime.date(2026, 6, 1))
    return [(a.value, a.certainty) for a in reading.attributes if a.name == "age"]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("mid-twenties", 24, 26),
        ("about fifty", 45, 55),
        ("in his forties", 40, 49),
        ("late sixties", 66, 69),
        ("early thirties", 30, 33),
        ("twenty to twenty-five", 20, 25),
        ("between 30 and 40", 30, 40),
        ("between the ages of 30 and 40", 30, 40),
        ("aged between 25 and 30", 25, 30),
        ("around 35 years old", 30, 40),
        ("a teenager", 13, 19),
        ("an elderly man", 65, 90),
        ("middle-aged", 40, 60),
        ("a young man", 16, 30),
        ("in his late teens", 17, 19),
        ("a twentysomething", 20, 29),
        ("He was 18.", 18, 18),
        ("over fifty", 50, 60),
        ("no older than thirty", 20, 30),
        ("nearly forty", 37, 40),
        ("sixteen or seventeen", 16, 17),
        ("c.30yrs", 25, 35),
        ("m, 40s, shaven head", 40, 49),
        ("mid to late 40s", 44, 49),
        ("his late twenties or early thirties", 26, 33),
        ("25-30", 25, 30),
        ("a fifty-year-old woman", 50, 50),
        ("20 to 25 years of age", 20, 25),
        ("born in 1990", 35, 36),
        ("a young guy, maybe 22 or 23", 22, 23),
    ],
)
def test_an_age_is_read_as_an_interval(text: str, low: int, high: int):
    assert [value for value, _ in ages(text)] == [(low, high)]


def test_maybe_and_a_number_is_about_and_doubtful():
    assert ages("maybe forty-five") == [((40, 50), "doubtful")]


def test_a_vaguer_second_answer_does_not_undo_a_closer_first_one():
    assert ages("in her mid-twenties, maybe twenty-six") == [((24, 26), "said")]


@pytest.mark.parametrize(
    "text",
    [
        "about six foot", "5'10", "six foot two", "20 minutes later", "two men", "at 10 o'clock",
        "the number 27 bus", "20 metres away", "two tattoos", "paid £20", "at about ten",
        "he was 180 cm tall", "around 13 stone", "20 times", "he ran 100 yards", "3 of them",
    ],
)  # fmt: skip
def test_heights_times_prices_and_counts_are_no_ages(text: str):
    assert ages(text) == []


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("la quarantaine", 40, 49),
        ("une vingtaine d'années", 20, 29),
        ("environ 30 ans", 25, 35),
        ("entre vingt et vingt-cinq ans", 20, 25),
        ("soixante-dix ans", 70, 70),
        ("quatre-vingt-deux ans", 82, 82),
        ("la petite trentaine", 30, 33),
        ("plus de 50 ans", 50, 60),
        ("un adolescent", 13, 19),
    ],
)
def test_french_ages_are_read(text: str, low: int, high: int):
    assert [value for value, _ in ages(text, "fr")] == [(low, high)]


@pytest.mark.parametrize("text", ["1m80", "dix minutes", "à 20 mètres", "deux hommes"])
def test_french_counts_are_no_ages(text: str):
    assert ages(text, "fr") == []

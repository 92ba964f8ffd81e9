"""Words to attributes: the sample, phrases for the whole vocabulary, and what must always hold."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.engine.language import describe, lexicon_phrases
from app.engine.language.lexicon import LANGUAGES, load_lexicon
from app.models.attributes import vocabulary
from app.models.description import Reading
from app.models.errors import BadInput
from tests.engine.language_measure import Phrase, gold_pairs, load_phrases, score, total

PHRASES = load_phrases(Path(__file__).parents[1] / "data" / "phrases.jsonl")


def read(text: str, language: str = "en") -> set[tuple]:
    return {
        (a.name, a.value) if not a.negated else ("not", a.name, a.value)
        for a in describe(text, language).attributes
    }


def doubtful(text: str) -> set[str]:
    return {a.name for a in describe(text).attributes if a.certainty == "doubtful"}


def unread(text: str) -> list[str]:
    reading = describe(text)
    return [text[start:end] for start, end in reading.unread]


# ---------------------------------------------------------------- figures


@pytest.mark.shared_data
def test_the_sample_descriptions_are_read_with_f1_of_at_least_95_percent(shared_data: Path):
    assert total(load_phrases(shared_data / "descriptions.jsonl")).f1 >= 0.95


@pytest.mark.parametrize(("language", "fewest"), [("en", 100), ("fr", 40)])
def test_own_phrases_are_read_with_f1_of_at_least_95_percent(language: str, fewest: int):
    own = [p for p in PHRASES if p.language == language]
    assert len({p.text for p in own}) == len(own) >= fewest
    missed = [p.text for p in own if score(p).missed or score(p).extra]
    assert total(own).f1 >= 0.95, missed


def test_own_phrases_cover_every_value_of_the_vocabulary():
    said = {(name, value) for p in PHRASES if p.language == "en" for name, value, *_ in p.gold
            if isinstance(value, str)}  # fmt: skip
    known = {(e.name, value) for e in vocabulary().entries for value in e.values}
    colours = {("eyebrow_color", c) for c in vocabulary().entry("hair_color").values}
    colours |= {("facial_hair_color", c) for c in vocabulary().entry("hair_color").values}
    assert known - colours - said == set()
    assert {e.name for e in vocabulary().entries} <= {n for p in PHRASES for n, *_ in p.gold}


@pytest.mark.parametrize("phrase", [p for p in PHRASES if any(g[2:] for g in p.gold)])
def test_doubt_is_read_where_the_gold_says_so(phrase: Phrase):
    gold = {n for n, _, *more in phrase.gold if more and more[0].get("certainty") == "doubtful"}
    reading = describe(phrase.text, phrase.language)
    assert {a.name for a in reading.attributes if a.certainty == "doubtful"} == gold
    assert gold_pairs(phrase)


# ---------------------------------------------------------------- negation


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no glasses or hat", {("glasses", "none"), ("hat", "none")}),
        ("no glasses, hat or facial hair",
         {("glasses", "none"), ("hat", "none"), ("beard", "none"), ("moustache", "none")}),
        ("neither a beard nor a moustache", {("beard", "none"), ("moustache", "none")}),
        ("without a hat or glasses", {("hat", "none"), ("glasses", "none")}),
        ("hair was neither long nor short", {("hair_length", "medium")}),
        ("not a hair on the head", {("hair_length", "bald")}),
        ("no beard but a thick moustache", {("beard", "none"), ("moustache", "yes")}),
        ("no hat, short hair", {("hat", "none"), ("hair_length", "short")}),
        ("the eyes weren't blue", {("not", "eye_color", "blue")}),
        ("stubble but no real beard", {("beard", "stubble")}),
        ("Glasses: none. Hat: no. Beard: yes", {("glasses", "none"), ("hat", "none"),
                                                ("beard", "full")}),
        ("not pretty, thin lips", {("lips", "thin")}),
    ],
)  # fmt: skip
def test_negation_reaches_as_far_as_it_is_meant(text: str, expected: set[tuple]):
    assert read(text) == expected


def test_what_was_not_seen_is_not_read_as_absent():
    assert read("couldn't tell if there was a beard") == set()
    assert read("I never saw the hair") == set()
    assert unread("couldn't tell if there was a beard") == ["couldn't tell if there was a beard"]


def test_what_was_looked_for_and_not_seen_is_doubtfully_absent():
    reading = describe("I didn't see a beard")
    assert [(a.name, a.value, a.certainty) for a in reading.attributes] == [
        ("beard", "none", "doubtful")
    ]


# ---------------------------------------------------------------- doubt


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("maybe a beard, blue eyes", {"beard"}),
        ("blue eyes, I think, and a beard", {"eye_color"}),
        ("brown or black hair", {"hair_color"}),
        ("blue eyes but I'm not sure", {"eye_color"}),
        ("reddish hair", {"hair_color"}),
        ("thirtyish, big nose", {"age"}),
        ("definitely blue eyes", set()),
        ("it could have been a goatee", {"beard"}),
        ("sort of hooked nose, thin lips", {"nose_shape"}),
    ],
)
def test_hedges_make_doubtful_what_they_hedge_and_nothing_else(text: str, names: set[str]):
    assert doubtful(text) == names


# ---------------------------------------------------------------- who owns what


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("black eyebrows", {("eyebrow_color", "black")}),
        ("black eyes", {("eye_color", "dark")}),
        ("black man", {("ethnicity", "black"), ("sex", "male")}),
        ("black glasses", {("glasses", "clear")}),
        ("black hair", {("hair_color", "black")}),
        ("black jacket", set()),
        ("a black eye", set()),
        ("blue shirt, brown jacket, white van on a dark night", set()),
        ("big man", {("build", "heavy"), ("sex", "male")}),
        ("hair brown eyes blue nose big",
         {("hair_color", "brown"), ("eye_color", "blue"), ("nose_size", "big")}),
        ("dark-haired, blue-eyed woman",
         {("hair_color", "dark_brown"), ("eye_color", "blue"), ("sex", "female")}),
        ("The man who took my bag was black.", {("sex", "male"), ("ethnicity", "black")}),
        ("Hair: brown, short. Eyes: blue.",
         {("hair_color", "brown"), ("hair_length", "short"), ("eye_color", "blue")}),
        ("crooked yellow teeth", {("teeth", "crooked")}),
        ("spoke with an Irish accent", set()),
    ],
)  # fmt: skip
def test_a_quality_goes_to_the_part_it_belongs_to(text: str, expected: set[tuple]):
    assert read(text) == expected


# ---------------------------------------------------------------- corrections


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("brown — sorry, black hair", {("hair_color", "black")}),
        ("bushy eyebrows, I mean thin ones", {("eyebrows", "thin")}),
        ("a beard, no, a moustache", {("moustache", "yes")}),
        ("a beard. Actually no, he didn't.", {("beard", "none"), ("sex", "male")}),
        ("blue eyes. No, wait, green.", {("eye_color", "green")}),
        ("blond, no light brown", {("hair_color", "light_brown")}),
        ("a round face, scratch that", set()),
        ("not blond but brown hair", {("hair_color", "brown")}),
    ],
)
def test_a_correction_keeps_the_last_word(text: str, expected: set[tuple]):
    assert read(text) == expected


def test_a_corrected_place_is_the_last_place_said():
    (mark,) = describe("a scar on the left cheek, no, the right cheek").attributes
    assert (mark.name, mark.where) == ("mark", "right_cheek")


# ---------------------------------------------------------------- sex


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("My wife saw him.", "male"),
        ("My husband said she was tall.", "female"),
        ("She told me he had a beard.", "male"),
        ("The lady who served me said he had blue eyes.", "male"),
        ("W/F, 30s", "female"),
        ("m, 40s", "male"),
        ("a person with brown hair", None),
        ("couldn't tell if it was a man or a woman", None),
    ],
)
def test_sex_is_that_of_the_person_described(text: str, sex: str | None):
    assert [a.value for a in describe(text).attributes if a.name == "sex"] == ([sex] if sex else [])


# ---------------------------------------------------------------- marks


@pytest.mark.parametrize(
    ("text", "where", "side"),
    [
        ("a scar over the left eyebrow", "eyebrow", "left"),
        ("a mole on her right cheek", "right_cheek", None),
        ("spots on his chin", "chin", None),
        ("neck tattoo", "neck", None),
        ("a tattoo of a spider's web on his left cheek", "left_cheek", None),
        ("a scar", "unspecified", None),
        ("a freckled nose", "nose", None),
        ("a scar above his lip", "lip", None),
    ],
)
def test_a_mark_keeps_its_place_and_side_as_said(text: str, where: str, side: str | None):
    (mark,) = [a for a in describe(text).attributes if a.name == "mark"]
    assert (mark.where, mark.side) == (where, side)


def test_a_moustache_keeps_its_style():
    (moustache,) = describe("a handlebar moustache").attributes
    assert (moustache.value, moustache.style) == ("yes", "handlebar")


# ---------------------------------------------------------------- spelling


@pytest.mark.parametrize("text", ["a moustashe", "a mustach", "a moustahce"])
def test_slips_of_the_pen_are_understood(text: str):
    assert read(text) == {("moustache", "yes")}


@pytest.mark.parametrize(
    "text", ["I heard the board", "a building", "last month", "a sticky stock"]
)
def test_real_words_are_not_taken_for_slips(text: str):
    assert read(text) == set()


# ---------------------------------------------------------------- always


def check(reading: Reading, text: str) -> None:
    assert reading.text == text
    for attribute in reading.attributes:
        assert attribute.span is not None
        start, end = attribute.span
        assert 0 <= start < end <= len(text)
        assert text[start:end] == attribute.text
        vocabulary().validate(attribute.name, attribute.value)
        if attribute.where is not None:
            assert attribute.where in vocabulary().entry("mark").places
    edges = [edge for span in reading.unread for edge in span]
    assert edges == sorted(edges)
    assert not edges or (edges[0] >= 0 and edges[-1] <= len(text))
    json.dumps(reading.to_json())


@settings(max_examples=200)
@given(st.text(max_size=80), st.sampled_from(LANGUAGES))
@example("\u0130\u0130 beard \u0130", "en")
@example("beard\x00no\ud800", "en")
@example("ﬁne ﬁve-ﬁfty", "en")
def test_any_text_at_all_is_read_without_a_fault(text: str, language: str):
    check(describe(text, language), text)


WORDS = ["no", "not", "or", "and", ",", ".", "-", "maybe", "I think", "blue", "big", "eyes", "hair",
         "he", "was", "had", "a", "beard", "glasses", "scar", "left", "on", "cheek", "thirty", "to",
         "years", "sorry", "neither", "nor", "couldn't see", "man", "35", "?", "the", "but", "she",
         "twenty-five", "early", "'", ":", "none", "with", "without", "haired", "-ish"]  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=25))
def test_any_order_of_the_lexicons_words_is_read_without_a_fault(words: list[str]):
    text = " ".join(words)
    check(describe(text), text)


@pytest.mark.parametrize(
    "bit",
    ["he had no beard or maybe a moustache, ", "blue ", "20 ", "no, ", "not ", "a scar on ",
     "maybe ", "((((", "or ", "xqzvj ", "no, blue eyes ", "black glasses "],
)  # fmt: skip
def test_the_work_for_a_long_text_grows_with_its_length_and_no_faster(bit: str):
    short, long = (_calls(bit * (length // len(bit))) for length in (800, 3200))
    assert long < 7 * short


def _calls(text: str) -> int:
    """How many calls a reading takes: a measure of work that no busy machine disturbs."""
    count = 0

    def watch(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(watch)
    try:
        describe(text)
    finally:
        sys.setprofile(None)
    return count


def test_fifty_thousand_characters_are_read():
    text = "She had no glasses, maybe thirty, and a scar on the left cheek. " * 780
    reading = describe(text)
    check(reading, text)
    assert {a.name for a in reading.attributes} == {"sex", "glasses", "age", "mark"}


def test_the_empty_text_says_nothing():
    assert describe("") == Reading("")
    assert describe(" \n ") == Reading(" \n ")


def test_a_language_without_a_lexicon_is_refused():
    with pytest.raises(BadInput, match=r"language\.unknown"):
        describe("x", "tlh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lexicon_offers_its_phrases_to_speech_and_note_reading(language: str):
    phrases = lexicon_phrases(language)
    assert len(phrases) > 1000
    assert not any(set(p) & set("{}|") for p in phrases)
    assert "moustache" in phrases
    assert list(phrases) == sorted(set(phrases))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_quality_word_means_something_somewhere(language: str):
    lexicon = load_lexicon(language)
    used = {name for part in lexicon.parts.values() for name in part.qualities}
    for entry in lexicon.by_words.values():
        for quality in entry.qualities:
            chain = {quality.name, quality.parent}
            assert chain & used, quality.name

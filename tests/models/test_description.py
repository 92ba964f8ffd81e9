"""Readings and the officer's working copy of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.description import Attribute, Description, Reading
from app.models.errors import BadInput

BLOND = Attribute("hair_color", "blond", span=(0, 5), text="Blond")
TALL_AGE = Attribute("age", (40, 50), certainty="doubtful", span=(7, 17), text="about forty")
SCAR = Attribute("mark", "scar", span=(20, 24), text="scar", where="eyebrow", side="left")


def reading(*attributes: Attribute, text: str = "Blond, about forty") -> Reading:
    return Reading(text, attributes, ())


def read(*attributes: Attribute) -> Description:
    return Description().with_reading(reading(*attributes))


def test_a_reading_prints_the_format_of_the_design_page():
    assert reading(BLOND).to_json() == {
        "text": "Blond, about forty",
        "attributes": [
            {
                "name": "hair_color", "value": "blond", "negated": False, "certainty": "said",
                "span": [0, 5], "text": "Blond",
            }
        ],
        "unread": [],
    }  # fmt: skip
    assert TALL_AGE.reading_json()["value"] == [40, 50]
    assert Attribute("age", (18, 18)).reading_json()["value"] == 18
    assert SCAR.reading_json()["where"] == "eyebrow"


def test_a_confirmation_holds_when_the_text_is_read_again():
    description = read(BLOND, TALL_AGE).confirm(0)
    again = description.with_reading(reading(Attribute("hair_color", "blond", span=(4, 9)), SCAR))
    assert [a.confirmed for a in again.attributes] == [True, False]
    assert again.attributes[0].span == (4, 9)


def test_a_change_holds_when_the_text_is_read_again():
    description = read(BLOND).change(0, "light_brown")
    assert description.attributes[0].source == "officer"
    again = description.with_reading(reading(BLOND, SCAR))
    assert [a.value for a in again.attributes] == ["light_brown", "scar"]


def test_a_second_change_replaces_the_first():
    description = read(BLOND).change(0, "brown").change(0, "red").with_reading(reading(BLOND))
    assert [a.value for a in description.attributes] == ["red"]


def test_what_was_dropped_stays_dropped_while_it_is_still_read():
    description = read(BLOND, SCAR).drop(0).with_reading(reading(BLOND, SCAR))
    assert [a.name for a in description.attributes] == ["mark"]


def test_a_changed_attribute_goes_when_its_words_go():
    description = read(BLOND).change(0, "brown").with_reading(reading(SCAR))
    assert [a.name for a in description.attributes] == ["mark"]


def test_what_the_officer_added_stays_when_the_text_changes():
    added = Attribute("hat", "cap", source="officer", confirmed=True)
    description = read(BLOND).add(added).add(added).with_reading(reading(SCAR))
    assert [a.name for a in description.attributes] == ["mark", "hat"]


def test_a_negated_attribute_that_is_changed_is_positive():
    description = read(Attribute("face_shape", "round", negated=True)).change(0, "oval")
    assert description.attributes[0].key == ("face_shape", "oval", False)


def test_confirm_all_confirms_every_attribute():
    description = read(BLOND, TALL_AGE, SCAR)
    assert description.confirmed_attributes() == ()
    assert len(description.confirm_all().confirmed_attributes()) == 3


@pytest.mark.parametrize("index", [-1, 1])
def test_a_chip_that_is_not_there_cannot_be_touched(index: int):
    with pytest.raises(IndexError):
        read(BLOND).confirm(index)


def test_descriptions_are_hashable_and_survive_json():
    description = read(BLOND, TALL_AGE, SCAR).change(0, "brown").drop(1).confirm(1)
    back = Description.from_json(json.loads(json.dumps(description.to_json())))
    assert back == description
    assert hash(back) == hash(description)
    assert Reading.from_json(reading(BLOND, SCAR).to_json()) == reading(BLOND, SCAR)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"name": "age", "value": [1]},
        {"name": "age", "value": None},
        {"name": "age", "value": 3, "span": [1.5, 2]},
        {"name": "age", "value": 3, "certainty": "sure"},
        {"name": "age", "value": 3, "source": "rumour"},
    ],
)
def test_strange_json_is_refused(data: dict[str, object]):
    with pytest.raises(BadInput, match=r"description\.unreadable"):
        Attribute.from_json(data)


names = st.sampled_from(["beard", "hat", "age"])
values = st.one_of(
    st.sampled_from(["none", "full"]), st.tuples(st.integers(0, 50), st.integers(50, 99))
)
attributes = st.builds(Attribute, name=names, value=values, negated=st.booleans())
steps = st.lists(st.tuples(st.sampled_from(["confirm", "change", "drop"]), st.integers(0, 9)))


@given(st.lists(attributes, unique_by=lambda a: a.key), steps)
def test_reading_the_same_text_again_changes_nothing(read_as: list[Attribute], taken: list):
    same = Reading("text", tuple(read_as))
    description = Description().with_reading(same)
    for step, index in taken:
        if index < len(description.attributes):
            extra = ("stubble",) if step == "change" else ()
            description = getattr(description, step)(index, *extra)
    again = description.with_reading(same)
    assert set(again.attributes) == set(description.attributes)
    assert again.with_reading(same) == again

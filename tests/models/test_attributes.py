"""The vocabulary file and what can be asked of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.models.attributes import REGIONS, load_vocabulary, vocabulary
from app.models.errors import BadInput


def test_every_entry_has_values_or_a_range_and_a_known_region():
    for entry in vocabulary().entries:
        assert bool(entry.values) != entry.is_interval
        assert entry.region in REGIONS
        assert len(set(entry.values)) == len(entry.values)


def test_every_region_of_the_face_has_an_entry():
    assert {e.region for e in vocabulary().entries} == set(REGIONS)


def test_the_vocabulary_has_the_names_and_values_of_the_design_page(shared_data: Path):
    page = (shared_data.parent / "design" / "vocabulary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| (.+) \|$", page, flags=re.MULTILINE)
    rows = [(name, said) for name, said in rows if name != "name"]
    assert {name for name, _ in rows} == set(vocabulary().names)
    colours = vocabulary().entry("hair_color").values
    for name, said in rows:
        entry = vocabulary().entry(name)
        if entry.is_interval:
            continue
        listed = re.sub(r"\(.*\)", "", said)
        expected = colours if "as hair_color" in listed else tuple(re.findall(r"\w+", listed))
        assert entry.values == expected, name


def test_opposites_read_in_both_directions():
    words = vocabulary()
    assert words.opposite("nose_size", "big") == "small"
    assert words.opposite("nose_size", "small") == "big"
    assert words.opposite("nose_size", "average") is None
    assert words.entry("nose_size").middle == "average"


def test_a_value_outside_the_vocabulary_is_refused_and_the_choices_are_named():
    assert vocabulary().validate("beard", "goatee") == "goatee"
    with pytest.raises(BadInput) as caught:
        vocabulary().validate("beard", "purple")
    assert "goatee" in str(caught.value.facts["known"])
    with pytest.raises(BadInput, match=r"attribute\.unknown"):
        vocabulary().validate("horns", "yes")


@pytest.mark.parametrize(("given", "kept"), [(18, (18, 18)), ([30, 39], (30, 39)), ((0, 110),) * 2])
def test_an_age_is_a_number_or_an_interval(given: object, kept: tuple[int, int]):
    assert vocabulary().validate("age", given) == kept


@pytest.mark.parametrize("bad", [[39, 30], [-1, 5], [30, 300], "old", [1, 2, 3], True, [1.5, 2]])
def test_an_age_that_cannot_be_is_refused(bad: object):
    with pytest.raises(BadInput, match=r"attribute\.bad_value"):
        vocabulary().validate("age", bad)


def test_all_forty_celeba_names_map_into_the_vocabulary():
    words = vocabulary()
    assert len(words.celeba) == 40
    assert words.celeba_label("5_o_Clock_Shadow").value == "stubble"
    assert words.celeba_label("Male").otherwise == "female"
    assert words.celeba_label("Young").value == (16, 30)
    empty = {label.name for label in words.celeba if label.attribute is None}
    assert empty == {"Attractive", "Blurry", "Wearing_Necktie"}


@pytest.mark.parametrize(
    "text",
    [
        "not toml [",
        "x = 1",
        '[attribute.a]\nvalues = ["x"]\nregion = "tail"',
        '[attribute.a]\nregion = "hair"',
        '[attribute.a]\nvalues = ["x"]\nregion = "hair"\nmiddle = "y"',
        '[attribute.a]\nvalues = ["x"]\nregion = "hair"\n[celeba]\nB = {attribute="a", value="y"}',
    ],
)
def test_a_damaged_vocabulary_file_is_refused_by_name(tmp_path: Path, text: str):
    file = tmp_path / "words.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        load_vocabulary(file)
    assert caught.value.code == "vocabulary.unreadable"
    assert caught.value.facts["file"] == str(file)

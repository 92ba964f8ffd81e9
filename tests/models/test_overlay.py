"""Overlays and local edits as values: kept exactly, refused when they cannot be drawn."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from app.models.attributes import vocabulary
from app.models.errors import BadInput
from app.models.overlay import MOST, Overlay, Stroke
from app.models.overlay_catalogue import (
    ANCHORS,
    GROUPS,
    MEAN,
    PLACES,
    at_place,
    catalogue,
    drawing_file,
    entry_named,
    merged_overlays,
    placed,
)
from app.models.portrait import Recipe
from app.models.region import LocalEdit

STROKE = Stroke(0.1, ((0.2, 0.3), (0.6, 0.3)))
FACE = Recipe.from_array("a" * 64, np.zeros(4), seed=1)


def test_a_recipe_with_overlays_and_local_edits_reads_back_equal() -> None:
    recipe = FACE.with_overlays(
        (
            Overlay("cap", 0.4, -0.1, 1.2, 0.9, -12.0, 0.8, "#aa3300", True),
            Overlay("drawing", colour="#000000", strokes=(STROKE,)),
        )
    ).with_local((LocalEdit((STROKE,), (("lips", 1.5),)),))
    data = recipe.to_json()
    assert data["format"] == 2
    assert Recipe.from_json(data) == recipe
    assert recipe.bare().overlays == ()
    assert recipe.id != FACE.id


def test_a_recipe_without_them_is_written_as_before() -> None:
    data = FACE.to_json()
    assert data["format"] == 1
    assert "overlays" not in data
    assert "local" not in data


def test_numbers_stay_within_their_range_and_angles_turn_round() -> None:
    changed = Overlay("cap").changed(x=9, scale=0.0, angle=190, opacity=3)
    assert (changed.x, changed.scale, changed.angle, changed.opacity) == (1.5, 0.1, -170, 1.0)


@pytest.mark.parametrize(
    "broken",
    [
        {"name": "cap", "x": 7},
        {"name": "cap", "colour": "red"},
        {"name": "../cap"},
        {"name": "cap", "scale": math.nan},
        {"x": 0.5},
        {"name": "drawing", "strokes": [[0.1, [[9, 9]]]]},
        {"name": "drawing", "strokes": [0.1]},
    ],
)
def test_what_cannot_be_drawn_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refused:
        Overlay.from_json(broken)
    assert refused.value.code == "overlay.unreadable"


def test_a_portrait_takes_only_so_many_overlays() -> None:
    with pytest.raises(BadInput, match=r"overlay\.too_many"):
        FACE.with_overlays(tuple(Overlay("mole", x=i / 100) for i in range(MOST + 1)))


def test_every_drawing_of_the_catalogue_is_there_and_means_a_word_of_the_vocabulary() -> None:
    for entry in catalogue().values():
        text = drawing_file(entry).read_text(encoding="utf-8")
        box = [float(v) for v in re.search(r'viewBox="([^"]+)"', text).group(1).split()]  # type: ignore[union-attr]
        assert box[2] / box[3] == pytest.approx(entry.width / entry.height, rel=1e-3), entry.name
        assert entry.group in GROUPS
        assert entry.anchor in ANCHORS
        if entry.attribute != "moustache":
            vocabulary().validate(entry.attribute, entry.value)
    assert {e.value for e in catalogue().values() if e.attribute == "hat"} == {
        "cap", "beanie", "hood", "hat", "headscarf", "turban",
    }  # fmt: skip


def test_on_the_mean_face_a_drawing_lies_as_it_was_drawn() -> None:
    for entry in catalogue().values():
        fitted, drawn = placed(entry, MEAN), placed(entry)
        assert fitted.x == pytest.approx(drawn.x, abs=1e-3)
        assert fitted.scale == pytest.approx(1.0, abs=1e-3)
        assert fitted.angle == pytest.approx(0.0, abs=0.1)


def test_a_drawing_follows_a_moved_and_larger_face() -> None:
    face = {name: (1.1 * x + 0.02, 1.1 * y - 0.05) for name, (x, y) in MEAN.items()}
    entry = entry_named("glasses_square")
    fitted = placed(entry, face)
    assert fitted.scale == pytest.approx(1.1, abs=1e-3)
    assert (fitted.x, fitted.y) == pytest.approx(
        (1.1 * entry.x + 0.02, 1.1 * entry.y - 0.05), abs=2e-3
    )


def test_a_mark_goes_where_the_witness_said() -> None:
    scar = at_place(placed(entry_named("scar")), "chin")
    assert (scar.x, scar.y) == PLACES["chin"]
    assert at_place(scar, "unspecified") == scar


def test_an_unknown_drawing_is_named_with_those_there_are() -> None:
    with pytest.raises(BadInput) as refused:
        entry_named("crown")
    assert "cap" in refused.value.facts["known"]


def test_a_morph_wears_each_thing_once() -> None:
    cap, other = Overlay("cap"), Overlay("cap", x=0.4)
    drawn, mole = Overlay("drawing", strokes=(STROKE,)), Overlay("mole")
    assert merged_overlays([(cap, drawn), (other, mole)]) == (cap, drawn, mole)


def test_a_region_is_full_inside_empty_outside_and_soft_between() -> None:
    mask = LocalEdit((STROKE,)).mask(100, 100)
    assert mask[30, 40] == 1.0
    assert mask[60, 40] == 0.0
    edge = mask[20:40, 40]
    assert ((edge > 0.05) & (edge < 0.95)).sum() >= 4
    assert mask.min() >= 0
    assert mask.max() <= 1


def test_a_region_without_strokes_or_with_wild_numbers_is_refused() -> None:
    for broken in ({"strokes": []}, {"strokes": [[0.1, [[0, 0]]]], "edits": [["lips", 1e9]]}, {}):
        with pytest.raises(BadInput) as refused:
            LocalEdit.from_json(broken)
        assert refused.value.code == "region.unreadable"

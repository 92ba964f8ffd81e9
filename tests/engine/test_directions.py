"""Directions read back as written, move what they should, and hold what is held."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.engine.directions import Directions, read_directions, write_directions
from app.models.errors import BadInput, ModelError
from tests.engine.tiny import ARCH, directions

pytestmark = pytest.mark.needs_torch


@pytest.fixture
def known() -> Directions:
    return Directions(tuple(directions()))


def ws(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((ARCH.num_ws, ARCH.w_dim)).astype(np.float32)


def test_directions_read_back_as_written(tmp_path: Path) -> None:
    made = directions()
    write_directions(tmp_path, made)
    found = read_directions(tmp_path, ARCH.w_dim, ARCH.num_ws)
    assert found.infos == tuple(d.info for d in made)
    for a, b in zip(found.items, made, strict=True):
        np.testing.assert_array_equal(a.vector, b.vector)
        np.testing.assert_array_equal(a.reader, b.reader)
        assert (a.bias, a.scale, a.mean, a.score) == (b.bias, b.scale, b.mean, b.score)
        assert (a.layers is None) == (b.layers is None)


def test_a_folder_without_directions_has_none(tmp_path: Path) -> None:
    assert read_directions(tmp_path, 8, 8).items == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "age"', 'name = "nose_width"'), ("low = -40", "low = 99"),
        ("[[direction]]", "[[other]]"), ("high = 40", 'high = "x"'), ('name = "age"', "name = 3"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_refused(tmp_path: Path, old: str, new: str) -> None:
    write_directions(tmp_path, directions())
    path = tmp_path / "directions.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(ModelError):
        read_directions(tmp_path, ARCH.w_dim, ARCH.num_ws)


def test_a_wrong_width_is_refused(tmp_path: Path) -> None:
    write_directions(tmp_path, directions())
    with pytest.raises(ModelError, match="wrong_shape"):
        read_directions(tmp_path, ARCH.w_dim + 1, ARCH.num_ws)


def test_an_edit_moves_the_reading_by_its_amount(known: Directions) -> None:
    moved = known.apply(ws(), (("age", 15.0), ("nose_width", -2.0)))
    for name, amount in (("age", 15.0), ("nose_width", -2.0)):
        d = known.find(name)
        assert float((d.reading(moved) - d.reading(ws())).mean()) == pytest.approx(amount, abs=1e-3)


def test_a_layer_mask_confines_the_move(known: Directions) -> None:
    moved = known.apply(ws(), (("hair_color_blond", 2.0),))
    changed = (moved != ws()).any(1)
    assert changed.tolist() == [False] * 4 + [True] * 4


def test_no_edit_changes_nothing(known: Directions) -> None:
    np.testing.assert_array_equal(known.apply(ws(), ()), ws())


def test_an_unknown_direction_is_refused_and_the_known_ones_named(known: Directions) -> None:
    with pytest.raises(BadInput, match="nose_width"):
        known.apply(ws(), (("ears", 1.0),))


def test_attributes_stand_for_their_directions(known: Directions) -> None:
    assert [d.name for d in known.named(["hair_color", "age", "age", "ears"])] == [
        "hair_color_blond", "age",
    ]  # fmt: skip
    assert known.find("nose_width").value_side("wide") == 1
    assert known.find("nose_width").value_side("narrow") == -1
    assert known.find("nose_width").value_side("average") == 0


def test_a_hold_is_kept_by_moves_that_the_recipe_shows() -> None:
    entangled = directions()
    age, nose = entangled[0], entangled[1]
    object.__setattr__(nose, "vector", nose.vector + 3.0 * age.vector)  # moving it ages by 3 years
    known = Directions(tuple(entangled))
    edits = known.compensated({"nose_width": 2.0}, ["age"])
    assert edits["nose_width"] == 2.0
    assert edits["age"] == pytest.approx(-6.0, abs=0.05)
    before, after = (
        known.find("age").reading(w) for w in (ws(), known.apply(ws(), tuple(edits.items())))
    )
    np.testing.assert_allclose(before, after, atol=0.05)
    assert known.compensated({"nose_width": 2.0}, []) == {"nose_width": 2.0}
    assert known.compensated({"age": 5.0}, ["age"]) == {"age": 5.0}

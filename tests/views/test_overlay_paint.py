"""What lies on a face is drawn in one place, the same each time, and only where it is."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.models.overlay import Overlay, Stroke
from app.models.overlay_catalogue import catalogue, entry_named, placed
from app.views.overlay_paint import TIGHT, WIDE, canvas_of, composed, frame_of, sample
from tests.views.fakes import draw, recipe_of

FACE = draw(recipe_of(3))
LINE = Stroke(0.05, ((0.3, 0.5), (0.7, 0.5)))


def test_a_face_without_overlays_is_left_alone(qtbot: QtBot) -> None:
    assert composed(FACE, ()) is FACE


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_every_drawing_shows_and_two_drawings_agree(qtbot: QtBot, name: str) -> None:
    overlay = placed(entry_named(name))
    bare = composed(FACE, (overlay.changed(opacity=0.05),), side=160)
    first = composed(FACE, (overlay,), side=160)
    again = composed(FACE.copy(), (overlay,), side=160)
    assert first.shape == (160, 160, 3)
    assert first.dtype == np.uint8
    assert (first == again).all()
    assert np.abs(first.astype(int) - bare).max() > 8


def test_a_hat_gets_room_and_a_mole_does_not(qtbot: QtBot) -> None:
    hat, mole = placed(entry_named("cap")), placed(entry_named("mole"))
    assert canvas_of((mole,)) == TIGHT
    assert canvas_of((mole, hat)) == WIDE


def test_a_mole_changes_the_face_only_where_it_is(qtbot: QtBot) -> None:
    mole = placed(entry_named("mole"))
    far = mole.changed(x=0.2, y=0.2)
    here, there = (composed(FACE, (o,), side=320).astype(int) for o in (mole, far))
    changed = np.argwhere(np.abs(here - there).max(axis=2) > 4)
    near = np.hypot(*(changed / 320 - [mole.y, mole.x]).T) < 0.05
    other = np.hypot(*(changed / 320 - [0.2, 0.2]).T) < 0.05
    assert (near | other).all()
    assert near.any()


def test_the_same_picture_at_another_size_shows_the_same(qtbot: QtBot) -> None:
    cap = (placed(entry_named("cap")),)
    small = composed(FACE, cap, side=150).astype(float)
    large = composed(FACE, cap, side=600).astype(float)
    halved = large.reshape(150, 4, 150, 4, 3).mean(axis=(1, 3))
    assert np.abs(halved - small).mean() < 4


def test_a_colour_is_taken_and_a_sketch_is_grey(qtbot: QtBot) -> None:
    cap = placed(entry_named("cap")).changed(colour="#c01010")
    grey_face = np.full((64, 64, 3), 128, np.uint8)
    red = composed(grey_face, (cap,), side=200).astype(int)
    sketch = composed(grey_face, (cap,), side=200, grey=True).astype(int)
    assert (red[..., 0] - red[..., 2]).max() > 60
    assert np.abs(sketch[..., 0] - sketch[..., 2]).max() <= 1


def test_a_drawing_by_hand_lies_where_it_was_drawn_and_moves(qtbot: QtBot) -> None:
    drawn = Overlay("drawing", colour="#000000", strokes=(LINE,))
    white = np.full((64, 64, 3), 255, np.uint8)
    here = composed(white, (drawn,), side=200)
    moved = composed(white, (drawn.changed(y=0.7),), side=200)
    assert here[100, 100].max() < 60
    assert here[140, 100].min() > 240
    assert moved[140, 100].max() < 60


def test_mirroring_turns_the_picture_round(qtbot: QtBot) -> None:
    white = np.full((64, 64, 3), 255, np.uint8)
    scar = placed(entry_named("scar")).changed(x=0.5, y=0.5, scale=2)
    plain = composed(white, (scar,), side=200).astype(int)
    mirrored = composed(white, (scar.changed(mirrored=True),), side=200).astype(int)
    assert np.abs(plain[:, ::-1] - mirrored).mean() < np.abs(plain - mirrored).mean() / 3


def test_a_frame_has_no_empty_margins(qtbot: QtBot) -> None:
    entry = entry_named("moustache_thick")
    frame = frame_of(placed(entry))
    assert 0.2 < frame.width() < 0.75 * entry.width


def test_a_small_picture_shows_the_drawing(qtbot: QtBot) -> None:
    assert sample(entry_named("glasses_round"), 48).width() == 48

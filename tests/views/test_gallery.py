"""Tiles: layout, arrival, picking by mouse and keys, ranks, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.views import theme
from app.views.gallery import Gallery, best_grid
from app.views.images import Look
from tests.views.fakes import draw, recipe_of

AREA = (850, 590)  # what the round page leaves at 1366x768


@pytest.fixture
def gallery(qtbot: QtBot) -> Iterator[Gallery]:
    """Nine faces on screen."""
    shown = Gallery()
    qtbot.addWidget(shown)
    shown.resize(*AREA)
    shown.set_count(9)
    for index in range(9):
        shown.set_face(index, draw(recipe_of(index)))
    with qtbot.waitExposed(shown):
        shown.show()
    yield shown
    shown.hide()


@pytest.mark.parametrize(
    ("count", "columns", "least"), [(6, 3, 270), (9, 3, 180), (12, 4, 180), (18, 5, 140)]
)
def test_every_array_fits_and_is_as_large_as_can_be(count: int, columns: int, least: int) -> None:
    grid = best_grid(count, *AREA)
    assert grid.columns * grid.rows >= count
    assert grid.columns * grid.side + 8 * (grid.columns - 1) <= AREA[0]
    assert grid.rows * grid.side + 8 * (grid.rows - 1) <= AREA[1]
    assert grid.columns == columns
    assert grid.side >= least


@pytest.mark.parametrize("count", [6, 9, 12, 18])
def test_no_tile_lies_outside_or_over_another(count: int, qtbot: QtBot) -> None:
    gallery = Gallery()
    qtbot.addWidget(gallery)
    gallery.resize(*AREA)
    gallery.set_count(count)
    places = [tile.geometry() for tile in gallery.tiles]
    assert all(gallery.rect().contains(place) for place in places)
    assert not any(a.intersects(b) for i, a in enumerate(places) for b in places[i + 1 :])


def test_a_place_without_a_face_cannot_be_picked(qtbot: QtBot) -> None:
    gallery = Gallery()
    qtbot.addWidget(gallery)
    gallery.set_count(2)
    gallery.toggle(0)
    assert gallery.picks == ()
    gallery.set_face(0, draw(recipe_of(0)))
    gallery.toggle(0)
    assert gallery.picks == (0,)


def test_an_empty_place_is_plain_grey(gallery: Gallery) -> None:
    gallery.tiles[4].set_face(None)
    image = gallery.tiles[4].grab().toImage()
    surround = theme.colour("face_surround").rgb()
    middle = image.width() // 2
    assert image.pixel(middle, middle) == surround
    assert image.pixel(10, 10) == surround


def test_space_picks_and_unpicks(gallery: Gallery, qtbot: QtBot) -> None:
    tile = gallery.tiles[3]
    tile.setFocus()
    qtbot.keyClick(tile, Qt.Key.Key_Space)
    assert gallery.picks == (3,)
    qtbot.keyClick(tile, Qt.Key.Key_Space)
    assert gallery.picks == ()


def test_a_double_click_picks_once(gallery: Gallery, qtbot: QtBot) -> None:
    tile = gallery.tiles[5]
    qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
    qtbot.mouseDClick(tile, Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(tile, Qt.MouseButton.LeftButton)
    assert gallery.picks == (5,)


def test_arrow_keys_walk_the_grid_and_stop_at_its_edge(gallery: Gallery, qtbot: QtBot) -> None:
    def focused() -> int:
        return next(t.index for t in gallery.tiles if t.hasFocus())

    gallery.focus_first()
    for key, expected in (
        (Qt.Key.Key_Right, 1), (Qt.Key.Key_Down, 4), (Qt.Key.Key_Left, 3), (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_Up, 0), (Qt.Key.Key_Left, 0),
    ):  # fmt: skip
        qtbot.keyClick(gallery.tiles[focused()], key)
        assert focused() == expected


def test_picks_are_told_in_the_order_they_were_made(gallery: Gallery, qtbot: QtBot) -> None:
    told: list[tuple[int, ...]] = []
    gallery.picks_changed.connect(told.append)
    for index in (7, 2, 4):
        gallery.toggle(index)
    gallery.toggle(2)
    assert told == [(7,), (7, 2), (7, 2, 4), (7, 4)]


def test_showing_picks_tells_nobody(gallery: Gallery) -> None:
    told: list[object] = []
    gallery.picks_changed.connect(told.append)
    gallery.set_picks((1, 8))
    assert gallery.picks == (1, 8)
    assert not told
    assert [t.index for t in gallery.tiles if t.isChecked()] == [1, 8]


def test_a_tile_says_its_number_its_pick_and_its_rank(gallery: Gallery) -> None:
    gallery.set_picks((2, 0))
    assert gallery.tiles[2].accessibleName() == "Face 3, picked"
    assert gallery.tiles[1].accessibleName() == "Face 2"
    gallery.set_ranked(True)
    assert gallery.tiles[2].accessibleName() == "Face 3, picked, choice 1"
    assert gallery.tiles[0].accessibleName() == "Face 1, picked, choice 2"
    gallery.tiles[1].set_face(None)
    assert gallery.tiles[1].accessibleName() == "Face 2, not drawn yet"


def test_a_pick_is_seen_without_colour(gallery: Gallery) -> None:
    plain = gallery.tiles[0].grab().toImage()
    gallery.set_picks((0,))
    picked = gallery.tiles[0].grab().toImage()
    changed = [
        (x, y) for x in range(plain.width()) for y in range(plain.height())
        if abs(_grey(plain, x, y) - _grey(picked, x, y)) > 60
    ]
    assert len(changed) > 1500  # frame and tick stand out in grey values alone


def test_the_focus_ring_is_seen_beside_the_pick_frame(gallery: Gallery, qtbot: QtBot) -> None:
    gallery.set_picks((0, 1))
    gallery.tiles[0].setFocus()
    with_focus, without = (gallery.tiles[i].grab().toImage() for i in (0, 1))
    ring = [_grey(with_focus, x, 1) for x in range(20, 100)]
    bare = [_grey(without, x, 1) for x in range(20, 100)]
    assert max(ring) < 60 < min(bare)


def test_another_look_is_painted_and_taken_back(gallery: Gallery) -> None:
    plain = gallery.tiles[2].grab().toImage()
    gallery.set_look(Look(simplified=True))
    assert gallery.tiles[2].grab().toImage() != plain
    gallery.set_look(Look())
    assert gallery.tiles[2].grab().toImage() == plain


def test_a_smaller_array_leaves_no_tile_behind(gallery: Gallery, qtbot: QtBot) -> None:
    gallery.set_picks((8,))
    gallery.set_count(6)
    assert len(gallery.tiles) == 6
    assert gallery.picks == ()
    assert len([w for w in gallery.findChildren(QWidget) if w.isVisibleTo(gallery)]) == 6


def _grey(image: object, x: int, y: int) -> int:
    colour = image.pixelColor(x, y)  # type: ignore[attr-defined]
    return (colour.red() * 3 + colour.green() * 6 + colour.blue()) // 10


def drag(gallery: Gallery, start: int, end: int, qtbot: QtBot) -> None:
    """Press on one tile, let go on another."""
    first, last = gallery.tiles[start], gallery.tiles[end]
    away = first.mapFromGlobal(last.mapToGlobal(last.rect().center()))
    qtbot.mousePress(first, Qt.MouseButton.LeftButton, pos=first.rect().center())
    qtbot.mouseMove(first, away)
    qtbot.mouseRelease(first, Qt.MouseButton.LeftButton, pos=away)


def test_dragging_a_face_onto_another_ranks_it_there(gallery: Gallery, qtbot: QtBot) -> None:
    wanted: list[bool] = []
    gallery.ranking_wanted.connect(lambda: wanted.append(True))
    gallery.ranking_wanted.connect(lambda: gallery.set_ranked(True))
    gallery.set_picks((2, 5))
    drag(gallery, 7, 2, qtbot)
    assert gallery.picks == (7, 2, 5)
    assert wanted == [True]
    drag(gallery, 7, 5, qtbot)
    assert gallery.picks == (2, 5, 7)
    assert [gallery.tiles[i].rank for i in gallery.picks] == [1, 2, 3]
    drag(gallery, 2, 0, qtbot)  # onto a face that was not picked: last
    assert gallery.picks == (5, 7, 2)
    assert wanted == [True]


def test_plus_and_minus_rank_a_face_by_key(gallery: Gallery, qtbot: QtBot) -> None:
    gallery.set_ranked(True)
    gallery.set_picks((2, 5, 7))
    qtbot.keyClick(gallery.tiles[7], Qt.Key.Key_Plus)
    assert gallery.picks == (2, 7, 5)
    qtbot.keyClick(gallery.tiles[2], Qt.Key.Key_Minus)
    assert gallery.picks == (7, 2, 5)
    qtbot.keyClick(gallery.tiles[7], Qt.Key.Key_Plus)  # the best stays the best
    assert gallery.picks == (7, 2, 5)
    qtbot.keyClick(gallery.tiles[0], Qt.Key.Key_Plus)
    assert gallery.picks == (7, 2, 5, 0)


def test_a_witness_s_gallery_neither_holds_nor_ranks(qtbot: QtBot) -> None:
    gallery = Gallery(plain=True)
    qtbot.addWidget(gallery)
    gallery.set_count(6)
    gallery.set_face(0, draw(recipe_of(0)))
    qtbot.keyClick(gallery.tiles[0], Qt.Key.Key_H)
    qtbot.keyClick(gallery.tiles[0], Qt.Key.Key_Plus)
    assert gallery.held == gallery.picks == ()

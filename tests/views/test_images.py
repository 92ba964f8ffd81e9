"""Scaling, the outside blur and the simplified view, looked at pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.views import images
from app.views.images import Frame, Look
from tests.views.fakes import draw, recipe_of


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    """A picture with detail everywhere."""
    return np.random.default_rng(1).integers(0, 256, (128, 128, 3), dtype=np.uint8)


def test_the_image_outlives_the_array_it_was_made_of(qapp: QApplication) -> None:
    pixels = np.full((4, 6, 3), 77, np.uint8)
    image = images.to_image(pixels)
    pixels[:] = 0
    assert (image.width(), image.height()) == (6, 4)
    assert image.pixelColor(5, 3).getRgb()[:3] == (77, 77, 77)


def test_rows_that_are_no_multiple_of_four_bytes_keep_their_place(qapp: QApplication) -> None:
    pixels = np.zeros((3, 5, 3), np.uint8)
    pixels[2, 4] = (1, 2, 3)
    assert images.to_image(pixels).pixelColor(4, 2).getRgb()[:3] == (1, 2, 3)


@pytest.mark.parametrize("side", [64, 128, 200, 512])
def test_a_flat_picture_stays_flat_at_any_size(side: int) -> None:
    flat = np.full((128, 128, 3), (10, 120, 250), np.uint8)
    assert (images.resized(flat, side, side) == (10, 120, 250)).all()


def test_enlarging_is_smooth_and_leaves_no_blocks() -> None:
    edge = np.zeros((16, 16, 3), np.uint8)
    edge[:, 8:] = 255
    row = images.resized(edge, 128, 128)[64, :, 0].astype(int)
    assert row[40] < 8
    assert row[87] > 247
    assert np.abs(np.diff(row)).max() < 60  # nearest neighbour would jump by 255


def test_a_pixmap_has_as_many_pixels_as_the_screen_needs(qapp: QApplication) -> None:
    pixmap = images.shown(draw(recipe_of(1)), 100, ratio=2.0)
    assert pixmap.width() == 200
    assert pixmap.deviceIndependentSize().width() == 100


def test_the_mask_is_one_on_the_features_and_none_at_the_rim() -> None:
    mask = images.inner_mask(128, 128)
    for x, y in ((43, 42), (85, 42), (64, 64), (64, 88)):  # eyes, nose, mouth of the frame
        assert mask[y, x] == pytest.approx(1.0)
    for x, y in ((0, 0), (127, 0), (64, 0), (0, 64), (127, 127)):
        assert mask[y, x] == 0.0
    assert 0 < mask[int(0.51 * 128), 11] < 1  # the edge between is soft


def test_the_mask_has_no_hard_edge() -> None:
    mask = images.inner_mask(256, 256)
    steps = max(np.abs(np.diff(mask, axis=0)).max(), np.abs(np.diff(mask, axis=1)).max())
    assert steps < 0.08


def test_blur_leaves_the_features_and_takes_the_detail_outside(noise: np.ndarray) -> None:
    soft = images.soften_outside(noise, 1.0)
    sharp = images.resized(noise, 256, 256)
    assert (soft[120:140, 120:140] == sharp[120:140, 120:140]).all()
    assert soft[:20, :20].std() < 0.25 * sharp[:20, :20].std()


def test_more_blur_takes_more_detail(noise: np.ndarray) -> None:
    left = [images.soften_outside(noise, amount)[:24, :40].std() for amount in (0.1, 0.3, 0.6)]
    assert left[0] > 1.5 * left[1] > 1.5 * left[2]


def test_no_blur_changes_nothing(noise: np.ndarray) -> None:
    assert images.soften_outside(noise, 0.0) is noise
    assert images.dress(noise, Look()) is noise


def test_another_frame_moves_the_sharp_part(noise: np.ndarray) -> None:
    up = images.inner_mask(100, 100, Frame(centre_y=0.3))
    assert up[30, 50] == 1
    assert up[85, 50] == 0


def test_the_simplified_view_is_grey_and_keeps_the_lines() -> None:
    face = draw(recipe_of(2), 128)
    sketch = images.simplified(face)
    assert (sketch[..., 0] == sketch[..., 1]).all()
    assert (sketch[..., 1] == sketch[..., 2]).all()
    assert int(sketch.max()) - int(sketch.min()) > 80


def test_simplified_and_blurred_go_together() -> None:
    face = draw(recipe_of(3), 128)
    both = images.dress(face, Look(blur=0.8, simplified=True))
    assert (both[..., 0] == both[..., 2]).all()
    only = images.dress(face, Look(simplified=True))
    assert not np.array_equal(both, only)


def test_the_same_face_looks_the_same_twice(qapp: QApplication) -> None:
    face = draw(recipe_of(4))
    first, second = (images.shown(face, 90, Look(0.5)).toImage() for _ in range(2))
    assert isinstance(first, QImage)
    assert first == second

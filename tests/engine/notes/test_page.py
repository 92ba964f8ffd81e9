"""The sheet in a photograph is found, straightened and evenly lit."""

from __future__ import annotations

import numpy as np
import pytest

from app.engine.notes.page import evenly_lit, sheet_corners, straight_page, turned, writing_slope
from tests.engine.notes.note_pictures import note_picture


def test_the_sheet_is_found_on_the_table() -> None:
    photo = note_picture(slope=4.0)
    corners = sheet_corners(photo)
    assert corners is not None
    height, width = photo.shape[:2]
    size = np.ptp(corners, axis=0)
    assert 0.7 < size[0] / width < 0.98
    assert 0.6 < size[1] / height < 0.98


def test_a_scan_without_a_table_is_left_whole() -> None:
    scan = note_picture()[150:-150, 150:-150]
    assert sheet_corners(scan) is None


@pytest.mark.parametrize("slope", [-7.0, -2.0, 0.0, 3.0, 9.0])
def test_the_slope_of_the_writing_is_measured_and_undone(slope: float) -> None:
    sheet = note_picture()[110:-110, 110:-110]
    sloping = turned(sheet, -slope)
    assert writing_slope(sloping) == pytest.approx(slope, abs=0.5)
    assert abs(writing_slope(turned(sloping, writing_slope(sloping)))) <= 0.5


def test_an_empty_sheet_has_no_slope() -> None:
    assert writing_slope(np.full((300, 400, 3), 230, np.uint8)) == 0.0


def test_shadows_go_and_ink_stays() -> None:
    page = straight_page(note_picture(slope=3.0))
    left, right = page[:, 40 : 200], page[:, -200:-40]
    assert abs(np.quantile(left, 0.9) - np.quantile(right, 0.9)) < 12
    assert np.quantile(page, 0.005) < 120


def test_darkness_does_not_break_it() -> None:
    assert evenly_lit(np.zeros((50, 60, 3), np.uint8)).shape == (50, 60, 3)

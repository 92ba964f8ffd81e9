"""The sheet of paper in a photograph: found, seen from straight above, level, evenly lit."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

LONG_SIDE = 2200  # of the page that is read; more only costs time
SEARCH_SIDE = 700
LEAST_SHARE, MOST_SHARE = 0.2, 0.97  # of the picture that a sheet in it may take
INK_OUTSIDE = 0.1  # of all ink-like spots; more, and the outline is not the sheet's
DARKER = 0.6  # what a sheet lies on, beside the sheet; shadows on a sheet are lighter
FILLS = 0.9  # of its four-sided outline that a sheet really fills
STEEPEST = 12.0  # degrees by which lines of writing may slope


def straight_page(photo: Pixels) -> Pixels:
    """uint8 RGB [h, w, 3] of a photograph -> the page alone, level and evenly lit, uint8 RGB."""
    corners = sheet_corners(photo)
    page = photo if corners is None else seen_from_above(photo, corners)
    page = _limited(page, LONG_SIDE)
    slope = writing_slope(page)
    return evenly_lit(turned(page, slope) if abs(slope) >= 0.2 else page)


def sheet_corners(photo: Pixels) -> npt.NDArray[np.float32] | None:
    """Corners [4, 2] (x, y) of a bright sheet: top left, then clockwise; None without one."""
    scale = min(1.0, SEARCH_SIDE / max(photo.shape[:2]))
    small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (7, 7), 0)
    _, bright = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    bright = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8))
    outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return None
    biggest = max(outlines, key=cv2.contourArea)
    corners = cv2.approxPolyDP(biggest, 0.03 * cv2.arcLength(biggest, True), True)
    whole = small.shape[0] * small.shape[1]
    if len(corners) != 4 or not cv2.isContourConvex(corners):
        return None
    area = cv2.contourArea(corners)
    fills = cv2.contourArea(biggest) >= FILLS * area
    if not (LEAST_SHARE * whole <= area <= MOST_SHARE * whole and fills):
        return None
    if not _lies_on_dark(grey, corners) or _share_outside(_ink(small), corners) > INK_OUTSIDE:
        return None  # a shadow, not the edge of the sheet: no word may be cut off
    return _in_order(corners.reshape(4, 2).astype(np.float32) / scale)


def seen_from_above(photo: Pixels, corners: npt.NDArray[np.float32]) -> Pixels:
    """The four-sided sheet as a rectangle, with a hair's breadth of its edge cut off."""
    top_left, top_right, bottom_right, bottom_left = corners

    def side(a: Any, b: Any, c: Any, d: Any) -> int:
        return int(max(np.linalg.norm(a - b), np.linalg.norm(c - d)))

    width = side(top_left, top_right, bottom_left, bottom_right)
    height = side(top_left, bottom_left, top_right, bottom_right)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    page = cv2.warpPerspective(photo, matrix, (width, height), flags=cv2.INTER_CUBIC)
    cut = max(2, min(width, height) // 100)
    return np.ascontiguousarray(page[cut:-cut, cut:-cut])


def writing_slope(page: Pixels) -> float:
    """Degrees by which the lines of writing slope, positive downwards to the right.

    The turn at which the ink gathers most in rows (projection profile).
    """
    scale = min(1.0, SEARCH_SIDE / max(page.shape[:2]))
    small = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink = _ink(small)
    if np.count_nonzero(ink) < 50:
        return 0.0
    best = max(np.arange(-STEEPEST, STEEPEST + 0.5, 1.0), key=lambda a: _gathered(ink, a))
    fine = np.arange(best - 1, best + 1.01, 0.2)
    return float(max(fine, key=lambda a: _gathered(ink, a)))


def _ink(page: Pixels) -> Pixels:
    """Where it is darker than its surroundings: 255, else 0, [h, w]."""
    grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    method, kind = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV
    return np.asarray(cv2.adaptiveThreshold(grey, 255, method, kind, 25, 12), np.uint8)


def _lies_on_dark(grey: Pixels, corners: Any) -> bool:
    inside = np.zeros_like(grey)
    cv2.fillConvexPoly(inside, corners, 255)
    around = float(np.mean(grey[inside == 0]))
    return around < DARKER * float(np.mean(grey[inside > 0]))


def _share_outside(ink: Pixels, corners: Any) -> float:
    """Share of the ink that lies outside the outline (drawn a little wider)."""
    inside = np.zeros_like(ink)
    cv2.fillConvexPoly(inside, corners, 255)
    inside = cv2.dilate(inside, np.ones((31, 31), np.uint8))
    return float(np.count_nonzero(ink[inside == 0])) / max(1, int(np.count_nonzero(ink)))


def _gathered(ink: Pixels, degrees: float) -> float:
    rows = turned(ink, degrees, 0).sum(axis=1, dtype=np.float64)
    return float(np.square(np.diff(rows)).sum())


def turned(image: Pixels, degrees: float, paper: int = 255) -> Pixels:
    """Turned so that lines sloping down by so many degrees become level; same size."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    edge = cv2.BORDER_REPLICATE if paper else cv2.BORDER_CONSTANT
    done = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=edge)
    return np.asarray(done, np.uint8)


def evenly_lit(page: Pixels) -> Pixels:
    """Divided by the paper's own brightness, so that shadows go and the paper is near white."""
    size = max(3, min(page.shape[:2]) // 12) | 1
    scale = 8 if min(page.shape[:2]) > 800 else 2
    small = cv2.resize(page, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA)
    kernel = np.ones((max(3, size // scale) | 1,) * 2, np.uint8)
    paper = cv2.GaussianBlur(cv2.dilate(small, kernel), (0, 0), max(1.0, size / scale / 2))
    paper = cv2.resize(paper, page.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    even = page.astype(np.float32) * 245.0 / np.maximum(paper, 30)
    return np.clip(even, 0, 255).astype(np.uint8)


def _limited(image: Pixels, side: int) -> Pixels:
    scale = side / max(image.shape[:2])
    if scale >= 1:
        return image
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _in_order(corners: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    total, across = corners.sum(axis=1), np.diff(corners, axis=1)[:, 0]
    order = [total.argmin(), across.argmin(), total.argmax(), across.argmax()]
    return corners[order]

"""Each part of a face's quality answers to what it is named for."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from app.engine.align import Face
from app.engine.landmark_net import POINTS
from app.engine.pictures.quality import EYES, TIP, measure_quality, sharpness


def face_of(scale: float, nose: float = 0.0) -> Face:
    """A face whose training frame is the picture times ``scale``; the nose's tip is moved."""
    points = np.full((len(POINTS), 2), 64.0, np.float32)
    points[EYES[0]], points[EYES[1]], points[TIP] = (38, 56), (90, 56), (64 + nose, 76)
    matrix = np.array([[1 / scale, 0.0, 0.0], [0.0, 1 / scale, 0.0]])
    return Face((0, 0, 128 * scale, 128 * scale), points * scale, 1.0, matrix)


@pytest.fixture
def picture() -> np.ndarray:
    rng = np.random.default_rng(0)
    rough = rng.integers(40, 220, (64, 64, 1), np.uint8).repeat(3, 2)
    return cv2.resize(rough, (128, 128), interpolation=cv2.INTER_NEAREST)


def test_blur_lowers_sharpness_and_contrast_does_not(picture: np.ndarray) -> None:
    grey = picture[..., 0]
    values = [sharpness(cv2.GaussianBlur(grey, (0, 0), s)) for s in (0.5, 1.5, 3.0)]
    assert values[0] > values[1] > values[2]
    assert sharpness((grey // 2 + 40).astype(np.uint8)) == pytest.approx(sharpness(grey), abs=0.1)


def test_problems_are_named(picture: np.ndarray) -> None:
    good = measure_quality(picture, face_of(1.0))
    assert "dark" in measure_quality((picture * 0.2).astype(np.uint8), face_of(1.0)).problems
    assert "blurred" in measure_quality(cv2.GaussianBlur(picture, (0, 0), 4), face_of(1.0)).problems
    small = cv2.resize(picture, (32, 32), interpolation=cv2.INTER_AREA)
    assert "small" in measure_quality(small, face_of(0.25)).problems
    assert not set(good.problems) & {"small", "turned", "dark", "bright"}


def test_a_face_turned_to_the_right_has_a_positive_yaw(picture: np.ndarray) -> None:
    right = measure_quality(picture, face_of(1.0, nose=20))
    left = measure_quality(picture, face_of(1.0, nose=-20))
    assert right.yaw > 25 > -25 > left.yaw
    assert "turned" in right.problems
    assert measure_quality(picture, face_of(1.0)).yaw == pytest.approx(0.0)


def test_a_covered_mouth_is_covered(picture: np.ndarray) -> None:
    bare = np.full((128, 128, 3), (200, 160, 140), np.uint8)
    masked = bare.copy()
    masked[66:128] = (40, 60, 160)
    assert measure_quality(bare, face_of(1.0)).occluded == 0
    assert "covered" in measure_quality(masked, face_of(1.0)).problems

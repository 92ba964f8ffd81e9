"""Alignment: the similarity is found exactly, and a picture without a face says so."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from app.engine.align import Face, FaceFinder, _distinct, aligned, similarity, the_one_face
from app.engine.landmark_net import POINTS, LandmarkNet, LandmarkTrunk
from app.models.errors import BadInput


def test_a_turned_scaled_and_shifted_shape_is_brought_back_exactly() -> None:
    rng = np.random.default_rng(0)
    target = rng.uniform(0, 128, (len(POINTS), 2))
    angle, scale = 0.4, 2.5
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    source = target @ turn.T + np.array([30.0, -12.0])
    matrix = similarity(source, target)
    assert np.allclose(source @ matrix[:, :2].T + matrix[:, 2], target, atol=1e-6)


@pytest.fixture
def finder() -> FaceFinder:
    torch.manual_seed(0)
    canonical = np.random.default_rng(0).uniform(20, 108, (len(POINTS), 2)).astype(np.float32)
    return FaceFinder(LandmarkNet(LandmarkTrunk(), canonical))


def test_a_picture_without_a_face_is_refused_with_its_name(finder: FaceFinder) -> None:
    grey = np.full((200, 300, 3), 128, np.uint8)
    with pytest.raises(BadInput) as refused:
        the_one_face(finder, grey, "wall.png")
    assert refused.value.code == "photo.no_face"
    assert refused.value.facts["file"] == "wall.png"


def test_the_aligned_face_has_the_asked_size(finder: FaceFinder) -> None:
    from app.engine.align import Face

    picture = np.random.default_rng(1).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    matrix = np.array([[0.32, 0.0, 0.0], [0.0, 0.32, 0.0]])
    face = Face((0, 0, 1, 1), np.zeros((len(POINTS), 2), np.float32), 1.0, matrix)
    assert aligned(picture, face).shape == (128, 128, 3)
    assert aligned(picture, face, 256).shape == (256, 256, 3)


def face_at(x: float, y: float, side: float, score: float) -> Face:
    corners = np.array([[x, y], [x + side, y], [x, y + side], [x + side, y + side]], np.float32)
    return Face((x, y, side, side), corners, score, np.eye(2, 3))


def test_a_mouth_taken_for_a_face_is_not_a_second_one() -> None:
    whole, mouth, neighbour = (
        face_at(100, 100, 90, 0.96), face_at(128, 145, 38, 0.99), face_at(210, 100, 80, 0.7),
    )  # fmt: skip
    assert _distinct([mouth, whole, neighbour]) == [whole, neighbour]
    assert _distinct([face_at(103, 98, 86, 0.9), whole]) == [whole]


@pytest.mark.bundled_model
def test_faces_are_found_large_and_small_and_in_the_dark() -> None:
    import cv2

    from app.engine.pictures.reading import reader_of
    from app.engine.runtime import Runtime
    from tests.engine.pictures.clips import wall

    runtime = Runtime(device="cpu")
    painter = runtime.load()
    finder = reader_of(runtime, painter).finder
    scene = wall(640, 480)
    for seed, (x, y, side) in enumerate(((60, 60, 220), (400, 80, 110), (440, 300, 64))):
        face = painter.pixels_of(painter.wide(painter.sample(seed)))
        small = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
        scene[y : y + side, x : x + side] = small
    assert len(finder.find(scene)) == 3
    assert len(finder.find((scene * 0.1).astype(np.uint8))) == 3

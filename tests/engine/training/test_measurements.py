"""Shape and colour measures of faces."""

from __future__ import annotations

import numpy as np

from app.engine.training.facedata import FaceData
from app.engine.training.measurements import colour_measures, shape_measures


def test_shape_measures_do_not_depend_on_size_or_place(synthetic_faces: FaceData) -> None:
    points = synthetic_faces.points
    assert points is not None
    here, there = shape_measures(points), shape_measures(points * 3 + 40)
    assert all(np.allclose(here[k], there[k], rtol=1e-3, atol=1e-4) for k in here)


def test_a_wider_nose_reads_wider() -> None:
    points = np.random.default_rng(0).uniform(20, 100, (1, 468, 2)).astype(np.float32)
    wider = points.copy()
    wider[0, 358] = points[0, 129] + (points[0, 358] - points[0, 129]) * 1.5
    assert shape_measures(wider)["nose_width"][0] > 1.4 * shape_measures(points)["nose_width"][0]


def test_lighter_skin_reads_lighter(synthetic_faces: FaceData) -> None:
    points = synthetic_faces.points
    assert points is not None
    dark = (synthetic_faces.pixels // 2).astype(np.uint8)
    light = colour_measures(synthetic_faces.pixels, points)["skin_l"]
    assert (light > colour_measures(dark, points)["skin_l"]).all()

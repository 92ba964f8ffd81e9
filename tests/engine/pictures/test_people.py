"""Faces to tracks to persons: followed through crossings, found again after cuts."""

from __future__ import annotations

import numpy as np
import pytest

from app.engine.api import FaceQuality, FrameFace
from app.engine.pictures.people import Sighting, Tracker, best_frames, unit

NONE = np.zeros((1, 1, 3), np.uint8)
RNG = np.random.default_rng(0)
LOOKS = [unit(RNG.standard_normal(64)) for _ in range(4)]


def sighting(who: int, time_s: float, x: float, quality: float = 0.7) -> Sighting:
    """A face 60 pixels wide around (x, 100), looking as ``who`` does but for some noise."""
    q = FaceQuality(40, 0.7, 0, 0, 0.5, 0, quality)
    face = FrameFace(time_s, round(time_s * 25), (x - 30, 70, 60, 60), q, NONE)
    noise = np.random.default_rng(round(time_s * 1000) + who).standard_normal(64)
    return Sighting(face, unit(LOOKS[who] + 0.05 * noise))


def watched(paths: dict[int, object], seconds: float = 4.0, every: float = 0.2) -> Tracker:
    tracker = Tracker()
    for i in range(round(seconds / every)):
        t = i * every
        where = {who: path(t) for who, path in paths.items()}  # type: ignore[operator]
        tracker.add([sighting(w, t, x) for w, x in where.items() if x is not None], t)
    return tracker


def test_two_persons_who_cross_stay_two() -> None:
    tracker = watched({0: lambda t: 100 + 100 * t, 1: lambda t: 500 - 100 * t})
    persons = tracker.persons()
    assert [p.sightings for p in persons] == [20, 20]
    assert all(p.first_s == 0 and p.last_s == pytest.approx(3.8) for p in persons)


def test_a_person_who_comes_back_is_the_same_and_another_is_not() -> None:
    leaves = lambda t: 100 if t < 1 else 400 if t > 3 else None  # noqa: E731
    between = lambda t: 250 if 1 < t < 3 else None  # noqa: E731
    tracker = watched({0: leaves, 2: between})
    found = [(round(p.first_s, 1), p.last_s > 3) for p in tracker.persons()]
    assert found == [(0.0, True), (1.2, False)]


def test_two_who_look_alike_but_are_seen_together_are_two() -> None:
    tracker = Tracker()
    for i in range(5):
        twins = [sighting(0, i * 0.2, 100), sighting(0, i * 0.2, 400)]
        tracker.add(twins, i * 0.2)
    assert len(tracker.persons()) == 2


def test_another_face_in_the_same_place_is_another_person() -> None:
    tracker = watched({0: lambda t: 200 if t < 2 else None, 3: lambda t: 200 if t >= 2 else None})
    assert len(tracker.persons()) == 2


def test_a_single_poor_sighting_is_nobody() -> None:
    tracker = Tracker()
    tracker.add([sighting(0, 0.0, 100, quality=0.1)], 0.0)
    tracker.add([sighting(0, 0.2, 100, quality=0.1)], 0.2)
    assert tracker.persons() == ()
    tracker.add([sighting(1, 0.4, 300, quality=0.7)], 0.4)
    assert len(tracker.persons()) == 1


def test_a_cut_is_seen_and_a_pan_is_not() -> None:
    tracker = Tracker()
    wall = np.random.default_rng(1).integers(60, 200, (12, 20, 3), np.uint8)
    first = np.kron(wall, np.ones((20, 20, 1), np.uint8))
    assert not tracker.is_cut(first)
    assert not tracker.is_cut(np.roll(first, 3, axis=1))
    assert tracker.is_cut(255 - first)


def test_the_best_frames_come_first_and_apart_in_time() -> None:
    faces = [sighting(0, t, 100, q).face for t, q in ((0, 0.5), (0.04, 0.9), (0.1, 0.8), (2, 0.6))]
    assert [f.time_s for f in best_frames(faces)] == [0.04, 2, 0.1, 0]

"""Directions fitted on data whose truth is known."""

from __future__ import annotations

import numpy as np

from app.engine.training.directions import FAMILIES, WANTED, fit_directions
from app.models.attributes import vocabulary


def made_up(n: int = 4000, d: int = 32) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    rng = np.random.default_rng(1)
    z = rng.standard_normal((n, d)).astype(np.float32)
    one, two = rng.standard_normal((2, d))
    two = two + 0.8 * one  # the two readings are correlated, as real ones are
    scores = {
        "eye_size": (z @ one).astype(np.float32),
        "nose_width": (z @ two + 0.1 * rng.standard_normal(n)).astype(np.float32),
    }
    return z, scores


def test_a_direction_moves_its_own_reading_by_one_and_the_other_hardly() -> None:
    z, scores = made_up()
    fits = {f.wanted.name: f for f in fit_directions(z, scores, alpha=1.0, damping=0.001)}
    eye, nose = fits["eye_size"], fits["nose_width"]
    assert abs(float(eye.vector @ eye.reader) - 1) < 1e-3
    assert abs(float(eye.vector @ nose.reader)) < 0.05
    straight = eye.reader / float(eye.reader @ eye.reader)
    assert abs(float(straight @ nose.reader)) > 0.2  # the plain normal does move it


def test_readings_have_unit_spread_and_quality_says_how_well_they_fit() -> None:
    z, scores = made_up()
    noise = np.random.default_rng(2).standard_normal(len(z)).astype(np.float32)
    fits = {f.wanted.name: f for f in fit_directions(z, {**scores, "mouth": noise})}
    reading = z @ fits["eye_size"].reader + fits["eye_size"].bias
    assert 0.8 < reading.std() < 1.1
    assert fits["eye_size"].quality > 0.9
    assert fits["mouth"].quality < 0.1


def test_faces_without_a_score_are_left_out() -> None:
    z, scores = made_up()
    scores["eye_size"][::2] = np.nan
    assert np.isfinite(fit_directions(z, scores)[0].vector).all()


def test_every_direction_names_the_vocabulary() -> None:
    names = {w.name for w in WANTED}
    assert len(names) == len(WANTED)
    assert set().union(*FAMILIES) <= names
    for w in WANTED:
        for value in filter(None, (w.low_value, w.high_value)):
            vocabulary().validate(w.attribute, value)
    assert len({w.attribute for w in WANTED}) >= 20

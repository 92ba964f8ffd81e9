"""Directions fitted on data whose truth is known."""

from __future__ import annotations

import numpy as np

from app.engine.training.directions import FAMILIES, WANTED, fit_directions, projected
from app.engine.training.side_effects import landmark_measures, measure_effects, summary
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


def bent_jacobians(fits: list, n: int = 40) -> np.ndarray:
    """Derivatives that differ from face to face around each fit's own reader."""
    rng = np.random.default_rng(3)
    readers = np.stack([f.reader * f.score_std for f in fits])  # [k, d]
    return (readers + 0.2 * rng.standard_normal((n, *readers.shape))).astype(np.float32)


def test_a_projected_step_moves_its_own_reading_and_less_of_the_others_than_the_plain_one() -> None:
    z, scores = made_up()
    fits = fit_directions(z, scores, alpha=1.0)
    jacobians = bent_jacobians(fits)
    for i, fit in enumerate(projected(fits, jacobians)):
        moves, plain = jacobians @ fit.vector, jacobians @ fit.plain  # [faces, k]
        assert abs(moves[:, i].mean() / fit.score_std - 1) < 1e-3
        assert abs(plain[:, i].mean() / fit.score_std - 1) < 1e-3
        assert np.abs(moves[:, 1 - i]).mean() < 0.6 * np.abs(plain[:, 1 - i]).mean()


def test_a_projected_step_keeps_still_what_an_array_holds_still() -> None:
    z, scores = made_up()
    fits = fit_directions(z, scores, alpha=1.0)
    still = np.linalg.qr(np.random.default_rng(4).standard_normal((32, 3)))[0].T
    jacobians = bent_jacobians(fits)
    free, bound = (projected(fits, jacobians, s)[0] for s in (None, still.astype(np.float32)))
    share = [np.linalg.norm(still @ f.vector) / np.linalg.norm(f.vector) for f in (free, bound)]
    assert share[1] < 0.5 * share[0]


class LinearMeter:
    """Readings that are linear in z: what is true of them is known."""

    def __init__(self, fits: list, readers: np.ndarray) -> None:
        self.fits, self.readers = fits, readers
        self.names = [f.wanted.name for f in fits] + ["landmark:nose_width", "landmark:eye_slant"]

    def read(self, z: np.ndarray) -> np.ndarray:
        return z.astype(np.float64) @ self.readers.T


def test_side_effects_are_measured_before_and_after_on_the_faces_given() -> None:
    z, scores = made_up()
    fits = fit_directions(z, scores, alpha=1.0)
    fits = projected(fits, bent_jacobians(fits))
    readers = np.stack([f.reader * f.score_std for f in fits])
    readers = np.vstack([readers, readers])
    table = measure_effects(LinearMeter(fits, readers), z[:90])
    eye = table["eye_size"]
    assert (eye.faces, eye.faces_before) == (90, 60)
    assert set(eye.after) == {"nose_width", "landmark:nose_width", "landmark:eye_slant"}
    assert "landmark:nose_width" not in table["nose_width"].after  # the same thing
    assert eye.after["nose_width"] < eye.before["nose_width"]
    sd = (z[:90] @ readers.T).std(0)
    moved = np.abs(readers @ fits[0].vector) / sd
    assert abs(eye.after["nose_width"] - 2 * moved[1] / moved[0]) < 0.02
    assert 0 <= summary(table)["share_within_before"] <= summary(table)["share_within_after"] <= 1


def test_measuring_stops_in_time_but_never_before_the_first_faces() -> None:
    z, scores = made_up()
    fits = fit_directions(z, scores, alpha=1.0)
    readers = np.stack([f.reader for f in fits] * 2)
    assert measure_effects(LinearMeter(fits, readers), z[:90], until=0.0)["eye_size"].faces == 20


def test_landmark_measures_need_no_point_that_the_net_does_not_find() -> None:
    points = np.random.default_rng(0).uniform(0, 1, (3, 72, 2))
    found = landmark_measures(points)
    assert "nose_width" in found
    assert "forehead" not in found
    assert all(np.isfinite(v).all() for v in found.values())

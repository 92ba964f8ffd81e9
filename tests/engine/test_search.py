"""The search learns from picks, ranks and refusals, and follows from its rounds and seed alone."""

from __future__ import annotations

import numpy as np
import pytest

from app.engine.evolution import next_generation
from app.engine.search import Observation, Preference, gaussian, rotation, simplex
from app.models.round import Answer

pytestmark = pytest.mark.needs_torch  # app.engine.api is torch-free, its neighbours are not

K = 12
SIGHT = np.linspace(2.5, 0.3, K)
SIGHT = SIGHT / np.sqrt((SIGHT**2).mean())


def preference(portrait: np.ndarray | None = None) -> Preference:
    return Preference(SIGHT, gaussian(np.zeros(K), 0.64, K), portrait)


def far(points: np.ndarray, target: np.ndarray) -> np.ndarray:
    return np.linalg.norm((points - target) * SIGHT, axis=-1)


def sitting(
    seed: int, rounds: int, picks: int = 1, noise: float = 0.05
) -> tuple[list[float], list[Observation]]:
    """Distances of the first pick by round for a witness of a random target."""
    rng = np.random.default_rng(seed)
    target = 0.8 * rng.standard_normal(K)
    search, seen, reached = preference(), [], []
    for _ in range(rounds):
        points, _ = (
            search.next_array(seen, 9, rng) if seen else (0.8 * rng.standard_normal((9, K)), None)
        )
        order = np.argsort(far(points, target) + noise * rng.standard_normal(9))
        chosen = tuple(int(i) for i in order[:picks])
        seen.append(Observation(points, Answer.picked, chosen, ranked=picks > 1))
        reached.append(float(far(points[chosen[0]], target)))
    return reached, seen


def test_picks_bring_the_array_to_the_target() -> None:
    runs = np.array([sitting(seed, 8)[0] for seed in range(12)])
    assert runs[:, 7].mean() < 0.62 * runs[:, 0].mean()
    assert runs[:, 7].mean() < runs[:, 2].mean()


def test_ranks_tell_more_than_picks() -> None:
    single = np.mean([sitting(seed, 6)[0][-1] for seed in range(12)])
    ranked = np.mean([sitting(seed, 6, picks=3)[0][-1] for seed in range(12)])
    assert ranked < single


def test_the_search_with_three_ranks_beats_evolution_with_twice_the_faces() -> None:
    noise = 0.35  # a tenth of the usual distance of two faces

    def evolve(seed: int) -> float:
        rng = np.random.default_rng(seed)
        target = 0.8 * rng.standard_normal(K)
        seen: list[Observation] = []
        for _ in range(8):
            points = next_generation(seen, 18, K, 0.8, rng)
            order = np.argsort(far(points, target) + noise * rng.standard_normal(18))
            seen.append(Observation(points, Answer.picked, tuple(int(i) for i in order[:6])))
        return float(far(seen[-1].points[seen[-1].picks[0]], target))

    ours = np.mean([sitting(seed, 8, picks=3, noise=noise)[0][-1] for seed in range(12)])
    assert ours < np.mean([evolve(seed) for seed in range(12)])


def test_a_pick_pulls_and_a_refusal_pushes() -> None:
    points = np.random.default_rng(1).standard_normal((9, K)) * 0.8
    points[3] += 1.0
    picked = preference().belief([Observation(points, Answer.picked, (3,))])
    assert far(picked.mean, points[3]) < far(np.zeros(K), points[3])
    shifted = points + 0.8
    refused = preference().belief([Observation(shifted, Answer.none)])
    assert float((refused.mean * SIGHT).sum()) < 0


def test_not_sure_says_nothing() -> None:
    points = np.random.default_rng(1).standard_normal((9, K))
    belief = preference().belief([Observation(points, Answer.not_sure)])
    np.testing.assert_allclose(belief.mean, 0, atol=1e-6)
    np.testing.assert_allclose(belief.covariance, 0.64 * np.eye(K), rtol=1e-6)


def test_the_believed_face_comes_first_and_the_array_shrinks() -> None:
    _, seen = sitting(3, 7)
    search, rng = preference(), np.random.default_rng(0)
    early, belief = search.next_array(seen[:1], 9, rng)
    late, _ = search.next_array(seen, 9, rng)
    np.testing.assert_allclose(early[0], belief.mean)
    assert far(late, late[0]).mean() < far(early, early[0]).mean()
    wider, _ = search.next_array(
        [*seen, Observation(late, Answer.none)], 9, np.random.default_rng(0)
    )
    assert far(wider, wider[0]).mean() > far(late, late[0]).mean()


def test_a_refined_portrait_is_where_the_search_goes_on() -> None:
    _, seen = sitting(4, 3)
    portrait = np.full(K, 0.7)
    without, with_it = preference().belief(seen), preference(portrait).belief(seen)
    assert far(with_it.mean, portrait) < 0.5 * far(without.mean, portrait)


def test_the_same_rounds_and_seed_give_the_same_array() -> None:
    _, seen = sitting(5, 4)
    first, _ = preference().next_array(seen, 9, np.random.default_rng(9))
    again, _ = preference().next_array(seen, 9, np.random.default_rng(9))
    np.testing.assert_array_equal(first, again)


def test_the_words_go_from_searching_to_settled() -> None:
    _, seen = sitting(6, 20)
    search = preference()
    states = [search.state(seen[:n], search.belief(seen[:n])) for n in range(len(seen) + 1)]
    assert states[0].phase == "searching"
    assert states[0].spread == pytest.approx(1.0)
    phases = [s.phase for s in states]
    assert "narrowing" in phases
    assert phases[-1] == "settled"
    assert any(s.enough for s in states)
    assert not any(s.enough for s in states[:5])
    spreads = [s.spread for s in states]
    assert spreads[-1] < 0.8 * spreads[1]


@pytest.mark.parametrize(("points", "dims"), [(8, 7), (5, 7), (3, 2), (1, 4), (11, 4)])
def test_a_simplex_has_unit_corners(points: int, dims: int) -> None:
    corners = simplex(points, dims)
    assert corners.shape == (points, dims)
    np.testing.assert_allclose(np.linalg.norm(corners, axis=1), 1)
    if 1 < points <= dims + 1:
        between = corners @ corners.T
        np.testing.assert_allclose(between[~np.eye(points, dtype=bool)], -1 / (points - 1))


def test_a_rotation_keeps_lengths() -> None:
    turn = rotation(6, np.random.default_rng(0))
    np.testing.assert_allclose(turn @ turn.T, np.eye(6), atol=1e-12)


def test_children_come_from_the_parents_and_the_best_lives_on() -> None:
    points = np.random.default_rng(0).standard_normal((18, K))
    seen = [Observation(points, Answer.picked, (4, 7))]
    children = next_generation(seen, 18, K, 0.8, np.random.default_rng(1))
    np.testing.assert_array_equal(children[0], points[4])
    middle = (points[4] + points[7]) / 2
    assert far(children, middle).mean() < far(points, middle).mean()
    fresh = next_generation([], 18, K, 0.8, np.random.default_rng(1))
    assert fresh.shape == (18, K)

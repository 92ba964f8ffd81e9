"""Simulated witnesses choose what is near, remember with noise, and are helped by the search."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from app.engine.bank import build_bank, read_bank
from app.engine.painter import Painter
from app.engine.proposals import latent_space
from app.engine.runtime import Runtime
from app.engine.sketch import draw_sketch
from app.engine.sketch_to_face import face_from_sketch
from app.engine.weights import load_model, rewrite_card
from app.engine.witness import STRATEGIES, Crowd, Memory, Studio, Witness, Words, perceived, sit
from app.models.round import Answer
from tests.engine.tiny import model_folder

pytestmark = pytest.mark.needs_torch


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    runtime = Runtime(model_folder(tmp_path_factory.mktemp("m") / "tiny"), device="cpu")
    painter = runtime.load()
    return Studio(
        painter, latent_space(runtime, painter), runtime.spread(painter), Crowd(painter, 60)
    )


def faces(painter: Painter, seeds: range) -> list[np.ndarray]:
    return [painter.pixels_of(painter.wide(painter.sample(s))) for s in seeds]


def test_a_witness_without_noise_knows_the_target(studio: Studio) -> None:
    painter = studio.painter
    target = painter.sample(3)
    witness = Witness(painter, target, Memory(noise=0.0, blur=0.5), studio.crowd.usual, 0)
    answer, picks = witness.choose(faces(painter, range(9)), 2)
    assert answer is Answer.picked
    assert picks[0] == 3
    assert len(picks) == 2


def test_noise_makes_witnesses_err_and_seeds_make_them_repeat(studio: Studio) -> None:
    painter, shown = studio.painter, faces(studio.painter, range(9))
    choices = [
        Witness(painter, painter.sample(3), Memory(noise=2.0, none_above=99), 1.0, seed).choose(
            shown, 1
        )
        for seed in (1, 1, 2, 3, 4, 5)
    ]
    assert choices[0] == choices[1]
    assert len({c[1] for c in choices}) > 1


def test_a_witness_refuses_when_nothing_is_near(studio: Studio) -> None:
    painter = studio.painter
    memory = Memory(noise=0.0, none_above=0.01)
    witness = Witness(painter, painter.sample(70), memory, studio.crowd.usual, 0)
    assert witness.choose(faces(painter, range(9)), 1) == (Answer.none, ())


def test_a_photograph_far_from_all_faces_is_not_refused_for_that(studio: Studio) -> None:
    photo = (255 * (np.indices((32, 32, 3)).sum(0) // 8 % 2)).astype(np.uint8)  # a chess board
    target, usual = studio.painter.sample(0), studio.crowd.usual
    shown = faces(studio.painter, range(9))

    def witness(none_above: float, crowd: Crowd | None = None) -> Witness:
        memory = Memory(noise=0.0, none_above=none_above)
        return Witness(studio.painter, target, memory, usual, 0, photo, crowd)

    strict = 0.98 * float(witness(1.0).distances(shown).min())
    assert witness(1.0, studio.crowd).stranger > 1.1
    assert witness(strict).choose(shown, 1)[0] is Answer.none
    assert witness(strict, studio.crowd).choose(shown, 1)[0] is Answer.picked


def test_blur_takes_detail_away() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    assert perceived(noise, 2.0).std() < perceived(noise).std()


def test_the_target_itself_is_nearer_than_all(studio: Studio) -> None:
    painter = studio.painter
    pixels = painter.pixels_of(painter.wide(painter.sample(100)))
    percent, distance = studio.crowd.rank(pixels, perceived(pixels))
    assert percent == 100
    assert distance == 0


@pytest.mark.slow
def test_the_search_beats_random_arrays(studio: Studio) -> None:
    def mean_distance(name: str) -> float:
        out = []
        for seed in range(6):
            target = studio.painter.sample(200 + seed)
            witness = Witness(studio.painter, target, Memory(0.03, 0.5), studio.crowd.usual, seed)
            out.append(sit(studio, STRATEGIES[name], witness, 6, seed).distance[-1])
        return float(np.mean(out))

    assert mean_distance("posterior_ranked") < mean_distance("random")


def test_a_sitting_repeats(studio: Studio) -> None:
    def once() -> tuple[float, ...]:
        witness = Witness(studio.painter, studio.painter.sample(9), Memory(), studio.crowd.usual, 1)
        return sit(studio, STRATEGIES["posterior"], witness, 3, 1).distance

    assert once() == once()


def test_the_start_may_come_from_words(studio: Studio) -> None:
    given = np.stack([studio.painter.sample(s) for s in range(9)])
    witness = Witness(studio.painter, given[4], Memory(0.0, 0.0), studio.crowd.usual, 1)
    words = Words(lambda number: given, lambda ws: ws)
    sitting = sit(studio, STRATEGIES["posterior"], witness, 2, 1, words)
    assert sitting.distance[0] == 0
    only = replace(STRATEGIES["random"], name="description")
    assert sit(studio, only, witness, 2, 1, words).distance == (0, 0)


# ------------------------------------------------------------------ sketches and banks


def test_a_sketch_finds_a_nearer_face_than_chance(studio: Studio) -> None:
    painter = studio.painter
    sketch = draw_sketch(painter.pixels_of(painter.wide(painter.sample(11))), "pencil", 128)
    seen: list[int] = []
    found = face_from_sketch(
        painter, studio.space, sketch, 0, lambda done, total: seen.append(done)
    )
    assert found.distance < found.first_distance < 1
    assert seen[-1] == 200
    assert found.pixels.shape == (32, 32, 3)


@pytest.mark.bundled_model
def test_a_bank_holds_what_the_net_reads(tmp_path: Path) -> None:
    import shutil

    from app.engine.weights import find_model

    folder = tmp_path / "copy"
    shutil.copytree(find_model(), folder)
    (folder / "bank.safetensors").unlink(missing_ok=True)
    rewrite_card(folder)
    runtime = Runtime(folder, device="cpu")
    painter = runtime.load()
    net = runtime.attribute_net(painter)
    assert net is not None
    build_bank(painter, net, folder / "bank.safetensors", 30)
    rewrite_card(folder)
    bank = read_bank(Painter(load_model(folder)))
    assert bank is not None
    np.testing.assert_allclose(bank.w[7], painter.sample(7), atol=1e-4)
    read = net.read(painter.pixels_of(painter.wide(painter.sample(7)))[None])
    np.testing.assert_allclose(bank.read.scalars["age"][7], read.scalars["age"][0], atol=0.05)


def test_a_model_without_a_bank_has_none(studio: Studio) -> None:
    assert read_bank(studio.painter) is None

"""The evaluation figures mean what they say, and the page holds them all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from app.engine.attribute_net import AttributeNet, AttributeTrunk, NetShape
from app.engine.encoder_net import EncoderNet, from_attribute_net
from app.engine.landmark_net import LandmarkNet, LandmarkTrunk
from app.engine.stylegan2 import Architecture, Generator, to_pixels
from app.engine.training.evaluation import Run, evaluate
from app.engine.training.facedata import FaceData
from app.engine.training.generation import grid
from app.engine.training.inversion import Inverter, Judge
from app.engine.training.page import Section, Table, group_table, write_page
from app.engine.training.quality import frechet, kernel_distance, memorisation, precision_recall

ARCH = Architecture(256, 256, 128, channel_base=256, channel_max=8, mapping_layers=2)
SHAPE = NetShape(
    (("sex", ("male", "female")), ("ethnicity", ("a", "b", "c", "d", "e"))),
    (("age", 40.0, 15.0),), shape=4, width=8, deep_stem=True,
)  # fmt: skip


@pytest.fixture(scope="module")
def crowd() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((200, 6))


def test_a_crowd_is_no_distance_from_itself_and_far_from_a_moved_one(crowd: np.ndarray) -> None:
    twin = np.random.default_rng(1).standard_normal((200, 6))
    assert frechet(crowd, crowd) == pytest.approx(0, abs=1e-6)
    assert frechet(crowd, crowd + 2) == pytest.approx(24, rel=0.01)  # 6 dimensions, 2 squared
    assert abs(kernel_distance(crowd, twin)) < 0.02 * kernel_distance(crowd, crowd + 2)


def test_one_face_over_and_over_is_precise_but_recalls_nothing(crowd: np.ndarray) -> None:
    same = np.repeat(crowd[:1], 50, 0)
    precision, recall = precision_recall(crowd, same)
    assert precision == 1.0
    assert recall < 0.05
    assert precision_recall(crowd, crowd + 50) == (0.0, 0.0)


def test_copies_of_training_faces_are_noticed(crowd: np.ndarray) -> None:
    rng = np.random.default_rng(2)
    unseen = rng.standard_normal((100, 6))
    copied = memorisation(crowd[:60] + 1e-4, unseen, crowd)
    fresh = memorisation(rng.standard_normal((60, 6)), unseen, crowd)
    assert copied["share_nearer_than_1_percent_of_held_out"] == 1.0
    assert fresh["share_nearer_than_1_percent_of_held_out"] < 0.1


def parts() -> tuple[Generator, AttributeNet, LandmarkNet]:
    torch.manual_seed(0)
    net = AttributeNet(SHAPE, AttributeTrunk(SHAPE))
    landmarks = LandmarkNet(LandmarkTrunk(8), np.zeros((72, 2), np.float32))
    return Generator(ARCH).eval().requires_grad_(False), net, landmarks


def test_a_judge_finds_nothing_wrong_with_the_picture_itself(synthetic_faces: FaceData) -> None:
    _, net, landmarks = parts()
    faces = np.ascontiguousarray(synthetic_faces.pixels[:3].transpose(0, 2, 3, 1))
    same = Judge(net, landmarks).figures(faces, faces)
    other = Judge(net, landmarks).figures(faces, 255 - faces)
    assert (same["psnr"] > 100).all()
    assert (same["landmark_percent"] == 0).all()
    assert (other["psnr"] < 20).all()
    assert (same["gradient_error"] == 0).all()


def test_more_steps_of_optimisation_end_nearer(synthetic_faces: FaceData) -> None:
    generator, net, landmarks = parts()
    faces = np.ascontiguousarray(synthetic_faces.pixels[:1].transpose(0, 2, 3, 1))
    found = Inverter(generator, net, synthetic_faces.scale).optimised(faces, 1, (1, 12))
    psnr = {k: Judge(net, landmarks).figures(faces, v.pixels)["psnr"][0] for k, v in found.items()}
    assert psnr[12] > psnr[1]


def test_the_whole_evaluation_leaves_a_page_without_real_faces(
    synthetic_faces: FaceData, tmp_path: Path
) -> None:
    generator, net, landmarks = parts()
    scale = synthetic_faces.scale
    encoder = EncoderNet(
        from_attribute_net(net, ARCH.num_ws, 256), scale, np.zeros(256, np.float32)
    )

    def draw(codes: np.ndarray) -> np.ndarray:
        w = torch.from_numpy(codes * scale).unsqueeze(1).expand(-1, ARCH.num_ws, -1)
        with torch.inference_mode():
            return to_pixels(generator.synthesis(w, "none")).numpy()

    def sample(count: int, seed: int) -> np.ndarray:
        return np.random.default_rng(seed).standard_normal((count, 256)).astype(np.float32)

    run = Run(tmp_path, generator, net, landmarks, encoder, draw, sample)
    lines: list[str] = []
    import app.engine.training.evaluation as evaluation

    steps, evaluation.STEPS = evaluation.STEPS, (1, 2)
    try:
        found = evaluate(run, synthetic_faces, None, faces=32, inverted=2, report=lines.append)
    finally:
        evaluation.STEPS = steps
    assert found["generator"]["generated_faces"] == 32
    assert set(found["encoder"]["compared"]) == {
        "encoder, one look", "W, 1 steps", "W, 2 steps", "W+, 1 steps", "W+, 2 steps",
    }  # fmt: skip
    page = (tmp_path / "evaluation.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http-equiv", "")
    assert "64 faces at psi 0.7" in page
    assert lines


def test_cells_are_escaped_and_missing_groups_are_dashes(tmp_path: Path) -> None:
    table = group_table({"sex": {"all": 0.9, "male": 0.8}, "age": {"all": 6.0}}, "group")
    assert table.rows[1] == ("male", 0.8, "–")
    sections = [Section("A & B", tables=(Table(("x",), (("<script>",),)),))]
    write_page(tmp_path / "p.html", "t", "i", sections)
    assert "&lt;script&gt;" in (tmp_path / "p.html").read_text(encoding="utf-8")


def test_a_grid_keeps_the_order_of_faces() -> None:
    faces = np.stack([np.full((2, 2, 3), k, np.uint8) for k in range(4)])
    assert grid(faces, 2)[::2, ::2, 0].tolist() == [[0, 1], [2, 3]]

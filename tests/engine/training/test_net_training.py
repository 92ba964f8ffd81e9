"""The attribute and landmark nets learn, resume exactly, and never see what is held out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from app.engine.training.attributes import AttributeSettings, AttributeTrainer
from app.engine.training.facedata import FaceData
from app.engine.training.landmarks import LandmarkSettings, LandmarkTrainer
from app.engine.training.run import cosine, late_fall, train_for

TRAINERS: dict[str, Callable[[FaceData], Any]] = {
    "attributes": lambda data: AttributeTrainer(data, AttributeSettings(batch=8)),
    "landmarks": lambda data: LandmarkTrainer(data, LandmarkSettings(batch=8)),
}


@pytest.mark.parametrize("name", TRAINERS)
def test_a_resumed_net_ends_at_the_same_weights(
    synthetic_faces: FaceData, tmp_path: Path, name: str
) -> None:
    straight = TRAINERS[name](synthetic_faces)
    for _ in range(2):
        straight.step(1.0)
    straight.save(tmp_path / "half.pt")
    for _ in range(2):
        straight.step(1.0)
    resumed = TRAINERS[name](synthetic_faces)
    resumed.load(tmp_path / "half.pt")
    for _ in range(2):
        resumed.step(1.0)
    wanted, found = straight.trunk.state_dict(), resumed.trunk.state_dict()
    assert all(torch.equal(wanted[k], found[k]) for k in wanted)
    assert resumed.steps == 4


@pytest.mark.parametrize("name", TRAINERS)
def test_training_a_net_lowers_its_loss(synthetic_faces: FaceData, name: str) -> None:
    run = TRAINERS[name](synthetic_faces)
    losses = [run.step(1.0)["loss"] for _ in range(30)]
    assert np.mean(losses[-5:]) < 0.9 * np.mean(losses[:3])


def test_the_attribute_net_never_draws_a_face_that_it_is_measured_on(
    synthetic_faces: FaceData,
) -> None:
    kept = np.array([1, 5, 7])
    data = replace(synthetic_faces, hand_held_out=kept)
    run = AttributeTrainer(data, AttributeSettings(batch=32))
    drawn = torch.cat([run.draw()[0] for _ in range(20)]).tolist()
    assert not set(drawn) & {*kept.tolist(), *synthetic_faces.held_out.tolist()}


def test_a_timed_run_leaves_a_checkpoint_and_can_be_stopped(
    synthetic_faces: FaceData, tmp_path: Path
) -> None:
    run = TRAINERS["landmarks"](synthetic_faces)
    train_for(run, 0.01, tmp_path / "landmarks.pt", cosine, report=lambda line: None)
    assert run.steps >= 1
    assert (tmp_path / "landmarks.pt").is_file()

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_for(run, 1, tmp_path / "x.pt", cosine, report=lambda line: None, check=stop)
    assert not (tmp_path / "x.pt").exists()


def test_rates_start_full_and_end_low() -> None:
    assert cosine(0.0) == pytest.approx(1.0)
    assert late_fall(0.5) == 1.0
    assert cosine(1.0) < 0.02
    assert late_fall(1.0) < 0.05

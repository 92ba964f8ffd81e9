"""The tiny training run: losses fall, a resumed run ends at the same weights, saves are atomic."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from app.engine.stylegan2 import Architecture, Generator
from app.engine.training.facedata import FaceData
from app.engine.training.generator import GeneratorSettings, Trainer

TINY = Architecture(256, 256, 128, channel_base=256, channel_max=16, mapping_layers=2)


def trainer(data: FaceData, **settings: float) -> Trainer:
    torch.manual_seed(0)
    return Trainer(Generator(TINY), data, GeneratorSettings(batch=4, lr=5e-3, **settings))


def test_training_lowers_the_loss(synthetic_faces: FaceData) -> None:
    run = trainer(synthetic_faces)
    first = [run.step(1.0)["pixel"] for _ in range(5)]
    for _ in range(25):
        last = run.step(1.0)["pixel"]
    assert last < 0.8 * sum(first) / len(first)


@pytest.mark.parametrize("adversary", [0.0, 0.3])
def test_a_resumed_run_ends_at_the_same_weights(
    synthetic_faces: FaceData, tmp_path: Path, adversary: float
) -> None:
    straight = trainer(synthetic_faces, adversary=adversary)
    for _ in range(3):
        straight.step(1.0)
    straight.save(tmp_path / "half.pt")
    for _ in range(3):
        straight.step(1.0)
    resumed = trainer(synthetic_faces, adversary=adversary)
    resumed.load(tmp_path / "half.pt")
    for _ in range(3):
        resumed.step(1.0)
    wanted, found = straight.ema.state_dict(), resumed.ema.state_dict()
    assert all(torch.equal(wanted[k], found[k]) for k in wanted)


def test_a_checkpoint_says_its_settings_and_leaves_no_part_behind(
    synthetic_faces: FaceData, tmp_path: Path
) -> None:
    run = trainer(synthetic_faces)
    run.step(1.0)
    run.save(tmp_path / "run" / "generator.pt")
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == [
        "generator.json",
        "generator.pt",
    ]
    assert '"steps": 1' in (tmp_path / "run" / "generator.json").read_text()

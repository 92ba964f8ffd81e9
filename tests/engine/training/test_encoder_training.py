"""The encoder starts at the attribute net's guess, learns from there, and goes on exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from app.engine.attribute_net import AttributeNet, AttributeTrunk, NetShape
from app.engine.encoder_net import EncoderNet
from app.engine.stylegan2 import Architecture, Generator
from app.engine.training.descent import fit_descent
from app.engine.training.encoder import EncoderSettings, EncoderTrainer
from app.engine.training.facedata import FaceData
from app.models.errors import ModelError

ARCH = Architecture(256, 256, 128, channel_base=256, channel_max=16, mapping_layers=2)
SHAPE = NetShape(
    (("sex", ("male", "female")),), (("age", 40.0, 15.0),), shape=4, width=8, deep_stem=True
)


def trainer(data: FaceData) -> EncoderTrainer:
    torch.manual_seed(0)
    generator = Generator(ARCH).eval().requires_grad_(False)
    net = AttributeNet(SHAPE, AttributeTrunk(SHAPE))
    return EncoderTrainer(generator, net, data, EncoderSettings(batch=4, lr=1e-3))


def test_an_untrained_encoder_says_what_the_attribute_net_says(synthetic_faces: FaceData) -> None:
    run = trainer(synthetic_faces)
    x = run.pixels[:2].permute(0, 2, 3, 1).numpy()
    wanted = run.net.read(x).code * synthetic_faces.scale
    encoder = EncoderNet(run.trunk, synthetic_faces.scale, np.zeros(256, np.float32))
    found = encoder.guess(x)
    assert found.shape == (2, ARCH.num_ws, 256)
    assert np.allclose(found, wanted[:, None], atol=1e-5)


def test_training_the_encoder_brings_pictures_nearer(synthetic_faces: FaceData) -> None:
    run = trainer(synthetic_faces)
    before = run.held_out()
    for _ in range(15):
        run.step(1.0)
    assert run.held_out() < before


def test_a_resumed_encoder_ends_at_the_same_weights(
    synthetic_faces: FaceData, tmp_path: Path
) -> None:
    straight = trainer(synthetic_faces)
    straight.step(1.0)
    straight.save(tmp_path / "half.pt")
    straight.step(1.0)
    resumed = trainer(synthetic_faces)
    resumed.load(tmp_path / "half.pt")
    resumed.step(1.0)
    wanted, found = straight.trunk.state_dict(), resumed.trunk.state_dict()
    assert all(torch.equal(wanted[k], found[k]) for k in wanted)


def test_a_saved_encoder_reads_alike_and_a_broken_one_is_refused(
    synthetic_faces: FaceData, tmp_path: Path
) -> None:
    run = trainer(synthetic_faces)
    run.publish(tmp_path / "encoder.safetensors")
    x = run.pixels[:1].permute(0, 2, 3, 1).numpy()
    found = EncoderNet.load(tmp_path / "encoder.safetensors").guess(x)
    wanted = EncoderNet(run.trunk, synthetic_faces.scale, np.zeros(256, np.float32)).guess(x)
    assert np.allclose(found, wanted, atol=0.05)  # half precision
    (tmp_path / "encoder.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError):
        EncoderNet.load(tmp_path / "encoder.safetensors")


def test_learned_steps_are_fitted_and_found_beside_the_encoder(
    synthetic_faces: FaceData, tmp_path: Path
) -> None:
    run = trainer(synthetic_faces)
    run.publish(tmp_path / "encoder.safetensors")
    figures = fit_descent(
        run.g, run.trunk, synthetic_faces, 40, 0, lambda line: None,
        tmp_path / "descent.safetensors", sides=(8, 8),
    )  # fmt: skip
    assert figures["descent_psnr_after"] >= figures["descent_psnr_before"]
    encoder = EncoderNet.load(tmp_path / "encoder.safetensors")
    assert encoder.descent is not None
    assert len(encoder.descent.stages) == 2
    x = run.pixels[:2].permute(0, 2, 3, 1).numpy()
    found = encoder.look(x, lambda w: run.g.synthesis(w, "none"))
    assert found.shape == (2, ARCH.num_ws, 256)

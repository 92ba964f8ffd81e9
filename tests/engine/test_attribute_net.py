"""The attribute net: what it reads adds up, and its file is checked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from app.engine.attribute_net import AttributeNet, AttributeTrunk, NetShape
from app.engine.photo import CELEBA, celeba, measured
from app.engine.training.targets import HAND, ORIGINS
from app.models.attributes import vocabulary
from app.models.errors import ModelError

SCALARS = (
    "age", "face_width", "jaw_width", "chin_width", "forehead", "eye_size", "eye_spacing",
    "nose_width", "nose_length", "mouth_width", "brow_arch", "mouth_open", "eye_narrow",
)  # fmt: skip
SHAPE = NetShape(
    (("sex", ("male", "female")), ("ethnicity", ORIGINS), *((a, v) for a, (v, _) in HAND.items())),
    tuple((n, 40.0 if n == "age" else 0.5, 15.0 if n == "age" else 0.1) for n in SCALARS),
    code=8, shape=4, width=8, temperature=(("sex", 2.0),),
)  # fmt: skip


@pytest.fixture
def net() -> AttributeNet:
    torch.manual_seed(0)
    return AttributeNet(SHAPE, AttributeTrunk(SHAPE))


def faces(n: int, size: int = 128) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, size, size, 3), dtype=np.uint8)


def test_probabilities_add_up_to_one_and_scalars_have_their_units(net: AttributeNet) -> None:
    read = net.read(faces(3))
    assert all(np.allclose(p.sum(1), 1, atol=1e-5) for p in read.probabilities.values())
    assert set(read.scalars) == set(SCALARS)
    assert read.code.shape == (3, 8)
    assert read.shape.shape == (3, 4)


def test_batches_and_single_faces_read_the_same(net: AttributeNet) -> None:
    together = net.read(faces(5), batch=2).scalars["age"]
    alone = np.concatenate([net.read(f[None]).scalars["age"] for f in faces(5)])
    assert np.allclose(together, alone, atol=1e-3)


def test_a_saved_net_reads_nearly_the_same(net: AttributeNet, tmp_path: Path) -> None:
    net.save(tmp_path / "attributes.safetensors")
    again = AttributeNet.load(tmp_path / "attributes.safetensors")
    assert again.shape == net.shape
    a, b = net.read(faces(2)), again.read(faces(2))
    assert np.allclose(a.probabilities["sex"], b.probabilities["sex"], atol=5e-3)


@pytest.mark.parametrize("damage", [b"", b"\x00" * 40, b"PK\x03\x04 not a model"])
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "attributes.safetensors"
    path.write_bytes(damage)
    with pytest.raises(ModelError) as refused:
        AttributeNet.load(path)
    assert refused.value.facts["file"] == str(path)


def test_what_is_read_is_in_the_vocabulary(net: AttributeNet) -> None:
    for found in measured(net, net.read(faces(1))):
        assert 0 <= found.probability <= 1
        if found.attribute != "age":
            vocabulary().validate(found.attribute, found.value)


def test_every_celeba_name_is_answered_or_declared_not_answerable(net: AttributeNet) -> None:
    answers = celeba(net, net.read(faces(1)))
    assert len(CELEBA) == 40
    assert set(answers) == set(CELEBA)
    assert answers["Attractive"] is None
    assert all(p is None or 0 <= p <= 1 for p in answers.values())
    assert sum(p is not None for p in answers.values()) >= 20

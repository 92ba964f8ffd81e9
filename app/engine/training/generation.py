"""Measures the generator: distances of distributions, broken faces, memorisation, sample grids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from app.engine.attribute_net import AttributeNet
from app.engine.landmark_net import LandmarkNet, find_aligned
from app.engine.training.adversary import PatchDiscriminator
from app.engine.training.facedata import FaceData
from app.engine.training.quality import (
    Embedder,
    frechet,
    kernel_distance,
    memorisation,
    precision_recall,
)
from app.engine.training.run import read_state

Pixels = npt.NDArray[np.uint8]
UNLIKELY = 5.0  # per cent of real held-out faces that score lower than a "broken" face
SURE_FACE = 0.5


def compare_with_real(
    made: Pixels, data: FaceData, net: AttributeNet, checkpoint: Path, landmarks: LandmarkNet | None
) -> dict[str, Any]:
    """Figures of generated faces uint8 [n, 128, 128, 3] against held-out and training faces.

    ``real_*`` gives the same figure for real training faces in place of generated ones: what a
    perfect generator would reach with this many pictures.
    """
    rng = np.random.default_rng(0)
    train = real_faces(data, rng.choice(data.train, min(4000, len(data.train)), replace=False))
    held_out = real_faces(data, data.held_out)
    embed = Embedder.fit(net, train, dims=min(64, len(held_out) // 4))
    t, h, m = embed(train), embed(held_out), embed(made)
    twin = t[rng.choice(len(t), min(len(m), len(t)), replace=False)]
    precision, recall = precision_recall(h, m)
    figures: dict[str, Any] = {
        "generated_faces": len(made),
        "frechet_distance": frechet(h, m),
        "real_frechet_distance": frechet(h, twin),
        "kernel_distance": kernel_distance(h, m),
        "real_kernel_distance": kernel_distance(h, twin),
        "precision": precision,
        "recall": recall,
        **memorisation(m, h, t),
    }
    figures |= broken_share(made, held_out, checkpoint)
    if landmarks is not None:
        lost = _scores(landmarks, made) < SURE_FACE
        figures["share_without_a_findable_face"] = float(lost.mean())
    return figures


def real_faces(data: FaceData, index: npt.NDArray[np.int64]) -> Pixels:
    """Faces by index as uint8 [n, 128, 128, 3]."""
    return np.ascontiguousarray(data.pixels[index].transpose(0, 2, 3, 1))


def broken_share(made: Pixels, held_out: Pixels, checkpoint: Path) -> dict[str, float]:
    """Share of generated faces that the discriminator finds less real than 95 % of held-out ones.

    Empty without a discriminator in ``checkpoint``. The discriminator was trained against this very
    generator, so the figure is a strict one.
    """
    state = read_state(checkpoint).get("D") if checkpoint.is_file() else None
    if not state:
        return {}
    judge = PatchDiscriminator(state["fine.layers.0.bias"].shape[0])
    judge.load_state_dict(state)
    real, fake = _realness(judge, held_out), _realness(judge, made)
    return {"broken_share_by_discriminator": float((fake < np.percentile(real, UNLIKELY)).mean())}


def _realness(judge: PatchDiscriminator, pixels: Pixels) -> npt.NDArray[np.float32]:
    out = []
    for part in np.array_split(pixels, max(1, len(pixels) // 32)):
        x = torch.from_numpy(part).permute(0, 3, 1, 2).float() / 127.5 - 1
        with torch.inference_mode():
            out.append(torch.stack([p.mean((1, 2, 3)) for p in judge(x)]).mean(0).numpy())
    return np.concatenate(out)


def _scores(landmarks: LandmarkNet, pixels: Pixels) -> npt.NDArray[np.float32]:
    return find_aligned(landmarks, pixels)[1]


def grid(pixels: Pixels, across: int = 8) -> Pixels:
    """Pictures [n, h, w, 3] side by side, ``across`` in a row; n is a multiple of it."""
    n, h, w, _ = pixels.shape
    rows = pixels.reshape(n // across, across, h, w, 3).transpose(0, 2, 1, 3, 4)
    return np.ascontiguousarray(rows.reshape(n // across * h, across * w, 3))

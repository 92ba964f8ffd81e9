"""The training kit's faces, labels, codes and mesh points, as arrays."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.models.errors import BadInput

SPLIT_SEED = 1
HELD_OUT = 300
HAND_HELD_OUT = 150


@dataclass(frozen=True, eq=False)
class FaceData:
    """``pixels`` uint8 RGB [n, 3, 128, 128]; ``age`` years [n]; ``sex`` 0 male / 1 female [n];
    ``origin`` 0 White 1 Black 2 Asian 3 Indian 4 other [n]; ``codes`` float32 [n, 256] of unit
    variance with ``scale`` [256] (w = code * scale); ``points`` float32 mesh points [n, 468, 2] in
    pixels or None; ``hand`` hand labels by index; ``train`` / ``held_out`` disjoint indices.
    ``hand_held_out``: hand-labelled faces of ``train`` that the attribute net is not trained on,
    since too few of ``held_out`` carry hand labels to measure it by.
    """

    pixels: npt.NDArray[np.uint8]
    age: npt.NDArray[np.float32]
    sex: npt.NDArray[np.int64]
    origin: npt.NDArray[np.int64]
    codes: npt.NDArray[np.float32]
    scale: npt.NDArray[np.float32]
    points: npt.NDArray[np.float32] | None
    hand: dict[int, dict[str, Any]]
    train: npt.NDArray[np.int64]
    held_out: npt.NDArray[np.int64]
    hashes: dict[str, str]
    hand_held_out: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    def attribute_train(self) -> npt.NDArray[np.int64]:
        """Indices that the attribute net may be trained on."""
        return np.setdiff1d(self.train, self.hand_held_out)

    def attribute_held_out(self) -> npt.NDArray[np.int64]:
        """Indices that the attribute net has never seen."""
        return np.concatenate([self.held_out, self.hand_held_out])


def load_face_data(folder: Path) -> FaceData:
    """Read a kit folder (faces.npz, codes.npz, labels.json, optional points.npz).

    Raises BadInput naming the missing file. Watermarked faces are in neither split's training part.
    """
    for name in ("faces.npz", "codes.npz", "labels.json"):
        if not (folder / name).is_file():
            raise BadInput("training.missing_file", file=str(folder / name))
    faces = np.load(folder / "faces.npz")
    codes = np.load(folder / "codes.npz")
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    lab = faces["lab"]
    train, held_out = _split(len(lab), set(labels["watermarked"]))
    hand = {int(k): v for k, v in labels["labels"].items()}
    points_file = folder / "points.npz"
    return FaceData(
        pixels=_decode(faces["data"], faces["off"]),
        age=lab[:, 0].astype(np.float32),
        sex=lab[:, 1].astype(np.int64),
        origin=lab[:, 2].astype(np.int64),
        codes=np.clip(codes["z"].astype(np.float32), -4, 4),
        scale=codes["scale"].astype(np.float32),
        points=np.load(points_file)["pts"].astype(np.float32) if points_file.is_file() else None,
        hand=hand,
        train=train,
        held_out=held_out,
        hashes={p.name: _sha256(p) for p in sorted(folder.glob("*.npz"))},
        hand_held_out=_hand_split(hand, train),
    )


def _decode(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    import cv2

    faces = []
    for i in range(len(offsets) - 1):
        face = cv2.imdecode(data[offsets[i] : offsets[i + 1]], cv2.IMREAD_COLOR)
        if face is None:
            raise BadInput("training.bad_face", index=i)
        faces.append(face[:, :, ::-1])
    return np.ascontiguousarray(np.stack(faces).transpose(0, 3, 1, 2))  # [n, 3, h, w]


def _split(
    count: int, watermarked: set[int]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    # the same split as the kit's own generator training, so nothing held out was ever trained on
    import torch

    order = torch.randperm(count, generator=torch.Generator().manual_seed(SPLIT_SEED)).numpy()
    held = min(HELD_OUT, max(1, count // 10))  # a tenth of a small kit
    train = np.array([i for i in order[:-held] if int(i) not in watermarked])
    return train.astype(np.int64), order[-held:].astype(np.int64)


def _hand_split(
    hand: dict[int, dict[str, Any]], train: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    labelled = np.intersect1d(train, np.array(sorted(hand), np.int64))
    count = min(HAND_HELD_OUT, len(labelled) // 5)
    chosen = np.random.default_rng(SPLIT_SEED).permutation(labelled)[:count]
    return np.sort(chosen).astype(np.int64)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

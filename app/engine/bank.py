"""A bank of a model's own faces with what the attribute net reads from each: where words begin.

``bank.safetensors`` in a model folder holds the readings of the faces of seeds 0 ... n - 1. Words
then begin at faces that already are what was said, and little has to be moved.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.painter import Painter
from app.models.errors import ModelError

FILE = "bank.safetensors"
SIZE = 3000
BATCH = 30


@dataclass(frozen=True, eq=False)
class Bank:
    """``w`` [n, w_dim] of the faces (seeds 0 ... n - 1) and their readings, the net's ``Read``."""

    w: npt.NDArray[np.float32]
    read: Any


def build_bank(
    painter: Painter, net: Any, path: Path, size: int = SIZE,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> None:  # fmt: skip
    """Draw and read ``size`` faces and write them; a few minutes on a laptop."""
    from safetensors.numpy import save_file

    parts: dict[str, list[npt.NDArray[Any]]] = {}
    for start in range(0, size, BATCH):
        seeds = range(start, min(start + BATCH, size))
        faces = [painter.pixels_of(painter.wide(painter.sample(s))) for s in seeds]
        read = net.read(np.stack(faces))
        for name, p in read.probabilities.items():
            parts.setdefault(f"probability.{name}", []).append(p)
        for name, v in read.scalars.items():
            parts.setdefault(f"scalar.{name}", []).append(v)
        report(seeds[-1] + 1, size)
    tensors = {n: np.ascontiguousarray(np.concatenate(v), np.float32) for n, v in parts.items()}
    facts = {"model": painter.sha256, "size": size, "psi": painter.model.card.psi}
    save_file(tensors, str(path), metadata={"bank": json.dumps(facts)})


def read_bank(painter: Painter) -> Bank | None:
    """The model's bank; None where the folder has none, or one of other weights."""
    from safetensors import safe_open

    from app.engine.attribute_net import Read

    path = painter.model.file(FILE)
    if path is None:
        return None
    try:
        with safe_open(str(path), "np") as file:
            facts = json.loads((file.metadata() or {})["bank"])
            tensors = {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118
        size = int(facts["size"])
        if any(len(t) != size or not np.isfinite(t).all() for t in tensors.values()):
            raise ValueError("a reading is missing")
    except Exception as error:
        raise ModelError("model.unreadable", file=str(path), why=str(error)) from error
    if facts["model"] != painter.sha256:
        return None
    z = np.stack([_z(painter, seed) for seed in range(size)])
    named = {k.partition(".")[::2]: v for k, v in tensors.items()}
    read = Read(
        {n: v for (kind, n), v in named.items() if kind == "probability"},
        {n: v for (kind, n), v in named.items() if kind == "scalar"},
        np.zeros((size, 0), np.float32),
        np.zeros((size, 0), np.float32),
    )
    return Bank(painter.w_of(z, psi=float(facts["psi"])), read)


def _z(painter: Painter, seed: int) -> npt.NDArray[np.float64]:
    """The z that ``Painter.sample`` draws for a seed."""
    size = painter.model.card.architecture.z_dim
    return np.random.default_rng(seed).standard_normal(size)

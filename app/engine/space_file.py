"""The searched space kept with a model, so that words can begin in it at once.

``space.safetensors`` in a model folder holds ``mean`` [w_dim], ``basis`` [k, w_dim], ``inverse``
[w_dim, k] and ``sight`` [k], float32 (space.py). Measuring takes seconds on the bundled model and
minutes on a large one; a file also means the same arrays on every machine.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from app.engine.painter import Painter
from app.engine.space import LatentSpace
from app.engine.tensorfile import parse_tensors, read_bytes, read_header
from app.models.errors import ModelError

FILE = "space.safetensors"
PARTS = ("mean", "basis", "inverse", "sight")


def write_space(painter: Painter, space: LatentSpace, path: Path) -> None:
    """Write ``space`` as the one of the painter's weights."""
    from safetensors.numpy import save_file

    tensors = {n: np.ascontiguousarray(getattr(space, n), np.float32) for n in PARTS}
    save_file(tensors, str(path), metadata={"space": json.dumps({"model": painter.sha256})})


def read_space(painter: Painter) -> LatentSpace | None:
    """The model's space; None where the folder has none, or one of other weights.

    ModelError ``model.unreadable`` names a file that is none.
    """
    path = painter.model.file(FILE)
    if path is None:
        return None
    try:
        data = read_bytes(path)
        header, _ = read_header(data, path)
        if json.loads(header["__metadata__"]["space"])["model"] != painter.sha256:
            return None
        (k,) = header["sight"]["shape"]
        found = parse_tensors(data, path, _shapes(k, painter.model.card.architecture.w_dim), {})
        if not (found["sight"] > 0).all():
            raise ValueError("sight is not positive")
    except Exception as error:
        raise ModelError("model.unreadable", file=str(path), why=str(error)) from error
    return LatentSpace(**{n: t.astype(np.float64) for n, t in found.items()})


def _shapes(k: int, w_dim: int) -> dict[str, tuple[int, ...]]:
    if not 0 < k <= w_dim:
        raise ValueError(f"{k} coordinates of {w_dim} numbers")
    return {"mean": (w_dim,), "basis": (k, w_dim), "inverse": (w_dim, k), "sight": (k,)}

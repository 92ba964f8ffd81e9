"""A generator's clear form, made around its mapped file when asked, kept while somebody holds it.

Single precision is looked at where the file is mapped: no memory of the process's own. Half
precision is widened, which takes memory only while the form is held.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from app.engine.mapped import MappedFile, verified
from app.engine.stylegan2 import Architecture, Generator
from app.engine.tensorfile import parse_tensors
from app.engine.unfilled import filled, unfilled
from app.models.errors import ModelError

FILTER = np.outer([1, 3, 3, 1], [1, 3, 3, 1]).astype(np.float32) / 64


class GeneratorFile:
    """``model.safetensors`` of a model. ModelError where hash, header, shapes or values are wrong,
    now or, when the file was written in the meantime, at a later ``generator()``."""

    def __init__(self, arch: Architecture, path: Path, sha256: str) -> None:
        self.arch, self.path, self.sha256 = arch, path, sha256
        self._file = verified(path, sha256)
        self._first: Generator | None = self._build()  # until it is asked for: it was just checked
        self._made = weakref.ref(self._first)

    def generator(self) -> Generator:
        """The clear form: in evaluation mode without gradients, float32, on the CPU."""
        made, self._first = self._first or self._made(), None
        changed = not self._file.unchanged()
        if changed:
            self._file = verified(self.path, self.sha256)
        if made is None or changed:
            made = self._build()
            self._made = weakref.ref(made)
        return made

    def forget(self) -> None:
        """Give the file's pages back until they are looked at again."""
        self._file.forget()

    def _build(self) -> Generator:
        return build_generator(self.arch, self._file, self.path)


@dataclass(frozen=True, eq=False)
class HeldGenerator:
    """A clear form that is in memory only: one that was tuned."""

    held: Generator

    def generator(self) -> Generator:
        """The same one at every call."""
        return self.held

    def forget(self) -> None:
        """There is nothing to read it from again."""


def build_generator(arch: Architecture, file: MappedFile, path: Path) -> Generator:
    """A generator of ``arch`` around the tensors of a safetensors file."""
    required = shapes(arch)
    optional = {
        f"synthesis.b{r}.{layer}resample_filter": (4, 4)
        for r in arch.resolutions for layer in ("", "conv0.", "conv1.", "torgb.")
    }  # fmt: skip
    tensors = parse_tensors(file.data, path, required, optional)
    for name in set(tensors) & set(optional):
        if np.abs(tensors.pop(name) - FILTER).max() > 1e-4:
            raise ModelError("model.unknown_filter", file=str(path), tensor=name)
    state = {n: torch.from_numpy(t) for n, t in tensors.items()}
    return filled(lambda: Generator(arch), state).eval().requires_grad_(False)


def shapes(arch: Architecture) -> dict[str, tuple[int, ...]]:
    """Shape of every tensor of a generator, by its public name."""
    state = unfilled(lambda: Generator(arch)).state_dict()
    return {name: tuple(tensor.shape) for name, tensor in state.items()}

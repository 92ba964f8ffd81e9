"""A public checkpoint to a model folder: read, shape found, checked, written as safetensors."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from app.engine.generator_file import shapes
from app.engine.importing.opcodes import Refused, refuse
from app.engine.importing.rosinality import read_checkpoint
from app.engine.importing.stylegan2_ada import read_network
from app.engine.stylegan2 import Architecture, Generator
from app.engine.weights import Card, architecture_from, write_model
from app.models.errors import BadInput, ModelError

Array = npt.NDArray[np.float32]
MEAN_SAMPLES = 10_000


def import_model(source: Path, folder: Path, *, licence: str = "", psi: float = 0.7) -> Card:
    """Convert a StyleGAN2-ADA network pickle or a rosinality .pt; ModelError says why not."""
    if not source.is_file():
        raise BadInput("file.missing", file=str(source))
    try:
        tensors, clamp = _read(source)
        arch = infer_architecture(tensors, clamp)
        state = _checked_state(arch, tensors)
    except (Refused, RecursionError, MemoryError) as error:
        raise refuse(source, Refused(str(error) or type(error).__name__)) from error
    card: dict[str, Any] = {
        "name": folder.name,
        "description": f"Imported from {source.name}.",
        "licence": licence or "Unknown: as the source of the file says.",
        "data": "Unknown: as the source of the file says.",
        "bias": "Not measured.",
        "limits": [
            "No latent directions: words and sliders do nothing until directions are fitted."
        ],
        "sampling": {"psi": psi, "noise": "const"},
        "source": {"file": source.name, "sha256": _hash(source)},
    }
    return write_model(folder, arch, state, card, half=False)


def _read(source: Path) -> tuple[dict[str, Array], float | None]:
    with source.open("rb") as file:
        head = file.read(64)
    # a torch file is a zip, or a pickle that begins with torch's magic number
    if zipfile.is_zipfile(source) or b"\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19" in head:
        return read_checkpoint(source)
    return read_network(source)


def infer_architecture(tensors: dict[str, Array], clamp: float | None) -> Architecture:
    """The shape of a generator from its tensors; Refused when none fits."""
    try:
        resolutions = sorted(
            int(n.split(".")[1][1:]) for n in tensors if n.endswith(".torgb.weight")
        )
        widths = {r: tensors[f"synthesis.b{r}.torgb.weight"].shape[1] for r in resolutions}
        layers = sum(n.startswith("mapping.fc") and n.endswith(".weight") for n in tensors)
        most = max(widths.values())
        narrow = [r for r in resolutions if widths[r] < most]
        base = widths[narrow[-1]] * narrow[-1] if narrow else most * resolutions[-1]
        arch = architecture_from({
            "z_dim": tensors["mapping.fc0.weight"].shape[1],
            "w_dim": tensors["mapping.fc0.weight"].shape[0],
            "resolution": resolutions[-1], "channel_base": base, "channel_max": most,
            "mapping_layers": layers, "conv_clamp": clamp or 0.0,
        })  # fmt: skip
    except (KeyError, IndexError, ValueError) as error:
        raise Refused(f"not a StyleGAN2 generator: {error}") from error
    if any(arch.channels(r) != widths[r] for r in resolutions):
        raise Refused("its widths follow no channel base and maximum")
    return arch


def _checked_state(arch: Architecture, tensors: dict[str, Array]) -> dict[str, torch.Tensor]:
    wanted = shapes(arch)
    found = {n: t for n, t in tensors.items() if not n.endswith("resample_filter")}
    if "mapping.w_avg" not in found:
        found["mapping.w_avg"] = _mean_w(arch, found)
    for name, shape in wanted.items():
        if name not in found:
            raise Refused(f"tensor {name} is missing")
        if found[name].shape != shape:
            raise Refused(f"tensor {name} has shape {found[name].shape}, not {shape}")
        if not np.isfinite(found[name]).all():
            raise Refused(f"tensor {name} holds a value that is not finite")
    extra = sorted(set(found) - set(wanted))
    if extra:
        raise Refused(f"tensor {extra[0][:80]} is not part of a StyleGAN2 generator")
    return {n: torch.from_numpy(np.array(found[n], np.float32)) for n in wanted}


def _mean_w(arch: Architecture, tensors: dict[str, Array]) -> Array:
    """The mean w over a fixed sample, for files that do not carry it."""
    generator = Generator(arch)
    state = {n: torch.from_numpy(t) for n, t in tensors.items() if n.startswith("mapping.")}
    generator.load_state_dict(state, strict=False)
    z = torch.randn(MEAN_SAMPLES, arch.z_dim, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        mean: Array = generator.mapping(z).mean(0).numpy()
    return mean


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


__all__ = ["ModelError", "import_model", "infer_architecture"]

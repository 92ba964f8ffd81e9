"""Model folders: found, read, checked against their card, and written.

A folder holds ``model.safetensors`` and ``model.toml`` (kind, name, architecture, SHA-256 of the
weights and of every further file, licence, data, figures, known bias, limits). Nothing in it can
run: tensors are read by name, shape and type from a list, everything else is refused.
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

from app.engine.directions import Directions, read_directions
from app.engine.generator_file import GeneratorFile
from app.engine.mapped import verified
from app.engine.stylegan2 import Architecture, Generator
from app.engine.tensorfile import inside
from app.models.errors import BadInput, ModelError
from app.models.places import data_folder
from app.models.resources import resources_folder

CARD, WEIGHTS = "model.toml", "model.safetensors"
FORMAT = 1
CARD_LIMIT = 1 << 20
DEFAULT = "default"
HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, eq=False)
class Card:
    """``model.toml``: the checked parts as fields, the whole table in ``data``."""

    name: str
    kind: str
    sha256: str
    architecture: Architecture
    files: Mapping[str, str]
    psi: float
    data: Mapping[str, Any]

    def shown(self) -> tuple[tuple[str, str], ...]:
        """The card as (dotted key, text) pairs for display."""
        return tuple(_flat(self.data))


class GeneratorSource(Protocol):
    """What gives a model's clear form when it is asked."""

    def generator(self) -> Generator:
        """In evaluation mode without gradients, float32, on the CPU."""

    def forget(self) -> None:
        """Give back memory that can be read from a file again."""


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A checked model."""

    folder: Path
    card: Card
    weights: GeneratorSource
    directions: Directions

    @property
    def generator(self) -> Generator:
        """The clear form: in evaluation mode without gradients, float32, on the CPU.

        Hold it while it is worked with: it is made anew (milliseconds) once nobody does. ModelError
        where its file is no longer what was verified.
        """
        return self.weights.generator()

    @property
    def sha256(self) -> str:
        """Hash of the weights file: the model's identity in recipes."""
        return self.card.sha256

    def file(self, name: str) -> Path | None:
        """A further file of the folder that the card lists, or None."""
        return self.folder / name if name in self.card.files else None


# ------------------------------------------------------------------ finding


def user_models_folder() -> Path:
    """Where ``models import`` and ``models fetch`` put models."""
    return data_folder() / "models"


def model_folders() -> list[Path]:
    """Every folder with a card: bundled first, then the user's, by name."""
    roots = [resources_folder() / "models", user_models_folder()]
    return [p.parent for root in roots if root.is_dir() for p in sorted(root.glob(f"*/{CARD}"))]


def find_model(name: str | None = None) -> Path:
    """The folder for a path or a name (None: the bundled default); ModelError ``model.missing``."""
    if name is None:
        name = DEFAULT
    elif Path(name).is_dir() and (Path(name) / CARD).exists():
        return Path(name)
    for folder in model_folders():
        if folder.name == name:
            return folder
    known = ", ".join(f.name for f in model_folders()) or "none"
    raise ModelError("model.missing", file=name, known=known)


# ------------------------------------------------------------------ reading


def read_card(folder: Path) -> Card:
    """Read and check ``model.toml``; ModelError says what is wrong with it."""
    path = folder / CARD
    inside(path)
    try:
        if path.stat().st_size > CARD_LIMIT:
            raise ModelError("model.card_unreadable", file=str(path), why="larger than 1 MB")
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError("model.missing", file=str(folder), known="") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError("model.card_unreadable", file=str(path), why=str(error)) from error
    try:
        return _card(data)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        why = f"{type(error).__name__}: {error}"
        raise ModelError("model.card_unreadable", file=str(path), why=why) from error


def _card(data: Mapping[str, Any]) -> Card:
    if data["format"] != FORMAT:
        raise ValueError(f"format {data['format']} is not known here")
    if data["kind"] != "stylegan2":
        raise ValueError(f"kind {data['kind']!r} is not known here")
    sha256, files = data["sha256"], dict(data.get("files", {}))
    for name, digest in {WEIGHTS: sha256, **files}.items():
        if not HEX.fullmatch(digest) or Path(name).name != name or name in ("", ".", ".."):
            raise ValueError(f"{name!r} or its hash is not allowed")
    psi = float(dict(data.get("sampling", {})).get("psi", 1.0))
    if not 0 < psi <= 2:
        raise ValueError("sampling.psi is out of range")
    return Card(
        str(data["name"]), "stylegan2", sha256, architecture_from(data["architecture"]), files,
        psi, data,
    )  # fmt: skip


def architecture_from(table: Mapping[str, Any]) -> Architecture:
    """Read and bound an architecture table; ValueError outside what a laptop can hold."""
    numbers = {
        k: int(table[k])
        for k in ("z_dim", "w_dim", "resolution", "channel_base", "channel_max", "mapping_layers")
    }
    clamp = float(table.get("conv_clamp", 0.0))
    arch = Architecture(**numbers, conv_clamp=clamp if clamp > 0 else None)
    if arch.resolution not in (32, 64, 128, 256, 512, 1024):
        raise ValueError(f"resolution {arch.resolution} is not one of 32 ... 1024")
    bounds = {
        "z_dim": 2048,
        "w_dim": 2048,
        "channel_base": 131072,
        "channel_max": 2048,
        "mapping_layers": 32,
    }
    for key, most in bounds.items():
        if not 1 <= numbers[key] <= most:
            raise ValueError(f"{key} {numbers[key]} is not in 1 ... {most}")
    if arch.channels(arch.resolution) < 1:
        raise ValueError(f"channel_base {arch.channel_base} leaves no channel at full size")
    if int(table.get("num_ws", arch.num_ws)) != arch.num_ws:
        raise ValueError(f"num_ws {table['num_ws']} does not fit resolution {arch.resolution}")
    return arch


def load_model(folder: Path) -> LoadedModel:
    """Read, check and build a model; every file the card lists is verified first."""
    card = read_card(folder)
    weights = GeneratorFile(card.architecture, folder / WEIGHTS, card.sha256)
    for name, digest in card.files.items():
        verified(folder / name, digest)
    arch = card.architecture
    directions = Directions()
    if "directions.toml" in card.files:
        directions = read_directions(folder, arch.w_dim, arch.num_ws)
    return LoadedModel(folder, card, weights, directions)


def verify_model(folder: Path) -> Card:
    """Check every file of a folder as loading does; returns the card."""
    return load_model(folder).card


# ------------------------------------------------------------------ writing


def write_model(
    folder: Path,
    arch: Architecture,
    state: Mapping[str, torch.Tensor],
    card: Mapping[str, Any],
    *,
    half: bool = True,
) -> Card:
    """Write weights (half precision unless ``half`` is off) and card; returns the card read back.

    ``card``: name, licence, data, figures, bias, limits, sampling, ... as plain TOML values. Other
    files that already lie in the folder (directions, attribute net, grids) are listed with their
    hashes. Written beside and renamed, so that a crash leaves no half model.
    """
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    dtype = torch.float16 if half else torch.float32
    tensors = {
        n: t.detach().to("cpu", dtype).contiguous()
        for n, t in state.items() if not n.endswith("resample_filter")
    }  # fmt: skip
    for name, tensor in tensors.items():
        if not bool(torch.isfinite(tensor).all()):
            raise ModelError("model.not_finite", file=str(folder / WEIGHTS), tensor=name)
    part = folder / f"{WEIGHTS}.part"
    save_file(tensors, str(part))
    part.replace(folder / WEIGHTS)
    return write_card(folder, arch, card)


def write_card(folder: Path, arch: Architecture, card: Mapping[str, Any]) -> Card:
    """Write ``model.toml`` for the files that lie in ``folder``, with their hashes."""
    import tomli_w

    table = asdict(arch) | {"num_ws": arch.num_ws, "conv_clamp": arch.conv_clamp or 0.0}
    names = sorted(
        p.name for p in folder.iterdir()
        if p.is_file() and p.name not in (CARD, WEIGHTS) and not p.name.endswith(".part")
    )  # fmt: skip
    data: dict[str, Any] = {
        "format": FORMAT, "kind": "stylegan2", "name": folder.name, **card,
        "sha256": _file_hash(folder / WEIGHTS), "architecture": table,
        "files": {n: _file_hash(folder / n) for n in names},
    }  # fmt: skip
    tables = {k: v for k, v in data.items() if isinstance(v, dict)}
    plain = {k: v for k, v in data.items() if k not in tables}
    part = folder / f"{CARD}.part"
    part.write_text(tomli_w.dumps({**plain, **tables}, multiline_strings=True), encoding="utf-8")
    part.replace(folder / CARD)
    os.chmod(folder / CARD, 0o644)
    return read_card(folder)


def rewrite_card(folder: Path) -> Card:
    """Write the card again after further files were added or changed; facts stay."""
    card = read_card(folder)
    own = {"format", "kind", "sha256", "architecture", "files"}
    return write_card(
        folder, card.architecture, {k: v for k, v in card.data.items() if k not in own}
    )


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flat(data: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []
    for key, value in data.items():
        if isinstance(value, Mapping):
            out += _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            out += [(prefix + key, str(item)) for item in value]
        else:
            out.append((prefix + key, str(value)))
    return out


def require_same_model(model_sha256: str, recipe_model: str) -> None:
    """BadInput ``recipe.other_model`` when a recipe belongs to other weights."""
    if recipe_model != model_sha256:
        raise BadInput("recipe.other_model", expected=model_sha256, found=recipe_model)

"""A portrait is a recipe: the model it belongs to, a latent, and edits; pixels are derived."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from app.models.errors import BadInput
from app.models.overlay import MOST, Overlay
from app.models.region import MOST_REGIONS, LocalEdit

FORMAT = 1
FORMAT_LAYERED = 2  # with overlays or local edits, which an older program would lose silently
ORIGINS = ("sampled", "search", "blend", "photo", "video", "sketch", "import")


@dataclass(frozen=True)
class Recipe:
    """Everything needed to draw one face again, as a comparable, hashable value.

    ``model``: sha256 (hex) of the weights file the latent belongs to.
    ``latent``: raw little-endian float32 bytes of w ``[w_dim]`` (``layers == 0``) or of w+
    ``[layers, w_dim]``, truncation already applied. ``edits``: (direction name, amount) pairs,
    sorted by name, amounts in the unit of the direction (standard deviations unless the model
    says otherwise). ``seed`` and ``psi`` say where the latent came from; they are provenance,
    not needed to draw. ``local``: edits that hold only within a painted region, in the order they
    are drawn. ``overlays``: what lies on top, never part of the latent; the engine draws all but
    these (see ``bare``).
    """

    model: str
    latent: bytes
    layers: int = 0
    edits: tuple[tuple[str, float], ...] = ()
    seed: int | None = None
    psi: float | None = None
    origin: str = "sampled"
    local: tuple[LocalEdit, ...] = ()
    overlays: tuple[Overlay, ...] = ()

    @staticmethod
    def from_array(model: str, w: npt.NDArray[Any], **provenance: Any) -> Recipe:
        """Make a recipe from w ``[w_dim]`` or w+ ``[layers, w_dim]``, any float dtype."""
        w = np.ascontiguousarray(w, dtype="<f4")
        if w.ndim not in (1, 2) or not np.isfinite(w).all():
            raise BadInput("recipe.bad_latent", shape=tuple(w.shape))
        return Recipe(model, w.tobytes(), 0 if w.ndim == 1 else w.shape[0], **provenance)

    def array(self) -> npt.NDArray[np.float32]:
        """The latent as float32 w ``[w_dim]`` or w+ ``[layers, w_dim]`` (a fresh copy)."""
        w = np.frombuffer(self.latent, dtype="<f4").astype(np.float32)
        return w.reshape(self.layers, -1) if self.layers else w

    def edit(self, name: str) -> float:
        """The amount of one direction; 0.0 when it was never moved."""
        return dict(self.edits).get(name, 0.0)

    def with_edit(self, name: str, amount: float) -> Recipe:
        """The same portrait with one direction set to ``amount``; 0 removes the edit."""
        edits = {**dict(self.edits), name: float(amount)}
        kept = tuple(sorted((k, v) for k, v in edits.items() if v != 0.0))
        return replace(self, edits=kept)

    def without_edits(self) -> Recipe:
        """The same latent with no direction moved."""
        return replace(self, edits=(), local=())

    def bare(self) -> Recipe:
        """The face under the overlays, as the engine draws it."""
        return replace(self, overlays=())

    def with_overlays(self, overlays: tuple[Overlay, ...]) -> Recipe:
        """The same face with other overlays; BadInput ``overlay.too_many`` above the limit."""
        if len(overlays) > MOST:
            raise BadInput("overlay.too_many", most=MOST)
        return replace(self, overlays=overlays)

    def with_local(self, local: tuple[LocalEdit, ...]) -> Recipe:
        """The same face with other local edits; BadInput ``region.too_many`` above the limit."""
        if len(local) > MOST_REGIONS:
            raise BadInput("region.too_many", most=MOST_REGIONS)
        return replace(self, local=local)

    @property
    def id(self) -> str:
        """Content name: the first 16 hex digits of the SHA-256 of the canonical JSON."""
        return hashlib.sha256(canonical(self.to_json()).encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """JSON values; defaults are left out so that old readers and old files stay readable."""
        out: dict[str, Any] = {
            "format": FORMAT_LAYERED if self.local or self.overlays else FORMAT,
            "model": self.model,
            "latent": base64.b64encode(self.latent).decode("ascii"),
        }
        if self.layers:
            out["layers"] = self.layers
        if self.edits:
            out["edits"] = [[name, amount] for name, amount in self.edits]
        if self.seed is not None:
            out["seed"] = self.seed
        if self.psi is not None:
            out["psi"] = self.psi
        out["origin"] = self.origin
        if self.local:
            out["local"] = [edit.to_json() for edit in self.local]
        if self.overlays:
            out["overlays"] = [overlay.to_json() for overlay in self.overlays]
        return out

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Recipe:
        """Read what ``to_json`` wrote; raises BadInput on anything else."""
        try:
            if data["format"] not in (FORMAT, FORMAT_LAYERED):
                raise BadInput("recipe.unknown_format", found=data["format"])
            latent = base64.b64decode(data["latent"], validate=True)
            layers = int(data.get("layers", 0))
            edits = tuple(sorted((str(n), float(a)) for n, a in data.get("edits", ())))
            seed, psi = data.get("seed"), data.get("psi")
            recipe = Recipe(
                model=str(data["model"]),
                latent=latent,
                layers=layers,
                edits=edits,
                seed=None if seed is None else int(seed),
                psi=None if psi is None else float(psi),
                origin=str(data.get("origin", "import")),
                local=tuple(LocalEdit.from_json(edit) for edit in data.get("local", ())),
                overlays=tuple(Overlay.from_json(o) for o in data.get("overlays", ())),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput("recipe.unreadable", why=str(error)) from error
        return _checked(recipe)


def _checked(recipe: Recipe) -> Recipe:
    size = len(recipe.latent)
    if size == 0 or size % 4 or size > 1 << 20 or recipe.layers < 0:
        raise BadInput("recipe.bad_latent", bytes=size)
    if recipe.layers and (size // 4) % recipe.layers:
        raise BadInput("recipe.bad_latent", bytes=size, layers=recipe.layers)
    amounts = np.array([a for _, a in recipe.edits], dtype=np.float64)
    if not np.isfinite(recipe.array()).all() or not np.isfinite(amounts).all():
        raise BadInput("recipe.not_finite")
    if len(recipe.overlays) > MOST or len(recipe.local) > MOST_REGIONS:
        raise BadInput("overlay.too_many", most=MOST)
    if recipe.origin not in ORIGINS:
        raise BadInput("recipe.unknown_origin", found=recipe.origin)
    return recipe


def canonical(data: Any) -> str:
    """Canonical JSON text: sorted keys, no spaces, UTF-8, no NaN."""
    return json.dumps(
        data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )

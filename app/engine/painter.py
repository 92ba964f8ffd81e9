"""Draws the faces of one loaded model: recipe in, pixels out, singly so that bytes are stable."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from app.engine.api import ModelInfo, Pixels
from app.engine.drawing import drawing_form
from app.engine.mapped import give_back
from app.engine.packed import LayerCache, gflop
from app.engine.stylegan2 import NoiseMode, to_pixels
from app.engine.weights import LoadedModel, require_same_model
from app.models.errors import BadInput
from app.models.portrait import Recipe

Array = npt.NDArray[np.float32]
Check = Callable[[], None]
PREVIEW_BLOCKS = 4  # up to 32x32


class Painter:
    """One model ready to draw; on the CPU where ``device`` cannot even hold it. Not thread-safe: it
    lives on the torch worker."""

    def __init__(self, model: LoadedModel, device: str = "cpu") -> None:
        self.model, self.device = model, torch.device(device)
        try:
            self._prepare(model)
        except (RuntimeError, AssertionError, MemoryError):  # a device without room or CUDA
            if self.device.type == "cpu":
                raise
            self.device = torch.device("cpu")
            self._prepare(model)
        model.weights.forget()
        give_back()
        noise = str(dict(model.card.data.get("sampling", {})).get("noise", "const"))
        self.noise: NoiseMode = "none" if noise == "none" else "const"

    def _prepare(self, model: LoadedModel) -> None:
        """Take what drawing needs (``work``: 1e9 operations a face); the clear form is held here
        only."""
        generator = model.generator
        self._mapping = copy.deepcopy(generator.mapping).to(self.device)  # needed at any time
        synthesis = generator.synthesis
        if self.device.type != "cpu":
            synthesis = copy.deepcopy(synthesis).to(self.device)
        self.work = gflop(synthesis)
        self.packed = drawing_form(synthesis, self._own_latents)

    @property
    def sha256(self) -> str:
        """The model's identity in recipes."""
        return self.model.sha256

    def info(self) -> ModelInfo:
        """What views need to know of the model."""
        arch = self.model.card.architecture
        return ModelInfo(
            self.model.card.name, self.sha256, arch.resolution, arch.num_ws, arch.w_dim,
            str(self.device), self.model.directions.infos, self.model.card.shown(),
            str(self.model.folder),
        )  # fmt: skip

    # ---- latents

    def w_of(self, z: npt.NDArray[Any], psi: float | None = None) -> Array:
        """z [n, z_dim] -> w [n, w_dim], truncated (None: as the card says)."""
        psi = self.model.card.psi if psi is None else psi
        with torch.inference_mode():
            w = self._mapping(torch.from_numpy(np.asarray(z, np.float32)).to(self.device))
            w = self._mapping.w_avg.lerp(w, psi)
        out: Array = w.cpu().numpy()
        return out

    def ws_of(self, recipe: Recipe) -> Array:
        """A recipe's w+ [num_ws, w_dim] with its edits; BadInput when it is not of this model."""
        require_same_model(self.sha256, recipe.model)
        return self.model.directions.apply(self.wide(recipe.array()), recipe.edits)

    def wide(self, latent: npt.NDArray[Any]) -> Array:
        """w [w_dim] or w+ [num_ws, w_dim] as w+; BadInput on any other shape."""
        arch = self.model.card.architecture
        latent = np.asarray(latent, np.float32)
        if latent.shape == (arch.w_dim,):
            return np.broadcast_to(latent, (arch.num_ws, arch.w_dim)).copy()
        if latent.shape != (arch.num_ws, arch.w_dim):
            expected = f"[{arch.w_dim}] or [{arch.num_ws}, {arch.w_dim}]"
            raise BadInput("recipe.bad_latent", shape=list(latent.shape), expected=expected)
        return latent

    # ---- pictures

    def image(self, ws: Array, noise: NoiseMode | None = None) -> npt.NDArray[np.float32]:
        """w+ [num_ws, w_dim] -> float32 [3, h, w], about -1..1."""
        out: npt.NDArray[np.float32] = self.draw(ws, noise)[0].cpu().numpy()
        return out

    def pixels_of(
        self, ws: Array, cache: LayerCache | None = None, stop: int | None = None,
        check: Check = lambda: None,
    ) -> Pixels:  # fmt: skip
        """w+ [num_ws, w_dim] -> uint8 RGB [h, w, 3]; ``stop`` ends after that many blocks."""
        out: Pixels = to_pixels(self.draw(ws, None, cache, stop, check))[0].cpu().numpy()
        return out

    def pixels(
        self, recipe: Recipe, cache: LayerCache | None = None, check: Check = lambda: None
    ) -> Pixels:
        """A recipe's picture, uint8 RGB [h, w, 3]; overlays are not drawn here."""
        whole = self.pixels_of(self.ws_of(recipe), cache, check=check)
        return self._with_local(recipe, whole, None)

    def preview(self, recipe: Recipe, cache: LayerCache | None = None) -> Pixels:
        """The 32x32 picture of the early blocks; with ``cache`` the whole goes on from there."""
        whole = self.pixels_of(self.ws_of(recipe), cache, PREVIEW_BLOCKS)
        return self._with_local(recipe, whole, PREVIEW_BLOCKS)

    def _with_local(self, recipe: Recipe, pixels: Pixels, stop: int | None) -> Pixels:
        """Each local edit's own rendering, blended in where its region is."""
        for local in recipe.local:
            if not local.edits:
                continue
            moved = recipe
            for name, amount in local.edits:
                moved = moved.with_edit(name, recipe.edit(name) + amount)
            inside = self.pixels_of(self.ws_of(moved), stop=stop).astype(np.float32)
            mask = local.mask(*pixels.shape[:2])[..., None]
            blended = pixels + mask * (inside - pixels)
            pixels = np.clip(np.rint(blended), 0, 255).astype(np.uint8)
        return pixels

    def exact(self, ws: Array, noise: NoiseMode) -> torch.Tensor:
        """Like ``draw``, by the clear form on the CPU: slower, and to 1e-5 what the public code
        draws. ModelError where the model's file was changed meanwhile."""
        tensor = torch.from_numpy(np.ascontiguousarray(ws, np.float32))[None]
        with torch.inference_mode():
            return self.model.generator.synthesis(tensor, noise)

    def packed_image(self, ws: Array, stop: int) -> npt.NDArray[np.float32]:
        """The small picture after ``stop`` blocks, float32 [3, h, w]."""
        out: npt.NDArray[np.float32] = self.draw(ws, None, None, stop)[0].cpu().numpy()
        return out

    def draw(
        self, ws: Array, noise: NoiseMode | None, cache: LayerCache | None = None,
        stop: int | None = None, check: Check = lambda: None,
    ) -> torch.Tensor:  # fmt: skip
        """w+ [num_ws, w_dim] -> picture [1, 3, h, w] as a tensor on the device."""
        tensor = torch.from_numpy(np.ascontiguousarray(ws, np.float32))[None].to(self.device)
        return self.packed(tensor, noise or self.noise, cache=cache, stop=stop, check=check)

    # ---- sampling

    def _own_latents(self) -> torch.Tensor:
        """Some faces of this model, w+ [4, num_ws, w_dim] on its device."""
        ws = np.stack([self.wide(self.sample(seed)) for seed in range(4)])
        return torch.from_numpy(ws).to(self.device)

    def sample(self, seed: int, psi: float | None = None) -> Array:
        """The w [w_dim] of one seed: face k does not depend on how many faces were asked for."""
        z = np.random.default_rng(seed).standard_normal((1, self.model.card.architecture.z_dim))
        return self.w_of(z, psi)[0]

"""Fine-tuning to one photograph on a copy of the generator, within a time limit.

Pivotal tuning (Roich et al. 2021, "Pivotal Tuning for Latent-based Editing of Real Images"): first
the latent, then the weights around it, with a locality term that keeps faces elsewhere as they
were. LiGAN's "refine results" (Dokoupil & Peska 2021). The copy is kept per lineup.
"""

from __future__ import annotations

import copy
import hashlib
import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from app.engine.api import FaceReady, Pixels, Progress, RestoreTuned, TunedSuspect, TuneSuspect
from app.engine.attribute_net import to_input
from app.engine.encoder import FEATURE_WEIGHT, encode
from app.engine.generator_file import HeldGenerator
from app.engine.lineup.studio import Check, Emit, Studio, studio_of
from app.engine.painter import Painter
from app.engine.perceptual import feature_loss, pyramid_loss
from app.engine.stylegan2 import Synthesis, to_pixels
from app.models.errors import BadInput

if TYPE_CHECKING:
    from app.engine.runtime import Runtime

LATENT_SHARE = 0.4
RATE, LOCALITY, LOCAL_EVERY, REACH = 1.5e-3, 1.0, 3, 0.6
SHOW_EVERY_S = 1.0
LEAST_S, MOST_S = 1.0, 3600.0
WALKS, STEPS = 2, 8


def tune_suspect(runtime: Runtime, request: TuneSuspect, emit: Emit, check: Check) -> TunedSuspect:
    """Answer ``TuneSuspect``."""
    if not LEAST_S <= request.seconds <= MOST_S:
        raise BadInput("lineup.bad_seconds", seconds=request.seconds, most=MOST_S)
    began = time.monotonic()
    studio = studio_of(runtime)
    work = _Tuning(studio, request, emit, check, began)
    ws, first = work.latent()
    synthesis, loss, steps = work.weights(ws)
    weights = packed_weights(synthesis)
    name = hashlib.sha256(weights).hexdigest()
    painter = keep(runtime, studio.painter, name, synthesis)
    recipe = studio.recipe(ws, "photo")
    pixels = painter.pixels_of(ws.astype(np.float32))
    suspect = replace(
        request.suspect, recipe=recipe, tuned=name, pixels=pixels, aligned=request.suspect.aligned
    )
    rough = roughness(studio, painter, ws) / max(roughness(studio, studio.painter, ws), 1e-6)
    return TunedSuspect(
        suspect, first, loss, work.latent_steps, steps, time.monotonic() - began, rough,
        weights=weights,
    )  # fmt: skip


def restore_tuned(runtime: Runtime, request: RestoreTuned, emit: Emit, check: Check) -> str:
    """Answer ``RestoreTuned``."""
    from safetensors.torch import load

    name = hashlib.sha256(request.weights).hexdigest()
    if name != request.sha256:
        raise BadInput("lineup.weights_changed", sha256=request.sha256)
    painter = runtime.load()
    synthesis = copy.deepcopy(painter.model.generator.synthesis)
    try:
        state = {k: v.float() for k, v in load(request.weights).items()}
        synthesis.load_state_dict(state)
    except Exception as error:
        raise BadInput("lineup.weights_changed", sha256=name, why=str(error)) from error
    keep(runtime, painter, name, synthesis)
    return name


def keep(runtime: Runtime, painter: Painter, name: str, synthesis: Synthesis) -> Painter:
    """A painter with these weights, found again by their hash."""

    def build(plain: Painter) -> Painter:
        generator = copy.copy(plain.model.generator)
        generator._modules = {**generator._modules, "synthesis": synthesis.eval()}
        synthesis.requires_grad_(False)
        held = HeldGenerator(generator)
        return Painter(replace(plain.model, weights=held), str(plain.device))

    found: Painter = runtime.helper(painter, f"tuned {name}", build)
    return found


def packed_weights(synthesis: Synthesis) -> bytes:
    """The weights as they are kept: safetensors, half precision."""
    from safetensors.torch import save

    state = synthesis.state_dict()
    return save({
        k: (v.half() if v.is_floating_point() else v).contiguous() for k, v in state.items()
    })  # fmt: skip


@dataclass(eq=False)
class _Tuning:
    """One run: its clock, its losses, its previews."""

    studio: Studio
    request: TuneSuspect
    emit: Emit
    check: Check
    began: float
    latent_steps: int = 0
    shown_at: float = 0.0
    target: torch.Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.target = to_input(self.request.suspect.aligned[None])

    @cached_property
    def synthesis(self) -> Synthesis:
        """The bundled model's, which stays as it is."""
        return self.studio.painter.model.generator.synthesis

    def left(self) -> float:
        """Seconds that are left, less what packing and checking take at the end."""
        reserve = min(4.0, 0.12 * self.request.seconds)
        return self.request.seconds - reserve - (time.monotonic() - self.began)

    def loss_of(self, x: torch.Tensor) -> torch.Tensor:
        """Reconstruction loss of a drawn picture [1, 3, h, w], as the encoder's."""
        if x.shape[-1] != self.target.shape[-1]:
            x = torch.nn.functional.interpolate(x, self.target.shape[-2:], mode="area")
        return pyramid_loss(x, self.target) + FEATURE_WEIGHT * feature_loss(
            self.studio.net, x, self.target
        )

    def latent(self) -> tuple[Any, float]:
        """The pivot w+ [layers, w_dim], and the loss of the suspect as it was read."""
        reader, layers = self.studio.reader, self.synthesis.num_ws
        with torch.inference_mode():
            ws0 = torch.from_numpy(self.studio.layers_of(self.request.suspect.recipe)).float()
            before = float(self.loss_of(self.synthesis(ws0[None], "none")))
        found = encode(
            self.request.suspect.aligned, reader.net, reader.code_scale, reader.w_offset,
            lambda ws: self.synthesis(ws, "none"), layers, steps=100_000,
            seconds=max(0.2, LATENT_SHARE * self.left()),
            progress=lambda done, total: self._tick(), check=self.check,
        )  # fmt: skip
        self.latent_steps = found.steps
        better = found.loss < before
        ws = self.studio.painter.wide(found.w) if better else ws0.numpy()
        return np.asarray(ws, np.float64), before

    def weights(self, ws: Any) -> tuple[Synthesis, float, int]:
        """A copy of the synthesis network tuned around the pivot; its best state and loss."""
        tuned = copy.deepcopy(self.synthesis).requires_grad_(True)
        pivot = torch.from_numpy(ws).float()[None]
        chosen = [p for n, p in tuned.named_parameters() if p.ndim > 0 and "affine" not in n]
        optimiser = torch.optim.Adam(chosen, RATE, (0.9, 0.99))
        rng = np.random.default_rng(0)
        best, kept, steps, total = np.inf, copy.deepcopy(tuned.state_dict()), 0, self.left()
        while steps == 0 or self.left() > 0:
            self.check()
            optimiser.zero_grad(set_to_none=True)
            drawn = tuned(pivot, "none")
            loss = self.loss_of(drawn)
            if float(loss.detach()) < best:
                best, kept = float(loss.detach()), copy.deepcopy(tuned.state_dict())
            self._show(drawn)
            if steps % LOCAL_EVERY == 0:
                loss = loss + LOCALITY * self._elsewhere(tuned, pivot, rng)
            loss.backward()  # type: ignore[no-untyped-call]
            for group in optimiser.param_groups:
                group["lr"] = RATE * min(1.0, (steps + 1) / 5, max(0.1, self.left() / total * 2))
            optimiser.step()
            steps += 1
            self._tick()
        with torch.no_grad():
            last = float(self.loss_of(tuned(pivot, "none")))
        if last >= best:
            tuned.load_state_dict(kept)
        return tuned, min(best, last), steps

    def _elsewhere(
        self, tuned: Synthesis, pivot: torch.Tensor, rng: np.random.Generator
    ) -> torch.Tensor:
        """How much a face near the pivot changed (PTI's locality regularisation)."""
        other = torch.from_numpy(self.studio.painter.sample(int(rng.integers(1 << 31))))
        share = REACH * float(rng.uniform(0.4, 1.0))
        ws = torch.lerp(pivot, other.expand_as(pivot), share)
        with torch.no_grad():
            was = self.synthesis(ws, "none")
        return (tuned(ws, "none") - was).square().mean()

    def _tick(self) -> None:
        total = round(self.request.seconds)
        self.emit(Progress("tuning", min(total, round(total - max(self.left(), 0))), total))

    def _show(self, drawn: torch.Tensor) -> None:
        if time.monotonic() - self.shown_at < SHOW_EVERY_S:
            return
        pixels: Pixels = to_pixels(drawn.detach())[0].numpy()
        self.emit(FaceReady(0, self.request.suspect.recipe, pixels, preview=True))
        self.shown_at = time.monotonic()


def roughness(studio: Studio, painter: Painter, ws: Any) -> float:
    """Largest over mean step in pictures on even walks from ``ws`` to other faces; 1 is perfectly
    even. A break in interpolation shows as one step far larger than the rest."""
    worst = []
    for seed in range(WALKS):
        end = studio.painter.wide(studio.painter.sample(seed + 900))
        way = [
            painter.image(np.asarray(ws + t * (end - ws), np.float32), "none")
            for t in np.linspace(0, 1, STEPS + 1)
        ]
        steps = [float(np.abs(b - a).mean()) for a, b in zip(way, way[1:], strict=False)]
        worst.append(max(steps) / max(float(np.mean(steps)), 1e-6))
    return float(np.mean(worst))

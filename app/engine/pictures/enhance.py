"""What a small or blurred face could be: several faces that look like it once made as small.

The posterior of the appearance code given the small picture is sampled by perturbed optimisation
(Papandreou and Yuille 2010) of PULSE's loss (Menon et al. 2020): each answer starts from its own
draw of the prior, sees the picture under its own noise, and ends where drawing, degraded, looks
like the picture. What the picture does not determine therefore differs between the answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from app.engine.api import (
    EnhanceFace,
    Event,
    FaceQuality,
    FaceReady,
    FacesProposed,
    FoundFace,
    FrameFace,
    Pixels,
    Progress,
)
from app.engine.painter import Painter
from app.engine.photo import PhotoReader
from app.engine.pictures.encoding import require_effort
from app.engine.pictures.reading import face_of, picture_of, reader_of
from app.engine.pictures.video import frame_faces
from app.engine.runtime import MAX_FACES
from app.engine.stylegan2 import Generator
from app.models.errors import BadInput
from app.models.portrait import Recipe

if TYPE_CHECKING:
    from app.engine.runtime import Runtime

Emit = Callable[[Event], None]
Check = Callable[[], None]
STEPS = 40
RATE = 0.12
NOISE = 0.09  # typical error of a drawn face in the small picture (-1..1): the generator's own
PRIOR = 0.9  # standard deviation of codes
EYES_SHARE = 0.41  # of the frame's width that lies between the outer eye corners
SMALLEST, LARGEST = 6, 64


@dataclass(frozen=True)
class Degradation:
    """How the picture lost its detail: ``side`` pixels that the frame's width still resolves."""

    side: int

    def apply(self, x: torch.Tensor) -> torch.Tensor:
        """Pictures [n, 3, h, w] -> what is left of them, [n, 3, side, side]."""
        return F.interpolate(x, (self.side, self.side), mode="area")


def estimate(quality: FaceQuality) -> Degradation:
    """From the face's size in the picture and its blur (Crete's measure falls with its width)."""
    native = quality.size_px / EYES_SHARE
    blur = 1.0 if quality.sharpness > 0.5 else 0.35 + 1.3 * quality.sharpness
    return Degradation(int(np.clip(round(native * blur), SMALLEST, LARGEST)))


def enhance_face(
    runtime: Runtime, request: EnhanceFace, emit: Emit, check: Check
) -> FacesProposed:
    """Answer ``EnhanceFace``."""
    if not 2 <= request.count <= MAX_FACES:
        raise BadInput("enhance.bad_count", count=request.count, most=MAX_FACES)
    require_effort(STEPS, request.seconds)
    face = _asked(runtime, request, check)
    painter = runtime.load()
    search = Search(painter, reader_of(runtime, painter), estimate(face.quality), request.seed)
    codes = search.run(
        face.aligned, request.count, request.seconds,
        lambda done, total: emit(Progress("enhancing", done, total)), check,
    )  # fmt: skip
    faces = []
    for i, w in enumerate(search.latents(codes)):
        check()
        recipe = Recipe.from_array(painter.sha256, w, seed=request.seed, origin="photo")
        faces.append(recipe)
        emit(FaceReady(i, recipe, painter.pixels(recipe)))
    return FacesProposed(tuple(faces), seed=request.seed)


def _asked(runtime: Runtime, request: EnhanceFace, check: Check) -> FoundFace | FrameFace:
    if not request.frames:
        return face_of(picture_of(runtime, request.path, check=check), request.face)
    faces = frame_faces(runtime, request.path, request.frames, check)
    return max(faces, key=lambda face: face.quality.overall)


@dataclass(frozen=True, eq=False)
class Search:
    """One search under one degradation."""

    painter: Painter
    reader: PhotoReader
    degradation: Degradation
    seed: int

    @cached_property
    def _generator(self) -> Generator:
        """Held as long as the search: it may be made anew whenever nobody holds it."""
        return self.painter.model.generator

    def run(
        self, pixels: Pixels, count: int, seconds: float,
        progress: Callable[[int, int], None] = lambda done, total: None,
        check: Check = lambda: None,
    ) -> npt.NDArray[np.float32]:  # fmt: skip
        """Codes [count, w_dim] for an aligned face uint8 RGB [128, 128, 3]."""
        start = time.monotonic()
        g = torch.Generator().manual_seed(self.seed)
        whole = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None] / 127.5 - 1
        target = self.degradation.apply(whole)  # [1, 3, side, side]
        target = target + NOISE * torch.randn((count, *target.shape[1:]), generator=g)
        prior = PRIOR * torch.randn((count, len(self.reader.code_scale)), generator=g)
        guess = torch.from_numpy(self.reader.net.read(pixels[None]).code)
        z = (0.5 * guess + 0.5 * prior).requires_grad_(True)
        optimiser = torch.optim.Adam([z], RATE, (0.9, 0.95))
        best, kept = torch.full((count,), torch.inf), z.detach().clone()
        for step in range(STEPS):
            check()
            if step and time.monotonic() - start > seconds:
                break
            for group in optimiser.param_groups:
                group["lr"] = RATE * max(0.05, 1 - step / STEPS)
            loss = self.loss(z, target, prior)  # [count]
            better = loss.detach() < best
            best = torch.where(better, loss.detach(), best)
            kept[better] = z.detach()[better]
            optimiser.zero_grad(set_to_none=True)
            loss.sum().backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            progress(step + 1, STEPS)
        return kept.numpy().astype(np.float32)

    def loss(self, z: torch.Tensor, target: torch.Tensor, prior: torch.Tensor) -> torch.Tensor:
        """Half the squared gaps in standard deviations, of picture and of code: [n]."""
        gap = self.degradation.apply(self.draw(z)) - target
        picture = gap.square().flatten(1).sum(1) / NOISE**2
        return 0.5 * (picture + (z - prior).square().sum(1) / PRIOR**2)

    def draw(self, z: torch.Tensor) -> torch.Tensor:
        """Codes [n, w_dim] -> pictures [n, 3, h, w]."""
        synthesis = self._generator.synthesis
        w = z * torch.from_numpy(self.reader.code_scale) + torch.from_numpy(self.reader.w_offset)
        out: torch.Tensor = synthesis(w[:, None].expand(-1, synthesis.num_ws, -1), "none")
        return out

    def latents(self, codes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Codes [n, w_dim] -> w [n, w_dim]."""
        out: npt.NDArray[np.float32] = codes * self.reader.code_scale + self.reader.w_offset
        return out.astype(np.float32)

"""A photographed face to the nearest recipe: the guess at once, then a timed refinement."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from app.engine.api import (
    EncodedFace,
    EncodeFace,
    EncodeFrames,
    Event,
    FaceReady,
    Pixels,
    Progress,
)
from app.engine.encoder import Encoded, encode, fidelity
from app.engine.painter import Painter
from app.engine.photo import PhotoReader, measured
from app.engine.pictures.reading import face_of, picture_of, reader_of
from app.engine.pictures.video import frame_faces
from app.engine.stylegan2 import Synthesis
from app.models.errors import BadInput
from app.models.portrait import Recipe

if TYPE_CHECKING:
    from app.engine.runtime import Runtime

Emit = Callable[[Event], None]
Check = Callable[[], None]
MOST_STEPS = 100_000
SHOW_EVERY_S = 1.0


def encode_face(runtime: Runtime, request: EncodeFace, emit: Emit, check: Check) -> EncodedFace:
    """Answer ``EncodeFace``."""
    require_effort(request.steps, request.seconds)
    face = face_of(picture_of(runtime, request.path, check=check), request.face)
    check()
    painter = runtime.load()
    work = Refinement(painter, reader_of(runtime, painter), emit, check)
    return work.run(face.aligned, request.steps, request.seconds)


def encode_frames(
    runtime: Runtime, request: EncodeFrames, emit: Emit, check: Check
) -> EncodedFace:
    """Answer ``EncodeFrames``: the median of the frames' codes, refined on the best frame."""
    require_effort(request.steps, request.seconds)
    faces = frame_faces(runtime, request.path, request.frames, check)
    painter = runtime.load()
    reader = reader_of(runtime, painter)
    best = max(faces, key=lambda f: f.quality.overall)
    code = fused_code(reader, np.stack([f.aligned for f in faces]))
    work = Refinement(painter, reader, emit, check)
    return work.run(best.aligned, request.steps, request.seconds, code)


def fused_code(reader: PhotoReader, crops: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """The median of what is read from aligned faces uint8 [n, 128, 128, 3] of one person: codes
    [layers, w_dim] where the model has an encoder, else [w_dim]."""
    if reader.encoder is None:
        codes = reader.net.read(crops).code  # [n, w_dim]
    else:
        codes = (reader.encoder.guess(crops) - reader.w_offset) / reader.code_scale
    return np.median(codes, axis=0).astype(np.float32)


def require_effort(steps: int, seconds: float) -> None:
    """BadInput ``encode.bad_effort`` unless steps and seconds can be meant."""
    if not (0 <= steps <= MOST_STEPS and 0 <= seconds <= 3600):
        raise BadInput("encode.bad_effort", steps=steps, seconds=seconds)


@dataclass(eq=False)
class Refinement:
    """One encoding under way, telling what it has about every second."""

    painter: Painter
    reader: PhotoReader
    emit: Emit
    check: Check
    shown_at: float = 0.0

    def run(
        self, pixels: Pixels, steps: int, seconds: float,
        code: npt.NDArray[np.float32] | None = None,
    ) -> EncodedFace:  # fmt: skip
        """Encode an aligned face uint8 RGB [128, 128, 3]; ``code`` is a guess made elsewhere."""
        found = self._encoded(pixels, steps, seconds, code)
        recipe = Recipe.from_array(self.painter.sha256, found.w, origin="photo")
        read = self.reader.net.read(pixels[None])
        return EncodedFace(
            recipe, self.painter.pixels(recipe), pixels, measured(self.reader.net, read),
            fidelity(found), found.steps,
        )  # fmt: skip

    @cached_property
    def clear(self) -> Synthesis:
        """What gives gradients; what draws quickly has none."""
        return self.painter.model.generator.synthesis

    def _encoded(self, pixels: Pixels, steps: int, seconds: float, code: Any) -> Encoded:
        layers = self.painter.model.card.architecture.num_ws
        more: dict[str, Any] = {} if code is None else {"code": code}

        def draw(ws: torch.Tensor) -> torch.Tensor:
            if not ws.requires_grad:
                drawn = self.painter.packed(ws.to(self.painter.device), "none")
                return drawn.cpu().clone()  # outside inference mode
            return self.clear(ws, "none")

        return encode(
            pixels, self.reader.net, self.reader.code_scale, self.reader.w_offset,
            draw, layers, guess=self.reader.encoder, steps=steps, seconds=seconds,
            progress=lambda done, total: self.emit(Progress("refining", done, total)),
            check=self.check, better=self._show, **more,
        )  # fmt: skip

    def _show(self, w: npt.NDArray[np.float32]) -> None:
        """The best so far, drawn, but not more than once a second."""
        if self.shown_at and time.monotonic() - self.shown_at < SHOW_EVERY_S:
            return
        recipe = Recipe.from_array(self.painter.sha256, w, origin="photo")
        self.emit(FaceReady(0, recipe, self.painter.pixels(recipe), preview=True))
        self.shown_at = time.monotonic()

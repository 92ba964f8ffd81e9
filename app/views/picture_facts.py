"""What the window knows of opened pictures and of faces made from them: plain values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from app.engine.api import (
    EncodedFace,
    EncodeFace,
    EncodeFrames,
    FaceQuality,
    FrameFace,
    Measured,
    PictureRead,
    Pixels,
)
from app.models.portrait import Recipe

REFINE_STEPS = 100_000  # more than any time limit allows: the limit in seconds decides


@dataclass(frozen=True)
class OpenedPicture:
    """A photo or drawing that was read and kept; ``what`` is photo or sketch."""

    what: str
    name: str
    read: PictureRead


@dataclass(frozen=True)
class Subject:
    """One person to be drawn: a face of a photo, or frames of one person of a video.

    ``what`` is photo or video; ``path`` may be a private copy, ``name`` is what people know.
    """

    what: str
    path: str
    name: str
    sha256: str
    quality: FaceQuality
    aligned: Pixels = field(compare=False, repr=False)
    face: int = 0
    frames: tuple[FrameFace, ...] = ()

    def request(self, seconds: float = 0.0) -> EncodeFace | EncodeFrames:
        """The encoder's guess, or with ``seconds`` a refinement of at most that long."""
        steps = REFINE_STEPS if seconds > 0 else 0
        effort: dict[str, Any] = {"steps": steps, "seconds": seconds} if steps else {}
        if self.what == "video":
            frames = tuple((f.frame, f.box) for f in self.frames)
            return EncodeFrames(self.path, frames, **effort)
        return EncodeFace(self.path, self.face, **effort)

    def place(self) -> dict[str, Any]:
        """Where in the file, as JSON for the journal."""
        if self.what == "video":
            return {"frames": [[f.frame, round(f.time_s, 2)] for f in self.frames]}
        return {"face": self.face}


@dataclass(frozen=True)
class StartingFace:
    """A generated face that can become the portrait, and the foreign pictures that went into it.

    ``how``: photo, video, sketch, enhance, between or portrait; ``name`` is shown to the officer.
    """

    name: str
    recipe: Recipe
    sources: tuple[str, ...]
    how: str
    fidelity: str = ""

    def to_json(self) -> dict[str, Any]:
        """What the journal says when the face becomes the portrait."""
        out: dict[str, Any] = {
            "recipe": self.recipe.to_json(), "sources": list(self.sources), "how": self.how,
        }  # fmt: skip
        return {**out, "fidelity": self.fidelity} if self.fidelity else out


def measured_json(measured: tuple[Measured, ...]) -> list[list[Any]]:
    """What the attribute net read, as JSON for the journal."""
    return [[m.attribute, m.value, round(m.probability, 3)] for m in measured]


def kept_best(result: EncodedFace, recipe: Recipe, pixels: Pixels) -> EncodedFace:
    """A refinement stopped early: its best face so far, judged no better than before it."""
    return replace(result, recipe=recipe, pixels=pixels)

"""Synthetic videos for tests: faces moving over a wall, with cuts, blur and crossings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Place = Callable[[float], tuple[float, float, float] | None]  # seconds -> middle x, y, side


@dataclass(frozen=True)
class Actor:
    """One face picture and where it is when; ``blur`` of motion in pixels at a time."""

    picture: Pixels
    place: Place
    blur: Callable[[float], int] = lambda t: 0


def wall(width: int, height: int, seed: int = 0) -> Pixels:
    """A textured wall without faces."""
    rng = np.random.default_rng(seed)
    rough = rng.integers(90, 170, (height // 16, width // 16, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def frame_at(t: float, background: Pixels, actors: Sequence[Actor]) -> Pixels:
    """The frame at ``t`` seconds, RGB."""
    out = background.copy()
    for actor in actors:
        where = actor.place(t)
        if where is None:
            continue
        x, y, side = where
        face = cv2.resize(actor.picture, (int(side), int(side)), interpolation=cv2.INTER_AREA)
        if (blur := actor.blur(t)) > 1:
            face = cv2.blur(face, (blur, 1))
        left, top = round(x - side / 2), round(y - side / 2)
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(out.shape[1], left + int(side)), min(out.shape[0], top + int(side))
        if x0 < x1 and y0 < y1:
            out[y0:y1, x0:x1] = face[y0 - top : y1 - top, x0 - left : x1 - left]
    return out


def write_clip(
    path: Path, frames: Sequence[Pixels] | Callable[[float], Pixels], fps: float = 15.0,
    seconds: float = 2.0, codec: str = "mp4v",
) -> Path:  # fmt: skip
    """Write frames, or a function of time, as a video."""
    if callable(frames):
        frames = [frames(i / fps) for i in range(round(seconds * fps))]
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), fps, (width, height))
    assert writer.isOpened(), codec
    for frame in frames:
        writer.write(np.ascontiguousarray(frame[:, :, ::-1]))
    writer.release()
    return path

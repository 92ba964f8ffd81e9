"""Generated faces as files that stand for a phone's photo, a sketch and a short video."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from app.engine.api import Pixels

GREY = 128
FPS, SECONDS = 12, 5


def photo(face: Pixels, path: Path, side: int = 340) -> Path:
    """One face in the middle of something grey."""
    picture = np.full((600, 800, 3), GREY, np.uint8)
    top, left = (600 - side) // 2, (800 - side) // 2
    picture[top : top + side, left : left + side] = _sized(face, side)
    cv2.imwrite(str(path), picture[..., ::-1])
    return path


def sketch(face: Pixels, path: Path) -> Path:
    """A pencil drawing of a face, by OpenCV's own filter."""
    grey, _ = cv2.pencilSketch(_sized(face, 512), sigma_s=60, sigma_r=0.07, shade_factor=0.04)
    cv2.imwrite(str(path), grey)
    return path


def video(faces: tuple[Pixels, Pixels], path: Path, side: int = 170) -> Path:
    """Two faces that walk through the picture, one after the other; Motion JPEG."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (640, 360))
    if not writer.isOpened():
        raise RuntimeError("this OpenCV writes no Motion JPEG")
    half = FPS * SECONDS // 2
    for number in range(2 * half):
        frame = np.full((360, 640, 3), GREY, np.uint8)
        left = 20 + (number % half) * (640 - side - 40) // half
        frame[90 : 90 + side, left : left + side] = _sized(faces[number // half], side)
        writer.write(frame[..., ::-1])
    writer.release()
    return path


def _sized(face: Pixels, side: int) -> Pixels:
    return np.asarray(cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)

"""How much a face is worth reading: size, blur, pose, light and cover, each measured by itself."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from app.engine.align import FRAME, Face, aligned
from app.engine.api import FaceQuality, Pixels
from app.engine.landmark_net import POINTS

SMALL_PX = 24.0  # eye distance under which attributes are guesses
GOOD_PX = 60.0  # eye distance from which a larger face tells no more at 128x128
BLURRED, TURNED = 0.35, 25.0
DARK, BRIGHT = 0.2, 0.85
COVERED = 0.25
NOSE_DEPTH = 0.55  # how far the tip of the nose stands out, in outer eye corner distances
EYES = (POINTS.index(33), POINTS.index(263))
TIP = POINTS.index(4)
Floats = npt.NDArray[np.float64]


def measure_quality(picture: Pixels, face: Face, frame: Pixels | None = None) -> FaceQuality:
    """Quality of one face of uint8 RGB [h, w, 3]; ``frame`` is its aligned crop where known."""
    frame = aligned(picture, face) if frame is None else frame
    right, left = face.points[EYES[0]], face.points[EYES[1]]
    gap = left - right
    roll = float(np.degrees(np.arctan2(gap[1], gap[0])))
    yaw = _yaw(face)
    sharp = sharpness(_native(picture, face))
    light = float(_inside(frame).mean() / 255)
    cover = covered_share(frame)
    parts = {
        "small": _ramp(face.eye_distance, 8.0, GOOD_PX),
        "blurred": _ramp(sharp, 0.1, 0.7),
        "turned": _ramp(70.0 - abs(yaw), 0.0, 60.0),
        "dark": _ramp(light, 0.03, 0.3),
        "bright": _ramp(1.0 - light, 0.03, 0.2),
        "covered": _ramp(1.0 - cover, 0.3, 0.9),
    }
    bad = {
        "small": face.eye_distance < SMALL_PX, "blurred": sharp < BLURRED,
        "turned": abs(yaw) > TURNED, "dark": light < DARK, "bright": light > BRIGHT,
        "covered": cover > COVERED,
    }  # fmt: skip
    problems = tuple(sorted((n for n in parts if bad[n]), key=lambda n: parts[n]))
    overall = float(np.prod(list(parts.values())) ** 0.5)
    return FaceQuality(
        round(face.eye_distance, 2), round(sharp, 4), round(yaw, 1), round(roll, 1),
        round(light, 4), round(cover, 4), round(overall, 4), problems,
    )  # fmt: skip


def sharpness(grey: npt.NDArray[np.uint8]) -> float:
    """0 (blurred) to 1 (sharp) of a grey picture [h, w]: how much of the variation between
    neighbours is lost when it is blurred again (Crete et al. 2007), so contrast does not count."""
    f = grey.astype(np.float32)
    worst = 1.0
    for axis in (0, 1):
        again = cv2.blur(f, (1, 9) if axis == 0 else (9, 1))
        before, after = np.abs(np.diff(f, axis=axis)), np.abs(np.diff(again, axis=axis))
        lost = float(np.maximum(0.0, before - after).sum())
        worst = min(worst, lost / max(float(before.sum()), 1e-6))
    return float(np.clip((worst - 0.25) / 0.5, 0, 1))


def covered_share(frame: Pixels) -> float:
    """Estimated share of the face, uint8 RGB [128, 128, 3], that is not skin-like where skin is
    expected (mask, scarf, hand, dark glasses, hair over the face): 0..1.

    Cells that no feature fills are compared with the face's own middle colour; a beard or a deep
    shadow counts a little, which is why the cut for saying so is high."""
    lab = cv2.cvtColor(frame, cv2.COLOR_RGB2LAB).astype(np.float32)
    lab = cv2.GaussianBlur(lab, (0, 0), 2.0)
    cells = np.stack([lab[y, x] for x, y in SKIN_CELLS])  # [n, 3]
    middle = np.median(cells, axis=0)
    gap = np.abs(cells - middle) / np.array([60.0, 14.0, 16.0], np.float32)
    return float((gap.max(1) > 1.0).mean())


# where the training frame shows bare skin: forehead, cheeks, nose, upper lip, chin (x, y)
SKIN_CELLS = tuple(
    (x, y)
    for y, xs in (
        (34, range(44, 88, 6)), (40, range(42, 90, 6)), (72, (36, 42, 60, 64, 68, 86, 92)),
        (78, (36, 42, 48, 60, 64, 68, 80, 86, 92)), (84, (38, 44, 50, 78, 84, 90)),
        (92, (42, 48, 80, 86)), (112, (54, 60, 64, 68, 74)),
    )
    for x in xs
)  # fmt: skip


def _yaw(face: Face) -> float:
    points = face.points @ face.matrix[:, :2].T + face.matrix[:, 2]  # training frame
    middle = (points[EYES[0]] + points[EYES[1]]) / 2
    wide = float(np.linalg.norm(points[EYES[1]] - points[EYES[0]]))
    return float(np.degrees(np.arctan2(points[TIP, 0] - middle[0], NOSE_DEPTH * max(wide, 1.0))))


def _native(picture: Pixels, face: Face) -> npt.NDArray[np.uint8]:
    """The face in grey at its own size, at most the frame's: blur is not smallness."""
    side = FRAME / max(float(np.hypot(face.matrix[0, 0], face.matrix[1, 0])), 1e-6)
    size = int(np.clip(round(side), 32, FRAME))
    crop = cv2.cvtColor(aligned(picture, face, size), cv2.COLOR_RGB2GRAY)
    edge = size // 6
    return np.asarray(crop[edge:-edge, edge:-edge], np.uint8)


def _inside(frame: Pixels) -> npt.NDArray[np.uint8]:
    return frame[36:112, 34:94]


def _ramp(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0.02, 1.0))

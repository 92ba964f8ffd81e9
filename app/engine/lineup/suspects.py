"""A suspect's photograph: the one face that will do, or a refusal that says why it will not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from app.engine.api import FoundFace, PictureRead, Pixels, ReadSuspect, SuspectFace
from app.engine.lineup.studio import Check, Emit, studio_of
from app.engine.pictures.encoding import Refinement
from app.engine.pictures.reading import picture_of
from app.models.errors import BadInput

if TYPE_CHECKING:
    from app.engine.runtime import Runtime

SECOND_FACE = 0.5  # width of another face, relative to the largest, that counts
LEAST_EYES_PX = 16.0  # distance of the outer eye corners
MOST_YAW = 40.0
MOST_COVERED = 0.7
DARK_GLASSES = 0.58
EYES_X, EYES_Y = (39, 87), 38  # where the training frame has the eyes
LITTLE_PICTURE = 80


def read_suspect(runtime: Runtime, request: ReadSuspect, emit: Emit, check: Check) -> SuspectFace:
    """Answer ``ReadSuspect``."""
    read = picture_of(runtime, request.path, emit, check)
    face = the_face(read)
    studio = studio_of(runtime)
    check()
    work = Refinement(studio.painter, studio.reader, emit, check)
    found = work.run(face.aligned, request.steps, request.seconds)
    return SuspectFace(
        request.path, read.sha256, found.recipe, found.fidelity, studio.read(face.aligned),
        face.quality.problems, aligned=face.aligned, pixels=found.pixels,
    )  # fmt: skip


def the_face(read: PictureRead) -> FoundFace:
    """The only face that a lineup can be built around; BadInput ``photo.*`` otherwise."""
    if not read.faces:
        raise _none_found(read)
    first = read.faces[0]
    rivals = [f for f in read.faces if f.box[2] > SECOND_FACE * first.box[2]]
    if len(rivals) > 1:
        raise BadInput("photo.several_faces", file=read.path, count=len(rivals))
    if first.eye_distance < LEAST_EYES_PX:
        width = round(first.box[2])
        raise BadInput("photo.face_too_small", file=read.path, width=width)
    if abs(first.quality.yaw) > MOST_YAW:
        raise BadInput("photo.turned", file=read.path, degrees=round(abs(first.quality.yaw)))
    if under_the_eyes(first.aligned) < DARK_GLASSES:
        raise BadInput("photo.sunglasses", file=read.path)
    if first.quality.occluded > MOST_COVERED:
        raise BadInput("photo.covered", file=read.path)
    return first


def _none_found(read: PictureRead) -> BadInput:
    if min(read.width, read.height) < LITTLE_PICTURE:
        return BadInput("photo.face_too_small", file=read.path, width=read.width)
    if is_profile(read.picture):
        return BadInput("photo.turned", file=read.path, degrees=90)
    return BadInput("photo.no_face", file=read.path)


def is_profile(picture: Pixels) -> bool:
    """Whether a face is seen from the side in uint8 RGB [h, w, 3] (OpenCV's profile cascade)."""
    folder = Path(cv2.data.haarcascades)  # type: ignore[attr-defined]
    cascade = cv2.CascadeClassifier(str(folder / "haarcascade_profileface.xml"))
    scale = min(1.0, 480 / max(picture.shape[:2]))
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    sides = (grey, np.ascontiguousarray(grey[:, ::-1]))
    return any(len(cascade.detectMultiScale(side, 1.1, 4, minSize=(40, 40))) for side in sides)


def under_the_eyes(frame: Pixels) -> float:
    """Brightness just under the eyes against the cheeks, the brighter side, in uint8 RGB
    [128, 128, 3]: 0.7 to 1.2 with bare eyes or clear glasses, about 0.4 behind dark ones (one pair
    among 70 LFW photographs, the next face 0.73)."""
    light = cv2.cvtColor(frame, cv2.COLOR_RGB2LAB)[:, :, 0].astype(np.float32)
    light = cv2.GaussianBlur(light, (0, 0), 1.0)
    sides = []
    for x in EYES_X:
        under = light[EYES_Y + 5 : EYES_Y + 11, x - 12 : x + 12]
        cheek = light[EYES_Y + 22 : EYES_Y + 30, x - 9 : x + 9]
        sides.append(float(np.median(under) / max(float(np.median(cheek)), 1.0)))
    return max(sides)

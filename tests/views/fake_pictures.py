"""What the fake engine answers about pictures, videos and drawings; mixed into fakes.py."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from app.engine.api import (
    EncodedFace,
    EncodeFace,
    EncodeFrames,
    EnhanceFace,
    FaceQuality,
    FaceReady,
    FacesProposed,
    FoundFace,
    FrameFace,
    InterpolatePortraits,
    Measured,
    PersonSeen,
    PictureRead,
    Progress,
    ReadPicture,
    ScanVideo,
    SketchToFace,
    VideoRead,
)
from app.models.errors import BadInput
from app.models.portrait import Recipe

IMAGES = (b"\xff\xd8\xff", b"\x89PNG")
VIDEOS = (b"RIFF", b"\x1aE\xdf\xa3")
MEASURED = (
    Measured("age", "45", 1.0), Measured("sex", "male", 0.97),
    Measured("hair_color", "brown", 0.7), Measured("beard", "none", 0.6),
)  # fmt: skip
BOX = (10.0, 20.0, 60.0, 70.0)
GOOD = FaceQuality(60.0, 0.7, 4.0, -2.0, 0.5, 0.0, 0.9)
POOR = FaceQuality(14.0, 0.2, 35.0, 3.0, 0.15, 0.3, 0.2, ("small", "turned", "covered"))


def _bytes(path: str) -> bytes:
    if not Path(path).is_file():
        raise BadInput("media.missing", file=path)
    data = Path(path).read_bytes()
    if not data:
        raise BadInput("media.empty", file=path)
    return data


def _picture(path: str) -> bytes:
    data = _bytes(path)
    if not data.startswith(IMAGES):
        raise BadInput("media.kind", file=path, wanted="JPEG, PNG")
    return data


def _video(path: str) -> bytes:
    data = _bytes(path)
    if not (data.startswith(VIDEOS) or data[4:8] == b"ftyp"):
        raise BadInput("media.kind", file=path, wanted="MP4, MOV, AVI, MKV")
    return data


def _crop(seed: int) -> Any:
    from tests.views.fakes import draw, recipe_of

    return draw(recipe_of(seed), 128)


def _face(index: int, quality: FaceQuality = GOOD) -> FoundFace:
    box = (40.0 + 130 * index, 50.0, 100.0, 120.0)
    return FoundFace(index, box, 0.98, quality.size_px, quality, _crop(index))


def read_picture(engine: Any, task: Any, request: ReadPicture) -> PictureRead:
    """One good face; a file named ``none``, ``two`` or ``poor`` has none, two or a poor one."""
    data = _picture(request.path)
    task.tell(Progress("picture", 1, 1))
    name = Path(request.path).stem
    faces = {"none": (), "two": (_face(0), _face(1)), "poor": (_face(0, POOR),)}.get(
        name, (_face(0),)
    )
    picture = np.full((240, 320, 3), 140, np.uint8)
    for face in faces:
        x, y, w, h = (int(v) for v in face.box)
        picture[y : y + h, x : x + w] = face.aligned[:h, :w][:h, : min(w, 128)]
    sha256 = hashlib.sha256(data).hexdigest()
    return PictureRead(request.path, sha256, 320, 240, picture, faces)


def _encoded(engine: Any, task: Any, seed: int, steps: int) -> EncodedFace:
    from tests.views.fakes import recipe_of

    recipe = recipe_of(seed, "photo")
    first = engine._face(task, 0, recipe, preview=True)
    task.tell(first)
    for i in range(min(steps, 5)):  # steps are bounded by time in the window, not by their count
        better = recipe_of(seed + 100 + i, "photo")
        task.tell(engine._face(task, 0, better, preview=True))
        task.tell(Progress("refining", i + 1, steps))
        recipe = better
    fidelity = "close" if steps else "fair"
    return EncodedFace(recipe, first.pixels, _crop(seed), MEASURED, fidelity, steps)


def encode_face(engine: Any, task: Any, request: EncodeFace) -> EncodedFace:
    """The recipe of the face's number."""
    _picture(request.path)
    count = {"none": 0, "two": 2}.get(Path(request.path).stem, 1)
    if not 0 <= request.face < count:
        raise BadInput("photo.no_such_face", file=request.path, face=request.face, count=count)
    return _encoded(engine, task, request.face, request.steps)


def scan_video(engine: Any, task: Any, request: ScanVideo) -> VideoRead:
    """Two persons with three frames each."""
    data = _video(request.path)
    for done in range(5):
        task.tell(Progress("video", done + 1, 5))
        while not engine.gate.wait(0.01):
            task.check()
    persons = tuple(
        PersonSeen(
            k, 1.0 + k, 4.0 + k, 12,
            tuple(
                FrameFace(1.5 + k + i, 30 + 25 * i, BOX, GOOD, _crop(10 * k + i))
                for i in range(3)
            ),
        )
        for k in range(2)
    )  # fmt: skip
    sha256 = hashlib.sha256(data).hexdigest()
    return VideoRead(request.path, sha256, 5.0, 25.0, 640, 480, persons, 0.2)


def encode_frames(engine: Any, task: Any, request: EncodeFrames) -> EncodedFace:
    """The recipe of the first frame's number."""
    _video(request.path)
    if not request.frames:
        raise BadInput("video.no_frames", file=request.path)
    return _encoded(engine, task, request.frames[0][0], request.steps)


def _possible(engine: Any, task: Any, count: int, seed: int, origin: str) -> FacesProposed:
    from tests.views.fakes import recipe_of

    faces = tuple(recipe_of(1000 * seed + i, origin) for i in range(count))
    for i, recipe in enumerate(faces):
        task.tell(engine._face(task, i, recipe))
    return FacesProposed(faces, seed=seed)


def sketch_to_face(engine: Any, task: Any, request: SketchToFace) -> FacesProposed:
    """As many faces as asked for."""
    _picture(request.path)
    if not 1 <= request.count <= 24:
        raise BadInput("propose.bad_count", count=request.count, most=24)
    return _possible(engine, task, request.count, request.seed, "sketch")


def enhance_face(engine: Any, task: Any, request: EnhanceFace) -> FacesProposed:
    """At least two faces."""
    if not request.frames:
        _picture(request.path)
    if not 2 <= request.count <= 24:
        raise BadInput("enhance.bad_count", count=request.count, most=24)
    task.tell(Progress("enhancing", 1, 1))
    return _possible(engine, task, request.count, request.seed + 50, "photo")


def interpolate(engine: Any, task: Any, request: InterpolatePortraits) -> tuple[Recipe, ...]:
    """Even steps of the latent."""
    if not 2 <= request.steps <= 24:
        raise BadInput("interpolate.bad_steps", steps=request.steps, most=24)
    a, b = request.first.array(), request.second.array()
    shares = np.linspace(0, 1, request.steps)[1:-1]
    inner = [
        Recipe.from_array(request.first.model, a + k * (b - a), origin="blend") for k in shares
    ]
    recipes = (request.first, *inner, request.second)
    for i, recipe in enumerate(recipes):
        face: FaceReady = engine._face(task, i, recipe)
        task.tell(face)
    return recipes


ANSWERS: dict[type, Any] = {
    ReadPicture: read_picture,
    EncodeFace: encode_face,
    ScanVideo: scan_video,
    EncodeFrames: encode_frames,
    SketchToFace: sketch_to_face,
    EnhanceFace: enhance_face,
    InterpolatePortraits: interpolate,
}

"""A picture file to an upright picture and its faces; the last few are kept for what follows."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from app.engine.align import Face, aligned
from app.engine.api import Event, FoundFace, PictureRead, Pixels, Progress, ReadPicture
from app.engine.media.decode import ImageDecoder, image_bytes
from app.engine.painter import Painter
from app.engine.photo import PhotoReader
from app.engine.pictures.quality import measure_quality
from app.engine.weights import user_models_folder
from app.models.errors import BadInput

if TYPE_CHECKING:
    from app.engine.runtime import Runtime

Emit = Callable[[Event], None]
Check = Callable[[], None]
SHOWN = 1600  # longest side of the picture handed to the window
KEPT = 4
YUNET = "face_detection_yunet.onnx"


def read_picture(runtime: Runtime, request: ReadPicture, emit: Emit, check: Check) -> PictureRead:
    """Answer ``ReadPicture``."""
    return picture_of(runtime, request.path, emit, check)


def picture_of(
    runtime: Runtime, path: str, emit: Emit = lambda event: None, check: Check = lambda: None
) -> PictureRead:
    """The read picture of a path; read anew unless the same bytes were read just now."""
    emit(Progress("picture", 0, 3))
    data = image_bytes(path)
    sha256 = hashlib.sha256(data).hexdigest()
    kept: OrderedDict[tuple[str, str], PictureRead] = runtime.kept_pictures
    key = (sha256, path)
    if key not in kept:
        with ImageDecoder() as decoder:
            whole = decoder.decode_bytes(data, path)
        check()
        emit(Progress("picture", 1, 3))
        kept[key] = read_whole(reader_of(runtime, runtime.load()), path, sha256, whole, check)
        while len(kept) > KEPT:
            kept.popitem(last=False)
    kept.move_to_end(key)
    emit(Progress("picture", 3, 3))
    return kept[key]


def read_whole(
    reader: PhotoReader, path: str, sha256: str, whole: Pixels, check: Check = lambda: None
) -> PictureRead:
    """Faces of a decoded picture uint8 RGB [h, w, 3]."""
    faces, turned = reader.finder.find_turned(whole, check=check)
    upright = np.ascontiguousarray(np.rot90(whole, -turned)) if turned else whole
    found = tuple(found_face(upright, face, i) for i, face in enumerate(faces))
    height, width = upright.shape[:2]
    return PictureRead(path, sha256, width, height, _shown(upright), found, turned)


def found_face(picture: Pixels, face: Face, index: int) -> FoundFace:
    """One face with its crop and quality."""
    crop = aligned(picture, face)
    quality = measure_quality(picture, face, crop)
    return FoundFace(index, face.box, face.score, face.eye_distance, quality, crop)


def face_of(read: PictureRead, index: int) -> FoundFace:
    """Face number ``index`` of a read picture; BadInput ``photo.no_face`` or ``no_such_face``."""
    if not read.faces:
        raise BadInput("photo.no_face", file=read.path)
    if not 0 <= index < len(read.faces):
        raise BadInput("photo.no_such_face", file=read.path, face=index, count=len(read.faces))
    return read.faces[index]


def reader_of(runtime: Runtime, painter: Painter) -> PhotoReader:
    """The nets of the model that read photographs; YuNet's boxes where it is installed."""
    found: PhotoReader = runtime.helper(
        painter, "reader",
        lambda p: PhotoReader.load(p.model.folder, yunet_file(), runtime.attribute_net(p)),
    )  # fmt: skip
    return found


def yunet_file() -> Path:
    """Where YuNet is looked for."""
    return user_models_folder() / "yunet" / YUNET


def _shown(picture: Pixels) -> Pixels:
    scale = SHOWN / max(picture.shape[:2])
    if scale >= 1:
        return picture
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)

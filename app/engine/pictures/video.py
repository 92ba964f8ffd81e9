"""A video file to the persons in it: sampled frames, faces followed and grouped, best frames."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.engine.align import DETAIL_SIDE, Face, aligned
from app.engine.api import Event, FrameFace, Pixels, Progress, ScanVideo, VideoRead
from app.engine.media.kinds import VIDEO_BYTES, open_foreign
from app.engine.media.video import Frame, open_video
from app.engine.photo import PhotoReader
from app.engine.pictures.people import Sighting, Tracker, unit
from app.engine.pictures.quality import measure_quality
from app.engine.pictures.reading import reader_of
from app.models.errors import BadInput

if TYPE_CHECKING:
    from app.engine.runtime import Runtime

Emit = Callable[[Event], None]
Check = Callable[[], None]
# up to so many seconds long: a look every so many seconds
PACES = ((60.0, 0.2), (600.0, 0.4), (3600.0, 0.8))
SLOWEST = 1.5
DETECT_EVERY = 2  # looks; between them known faces are only followed
LONG_SIDE = 640  # of a frame as the detector sees it
NEW_SCORE = 0.75  # of a face that turns up; one that is followed may be less clear for a while
LIGHT_CODES = 8  # the first appearance codes are light, backdrop and pose, not the person
CHUNK = 1 << 22
KEPT_VIDEOS = 2


def scan_video(runtime: Runtime, request: ScanVideo, emit: Emit, check: Check) -> VideoRead:
    """Answer ``ScanVideo``."""
    if not 0 <= request.every_s <= 60:
        raise BadInput("video.bad_pace", every_s=request.every_s)
    painter = runtime.load()
    reader = reader_of(runtime, painter)
    with open_video(request.path) as probe:
        length = probe.seconds
    every_s = request.every_s or pace(length)
    sha256 = _sha256(request.path, check)
    tracker, watch = Tracker(), Watch(reader)
    total = max(1, round(length))
    with open_video(request.path, every_s) as video:
        for frame in video.frames():
            check()
            emit(Progress("video", min(total, round(frame.seconds)), total))
            seen = watch.look(frame, tracker.is_cut(frame.pixels))
            tracker.add(sightings(reader, frame, seen), frame.seconds)
        read = VideoRead(
            request.path, sha256, round(video.seconds, 3), video.fps, video.width, video.height,
            tracker.persons(), every_s, video.complete,
        )  # fmt: skip
    emit(Progress("video", total, total))
    _keep(runtime.kept_videos, read)
    return read


def pace(seconds: float) -> float:
    """How far apart frames of a video of that length are looked at."""
    return next((every for most, every in PACES if seconds <= most), SLOWEST)


@dataclass(eq=False)
class Watch:
    """Finds the faces of frames in order: by the detector now and then, else where they were."""

    reader: PhotoReader
    faces: list[Face] = field(default_factory=list)
    looks: int = 0

    def look(self, frame: Frame, cut: bool) -> list[Face]:
        """The faces of the next frame; after a ``cut`` nothing is expected where it was."""
        finder = self.reader.finder
        if cut or self.looks % DETECT_EVERY == 0 or not self.faces:
            self.faces = self._found(frame)
            self.looks = 0
        else:
            self.faces = finder.follow(frame.pixels, self.faces)
        self.looks += 1
        return self.faces

    def _found(self, frame: Frame) -> list[Face]:
        """Clear faces, and those less clear where a face was a moment ago."""
        found = self.reader.finder.find(frame.pixels, long_side=LONG_SIDE)
        return [f for f in found if f.score >= NEW_SCORE or self._was_there(f)]

    def _was_there(self, face: Face) -> bool:
        middle = face.points.mean(0)
        near = (np.linalg.norm(middle - f.points.mean(0)) < f.box[2] for f in self.faces)
        return any(near)


def sightings(reader: PhotoReader, frame: Frame, faces: list[Face]) -> list[Sighting]:
    """The faces of one frame with crop, quality and look."""
    if not faces:
        return []
    crops = [aligned(frame.pixels, face) for face in faces]
    looks = looks_of(reader, np.stack(crops))
    return [
        Sighting(_frame_face(frame, face, crop), look)
        for face, crop, look in zip(faces, crops, looks, strict=True)
    ]


def looks_of(reader: PhotoReader, crops: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.float64]]:
    """Unit vectors of aligned faces uint8 [n, 128, 128, 3]: the appearance codes without light, by
    the encoder where the model has one, which tells persons apart better than the attribute net."""
    if reader.encoder is None:
        codes = reader.net.read(crops).code.astype(np.float64)
    else:
        guess = (reader.encoder.guess(crops) - reader.w_offset) / reader.code_scale
        codes = guess.mean(1).astype(np.float64)  # [n, w_dim]
    codes[:, :LIGHT_CODES] = 0
    return [unit(c) for c in codes]


def _frame_face(frame: Frame, face: Face, crop: Pixels) -> FrameFace:
    quality = measure_quality(frame.pixels, face, crop)
    box = tuple(round(v, 2) for v in face.box)
    return FrameFace(round(frame.seconds, 3), frame.index, box, quality, crop)  # type: ignore[arg-type]


def _keep(kept: OrderedDict[str, VideoRead], read: VideoRead) -> None:
    kept[read.path] = read
    kept.move_to_end(read.path)
    while len(kept) > KEPT_VIDEOS:
        kept.popitem(last=False)


def frame_faces(
    runtime: Runtime, path: str, wanted: tuple[tuple[int, tuple[float, ...]], ...], check: Check
) -> list[FrameFace]:
    """The faces at (frame, box) of a video: those of the last scan, else found anew.

    BadInput ``video.no_frames`` for none asked, ``video.no_such_face`` where none of the asked
    boxes holds a face."""
    if not wanted:
        raise BadInput("video.no_frames", file=path)
    known: dict[tuple[int, tuple[float, ...]], FrameFace] = {}
    file, _ = open_foreign(path, VIDEO_BYTES)  # it may have gone since
    file.close()
    if path in runtime.kept_videos:
        faces = (f for p in runtime.kept_videos[path].persons for f in p.best)
        known = {(f.frame, tuple(f.box)): f for f in faces}
    keys = [(frame, tuple(box)) for frame, box in wanted]
    found = [known[k] for k in keys if k in known]
    missing = [k for k in keys if k not in known]
    if missing:
        found += _found_anew(runtime, path, missing, check)
    if not found:
        raise BadInput("video.no_such_face", file=path)
    return found


def _found_anew(
    runtime: Runtime, path: str, wanted: list[tuple[int, tuple[float, ...]]], check: Check
) -> list[FrameFace]:
    reader = reader_of(runtime, runtime.load())
    out: list[FrameFace] = []
    with open_video(path, frames=sorted({frame for frame, _ in wanted})) as video:
        for frame in video.frames():
            check()
            faces = reader.finder.find(frame.pixels, long_side=DETAIL_SIDE)
            seen = [s.face for s in sightings(reader, frame, faces)]
            boxes = [box for n, box in wanted if n == frame.index]
            out += [f for box in boxes if (f := _nearest(seen, box)) is not None]
    return out


def _nearest(seen: list[FrameFace], box: tuple[float, ...]) -> FrameFace | None:
    """The face whose middle lies in the box, nearest to its middle."""
    x, y, w, h = box
    centre = np.array([x + w / 2, y + h / 2])

    def gap(face: FrameFace) -> float:
        fx, fy, fw, fh = face.box
        return float(np.linalg.norm(np.array([fx + fw / 2, fy + fh / 2]) - centre))

    near = [f for f in seen if gap(f) < max(w, h) / 2]
    return min(near, key=gap) if near else None


def _sha256(path: str, check: Check) -> str:
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while data := file.read(CHUNK):
            check()
            digest.update(data)
    return digest.hexdigest()

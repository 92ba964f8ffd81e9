"""What the program calls for a foreign video: starts its worker, checks what it says."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from app.engine.media import video_worker, worker
from app.engine.media.decode import (
    BLOCK_WAIT_S,
    REFUSALS,
    START_WAIT_S,
    Deadline,
    end_worker,
    read_exactly,
    start_worker,
)
from app.engine.media.kinds import VIDEO_BYTES, open_foreign, video_kind
from app.models.errors import BadInput

Pixels = npt.NDArray[np.uint8]
MODULE = "app.engine.media.video_worker"
WANTED = "MP4, MOV, AVI, MKV"
MAX_LISTED = 200


@dataclass(frozen=True, eq=False)
class Frame:
    """Frame number ``index`` (from 0) at ``seconds``, uint8 RGB [h, w, 3], at most 1920 long."""

    index: int
    seconds: float
    pixels: Pixels


@dataclass(eq=False)
class VideoFile:
    """An open video: what it says of itself, and its frames as they come from the worker.

    ``count`` frames and ``fps`` as the file says (count 0: it does not say). ``complete`` is known
    once the frames were read to the end: False where the file breaks off early.
    """

    name: str
    width: int
    height: int
    count: int
    fps: float
    process: subprocess.Popen[bytes]
    complete: bool = True
    seen: int = 0

    @property
    def seconds(self) -> float:
        """How long it is: as read once at the end, before that as the file says."""
        return max(self.count if self.complete else 0, self.seen) / self.fps

    def __enter__(self) -> VideoFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        end_worker(self.process)

    def frames(self) -> Iterator[Frame]:
        """The frames asked for, in order; one at a time in memory."""
        while (frame := self._next()) is not None:
            yield frame

    def _next(self) -> Frame | None:
        pipe = self.process.stdout
        assert pipe is not None
        with Deadline(self.process, BLOCK_WAIT_S) as deadline:
            try:
                head = read_exactly(pipe, video_worker.FRAME.size)
                width, height, index, seconds = video_worker.FRAME.unpack(head)
                self.seen = max(self.seen, min(int(index), video_worker.MAX_FRAMES))
                if width == 0:
                    self.complete = height == 0
                    return None
                if max(width, height) > video_worker.LONG_SIDE or height == 0:
                    raise EOFError  # the worker is not itself any more
                raw = read_exactly(pipe, width * height * 3)
            except (EOFError, OSError) as error:
                code = "media.too_slow" if deadline.passed else "media.worker_died"
                raise BadInput(code, file=self.name, seconds=round(BLOCK_WAIT_S)) from error
        pixels = np.frombuffer(raw, np.uint8).reshape(height, width, 3)
        return Frame(int(index), float(seconds), pixels)


def open_video(path: Path | str, every_s: float = 0.0, frames: Sequence[int] = ()) -> VideoFile:
    """Open an MP4, MOV, AVI or MKV in a limited process: a frame each ``every_s`` seconds (0: every
    frame), or the listed ones. Use as a context manager; leaving it ends the process.

    BadInput ``media.*`` as for ``decode_image``; what a file is, its first bytes say, and anything
    else than these containers (a playlist, a picture) is ``media.kind``.
    """
    if len(frames) > MAX_LISTED or any(n < 0 for n in frames):
        raise BadInput("video.bad_frames", file=str(path), most=MAX_LISTED)
    file, head = open_foreign(path, VIDEO_BYTES)
    with file:
        kind = video_kind(head)
        if kind is None:
            raise BadInput("media.kind", file=str(path), wanted=WANTED)
        listed = [",".join(str(n) for n in frames)] if frames else []
        process = start_worker(kind, file, repr(float(every_s)), *listed, module=MODULE)
    try:
        return _opened(process, str(path))
    except BaseException:
        end_worker(process)
        raise


def _opened(process: subprocess.Popen[bytes], name: str) -> VideoFile:
    assert process.stdout is not None
    with Deadline(process, START_WAIT_S) as deadline:
        try:
            head = read_exactly(process.stdout, video_worker.HEAD.size)
        except EOFError as error:
            code = "media.too_slow" if deadline.passed else "media.worker_died"
            raise BadInput(code, file=name, seconds=round(START_WAIT_S)) from error
    status, width, height, count, fps = video_worker.HEAD.unpack(head)
    if status != worker.OK:
        limit = video_worker.MAX_FRAME_PIXELS // 1_000_000
        raise BadInput(REFUSALS.get(status, "media.damaged"), file=name, limit=limit)
    return VideoFile(name, width, height, count, fps, process)

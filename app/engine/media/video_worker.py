"""The process that meets a foreign video: stdin is the file, stdout carries the frames asked for.

``python -m app.engine.media.video_worker DEMUXER EVERY_S [FRAME,FRAME ...]``. OpenCV reads from the
stream it is given, never from a name; the demuxer is the one that the first bytes stand for, and
after ``confine`` no file and no socket can be opened, so a playlist has nothing to point to.
stdout: STATUS, WIDTH, HEIGHT, FRAMES, FPS, then per frame FRAME (width 0 ends) and RGB bytes.
"""

from __future__ import annotations

import io
import math
import os
import struct
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from app.engine.media.limits import allow_cpu, confine
from app.engine.media.worker import DAMAGED, NO_MEMORY, OK, TOO_MANY_PIXELS

HEAD = struct.Struct("<IIIQd")
FRAME = struct.Struct("<IIQd")  # width, height, index, seconds; 0, 0: the end; 0, 1: too soon
MAX_FRAME_PIXELS = 4096 * 2304
LONG_SIDE = 1920  # larger frames are sent smaller
MAX_FRAMES = 2_000_000
FRAME_CPU_S = 60
WHOLE_SHARE = 0.9  # of the frames that the file promises
DEMUXERS = ("mov", "avi", "matroska")


def main() -> int:
    demuxer, every_s, *listed = sys.argv[1:]
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = (
        f"input_format;{demuxer}|protocol_whitelist;file|enable_drefs;0"
    )
    os.environ["OPENCV_FFMPEG_THREADS"] = "1"
    wanted = sorted({int(n) for n in listed[0].split(",")}) if listed else []
    try:
        serve_video(sys.stdin.buffer, sys.stdout.buffer, float(every_s), wanted)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os._exit(0)
    return 0


def serve_video(source: BinaryIO, sink: BinaryIO, every_s: float, wanted: list[int]) -> None:
    """Stream the frames of the video that stdin is."""
    import cv2

    cv2.setNumThreads(1)
    cv2.videoio_registry.getStreamBufferedBackends()  # whatever is loaded late is loaded now
    stream = io.BufferedReader(io.FileIO(source.fileno(), closefd=False), 1 << 16)
    confine(FRAME_CPU_S)
    try:
        video = cv2.VideoCapture(stream, cv2.CAP_FFMPEG, [])
        status = _status(cv2, video)
    except MemoryError:
        status = NO_MEMORY
    except cv2.error as error:
        status = NO_MEMORY if "Insufficient memory" in str(error) else DAMAGED
    if status != OK:
        sink.write(HEAD.pack(status, 0, 0, 0, 0.0))
        return
    fps = _number(video.get(cv2.CAP_PROP_FPS), 1.0, 1000.0, 25.0)
    count = int(_number(video.get(cv2.CAP_PROP_FRAME_COUNT), 0, MAX_FRAMES, 0))
    size = (int(video.get(cv2.CAP_PROP_FRAME_WIDTH)), int(video.get(cv2.CAP_PROP_FRAME_HEIGHT)))
    sink.write(HEAD.pack(OK, *size, count, fps))
    sink.flush()
    frames = _listed(cv2, video, wanted) if wanted else _sampled(cv2, video, fps, every_s)
    done = 0
    for index, seconds, picture in frames:
        done = index + 1
        if picture is not None:
            height, width = picture.shape[:2]
            sink.write(FRAME.pack(width, height, index, seconds))
            sink.write(memoryview(picture).cast("B"))
            sink.flush()
        allow_cpu(FRAME_CPU_S)
    short = not wanted and done < WHOLE_SHARE * count
    sink.write(FRAME.pack(0, int(short), done, done / fps))


def _status(cv2: Any, video: Any) -> int:
    if not video.isOpened():
        return DAMAGED
    width, height = video.get(cv2.CAP_PROP_FRAME_WIDTH), video.get(cv2.CAP_PROP_FRAME_HEIGHT)
    if not (16 <= width <= 16384 and 16 <= height <= 16384):
        return DAMAGED
    if width * height > MAX_FRAME_PIXELS:
        return TOO_MANY_PIXELS
    return OK if video.grab() else DAMAGED


def _sampled(
    cv2: Any, video: Any, fps: float, every_s: float
) -> Iterator[tuple[int, float, Any]]:
    """One frame each ``every_s`` seconds; frames between are decoded and not converted, and told
    without a picture. The first frame is grabbed already."""
    due, seconds = 0.0, 0.0
    for index in range(MAX_FRAMES):
        if index and not video.grab():
            return
        told = video.get(cv2.CAP_PROP_POS_MSEC) / 1000
        # phones vary their frame rate: the file's clock counts, as long as it goes on
        seconds = told if math.isfinite(told) and told > seconds else index / fps
        picture = None
        if seconds + 1e-6 >= due or index == 0:
            picture = _picture(cv2, video)
            due = seconds + every_s
        yield index, seconds, picture


def _listed(cv2: Any, video: Any, wanted: list[int]) -> Iterator[tuple[int, float, Any]]:
    """The frames of these numbers, in order; those behind the end are left out."""
    at = 0  # the frame grabbed now
    for index in wanted:
        while at < index:
            if not video.grab():
                return
            at += 1
            if at % 500 == 0:
                allow_cpu(FRAME_CPU_S)
        yield index, max(0.0, video.get(cv2.CAP_PROP_POS_MSEC) / 1000), _picture(cv2, video)


def _picture(cv2: Any, video: Any) -> Any:
    """The grabbed frame as contiguous RGB, or None where it cannot be decoded."""
    done, frame = video.retrieve()
    if not done or frame is None or frame.ndim != 3 or frame.shape[2] != 3:
        return None
    if frame.shape[0] * frame.shape[1] > MAX_FRAME_PIXELS:  # it may change in the middle
        return None
    scale = LONG_SIDE / max(frame.shape[:2])
    if scale < 1:
        frame = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)


def _number(value: float, low: float, high: float, otherwise: float) -> float:
    return value if math.isfinite(value) and low <= value <= high else otherwise


if __name__ == "__main__":
    sys.exit(main())

"""What the program calls for foreign pictures and sound: starts the worker, checks what it says."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO

import numpy as np
import numpy.typing as npt

from app.engine.media import worker
from app.engine.media.kinds import (
    AUDIO_BYTES,
    IMAGE_BYTES,
    audio_kind,
    image_kind,
    open_foreign,
)
from app.engine.media.limits import MAX_PIXELS, MAX_SIDE, worker_environment
from app.models.errors import BadInput

Pixels = npt.NDArray[np.uint8]

IMAGE_WAIT_S = 30.0
START_WAIT_S = 60.0  # a machine under load may take long to start a process
BLOCK_WAIT_S = 60.0
ROOT = Path(__file__).resolve().parents[3]
REFUSALS = {
    worker.DAMAGED: "media.damaged",
    worker.TOO_MANY_PIXELS: "media.too_many_pixels",
    worker.NO_MEMORY: "media.too_many_pixels",
    worker.NO_PCM: "media.no_pcm",
    worker.FALSE_SIZE: "media.false_size",
}


def decode_image(path: Path | str) -> Pixels:
    """A JPEG or PNG as uint8 RGB [h, w, 3], turned as its EXIF says, on white where transparent.

    Decoded in a fresh limited process. BadInput ``media.*`` names the file and the reason: missing,
    no_file, unreadable, empty, too_big (64 MB), kind, damaged, too_many_pixels (50 million),
    too_slow, worker_died.
    """
    with ImageDecoder() as decoder:
        return decoder.decode(path)


def image_bytes(path: Path | str) -> bytes:
    """A picture file's bytes, once it is one to let in; refusals as ``decode_image``'s."""
    file, head = open_foreign(path, IMAGE_BYTES)
    with file:
        if image_kind(head) is None:
            raise BadInput("media.kind", file=str(path), wanted="JPEG, PNG")
        return file.read()


class ImageDecoder:
    """One limited process for several pictures of an import; a new one if a picture kills it."""

    def __init__(self, wait_s: float = IMAGE_WAIT_S) -> None:
        self._wait_s = wait_s
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> ImageDecoder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            end_worker(self._process)
            self._process = None

    def decode(self, path: Path | str) -> Pixels:
        """As ``decode_image``."""
        return self.decode_bytes(image_bytes(path), str(path))

    def decode_bytes(self, data: bytes, name: str) -> Pixels:
        """As ``decode_image``, of bytes already read; ``name`` is used in refusals."""
        if image_kind(data[:16]) is None:
            raise BadInput("media.kind", file=name, wanted="JPEG, PNG")
        if self._process is None:
            self._process = start_worker("images", subprocess.PIPE)
        patience = self._wait_s + START_WAIT_S
        with Deadline(self._process, patience) as deadline:
            try:
                return self._exchange(self._process, data, name)
            except (EOFError, BrokenPipeError, OSError) as error:
                self.close()
                code = "media.too_slow" if deadline.passed else "media.worker_died"
                raise BadInput(code, file=name, seconds=round(patience)) from error

    def _exchange(self, process: subprocess.Popen[bytes], data: bytes, name: str) -> Pixels:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(worker.JOB.pack(len(data)))
        process.stdin.write(data)
        process.stdin.flush()
        head = read_exactly(process.stdout, worker.PICTURE.size)
        status, width, height = worker.PICTURE.unpack(head)
        if status != worker.OK:
            code = REFUSALS.get(status, "media.damaged")
            raise BadInput(code, file=name, limit=MAX_PIXELS // 1_000_000)
        sides_fit = 1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE
        if not (sides_fit and width * height <= MAX_PIXELS):
            raise EOFError  # the worker is not itself any more
        raw = read_exactly(process.stdout, width * height * 3)
        return np.frombuffer(raw, np.uint8).reshape(height, width, 3)


@dataclass
class SoundFile:
    """An open sound file: what it is, and its samples as they come from the worker.

    ``rate`` Hz, ``channels`` and ``frames`` as the file says; ``blocks`` yields pairs of 16 kHz
    mono little-endian int16 bytes and the source frames read so far. A file that breaks off in
    the middle raises BadInput ``media.broken_off`` after its last good block.
    """

    name: str
    rate: int
    channels: int
    frames: int
    process: subprocess.Popen[bytes]

    @property
    def seconds(self) -> float:
        """How long the file says it is."""
        return self.frames / self.rate

    def __enter__(self) -> SoundFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        end_worker(self.process)

    def blocks(self) -> Iterator[tuple[bytes, int]]:
        """Samples and source frames read so far, block by block; bounded memory."""
        assert self.process.stdout is not None
        while True:
            size, done, pcm = self._block(self.process.stdout)
            if size == 0:
                return
            if size == worker.LOST:
                raise BadInput("media.broken_off", file=self.name, second=done // self.rate)
            yield pcm, done

    def _block(self, pipe: IO[bytes]) -> tuple[int, int, bytes]:
        with Deadline(self.process, BLOCK_WAIT_S) as deadline:
            try:
                size, done = worker.BLOCK.unpack(read_exactly(pipe, worker.BLOCK.size))
                if size != worker.LOST and (size > 2**27 or size % 2):
                    raise EOFError
                return size, done, b"" if size == worker.LOST else read_exactly(pipe, size)
            except (EOFError, OSError) as error:
                code = "media.too_slow" if deadline.passed else "media.worker_died"
                raise BadInput(code, file=self.name, seconds=round(BLOCK_WAIT_S)) from error


def open_sound(path: Path | str) -> SoundFile:
    """Open a PCM WAV or FLAC file of any rate and channel count in a limited process.

    BadInput ``media.*`` as for ``decode_image``, ``media.no_pcm`` for compressed WAV, and
    ``media.false_size`` where the header promises more than four times what the file holds.
    Use as a context manager; leaving it ends the process.
    """
    file, head = open_foreign(path, AUDIO_BYTES)
    with file:
        if audio_kind(head) is None:
            raise BadInput("media.kind", file=str(path), wanted="WAV (PCM), FLAC")
        process = start_worker("audio", file)
    try:
        with Deadline(process, START_WAIT_S) as deadline:
            rate, channels, frames = _sound_head(process, str(path), deadline)
    except BaseException:
        end_worker(process)
        raise
    return SoundFile(str(path), rate, channels, frames, process)


def _sound_head(
    process: subprocess.Popen[bytes], name: str, deadline: Deadline
) -> tuple[int, int, int]:
    assert process.stdout is not None
    try:
        head = read_exactly(process.stdout, worker.SOUND.size)
    except EOFError as error:
        code = "media.too_slow" if deadline.passed else "media.worker_died"
        raise BadInput(code, file=name, seconds=round(START_WAIT_S)) from error
    status, rate, channels, frames = worker.SOUND.unpack(head)
    if status != worker.OK or rate < 1:
        raise BadInput(REFUSALS.get(status, "media.damaged"), file=name)
    return rate, channels, frames


class Deadline:
    """Kills a process that takes longer than allowed; ``passed`` tells whether it had to."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self.passed = False
        self._process = process
        self._timer = threading.Timer(seconds, self._kill)

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        self._timer.join()

    def _kill(self) -> None:
        self.passed = True
        self._process.kill()


def start_worker(
    job: str, source: int | BinaryIO, *more: str, module: str = "app.engine.media.worker"
) -> subprocess.Popen[bytes]:
    """A limited process whose stdin is ``source``, with little of our environment."""
    return subprocess.Popen(
        [sys.executable, "-m", module, job, *more],
        stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        cwd=ROOT, env=worker_environment(), close_fds=True, start_new_session=True,
    )  # fmt: skip


def end_worker(process: subprocess.Popen[bytes]) -> None:
    """Kill it, close its pipes, wait for it."""
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue  # what was still to be written to a dead process
    process.wait()


def read_exactly(pipe: IO[bytes], size: int) -> bytes:
    """So many bytes, or EOFError."""
    data = pipe.read(size)
    if len(data) != size:
        raise EOFError
    return data

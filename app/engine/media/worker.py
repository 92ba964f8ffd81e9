"""The process that meets foreign bytes: reads them from stdin, answers integers and samples.

``python -m app.engine.media.worker images``: stdin carries jobs (length, then the file's bytes),
stdout answers each with STATUS, WIDTH, HEIGHT and RGB bytes. ``... audio``: stdin is the file
itself; stdout carries STATUS, RATE, CHANNELS, FRAMES, then blocks of 16 kHz mono int16 samples.
"""

from __future__ import annotations

import os
import struct
import sys
from typing import Any, BinaryIO

from app.engine.media.limits import (
    AUDIO_CPU_S,
    IMAGE_CPU_S,
    MAX_PIXELS,
    MAX_SIDE,
    allow_cpu,
    confine,
)

OK, DAMAGED, TOO_MANY_PIXELS, NO_MEMORY, NO_PCM, FALSE_SIZE = range(6)
JOB = struct.Struct("<Q")
PICTURE = struct.Struct("<III")
SOUND = struct.Struct("<IIIQ")
BLOCK = struct.Struct("<IQ")  # bytes that follow, source frames read so far
LOST = 2**32 - 1  # a block of this size says: the rest of the file is damaged
RATE = 16000
LEAST_SHARE = 4  # a file that holds less than a quarter of what it says it holds is no recording
MOST_CHUNKS = 1000
PCM = ("PCM_U8", "PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")


def main() -> int:
    job = {"images": serve_images, "audio": serve_audio}[sys.argv[1]]
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    try:
        job(source, sink)
        sink.flush()
    except BrokenPipeError:
        os._exit(0)
    return 0


# ------------------------------------------------------------------ pictures


def serve_images(source: BinaryIO, sink: BinaryIO) -> None:
    """Decode one picture after another until stdin ends."""
    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    warm = cv2.imencode(".png", np.zeros((2, 2, 3), np.uint8))[1]
    cv2.imdecode(warm, cv2.IMREAD_COLOR)  # whatever is loaded late is loaded now
    confine(IMAGE_CPU_S)
    while head := source.read(JOB.size):
        allow_cpu(IMAGE_CPU_S)
        status, pixels = _decode(cv2, np, source.read(JOB.unpack(head)[0]))
        height, width = (0, 0) if pixels is None else pixels.shape[:2]
        sink.write(PICTURE.pack(status, width, height))
        if pixels is not None:
            sink.write(memoryview(pixels).cast("B"))
        sink.flush()


def _decode(cv2: Any, np: Any, data: bytes) -> tuple[int, Any]:
    is_png = data.startswith(b"\x89PNG")
    if is_png and len(data) >= 24 and not _png_fits(*struct.unpack_from(">II", data, 16)):
        return TOO_MANY_PIXELS, None
    has_alpha = is_png and (data[25:26] in (b"\x04", b"\x06") or b"tRNS" in data[:4096])
    raw = np.frombuffer(data, np.uint8)
    try:
        if has_alpha:
            pixels = _on_white(cv2, np, cv2.imdecode(raw, cv2.IMREAD_UNCHANGED))
        else:
            pixels = cv2.imdecode(raw, cv2.IMREAD_COLOR_RGB)  # EXIF orientation applied
    except MemoryError:
        return NO_MEMORY, None
    except cv2.error as error:
        text = str(error)
        if "IO_MAX_IMAGE" in text or "CV_IO_MAX" in text:
            return TOO_MANY_PIXELS, None
        return (NO_MEMORY if "Insufficient memory" in text else DAMAGED), None
    if pixels is None or pixels.size == 0:
        return DAMAGED, None
    return OK, np.ascontiguousarray(pixels)


def _png_fits(width: int, height: int) -> bool:
    """libpng has limits of its own, and calls what is beyond them damaged."""
    return max(width, height) <= MAX_SIDE and width * height <= MAX_PIXELS


def _on_white(cv2: Any, np: Any, image: Any) -> Any:
    """A picture with alpha as it looks on paper: uint8 RGB [h, w, 3]."""
    if image is None:
        return None
    if image.dtype == np.uint16:
        image = (image >> 8).astype(np.uint8)
    if image.ndim == 2 or image.shape[2] < 4:
        return cv2.cvtColor(image, cv2.COLOR_GRAY2RGB if image.ndim == 2 else cv2.COLOR_BGR2RGB)
    out = np.empty((*image.shape[:2], 3), np.uint8)
    for y in range(0, len(image), 256):  # in strips: the products are four times as big
        strip = image[y : y + 256].astype(np.uint16)
        alpha = strip[..., 3:]
        blended = (strip[..., 2::-1] * alpha + 255 * (255 - alpha)) // 255
        out[y : y + 256] = blended.astype(np.uint8)
    return out


# ------------------------------------------------------------------ sound


def serve_audio(source: BinaryIO, sink: BinaryIO) -> None:
    """Stream the sound file that stdin is, as 16 kHz mono int16, block by block."""
    import numpy as np
    import soundfile
    import soxr

    soxr.ResampleStream(48000, RATE, 1, dtype="float32").resample_chunk(np.zeros(480, np.float32))
    confine(AUDIO_CPU_S)
    if promised(source.fileno()) > LEAST_SHARE * os.fstat(source.fileno()).st_size:
        sink.write(SOUND.pack(FALSE_SIZE, 0, 0, 0))
        return
    try:
        file = soundfile.SoundFile(source.fileno(), closefd=False)
    except (soundfile.LibsndfileError, RuntimeError):
        sink.write(SOUND.pack(DAMAGED, 0, 0, 0))
        return
    if file.format not in ("WAV", "WAVEX", "RF64", "FLAC") or file.subtype not in PCM:
        sink.write(SOUND.pack(NO_PCM, 0, 0, 0))
        return
    if not (1000 <= file.samplerate <= 768_000 and 1 <= file.channels <= 256):
        sink.write(SOUND.pack(DAMAGED, 0, 0, 0))
        return
    sink.write(SOUND.pack(OK, file.samplerate, file.channels, max(0, file.frames)))
    _stream(np, soundfile, soxr, file, sink)


def promised(number: int) -> int:
    """Bytes of sound that the header of an open RIFF or RF64 file says lie in it, 0 where it says
    nothing (FLAC); the place in the file is left at its start. libsndfile believes the file's
    length where the two differ, so that nobody would notice."""
    head, at, wide = _read_at(number, 12, 0), 12, 0
    if head[:4] not in (b"RIFF", b"RF64"):
        return 0
    for _ in range(MOST_CHUNKS):
        chunk = _read_at(number, 24, at)
        if len(chunk) < 8:
            return 0
        name, size = chunk[:4], int.from_bytes(chunk[4:8], "little")
        if name == b"ds64" and len(chunk) == 24:
            wide = int.from_bytes(chunk[16:24], "little")
        if name == b"data":
            return wide if wide and size == LOST else size
        at += 8 + size + size % 2
    return 0


def _read_at(number: int, size: int, at: int) -> bytes:
    os.lseek(number, at, os.SEEK_SET)
    data = os.read(number, size)
    os.lseek(number, 0, os.SEEK_SET)
    return data


def _stream(np: Any, soundfile: Any, soxr: Any, file: Any, sink: BinaryIO) -> None:
    block = max(256, min(file.samplerate, 2**21 // file.channels))  # about a second, at most 8 MB
    resampler = soxr.ResampleStream(file.samplerate, RATE, 1, dtype="float32")
    done = 0
    while True:
        try:
            samples = file.read(block, dtype="float32", always_2d=True)
        except (soundfile.LibsndfileError, RuntimeError):
            sink.write(BLOCK.pack(LOST, done))
            return
        done += len(samples)
        mono = np.nan_to_num(samples.mean(axis=1), nan=0.0, posinf=1.0, neginf=-1.0)
        last = len(samples) < block
        out = resampler.resample_chunk(np.ascontiguousarray(mono, np.float32), last=last)
        pcm = (np.clip(out, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
        if pcm:
            sink.write(BLOCK.pack(len(pcm), done))
            sink.write(pcm)
            sink.flush()
        if last:
            sink.write(BLOCK.pack(0, done))
            return


if __name__ == "__main__":
    sys.exit(main())

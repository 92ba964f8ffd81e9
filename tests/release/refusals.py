"""Feeds broken and hostile pictures, videos and sounds to the decoders:
``python tests/release/refusals.py [mutants] [bombs] [--images N] [--videos N] [--seed N]``.

For each kind: what came of it, the slowest answer, and the most memory that a decoding process
held (VmHWM, looked at every 5 ms). Figures go to stdout as JSON lines; the exit status is 1 where
an answer took over 2 s, a process held over 600 MB or a bomb was read.
"""

from __future__ import annotations

import argparse
import json
import struct
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

import cv2
import numpy as np

from app.engine.media.decode import ImageDecoder, decode_image, open_sound
from app.engine.media.video import open_video
from app.models.errors import BadInput
from tests.engine.pictures.clips import wall, write_clip

MOST_S, MOST_MB = 2.0, 600
WORKER = b"app.engine.media"


class Watcher(threading.Thread):
    """The most memory that any decoding process of ours was seen to hold, in kB."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_kb = 0
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.005):
            for task in Path("/proc/self/task").iterdir():
                try:
                    children = (task / "children").read_text().split()
                except OSError:
                    continue
                for child in children:
                    self.peak_kb = max(self.peak_kb, peak_of(child))


def peak_of(pid: str) -> int:
    """VmHWM of a decoding process in kB; 0 for others and for one that has gone."""
    place = Path("/proc") / pid
    try:
        if WORKER not in (place / "cmdline").read_bytes():
            return 0
        lines = (place / "status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(x.split()[1]) for x in lines if x.startswith("VmHWM")), 0)


class Tally:
    """Outcomes, the slowest answer and the largest worker of one kind of file."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.outcomes: dict[str, int] = {}
        self.slowest = 0.0
        self._watcher = Watcher()

    def __enter__(self) -> Tally:
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._watcher.done.set()
        self._watcher.join()
        peak = round(self._watcher.peak_kb / 1024)
        print(json.dumps({
            "what": self.what, "outcomes": self.outcomes, "slowest_s": round(self.slowest, 2),
            "worker_peak_mb": peak,
        }), flush=True)  # fmt: skip
        self.good = self.slowest < MOST_S and peak < MOST_MB

    def take(self, read: Callable[[], Any]) -> None:
        start = time.monotonic()
        try:
            read()
            outcome = "read"
        except BadInput as error:
            outcome = error.code
        self.slowest = max(self.slowest, time.monotonic() - start)
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1


# ------------------------------------------------------------------ mutants


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """Flipped, cut, doubled or overwritten bytes; the first sixteen mostly stay."""
    raw = bytearray(data)
    for _ in range(int(rng.integers(1, 30))):
        at = int(rng.integers(0 if rng.random() < 0.1 else 16, len(raw)))
        raw[at] = int(rng.integers(0, 256))
    kind = rng.integers(0, 4)
    if kind == 1:
        del raw[int(rng.integers(16, len(raw))) :]
    elif kind == 2:
        at, size = int(rng.integers(16, len(raw))), int(rng.integers(1, 200))
        raw[at:at] = rng.integers(0, 256, size, dtype=np.uint8).tobytes()
    elif kind == 3:
        at, size = int(rng.integers(16, len(raw))), int(rng.integers(1, 2000))
        raw[at : at + size] = b"\xff" * size
    return bytes(raw)


def read_video(path: Path) -> None:
    with open_video(path, every_s=0.2) as video:
        for _ in video.frames():
            pass


def read_sound(path: Path) -> None:
    with open_sound(path) as sound:
        for _ in sound.blocks():
            pass


def mutants(args: argparse.Namespace, folder: Path) -> bool:
    """Mutated pictures (in one decoder, as an import reads them) and videos (one each)."""
    rng, seen = np.random.default_rng(args.seed), wall(320, 240)
    pictures = [cv2.imencode(e, seen)[1].tobytes() for e in (".jpg", ".png")]
    with Tally("mutated images") as images, ImageDecoder() as decoder:
        decoder.decode_bytes(pictures[0], "whole")  # starting the process is not what is measured
        for i in range(args.images):
            data = mutated(pictures[i % 2], rng)
            images.take(lambda data=data: decoder.decode_bytes(data, "mutant"))  # type: ignore[misc]
    kinds = [("a.mp4", "mp4v"), ("a.avi", "MJPG"), ("a.mkv", "VP90"), ("a.mov", "mp4v")]
    frames = [np.roll(seen, 5 * i, axis=1) for i in range(15)]
    clips = [write_clip(folder / n, frames, 10.0, codec=c).read_bytes() for n, c in kinds]
    with Tally("mutated videos") as videos:
        path = folder / "mutant.bin"
        for i in range(args.videos):
            path.write_bytes(mutated(clips[i % len(clips)], rng))
            videos.take(lambda: read_video(path))
    return images.good and videos.good


# ------------------------------------------------------------------ bombs


def png_bomb(width: int, height: int) -> bytes:
    """Its header promises so many pixels; a few rows of them follow."""

    def chunk(name: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(width * 3 + 1) * 40, 9)
    return b"".join((
        b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", head), chunk(b"IDAT", rows), chunk(b"IEND", b""),
    ))  # fmt: skip


def jpeg_bomb() -> bytes:
    """A small JPEG whose frame header says 65,000 x 65,000."""
    data = bytearray(cv2.imencode(".jpg", wall(64, 48))[1].tobytes())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", 65000, 65000)
    return bytes(data)


def wav_bomb(promised: int) -> bytes:
    """400 bytes of sound; the header says ``promised``: RIFF to 4 GB, RF64 beyond."""
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 2, 48000, 192000, 4, 16)
    if promised < 2**32:
        whole = struct.pack("<I", min(promised + 36, 2**32 - 1))
        data = b"data" + struct.pack("<I", promised)
        return b"RIFF" + whole + b"WAVE" + form + data + bytes(400)
    wide = b"ds64" + struct.pack("<IQQQI", 28, promised + 72, promised, promised // 4, 0)
    return b"RF64\xff\xff\xff\xffWAVE" + wide + form + b"data\xff\xff\xff\xff" + bytes(400)


def huge_avi(folder: Path) -> bytes:
    """A video whose header says 16,000 x 16,000."""
    clip = write_clip(folder / "small.avi", [wall(64, 48)] * 5, 10.0, codec="MJPG")
    data = bytearray(clip.read_bytes())
    at = data.index(b"strf") + 8
    data[at + 4 : at + 12] = struct.pack("<ii", 16000, 16000)
    return bytes(data)


PLAYLIST = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n" * 50
BOMBS: tuple[tuple[str, Callable[[Path], bytes], Callable[[Path], Any]], ...] = (
    ("30,000 x 30,000 PNG", lambda f: png_bomb(30_000, 30_000), decode_image),
    ("65,000 x 65,000 JPEG", lambda f: jpeg_bomb(), decode_image),
    ("playlist as video", lambda f: PLAYLIST, read_video),
    ("playlist behind a video's head", lambda f: b"\0\0\0\x10ftypisom\0\0\0\0\n" + PLAYLIST,
     read_video),
    ("16,000 x 16,000 AVI", huge_avi, read_video),
    ("4 GB WAV header", lambda f: wav_bomb(2**32 - 1), read_sound),
    ("3 GB WAV header", lambda f: wav_bomb(3 * 2**30), read_sound),
    ("1 TB RF64 header", lambda f: wav_bomb(2**40), read_sound),
)  # fmt: skip


def bombs(args: argparse.Namespace, folder: Path) -> bool:
    """Small files that promise too much."""
    good = True
    for name, made, read in BOMBS:
        path = folder / "bomb"
        path.write_bytes(made(folder))
        with Tally(name) as tally:
            tally.take(lambda read=read, path=path: read(path))  # type: ignore[misc]
        good = good and tally.good and "read" not in tally.outcomes
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", choices=("mutants", "bombs"))
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--videos", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    known = {"mutants": mutants, "bombs": bombs}
    with tempfile.TemporaryDirectory() as folder:
        results = [known[what](args, Path(folder)) for what in args.what or known]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Measures pictures and videos in, sketches out: ``python tests/release/pictures.py WHAT ...``.

WHAT: faces, refuse, video, speed, sketch. Counts are options; nothing is written but
--out. Figures go to stdout as JSON lines.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

import cv2
import numpy as np

from app.engine.align import FaceFinder
from app.engine.api import EncodeFace, EnhanceFace, ReadPicture, ScanVideo
from app.engine.landmark_net import LandmarkNet
from app.engine.media.decode import ImageDecoder, open_sound
from app.engine.media.video import open_video
from app.engine.runtime import Runtime
from app.engine.sketch import draw_sketch
from app.models.errors import BadInput
from tests.engine.pictures.clips import Actor, frame_at, wall, write_clip

MODEL = REPOSITORY / "resources" / "models" / "default"


def say(**figures: Any) -> None:
    print(json.dumps(figures), flush=True)


def photos(args: argparse.Namespace) -> list[np.ndarray]:
    files = sorted((args.shared / "photos").glob("*.jpg"))[: args.count]
    return [np.ascontiguousarray(cv2.imread(str(f))[:, :, ::-1]) for f in files]


# ------------------------------------------------------------------ detection


def jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", picture, [1, quality])[1], 1)


def smaller(by: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda p: cv2.resize(p, None, fx=1 / by, fy=1 / by, interpolation=cv2.INTER_AREA)


def turned(turns: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda p: np.ascontiguousarray(np.rot90(p, turns))


WAYS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "plain": lambda p: p, "turned 90": turned(3), "turned 180": turned(2), "turned 270": turned(1),
    "1/2": smaller(2), "1/4": smaller(4), "1/8": smaller(8),
    "dark 1/4": lambda p: (p * 0.25).astype(np.uint8),
    "dark 1/10": lambda p: (p * 0.1).astype(np.uint8),
    "jpeg 30": lambda p: jpeg(p, 30),
}  # fmt: skip


def faces(args: argparse.Namespace) -> None:
    """Recall of the face in the middle, faces elsewhere, processor time, by detector and way; and
    how far landmarks move, in eye distances, against the plain picture."""
    net = LandmarkNet.load(MODEL / "landmarks.safetensors")
    yunet = args.shared / "yunet" / "face_detection_yunet.onnx"
    pictures = photos(args)
    for name, finder in (("haar", FaceFinder(net)), ("yunet", FaceFinder(net, yunet))):
        base: dict[int, np.ndarray] = {}
        for way, change in WAYS.items():
            hits, others, right_turn, gaps = 0, 0, 0, []
            start = time.process_time()
            for i, picture in enumerate(pictures):
                changed = change(picture)
                found, turns = finder.find_turned(changed)
                side = max(changed.shape[:2])
                mine = [f for f in found if np.abs(f.points.mean(0) / side - 0.5).max() < 0.15]
                hits += bool(mine)
                others += len(found) - bool(mine)
                right_turn += bool(mine) and turns == {"turned 90": 3, "turned 180": 2,
                                                       "turned 270": 1}.get(way, 0)  # fmt: skip
                if mine and way == "plain":
                    base[i] = mine[0].points / side
                elif mine and i in base:
                    eyes = np.linalg.norm(base[i][30] - base[i][41])
                    gaps.append(
                        np.linalg.norm(mine[0].points / side - base[i], axis=1).mean() / eyes
                    )
            spent = 1000 * (time.process_time() - start) / len(pictures)
            say(what="faces", detector=name, way=way, photos=len(pictures),
                recall=hits / len(pictures),
                upright=right_turn / len(pictures), elsewhere=others,
                landmark_shift=round(float(np.mean(gaps)), 4) if gaps else None,
                cpu_ms=round(spent, 1))  # fmt: skip


# ------------------------------------------------------------------ refusals


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


def peak_of(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    return next((int(x.split()[1]) for x in text.splitlines() if x.startswith("VmHWM")), 0)


class Tally:
    """Outcomes, slowest answers and the largest worker seen."""

    def __init__(self) -> None:
        self.outcomes: dict[str, int] = {}
        self.slowest = 0.0
        self.peak_kb = 0

    def take(self, read: Callable[[], int]) -> None:
        start = time.monotonic()
        try:
            self.peak_kb = max(self.peak_kb, read())
            outcome = "read"
        except BadInput as error:
            outcome = error.code
        self.slowest = max(self.slowest, time.monotonic() - start)
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    def say(self, what: str) -> None:
        say(what=what, outcomes=self.outcomes, slowest_s=round(self.slowest, 2),
            worker_peak_mb=round(self.peak_kb / 1024))  # fmt: skip


def read_video(path: Path) -> int:
    with open_video(path, every_s=0.2) as video:
        for _ in video.frames():
            pass
        return peak_of(video.process.pid)


def refuse(args: argparse.Namespace) -> None:
    """Mutated pictures and videos, and bombs."""
    rng = np.random.default_rng(args.seed)
    face = photos(args)[0]
    seeds = [cv2.imencode(e, face[:, :, ::-1])[1].tobytes() for e in (".jpg", ".png")]
    tally = Tally()
    with ImageDecoder() as decoder:

        def decode(data: bytes) -> int:
            decoder.decode_bytes(data, "mutated")
            return peak_of(decoder._process.pid) if decoder._process else 0

        for i in range(args.images):
            data = mutated(seeds[i % 2], rng)
            tally.take(lambda data=data: decode(data))  # type: ignore[misc]
    tally.say("mutated images")
    with tempfile.TemporaryDirectory() as folder:
        _videos(args, Path(folder), face, rng)
        _bombs(Path(folder))


def _videos(args: argparse.Namespace, folder: Path, face: np.ndarray, rng: Any) -> None:
    kinds = [("a.mp4", "mp4v"), ("a.avi", "MJPG"), ("a.mkv", "VP90"), ("a.mov", "mp4v")]
    frames = [np.roll(face, 5 * i, axis=1) for i in range(15)]
    seeds = [write_clip(folder / n, frames, 10.0, codec=c).read_bytes() for n, c in kinds]
    tally = Tally()
    for i in range(args.videos):
        path = folder / "mutated.bin"
        path.write_bytes(mutated(seeds[i % len(seeds)], rng))
        tally.take(lambda path=path: read_video(path))  # type: ignore[misc]
    tally.say("mutated videos")


def _bombs(folder: Path) -> None:
    import struct
    import zlib

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(30001 * 3) * 40, 9)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    (folder / "bomb.png").write_bytes(png)
    (folder / "list.mp4").write_bytes(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n" * 50)
    (folder / "posing.mp4").write_bytes(
        b"\0\0\0\x10ftypisom\0\0\0\0" + b"\n#EXTM3U\nfile:///etc/passwd\n" * 50
    )
    wav = b"RIFF\xff\xff\xff\xffWAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 2, 48000, 192000, 4, 16)
    (folder / "huge.wav").write_bytes(wav + b"data\xff\xff\xff\xff" + bytes(400))

    def picture() -> int:
        with ImageDecoder() as decoder:
            decoder.decode(folder / "bomb.png")
        return 0

    def sound() -> int:
        with open_sound(folder / "huge.wav") as file:
            for _ in file.blocks():
                pass
            return peak_of(file.process.pid)

    bombs: dict[str, Callable[[], int]] = {
        "30,000 x 30,000 PNG": picture,
        "playlist as video": lambda: read_video(folder / "list.mp4"),
        "playlist behind a video's head": lambda: read_video(folder / "posing.mp4"),
        "4 GB WAV header": sound,
    }
    for name, read in bombs.items():
        tally = Tally()
        tally.take(read)
        tally.say(name)


# ------------------------------------------------------------------ video


def video(args: argparse.Namespace) -> None:
    """Three persons moving, a crossing, motion blur and two cuts: who is found, how fast, and where
    the best frame of each lies among all its frames by quality."""
    faces_ = photos(args)
    back, other = wall(640, 480), 255 - wall(640, 480, 5)
    actors = [
        Actor(faces_[3], lambda t: (100 + 110 * t, 200, 220) if t < 4 else
              (200 + 20 * t, 200, 180) if t >= 6 else None, lambda t: 9 if 1 < t < 2 else 0),
        Actor(faces_[20], lambda t: (560 - 110 * t, 260, 200) if t < 4 else None),
        Actor(faces_[41], lambda t: (320, 240, 260 - 10 * t) if 4 <= t < 6 else None),
    ]  # fmt: skip
    runtime = Runtime()
    runtime.load()
    with tempfile.TemporaryDirectory() as folder:
        path = write_clip(
            Path(folder) / "clip.mp4",
            lambda t: frame_at(t, back if t < 4 or t >= 6 else other, actors), 25.0, 8.0,
        )  # fmt: skip
        wall_s, cpu_s = time.monotonic(), time.process_time()
        read = runtime.answer(ScanVideo(str(path)), lambda e: None, lambda: None)
        wall_s, cpu_s = time.monotonic() - wall_s, time.process_time() - cpu_s
        say(what="video", persons=len(read.persons), expected=3, seconds=read.seconds,
            wall_s=round(wall_s, 1), cpu_s=round(cpu_s, 1),
            real_time_by_cpu_on_two_cores=round(2 * read.seconds / cpu_s, 2))  # fmt: skip
        for person in read.persons:
            say(what="person", first_s=person.first_s, last_s=person.last_s,
                sightings=person.sightings, best_s=person.best[0].time_s,
                best=person.best[0].quality.overall,
                blurred_best=1 < person.best[0].time_s < 2 and person.index == 0)  # fmt: skip


# ------------------------------------------------------------------ speed, sketches


def speed(args: argparse.Namespace) -> None:
    """Detector frames a second at 640x480 (with landmarks), encoding, refining, enhancing."""
    net = LandmarkNet.load(MODEL / "landmarks.safetensors")
    yunet = args.shared / "yunet" / "face_detection_yunet.onnx"
    face = photos(args)[3]
    frame = wall(640, 480)
    frame[100:350, 200:450] = face
    for name, finder in (("haar", FaceFinder(net)), ("yunet", FaceFinder(net, yunet))):
        finder.find(frame)
        start, wall_s = time.process_time(), time.monotonic()
        for _ in range(args.repeats):
            finder.find(frame)
        cpu = (time.process_time() - start) / args.repeats
        say(what="detector", detector=name, cpu_ms=round(1000 * cpu, 1),
            fps_one_core=round(1 / cpu, 1), fps_two_cores_by_cpu=round(2 / cpu, 1),
            wall_ms=round(1000 * (time.monotonic() - wall_s) / args.repeats, 1))  # fmt: skip
    runtime = Runtime()
    runtime.load()
    files = sorted((args.shared / "photos").glob("*.jpg"))[: args.repeats]
    runtime.answer(ReadPicture(str(files[0])), lambda e: None, lambda: None)
    fidelities: dict[str, int] = {}
    start = time.process_time()
    for file in files:
        done = runtime.answer(EncodeFace(str(file)), lambda e: None, lambda: None)
        fidelities[done.fidelity] = fidelities.get(done.fidelity, 0) + 1
    say(what="encode", photos=len(files), fidelity=fidelities,
        cpu_s=round((time.process_time() - start) / len(files), 2))  # fmt: skip
    start = time.process_time()
    done = runtime.answer(EnhanceFace(str(files[0]), count=6), lambda e: None, lambda: None)
    say(what="enhance", faces=len(done.faces), cpu_s=round(time.process_time() - start, 1))


def slopes(grey: np.ndarray) -> np.ndarray:
    soft = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.5)
    return np.hypot(cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1))


def sketch(args: argparse.Namespace) -> None:
    """Gradient agreement (correlation of slope sizes) of drawings with the face they show, beside
    OpenCV's pencilSketch and a plain edge map."""
    rows: dict[str, list[float]] = {}
    grid = []
    for picture in _generated(args.count):
        large = cv2.resize(picture, (512, 512), interpolation=cv2.INTER_CUBIC)
        grey = cv2.cvtColor(large, cv2.COLOR_RGB2GRAY)
        drawn = {s: draw_sketch(picture, s, 512)[..., 0] for s in ("pencil", "ink")}
        drawn["opencv pencilSketch"] = cv2.pencilSketch(large[:, :, ::-1])[0]
        drawn["edges"] = 255 - cv2.Canny(cv2.GaussianBlur(grey, (0, 0), 2), 20, 60)
        for name, drawing in drawn.items():
            agreed = np.corrcoef(slopes(drawing).ravel(), slopes(grey).ravel())[0, 1]
            rows.setdefault(name, []).append(float(agreed))
        grid.append(np.concatenate([cv2.resize(d, (192, 192)) for d in [grey, *drawn.values()]], 0))
    for name, values in rows.items():
        say(what="sketch out", style=name, faces=len(values), agreement=round(np.mean(values), 3))
    if args.out:
        cv2.imwrite(str(args.out), np.concatenate(grid, 1))


def _generated(count: int) -> Iterator[np.ndarray]:
    painter = Runtime().load()
    for seed in range(count):
        yield painter.pixels_of(painter.wide(painter.sample(seed)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="+", choices=("faces", "refuse", "video", "speed", "sketch"))
    parser.add_argument("--shared", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--count", type=int, default=200, help="photos, or faces to draw")
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--videos", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="sketch: a grid of drawings")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    for what in args.what:
        {"faces": faces, "refuse": refuse, "video": video, "speed": speed, "sketch": sketch}[what](
            args
        )


if __name__ == "__main__":
    main()

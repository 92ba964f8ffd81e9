"""Measures pictures and videos in, sketches out: ``python tests/release/pictures.py WHAT ...``.

WHAT: faces, faceless, speed, sketch (videos: persons.py; refused files: refusals.py). Counts
are options; nothing is written but --out (photographs stay out of the repository). Figures go to
stdout as JSON lines.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

import cv2
import numpy as np

from app.engine.align import Face, FaceFinder
from app.engine.api import EncodeFace, EnhanceFace, ReadPicture
from app.engine.landmark_net import LandmarkNet
from app.engine.runtime import Runtime
from app.engine.sketch import draw_sketch
from tests.engine.pictures.clips import wall

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
TURNS = {"turned 90": 3, "turned 180": 2, "turned 270": 1}


def faces(args: argparse.Namespace) -> None:
    """Recall of the face in the middle, faces elsewhere, processor time, by detector and way; and
    how far landmarks move, in eye distances, against the plain picture. With ``--out``, a page of
    every picture whose face was missed (red) or that showed one elsewhere (yellow: a bystander or
    a false alarm)."""
    net = LandmarkNet.load(MODEL / "landmarks.safetensors")
    yunet = args.shared / "yunet" / "face_detection_yunet.onnx"
    pictures, page = photos(args), []
    finders = {"haar": FaceFinder(net), "yunet": FaceFinder(net, yunet)}
    for name in args.detectors:
        base: dict[int, np.ndarray] = {}
        for way, change in WAYS.items():
            hits, others, right_turn, gaps = 0, 0, 0, []
            start = time.process_time()
            for i, picture in enumerate(pictures):
                changed = change(picture)
                found, turns = finders[name].find_turned(changed)
                side = max(changed.shape[:2])
                mine = [f for f in found if np.abs(f.points.mean(0) / side - 0.5).max() < 0.15]
                hits += bool(mine)
                others += len(found) - bool(mine)
                right_turn += bool(mine) and turns == TURNS.get(way, 0)
                if mine and way == "plain":
                    base[i] = mine[0].points / side
                elif mine and i in base:
                    eyes = np.linalg.norm(base[i][30] - base[i][41])
                    gaps.append(
                        np.linalg.norm(mine[0].points / side - base[i], axis=1).mean() / eyes
                    )
                if not mine or len(found) > 1:
                    page.append((name, way, i, marked(np.rot90(changed, -turns), found, mine)))
            spent = 1000 * (time.process_time() - start) / len(pictures)
            say(what="faces", detector=name, way=way, photos=len(pictures),
                recall=round(hits / len(pictures), 4),
                upright=right_turn / len(pictures), elsewhere=others,
                landmark_shift=round(float(np.mean(gaps)), 4) if gaps else None,
                cpu_ms=round(spent, 1))  # fmt: skip
    if args.out:
        write_page(args.out, page)


def faceless(args: argparse.Namespace) -> None:
    """False alarms in pictures without a face: textured walls, and photographs whose middle is
    painted over with their own left edge."""
    net = LandmarkNet.load(MODEL / "landmarks.safetensors")
    yunet = args.shared / "yunet" / "face_detection_yunet.onnx"
    finders = {"haar": FaceFinder(net), "yunet": FaceFinder(net, yunet)}
    walls = [wall(640, 480, seed) for seed in range(args.count // 4)]
    empty = []
    for picture in photos(args):
        painted = picture.copy()
        painted[20:, 45:205] = np.repeat(picture[20:, 40:45].mean(1, keepdims=True), 160, 1)
        empty.append(painted)
    for name in args.detectors:
        for kind, pictures in (("walls", walls), ("painted over", empty)):
            for way in ("plain", "dark 1/10"):
                found = [len(finders[name].find(WAYS[way](p))) for p in pictures]
                say(what="faceless", detector=name, kind=kind, way=way, pictures=len(pictures),
                    false_alarms=sum(found))  # fmt: skip


def marked(picture: np.ndarray, found: Sequence[Face], mine: Sequence[Face]) -> np.ndarray:
    """A picture in a red frame where its face was missed, the faces found in it boxed."""
    scale = 160 / max(picture.shape[:2])
    out = cv2.resize(np.ascontiguousarray(picture), None, fx=scale, fy=scale)
    bright = 200 / max(float(np.percentile(out, 98)), 12.5)
    out = cv2.convertScaleAbs(out, alpha=max(1.0, bright))  # so that a dark one can be looked at
    for face in found:
        x, y, w, h = (round(v * scale) for v in face.box)
        colour = (0, 220, 0) if any(face is m for m in mine) else (250, 220, 0)
        cv2.rectangle(out, (x, y), (x + w, y + h), colour, 2)
    return out if mine else cv2.copyMakeBorder(out, 4, 4, 4, 4, 0, value=(230, 0, 0))


def write_page(path: Path, page: Sequence[tuple[str, str, int, np.ndarray]]) -> None:
    """An HTML page of pictures with what they are; for looking at, never for the project."""
    parts, head = ["<meta charset=utf-8><title>Failures</title>"], ""
    for name, way, number, picture in page:
        if head != (head := f"{name}, {way}"):
            parts.append(f"<h2>{head}</h2>")
        png = cv2.imencode(".png", picture[:, :, ::-1])[1].tobytes()
        code = base64.b64encode(png).decode()
        parts.append(f'<img title="{number:03d}" src="data:image/png;base64,{code}">')
    path.write_text("\n".join(parts), encoding="utf-8")


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
    parser.add_argument("what", nargs="+", choices=("faces", "faceless", "speed", "sketch"))
    parser.add_argument("--shared", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--count", type=int, default=200, help="photos, or faces to draw")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--out", type=Path, help="sketch: a PNG; faces: an HTML page of failures")
    parser.add_argument("--detectors", nargs="+", default=["haar", "yunet"],
                        choices=["haar", "yunet"])
    args = parser.parse_args()
    cv2.setNumThreads(1)
    known = {"faces": faces, "faceless": faceless, "speed": speed, "sketch": sketch}
    for what in args.what:
        known[what](args)


if __name__ == "__main__":
    main()

"""Measures how persons are told apart in videos: ``python tests/release/persons.py WHAT ...``.

WHAT: video (clips made of photographs of others, looked through), looks (how alike two crops of one
photograph and of two are). Figures go to stdout as JSON lines; nothing is written.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

import cv2
import numpy as np

from app.engine.align import aligned
from app.engine.api import ScanVideo
from app.engine.pictures import people
from app.engine.pictures.reading import reader_of
from app.engine.pictures.video import looks_of
from app.engine.runtime import Runtime
from tests.engine.pictures.clips import Actor, frame_at, wall, write_clip


def say(**figures: Any) -> None:
    print(json.dumps(figures), flush=True)


def photos(args: argparse.Namespace) -> list[np.ndarray]:
    files = sorted((args.shared / "photos").glob("*.jpg"))[: args.count]
    return [np.ascontiguousarray(cv2.imread(str(f))[:, :, ::-1]) for f in files]


def video(args: argparse.Namespace) -> None:
    """Clips of five persons: two crossing, one blurred by motion for a second, hard cuts to others
    who sit in the same place: who is found, how fast, and where the best frame of each lies among
    all its frames by quality."""
    runtime, rng = Runtime(), np.random.default_rng(args.seed)
    pictures = photos(args)
    runtime.load()
    found, ranks, spent, length = [], [], 0.0, 0.0
    for number in range(args.clips):
        who = [pictures[i] for i in rng.permutation(len(pictures))[:5]]
        with tempfile.TemporaryDirectory() as folder:
            path = str(_clip(Path(folder), who, number))
            start = time.process_time()
            with Sightings() as seen:
                read = runtime.answer(ScanVideo(path), lambda e: None, lambda: None)
            spent, length = spent + time.process_time() - start, length + read.seconds
        found.append(len(read.persons))
        ranks += [seen.rank(person) for person in read.persons]
    say(what="video", clips=args.clips, persons_expected=5, persons_found=found,
        best_frame_in_top_10_percent=f"{sum(r <= 0.1 for r in ranks)}/{len(ranks)}",
        worst_rank=round(max(ranks), 3), seconds=length, cpu_s=round(spent, 1),
        real_time_by_cpu_on_two_cores=round(2 * length / spent, 2))  # fmt: skip


def _clip(folder: Path, who: list[np.ndarray], number: int) -> Path:
    """12 s: two cross, then hard cuts between three who sit where the one before sat."""
    back, other = wall(640, 480, number), 255 - wall(640, 480, number + 50)

    def sits(first: float) -> Callable[[float], tuple[float, float, float] | None]:
        return lambda t: (320, 240, 230) if first <= t < first + 2 else None

    actors = [
        Actor(who[0], lambda t: (100 + 110 * t, 200, 220) if t < 4 else
              (200 + 20 * t, 220, 180) if t >= 10 else None, lambda t: 9 if 1 < t < 2 else 0),
        Actor(who[1], lambda t: (560 - 110 * t, 260, 200) if t < 4 else None),
        *(Actor(face, sits(4.0 + 2 * i)) for i, face in enumerate(who[2:])),
    ]  # fmt: skip
    return write_clip(
        folder / "clip.mp4",
        lambda t: frame_at(t, back if t < 4 or t >= 10 else other, actors), 25.0, 12.0,
    )  # fmt: skip


class Sightings:
    """Notes all faces that a scan meets, to rank its choice among them."""

    def __enter__(self) -> Sightings:
        self.tracks: list[Any] = []
        self._added, noted = people.Track.add, self.tracks

        def add(track: Any, seen: Any) -> None:
            noted.append((track, seen.face))
            self._added(track, seen)

        people.Track.add = add  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        people.Track.add = self._added  # type: ignore[method-assign]

    def rank(self, person: Any) -> float:
        """Share of the person's sightings that are better than the frame chosen as the best."""
        best = person.best[0]
        times = {(f.time_s, f.box) for f in person.best}
        mine = {id(t) for t, f in self.tracks if (f.time_s, f.box) in times}
        seen = [f.quality.overall for t, f in self.tracks if id(t) in mine]
        return sum(q > best.quality.overall for q in seen) / max(len(seen), 1)


def as_in_a_video(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The photograph smaller, at times blurred by motion, leaning, in other light, as JPEG."""
    scale = float(rng.choice([1.0, 0.8, 0.6, 0.45]))
    out = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if rng.random() < 0.4:
        out = cv2.blur(out, (int(rng.integers(2, 6)), 1))
    height, width = out.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-8, 8), 1)
    out = cv2.warpAffine(out, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    out = np.clip(out * rng.uniform(0.6, 1.25) + rng.uniform(-15, 15), 0, 255).astype(np.uint8)
    return cv2.imdecode(cv2.imencode(".jpg", out, [1, int(rng.integers(30, 80))])[1], 1)


def looks(args: argparse.Namespace) -> None:
    """Cosines of looks: percentiles within one photograph and between two, and the share of pairs
    of one that lie above the 99.9th of others."""
    rng, runtime = np.random.default_rng(args.seed), Runtime()
    reader = reader_of(runtime, runtime.load())
    crops, who = [], []
    for i, picture in enumerate(photos(args)):
        for turn in range(4):
            shown = as_in_a_video(picture, rng) if turn else picture
            side = max(shown.shape[:2])
            for face in reader.finder.find(shown):
                if np.abs(face.points.mean(0) / side - 0.5).max() < 0.15:
                    crops.append(aligned(shown, face))
                    who.append(i)
                    break
    seen = np.stack(looks_of(reader, np.stack(crops)))
    first, second = np.triu_indices(len(seen), 1)
    alike, same = (seen @ seen.T)[first, second], np.equal.outer(who, who)[first, second]
    cut = float(np.quantile(alike[~same], 0.999))
    say(what="looks", crops=len(crops),
        same_1_5_50=np.percentile(alike[same], (1, 5, 50)).round(3).tolist(),
        others_50_99_99_9=np.percentile(alike[~same], (50, 99, 99.9)).round(3).tolist(),
        same_above=round(float((alike[same] >= cut).mean()), 4))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="+", choices=("video", "looks"))
    parser.add_argument("--shared", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--count", type=int, default=120, help="photos")
    parser.add_argument("--clips", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    for what in args.what:
        {"video": video, "looks": looks}[what](args)


if __name__ == "__main__":
    main()

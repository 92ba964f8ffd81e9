"""Measures drawings in: ``python tests/release/drawings.py --kit KIT [--count N] [--out PNG]``.

Held-out training faces drawn in trained and in unseen styles, read by the sketch net, drawn by the
generator: SSIM with the photograph (beside what the true code and the mean face reach), and how
often the attribute net reads the same from both. Figures go to stdout as JSON lines.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

import cv2
import numpy as np
import torch

from app.engine.pictures.from_sketch import read_drawing, sketch_net_of
from app.engine.pictures.reading import reader_of
from app.engine.runtime import Runtime
from app.engine.training.facedata import load_face_data
from app.engine.training.sketch_net import drawing
from app.engine.training.sketches import TRAINED, UNSEEN

SAME = ("sex", "ethnicity", "expression", "beard", "glasses", "hair_color")


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Structural similarity of two grey pictures (Wang et al. 2004: Gaussian window, sd 1.5)."""
    x, y = a.astype(np.float64), b.astype(np.float64)

    def soft(v: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(v, (11, 11), 1.5)

    mx, my = soft(x), soft(y)
    vx, vy, c = soft(x * x) - mx * mx, soft(y * y) - my * my, soft(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    out = (2 * mx * my + c1) * (2 * c + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2))
    return float(out[5:-5, 5:-5].mean())


def grey(rgb: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)


def measure(args: argparse.Namespace, kind: str, styles: dict[str, Any]) -> np.ndarray:
    data = load_face_data(args.kit)
    runtime = Runtime(args.model)
    painter = runtime.load()
    net, reader = sketch_net_of(runtime, painter), reader_of(runtime, painter)
    rng, names = np.random.default_rng(1), list(styles)
    scores: dict[str, list[float]] = {"drawing": [], "true code": [], "mean face": []}
    pairs, grid = [], []
    for k, i in enumerate(data.held_out[: args.count]):
        photo = np.ascontiguousarray(data.pixels[i].transpose(1, 2, 0))
        drawn = drawing(data, int(i), styles[names[k % len(names)]], rng)

        def face(code: np.ndarray) -> np.ndarray:
            w = (code * reader.code_scale + reader.w_offset).astype(np.float32)
            return painter.pixels_of(painter.wide(w))

        found = face(read_drawing(net, drawn))
        others = {"true code": face(data.codes[i]), "mean face": face(0 * data.codes[i])}
        for name, picture in {"drawing": found, **others}.items():
            scores[name].append(ssim(grey(picture), grey(photo)))
        pairs.append((photo, found))
        grid.append(np.concatenate([np.repeat(drawn[..., None], 3, 2), found, photo], 0))
    reads = [reader.net.read(np.stack(side)) for side in zip(*pairs, strict=True)]
    first, second = (read.probabilities for read in reads)
    known = [n for n in SAME if n in first]
    agreed = {n: float((first[n].argmax(1) == second[n].argmax(1)).mean()) for n in known}
    years = np.abs(reads[0].scalars["age"] - reads[1].scalars["age"]).mean()
    print(
        json.dumps(
            {
                "styles": kind, "faces": len(pairs),
                "ssim": {n: round(float(np.mean(v)), 3) for n, v in scores.items()},
                "same": {n: round(v, 2) for n, v in agreed.items()},
                "years": round(float(years), 1),
            }
        ),
        flush=True,
    )  # fmt: skip
    return np.concatenate(grid, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kit", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="model folder (default: the bundled one)")
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    rows = [measure(args, "trained", TRAINED), measure(args, "unseen", UNSEEN)]
    if args.out:
        cv2.imwrite(str(args.out), np.concatenate(rows, 0)[:, :, ::-1])


if __name__ == "__main__":
    main()

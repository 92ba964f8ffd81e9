"""Lineups measured: fairness without a hand touching, mock witnesses, fine-tuning, bad photographs.

    python tests/release/lineups.py --photos ../shared/data/photos --count 30
    python tests/release/lineups.py --photos ... --tune 15,60,180 --tuned 3

Prints one JSON object; ``--sheets DIR`` leaves contact sheets (of real photographs: not for the
project). A simulated mock witness knows a few attributes of the suspect's photograph in words, sees
every member as the attribute net does, and picks whom the words fit best, with some noise.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from app.engine.api import (
    AssessLineup,
    LineupFace,
    MakeFillers,
    ReadSuspect,
    TuneSuspect,
)
from app.engine.lineup.studio import Studio, face_of, studio_of
from app.engine.runtime import Runtime
from app.models.errors import PortraitError
from app.models.fairness import figures
from app.models.lineup import FILLER

TOLD = ("sex", "age", "ethnicity", "skin", "hair_color", "hair_length", "beard", "moustache",
        "glasses", "build", "wrinkles", "hairline", "eyebrows", "lips", "nose_size", "face_shape")
MENTIONED, NOISE, YEARS = 6, 0.5, 7.0
WITNESSES = 200


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--policy", default="rendered")
    parser.add_argument("--look", default="photo")
    parser.add_argument("--tune", default="", help="seconds, with commas")
    parser.add_argument("--tuned", type=int, default=3, help="suspects that are fine-tuned")
    parser.add_argument("--sheets", type=Path)
    args = parser.parse_args()
    runtime = Runtime(device="cpu")
    studio = studio_of(runtime)
    answer: dict[str, Any] = {"model": studio.painter.sha256[:12], "threads": runtime.threads}
    if args.count:
        answer["lineups"] = lineups(runtime, studio, args)
    if args.tune:
        answer["tuning"] = tunings(runtime, args)
    answer["bad_photos"] = bad_photos(runtime, args.photos)
    print(json.dumps(answer, indent=1))
    return 0


def ask(runtime: Runtime, request: Any) -> Any:
    return runtime.answer(request, lambda event: None, lambda: None)


def lineups(runtime: Runtime, studio: Studio, args: argparse.Namespace) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    refused: dict[str, str] = {}
    for path in sorted(args.photos.glob("*.jpg")):
        if len(rows) == args.count:
            break
        began, used = time.monotonic(), time.process_time()
        try:
            suspect = ask(runtime, ReadSuspect(str(path)))
        except PortraitError as error:
            refused[path.name] = error.code
            continue
        made = ask(runtime, MakeFillers(suspect, policy=args.policy, look=args.look, seed=1))
        faces = (made.suspect, *made.fillers)
        found = ask(runtime, AssessLineup(faces))
        wall, cpu = time.monotonic() - began, time.process_time() - used
        own = [c for c in found.concerns if c.member == 0]
        strangers = (made.suspect, *random_fillers(studio, len(rows)))
        apart = np.array(found.distances)[np.triu_indices(6, 1)]
        rows.append({
            "photo": path.name, "fidelity": suspect.fidelity, "wall_s": round(wall, 1),
            "cpu_s": round(cpu, 1),
            "suspect_stands_out": sum(c.kind.startswith("stands_out") for c in own),
            "any_stands_out": sum(c.kind.startswith("stands_out") for c in found.concerns),
            "all_concerns": len(found.concerns),
            "named": [f"{c.kind}:{c.attribute}" for c in own],
            "effective": effective(studio, suspect, faces, len(rows)),
            "functional": functional(studio, suspect, faces, len(rows)),
            "effective_random": effective(studio, suspect, strangers, len(rows)),
            "nearest": float(apart.min()), "mean_distance": float(apart.mean()),
        })  # fmt: skip
        print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
        if args.sheets:
            keep_sheet(args.sheets, path, suspect, faces)
    return {**summary(rows), "refused": refused, "rows": rows}


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    def column(name: str) -> np.ndarray[Any, Any]:
        return np.array([r[name] for r in rows], float)

    e, r = column("effective"), column("effective_random")
    return {
        "suspects": len(rows),
        "suspect_never_stands_out": float((column("suspect_stands_out") == 0).mean()),
        "nobody_stands_out": float((column("any_stands_out") == 0).mean()),
        "stands_out_warnings_mean": float(column("any_stands_out").mean()),
        "stands_out_warnings_worst": float(column("any_stands_out").max()),
        "effective_mean": float(e.mean()), "effective_worst": float(e.min()),
        "effective_random_mean": float(r.mean()), "effective_random_worst": float(r.min()),
        "functional_median": float(np.median(column("functional"))),
        "wall_s_mean": float(column("wall_s").mean()),
        "wall_s_worst": float(column("wall_s").max()),
        "cpu_s_mean": float(column("cpu_s").mean()), "cpu_s_worst": float(column("cpu_s").max()),
    }  # fmt: skip


def random_fillers(studio: Studio, number: int) -> list[LineupFace]:
    """Five faces of the model as they come."""
    return [
        face_of(studio, studio.draw(studio.painter.wide(studio.painter.sample(5 * number + i))),
                FILLER, "generated")
        for i in range(5)
    ]  # fmt: skip


# ------------------------------------------------------------------ mock witnesses


def chosen(studio: Studio, suspect: Any, faces: Any, seed: int) -> list[int]:
    """What ``WITNESSES`` mock witnesses choose: numbers from 1, the suspect is 1."""
    words = {m.attribute: m.value for m in suspect.read if m.attribute in TOLD}
    read = studio.net.read(np.stack([f.pixels for f in faces]))
    misfit = np.stack([misfits(studio, read, name, words[name]) for name in words], 1)
    rng = np.random.default_rng(seed)
    choices = []
    for _ in range(WITNESSES):
        told = rng.choice(len(words), MENTIONED, replace=False)
        felt = misfit[:, told].sum(1) - NOISE * rng.gumbel(size=len(faces))
        choices.append(int(felt.argmin()) + 1)
    return choices


def misfits(studio: Studio, read: Any, name: str, value: str) -> np.ndarray[Any, Any]:
    """How badly a word fits each member, in nats [n]."""
    if name == "age":
        return np.abs(np.asarray(read.scalars["age"], float) - float(value)) / YEARS
    p = read.probabilities[name][:, studio.net.values(name).index(value)]
    return -np.log(np.clip(np.asarray(p, float), 0.02, 1))


def effective(studio: Studio, suspect: Any, faces: Any, seed: int) -> float:
    return round(figures(chosen(studio, suspect, faces, seed), len(faces), 1).effective, 3)


def functional(studio: Studio, suspect: Any, faces: Any, seed: int) -> float:
    found = figures(chosen(studio, suspect, faces, seed), len(faces), 1).functional
    return round(found, 2) if found else float(WITNESSES)


# ------------------------------------------------------------------ fine-tuning, bad photographs


def tunings(runtime: Runtime, args: argparse.Namespace) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    done = 0
    for path in sorted(args.photos.glob("*.jpg")):
        if done == args.tuned:
            break
        try:
            suspect = ask(runtime, ReadSuspect(str(path)))
        except PortraitError:
            continue
        done += 1
        for seconds in (float(s) for s in args.tune.split(",")):
            used = time.process_time()
            tuned = ask(runtime, TuneSuspect(suspect, seconds))
            rows.append({
                "photo": path.name, "seconds": seconds, "took_s": round(tuned.seconds, 1),
                "cpu_s": round(time.process_time() - used, 1),
                "loss_before": round(tuned.first_loss, 4), "loss": round(tuned.loss, 4),
                "latent_steps": tuned.latent_steps, "weight_steps": tuned.weight_steps,
                "roughness": round(tuned.roughness, 3), "bytes": len(tuned.weights),
            })  # fmt: skip
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
            if args.sheets:
                keep_walk(args.sheets, path, runtime, suspect, tuned, seconds)
    return rows


def bad_photos(runtime: Runtime, photos: Path) -> dict[str, str]:
    """What each kind of bad photograph is refused with."""
    import cv2

    from app.engine.media.decode import decode_image

    good = decode_image(photos / "011.jpg")
    h, w = good.shape[:2]
    with tempfile.TemporaryDirectory() as folder:
        made: dict[str, Any] = {
            "none": np.full((300, 300, 3), 120, np.uint8),
            "several": np.hstack([good, decode_image(photos / "009.jpg")]),
            "40_px": cv2.resize(good, (40, 40), interpolation=cv2.INTER_AREA),
            "corrupt": (photos / "011.jpg").read_bytes()[:2000],
            "100_mp": np.zeros((10_000, 10_000), np.uint8),
            "sunglasses": decode_image(photos / "003.jpg"),
            "covered_half": np.vstack([good[: h // 2], np.full((h - h // 2, w, 3), 40, np.uint8)]),
        }
        out = {}
        for name, content in made.items():
            path = Path(folder) / f"{name}.png"
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                cv2.imwrite(str(path), content[..., ::-1] if content.ndim == 3 else content)
            out[name] = refusal(runtime, path)
        profiles = sorted(photos.parent.glob("profiles/*"))
        out |= {f"profile {p.name}": refusal(runtime, p) for p in profiles}
    return out


def refusal(runtime: Runtime, path: Path) -> str:
    try:
        ask(runtime, ReadSuspect(str(path), steps=0))
    except PortraitError as error:
        return error.code
    return "accepted"


# ------------------------------------------------------------------ to look at


def keep_sheet(folder: Path, path: Path, suspect: Any, faces: Any) -> None:
    import cv2

    folder.mkdir(parents=True, exist_ok=True)
    row = np.hstack([suspect.aligned, *(f.pixels for f in faces)])
    cv2.imwrite(str(folder / f"{path.stem}.png"), row[:, :, ::-1])


def keep_walk(
    folder: Path, path: Path, runtime: Runtime, suspect: Any, tuned: Any, seconds: float
) -> None:
    """Photograph, before, after, and the way to another face with the tuned weights."""
    import cv2

    folder.mkdir(parents=True, exist_ok=True)
    studio = studio_of(runtime, tuned.suspect.tuned)
    ws = studio.layers_of(tuned.suspect.recipe)
    end = studio.painter.wide(studio.painter.sample(900)).astype(float)
    way = [studio.draw(ws + t * (end - ws)) for t in np.linspace(0, 1, 7)]
    row = np.hstack([suspect.aligned, suspect.pixels, tuned.suspect.pixels, *way])
    cv2.imwrite(str(folder / f"tuned_{path.stem}_{seconds:.0f}.png"), row[:, :, ::-1])


if __name__ == "__main__":
    sys.exit(main())

"""portrait-parle train: the training pipeline of the bundled models, one step at a time."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.commands import output
from app.models.errors import BadInput

STEPS = (
    "prepare", "attributes", "landmarks", "sketch", "generator", "encoder", "directions",
    "evaluate", "pack",
)  # fmt: skip


def register(subparsers: Any) -> None:
    """Add the parser of ``train``."""
    parser = subparsers.add_parser(
        "train",
        help="the training pipeline of the bundled models",
        description="Run one step of the pipeline on a training kit (faces.npz, codes.npz, "
        "labels.json, points.npz). Steps read what earlier steps left under --out. The step "
        "prepare makes a kit of a folder of your own photographs.",
    )
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training kit")
    parser.add_argument("--out", type=Path, required=True, help="folder of this training run")
    parser.add_argument(
        "--minutes", type=float, help="time box (default 20; directions 7; prepare 600)"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--start", type=Path, help="generator: weights to start from")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--adversary", type=float, default=0.0, help="generator: weight, 0 = off")
    parser.add_argument("--features", type=float, default=0.0, help="generator: feature loss")
    parser.add_argument("--lr", type=float, default=2e-3, help="generator: learning rate")
    parser.add_argument("--finest", type=float, default=1.0, help="generator: full-size pixels")
    parser.add_argument(
        "--random-share", type=float, default=0.25, help="generator: sampled faces in the adversary"
    )
    parser.add_argument("--texture", type=float, default=0.0, help="generator: texture loss")
    parser.add_argument("--head-start", type=int, default=0, help="generator: of the adversary")
    parser.add_argument("--r1", type=float, default=0.0, help="generator: gradient penalty")
    parser.add_argument("--patch-width", type=int, default=16, help="generator: of the adversary")
    parser.add_argument("--bfloat16", action="store_true", help="convolutions in half precision")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument(
        "--photos", type=Path,
        help="prepare: your photographs, JPEG or PNG, with labels.csv if there is one; "
        "evaluate: a folder of other photographs",
    )  # fmt: skip
    parser.add_argument(
        "--least-px", type=float, default=40.0,
        help="prepare: least distance of the outer eye corners in pixels",
    )  # fmt: skip
    parser.add_argument(
        "--faces", type=int,
        help="evaluate, directions, encoder: faces to generate (default 1000, 500, 4000)",
    )  # fmt: skip
    parser.add_argument("--inverted", type=int, default=12, help="evaluate: faces to optimise")
    parser.add_argument("--name", default="portrait-parle-default", help="pack: name of the model")
    output.add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run one step; figures go to OUT/STEP.json and, with --json, to stdout."""
    if args.minutes is None:
        args.minutes = {"directions": 7.0, "prepare": 600.0}.get(args.step, 20.0)
    args.faces = args.faces or {"directions": 500, "encoder": 4000}.get(args.step, 1000)
    if args.minutes <= 0:
        raise BadInput("training.bad_minutes", minutes=args.minutes)
    import torch

    from app.engine.training import steps
    from app.engine.training.facedata import load_face_data

    torch.set_num_threads(max(1, args.threads))
    args.out.mkdir(parents=True, exist_ok=True)
    if args.step == "prepare":
        if args.photos is None:
            raise BadInput("training.no_photos", file="--photos")
        figures = steps.step_prepare(args, _report)
        data = load_face_data(args.data)  # also the check that the kit can be trained on
    else:
        data = load_face_data(args.data)
        figures = getattr(steps, f"step_{args.step}")(data, args, _report)
    record = {
        "step": args.step,
        "settings": {k: output.plain(v) for k, v in vars(args).items() if k not in ("run", "json")},
        "data": data.hashes,
        "commit": _commit(),
        "torch": torch.__version__,
        "figures": figures,
    }
    text = json.dumps(output.plain(record), indent=2)
    (args.out / f"{args.step}.json").write_text(text, encoding="utf-8")
    return output.emit(args, record, [f"{args.step}: done, see {args.out / args.step}.json"])


def _report(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _commit() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "HEAD"],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parent,
    )  # fmt: skip
    return found.stdout.strip() or "unknown"

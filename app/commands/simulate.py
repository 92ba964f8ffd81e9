"""``simulate``: simulated witnesses, and how many rounds they need to a likeness."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.engine.runtime import Runtime
    from app.engine.witness import Sitting, Studio

NAMES = ("posterior", "posterior_ranked", "evolution", "random", "description")


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json

    parser = subparsers.add_parser(
        "simulate",
        help="simulated witnesses: rounds to likeness",
        description="Each simulated witness remembers one held-out face of the model, with blur "
        "and noise, sees pictures only, and picks. Reports likeness by round per strategy: the "
        "share of the model's faces that are further from the target than the portrait (percent), "
        "and the portrait's distance (1: two unrelated faces).",
    )
    parser.add_argument("--witnesses", type=_positive, default=20, help="how many (default 20)")
    parser.add_argument("--rounds", type=_positive, default=8, help="arrays each (default 8)")
    parser.add_argument("--noise", type=_share, default=0.10, help="of a comparison (default 0.10)")
    parser.add_argument("--blur", type=_share, default=0.8, help="of the memory, px (default 0.8)")
    parser.add_argument(
        "--strategy", action="append", choices=NAMES, help="may be repeated (default: posterior, "
        "evolution, random)",
    )  # fmt: skip
    parser.add_argument(
        "--describe", type=int, default=0, choices=range(6), metavar="K",
        help="true attributes said first, 0 ... 5 (default 0)",
    )  # fmt: skip
    parser.add_argument("--crowd", type=_positive, default=200, help="faces ranked among")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", help="model folder or name (default: the bundled one)")
    parser.add_argument("--plot", type=Path, help="write a picture of likeness by round")
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Simulate, summarise, print."""
    from app.commands.output import emit, progress
    from app.engine.proposals import latent_space
    from app.engine.runtime import Runtime
    from app.engine.weights import find_model
    from app.engine.witness import Crowd, Studio

    runtime = Runtime()
    painter = runtime.load(find_model(args.model))
    crowd = Crowd(painter, args.crowd, lambda done, total: progress("crowd", done, total))
    studio = Studio(painter, latent_space(runtime, painter), runtime.spread(painter), crowd)
    names = args.strategy or ["posterior", "evolution", "random"]
    started = time.monotonic()
    results = {name: _sittings(args, runtime, studio, name) for name in dict.fromkeys(names)}
    report = {
        "model": painter.sha256, "witnesses": args.witnesses, "rounds": args.rounds,
        "noise": args.noise, "blur": args.blur, "describe": args.describe, "seed": args.seed,
        "crowd": args.crowd, "seconds": round(time.monotonic() - started, 1),
        "strategies": {name: summary(sittings) for name, sittings in results.items()},
    }  # fmt: skip
    if args.plot:
        from app.engine.plot import plot_lines

        series = {n: s["likeness_mean"] for n, s in report["strategies"].items()}
        plot_lines(args.plot, series, "round", "likeness percentile")
    return emit(args, report, _lines(report))


def _sittings(
    args: argparse.Namespace, runtime: Runtime, studio: Studio, name: str
) -> list[Sitting]:
    from app.commands.output import progress
    from app.engine.witness import (
        STRATEGIES,
        TARGET_SEED,
        Memory,
        Strategy,
        Witness,
        described_start,
        sit,
    )
    from app.models.errors import ModelError

    only_words = name == "description"
    strategy = STRATEGIES["random"] if only_words else STRATEGIES[name]
    if only_words:
        strategy = Strategy("description", 9, 1)
    words = args.describe or (5 if only_words else 0)
    sampler = runtime.sampler(studio.painter)
    if words and sampler.net is None:
        raise ModelError("model.no_attribute_net", file=str(studio.painter.model.folder))
    out = []
    for i in range(args.witnesses):
        seed = args.seed * 10_007 + i
        target = studio.painter.sample(TARGET_SEED + seed)
        memory = Memory(args.noise, args.blur)
        witness = Witness(studio.painter, target, memory, studio.crowd.usual, seed)

        def start(number: int, target: Any = target) -> Any:
            if not words:
                return None
            return described_start(sampler, target, words, strategy.count, number)

        out.append(sit(studio, strategy, witness, args.rounds, seed, start))
        progress(name, i + 1, args.witnesses)
    return out


def summary(sittings: list[Sitting]) -> dict[str, Any]:
    """Mean, median and 10-90 % of likeness by round, mean distance, and the stop signal."""
    import numpy as np

    likeness = np.array([s.likeness for s in sittings])
    distance = np.array([s.distance for s in sittings])
    settled = np.array([s.settled for s in sittings])
    return {
        "likeness_mean": likeness.mean(0).round(2).tolist(),
        "likeness_median": np.median(likeness, 0).round(2).tolist(),
        "likeness_p10": np.percentile(likeness, 10, axis=0).round(2).tolist(),
        "likeness_p90": np.percentile(likeness, 90, axis=0).round(2).tolist(),
        "distance_mean": distance.mean(0).round(4).tolist(),
        "settled_share": round(float((settled > 0).mean()), 3),
        "settled_round_median": float(np.median(settled[settled > 0])) if settled.any() else None,
        "enough_share": round(float(np.mean([s.enough > 0 for s in sittings])), 3),
    }


def _lines(report: dict[str, Any]) -> list[str]:
    lines = []
    for name, s in report["strategies"].items():
        by_round = " ".join(f"{v:.0f}" for v in s["likeness_mean"])
        lines.append(f"{name:<18} likeness by round: {by_round}  distance {s['distance_mean'][-1]}")
    return lines


def _positive(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 100_000:
        raise argparse.ArgumentTypeError(f"{text} is not in 1 ... 100000")
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 10:
        raise argparse.ArgumentTypeError(f"{text} is not in 0 ... 10")
    return number

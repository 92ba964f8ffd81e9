"""``simulate``: simulated witnesses, and how many rounds they need to a likeness."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

NAMES = ("posterior", "posterior_ranked", "evolution", "random", "description")


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json

    parser = subparsers.add_parser(
        "simulate",
        help="simulated witnesses: rounds to likeness",
        description="Each simulated witness remembers one held-out face (of the model, or a real "
        "one with --kit), with blur and noise, sees pictures only, and picks. Reports likeness by "
        "round per strategy and group: the share of the model's faces that are further from the "
        "target than the portrait (percent), and the portrait's distance (1: two unrelated faces).",
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
    parser.add_argument("--delay", type=_share, default=0.0, help="hours since; adds to the blur")
    parser.add_argument("--kit", help="training kit whose held-out faces are the targets")
    parser.add_argument("--resume", type=Path, help="file of sittings done; goes on from there")
    parser.add_argument("--jobs", type=_positive, default=1, help="processes (default 1)")
    parser.add_argument("--plot", type=Path, help="write a picture of distance by round")
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Simulate, summarise, print."""
    from app.commands.output import emit, progress
    from app.engine.simulation import Ledger, Plan, run_all, summary
    from app.engine.weights import find_model, read_card

    sha256 = read_card(find_model(args.model)).sha256
    plan = Plan(
        args.model, sha256, args.rounds, args.noise, args.blur, args.delay, args.describe,
        args.crowd, args.seed, args.kit,
    )  # fmt: skip
    names = args.strategy or ["posterior", "evolution", "random"]
    started = time.monotonic()
    ledger = Ledger(args.resume, plan)
    results = run_all(plan, names, args.witnesses, ledger, progress, args.jobs)
    report = {
        **asdict(plan), "witnesses": args.witnesses,
        "seconds": round(time.monotonic() - started, 1),
        "strategies": {name: summary(sittings) for name, sittings in results.items()},
    }  # fmt: skip
    if args.plot:
        from app.engine.plot import plot_lines

        found = report["strategies"]
        plot_lines(
            args.plot, {n: s["distance_median"] for n, s in found.items()}, "round",
            "distance to the target (1: two unrelated faces): median, 10-90 %",
            {n: (s["distance_p10"], s["distance_p90"]) for n, s in found.items()},
        )  # fmt: skip
    return emit(args, report, _lines(report))


def _lines(report: dict[str, Any]) -> list[str]:
    lines = []
    for name, s in report["strategies"].items():
        by_round = " ".join(f"{v:.0f}" for v in s["likeness_mean"])
        away = " ".join(f"{v:.3f}" for v in s["distance_mean"])
        lines.append(f"{name:<18} likeness by round: {by_round}")
        lines.append(f"{'':<18} distance by round: {away}")
        worst = max(s["groups"].items(), key=lambda g: g[1]["worse_percent"], default=None)
        if worst is not None:
            lines.append(f"{'':<18} worst group: {worst[0]} {worst[1]['worse_percent']:+.1f} %")
    return lines


def _positive(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 100_000:
        raise argparse.ArgumentTypeError(f"{text} is not in 1 ... 100000")
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 10_000:
        raise argparse.ArgumentTypeError(f"{text} is not in 0 ... 10000")
    return number

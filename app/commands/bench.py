"""``bench``: start-up, first array, slider, synthesis against the reference, case file, memory."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

QUICK_SECONDS = 40  # so that a quick run ends within 50 s
LIMIT_SECONDS = 460  # and a whole one within eight minutes


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json

    parser = subparsers.add_parser(
        "bench",
        help="measure start-up, arrays, sliders and memory",
        description="Figures of this machine. Compare ratios, not seconds: "
        "synthesis.ratio_to_reference is the public implementation's plain operations against "
        "this program's, on the same weights, in turns. A whole run takes six minutes on two idle "
        "cores and at most eight; Ctrl+C ends it, and what was measured is printed.",
    )
    parser.add_argument("--quick", action="store_true", help="within 50 seconds")
    parser.add_argument(
        "--check", type=Path, nargs="?", const=Path(), metavar="FILE",
        help="measure ratios only (half a minute) and fail when one is a fifth below the accepted "
        "one of this kind of machine (default: the shipped file)",
    )  # fmt: skip
    parser.add_argument(
        "--accept", type=Path, metavar="FILE", help="measure ratios only and write them to FILE"
    )
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw the ratios as bars")
    parser.add_argument(
        "--keep", type=Path, metavar="JSON", help="write what was measured here after every part"
    )
    parser.add_argument("--speech", type=Path, metavar="WAV", help="what transcribing is timed on")
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure one thing after the other, or only the ratios; 130 when Ctrl+C ended it."""
    from app.commands import bench_lines, bench_parts
    from app.commands.output import EXIT_INTERRUPTED, emit, progress
    from app.engine.benchmark_parts import expected, run_parts

    _build_kernels()
    if args.check is not None or args.accept is not None:
        return _ratios(args)
    parts = bench_parts.parts_of(args.quick, args.speech)
    limit = QUICK_SECONDS if args.quick else LIMIT_SECONDS
    progress(f"{len(parts)} parts, about {expected(parts, limit)}; Ctrl+C keeps what was measured")
    report = run_parts(parts, limit, progress, lambda found: _keep(args.keep, found))
    report = {**bench_parts.completed(report), "quick": args.quick}
    _keep(args.keep, report)
    if args.plot is not None:
        bench_lines.plot(report, args.plot)
    code = emit(args, report, bench_lines.lines(report))
    return EXIT_INTERRUPTED if report["stopped"] else code


def _keep(path: Path | None, report: dict[str, Any]) -> None:
    """Written beside and renamed: the file is always a whole one."""
    from app.commands.output import plain

    if path is not None:
        part = path.with_name(f"{path.name}.part")
        part.write_text(json.dumps(plain(report), ensure_ascii=False, indent=2), encoding="utf-8")
        os.replace(part, path)


def _ratios(args: argparse.Namespace) -> int:
    from app.commands import bench_check
    from app.commands.output import emit

    wanted = args.check if args.check not in (None, Path()) else bench_check.accepted_file()
    bench_check.read_accepted(wanted)  # says at once when it is not one
    kind, found = bench_check.measured()
    if args.accept is not None:
        bench_check.accept(kind, found, args.accept)
        wanted = args.accept
    report = bench_check.compared(kind, found, wanted)
    if report["losses"]:  # a loss is one that is seen twice
        found = bench_check.better(found, bench_check.measured()[1])
        report = bench_check.compared(kind, found, wanted)
    code = emit(args, report, bench_check.lines(report))
    for loss in report["losses"]:
        print(f"portrait-parle: {loss}", file=sys.stderr)
    return 1 if report["losses"] else code


def _build_kernels() -> None:
    """What the set-up does, or the program in the background for its next start."""
    from app.commands.output import progress
    from app.engine import native

    if native.library() is None and not os.environ.get("PORTRAIT_PARLE_NATIVE"):
        progress("kernels")
        native.build()
        native.library.cache_clear()

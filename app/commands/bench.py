"""``bench``: start-up, first array, slider, synthesis against the reference, memory."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TOLERANCE = 0.8  # a ratio below this share of the accepted one fails --check
WINDOW_SECONDS = 18
QUICK_SECONDS = 40  # so that a quick run ends within 50 s
PROBE_WINDOW = """
import sys, time, os
started = float(os.environ["PORTRAIT_PARLE_BENCH_START"])
from app.views.launch import run
class Engine:
    def submit(self, request, on_event=None):
        from concurrent.futures import Future
        from app.engine.api import Ticket
        return Ticket(request, Future(), lambda: None)
    def close(self): pass
def painted(window):
    print("WINDOW_MS", (time.time() - started) * 1000, flush=True)
    os._exit(0)
run(Engine, None, painted)
"""
PROBE_MODEL = """
import time
start = time.time()
from app.engine.api import LoadModel
from app.engine.service import EngineService
engine = EngineService()
engine.submit(LoadModel()).future.result()
print("MODEL_MS", (time.time() - start) * 1000, flush=True)
engine.close()
"""


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json

    parser = subparsers.add_parser(
        "bench",
        help="measure start-up, arrays, sliders and memory",
        description="Figures of this machine. Compare ratios, not seconds: "
        "synthesis.ratio_to_reference is the public implementation's plain operations against "
        "this program's, on the same weights, in turns.",
    )
    parser.add_argument("--quick", action="store_true", help="within 50 seconds")
    parser.add_argument(
        "--check", type=Path, nargs="?", const=Path(), metavar="FILE",
        help="fail when a ratio is a fifth below the accepted one (default: the shipped file)",
    )  # fmt: skip
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure one thing after the other."""
    from app.commands.output import emit

    begun = time.monotonic()
    report = measure(args.quick)
    report["seconds"] = round(time.monotonic() - begun, 1)
    code = emit(args, report, _lines(report))
    return code if args.check is None else _check(report, args.check)


def measure(quick: bool) -> dict[str, Any]:
    """All figures as one table; on a busy machine a quick run takes fewer samples, not longer."""
    from app.commands.output import progress
    from app.engine import native

    end = time.monotonic() + (QUICK_SECONDS if quick else 600)
    if native.library() is None and not os.environ.get("PORTRAIT_PARLE_NATIVE"):
        progress("kernels")  # what the program does in the background for its next start
        native.build()
        native.library.cache_clear()
    progress("window")
    window = _probe(PROBE_WINDOW, "WINDOW_MS")
    progress("model")
    model = _probe(PROBE_MODEL, "MODEL_MS")
    progress("engine")
    from app.engine import benchmark as b
    from app.engine.runtime import Runtime

    runtime = Runtime()
    painter = runtime.load()
    seconds = 4.0 if not quick else min(1.0, max(0.3, (end - time.monotonic()) / 25))
    slider = b.slider(runtime, painter, 300 if not quick else round(80 * seconds))
    array = b.first_array(runtime)
    thinking = b.thinking(runtime, painter) if end - time.monotonic() > 8 else None
    encode = b.encoding(runtime, painter, seconds / 2)
    sketch = b.sketching(painter, seconds / 2)
    memory = b.peak_memory_mb()
    progress("synthesis")
    synthesis = b.compare_synthesis(painter.model.generator.synthesis, 1, 3 * seconds)
    report: dict[str, Any] = {
        "synthesis": synthesis, "slider": slider, "window_ms": window, "model_ready_ms": model,
        "array9_ms": array["all_ms"], "array_first_ms": array["first_ms"],
        "thinking_ms": thinking, "encode_ms": encode, "sketch_ms": sketch,
        "describe_ms": _describe_ms(), "peak_memory_mb": memory,
        "machine": b.machine(runtime.threads), "quick": quick,
    }  # fmt: skip
    if not quick:
        report["synthesis_batch9"] = b.compare_synthesis(painter.model.generator.synthesis, 9, 8)
        report["synthesis_sizes"] = {}
        for size in b.SIZES:
            progress(f"synthesis at {size}")
            report["synthesis_sizes"][str(size)] = b.compare_synthesis(
                b.random_synthesis(size), 1, 5
            )
    return report


def _describe_ms() -> float | None:
    try:
        from app.engine.language import describe
    except ImportError:
        return None
    text = "a man of about fifty, round face, short grey hair, no beard, I think he had glasses"
    describe(text)
    start = time.perf_counter()
    for _ in range(10):
        describe(text)
    return round((time.perf_counter() - start) * 100, 3)


def _probe(program: str, key: str) -> float | None:
    """Run a small program in a fresh process and read the milliseconds it prints."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "PORTRAIT_PARLE_SETTINGS": str(Path(folder) / "settings.json"),
            "PORTRAIT_PARLE_BENCH_START": repr(time.time()),
        }
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        root = str(Path(__file__).resolve().parents[2])
        paths = [root, environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(p for p in paths if p)
        try:
            done = subprocess.run(
                [sys.executable, "-c", program], env=environment, capture_output=True, text=True,
                timeout=WINDOW_SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return None
    for line in done.stdout.splitlines():
        if line.startswith(key):
            return round(float(line.split()[1]), 1)
    return None


def accepted_file() -> Path:
    """The last accepted ratios, shipped with the program."""
    from app.models.resources import resource

    return resource("bench", "accepted.json")


def _check(report: dict[str, Any], file: Path) -> int:
    """0 when every ratio is near its accepted value, else 1 with a line on stderr."""
    from app.models.errors import BadInput

    path = accepted_file() if file == Path() else file
    try:
        accepted = json.loads(path.read_text(encoding="utf-8"))
        wanted = float(accepted["synthesis"]["ratio_to_reference"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput("bench.unreadable", file=str(path), why=str(error)) from error
    found = float(report["synthesis"]["ratio_to_reference"])
    if found >= TOLERANCE * wanted:
        return 0
    print(
        f"portrait-parle: synthesis ratio {found} fell below {TOLERANCE} x {wanted}",
        file=sys.stderr,
    )
    return 1


def _lines(report: dict[str, Any]) -> list[str]:
    s, slider = report["synthesis"], report["slider"]
    return [
        f"synthesis     {s['packed_ms']} ms a face ({s['form']}), {s['ratio_to_reference']} x the "
        f"reference ({s['reference_ms']} ms), {s['gflops_per_s']} GFLOP/s",
        f"slider        p50 {slider['p50_ms']} ms, p95 {slider['p95_ms']} ms, "
        f"p99 {slider['p99_ms']} ms",
        f"window        {report['window_ms']} ms; model ready {report['model_ready_ms']} ms",
        f"array of 9    {report['array9_ms']} ms (first face {report['array_first_ms']} ms)",
        f"thinking      {report['thinking_ms']} ms a round",
        f"encode        {report['encode_ms']} ms; describe {report['describe_ms']} ms; sketch "
        f"{report['sketch_ms']} ms",
        f"peak memory   {report['peak_memory_mb']} MB",
        f"machine       {report['machine']['cpu']}, {report['machine']['threads']} threads, load "
        f"{report['machine']['load']}",
    ]

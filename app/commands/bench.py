"""``bench``: start-up, first array, slider, synthesis against the reference, memory."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.engine.painter import Painter

WANTED_RATIO = 3.5
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
        help="measure ratios only (half a minute) and fail when one is a fifth below the accepted "
        "one of this kind of machine (default: the shipped file)",
    )  # fmt: skip
    parser.add_argument(
        "--accept", type=Path, metavar="FILE", help="measure ratios only and write them to FILE"
    )
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw the ratios as bars")
    parser.add_argument("--speech", type=Path, metavar="WAV", help="what transcribing is timed on")
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure one thing after the other, or only the ratios."""
    from app.commands.output import emit

    begun = time.monotonic()
    _build_kernels()
    if args.check is not None or args.accept is not None:
        return _ratios(args)
    report = measure(args.quick, args.speech)
    report["seconds"] = round(time.monotonic() - begun, 1)
    if args.plot is not None:
        _plot(report, args.plot)
    return emit(args, report, _lines(report))


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


def measure(quick: bool, speech: Path | None = None) -> dict[str, Any]:
    """All figures as one table; on a busy machine a quick run takes fewer samples, not longer."""
    from app.commands.output import progress

    end = time.monotonic() + (QUICK_SECONDS if quick else 600)
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
    network = painter.model.generator.synthesis
    synthesis = b.compare_synthesis(network, 1, 3 * seconds)
    peak = b.convolution_peak(seconds / 4)
    report: dict[str, Any] = {
        "synthesis": synthesis, "slider": slider, "window_ms": window, "model_ready_ms": model,
        "array9_ms": array["all_ms"], "array_first_ms": array["first_ms"],
        "thinking_ms": thinking, "encode_ms": encode, "sketch_ms": sketch,
        "describe_ms": _describe_ms(), "peak_memory_mb": memory,
        "convolution_peak_gflops": peak, "share_of_peak": _share(synthesis, peak),
        "machine": b.machine(runtime.threads), "quick": quick,
    }  # fmt: skip
    if not quick:
        report |= _further(painter, speech)
    return report


def _further(painter: Painter, speech: Path | None) -> dict[str, Any]:
    """What takes longer: batches, large networks with random weights, the case file, hearing."""
    from app.commands.output import progress
    from app.engine import benchmark as b
    from app.engine import benchmark_case as c
    from app.models.portrait import Recipe
    from app.views.png import png_of

    network = painter.model.generator.synthesis
    report: dict[str, Any] = {"synthesis_batch9": b.compare_synthesis(network, 9, 6)}
    sizes: dict[str, Any] = {}
    for size in b.SIZES:
        progress(f"synthesis at {size}")
        random = b.random_synthesis(size)
        sizes[str(size)] = b.compare_synthesis(random, 1, 5)
        if size <= 256:
            sizes[f"{size}, batch 9"] = b.compare_synthesis(random, 9, 5)
            sizes[str(size)]["slider"] = b.slider_of(random, 3)
        del random
    report["synthesis_sizes"] = sizes
    progress("speech")
    report["transcribe"] = c.hearing(speech)
    progress("case file")
    recipes = [Recipe.from_array(painter.sha256, painter.sample(i)) for i in range(c.FACES)]
    png = png_of(painter.pixels(recipes[0]))
    report["case"] = c.commits(recipes, png, rounds=500, steps=10_000)
    report["peak_memory_all_mb"] = b.peak_memory_mb()
    return report


def _share(synthesis: dict[str, Any], peak: float) -> float:
    """Of torch's best convolution, counting the multiplications that the plain form would do."""
    return round(synthesis["gflops_per_s"] / peak, 2)


def _plot(report: dict[str, Any], path: Path) -> None:
    from app.engine.plot import bars

    values = {"bundled, 1": report["synthesis"]["ratio_to_reference"]}
    if "synthesis_batch9" in report:
        values["bundled, 9"] = report["synthesis_batch9"]["ratio_to_reference"]
    for name, row in report.get("synthesis_sizes", {}).items():
        values[name.replace(" batch", "")] = row["ratio_to_reference"]
    path.write_bytes(bars(values, "times as fast as the reference operations", WANTED_RATIO))


def _describe_ms() -> float | None:
    try:
        from app.engine.language import describe
    except ImportError:
        return None
    from app.engine.benchmark_case import describing

    return describing(describe)


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
        f"convolution   {report['convolution_peak_gflops']} GFLOP/s at best; synthesis reaches "
        f"{report['share_of_peak']} of it (multiplications of the plain form)",
        *_further_lines(report),
        f"machine       {report['machine']['cpu']}, {report['machine']['threads']} threads, load "
        f"{report['machine']['load']}",
    ]


def _further_lines(report: dict[str, Any]) -> list[str]:
    if "synthesis_sizes" not in report:
        return []
    rows = {"bundled, batch 9": report["synthesis_batch9"], **report["synthesis_sizes"]}
    out = [
        f"{name:16}{row['packed_ms']:9.1f} ms a face{row['reference_ms']:9.1f} ms reference"
        f"{row['ratio_to_reference']:7.2f} x"
        for name, row in rows.items()
    ]
    for name, row in rows.items():
        if "slider" in row:
            slider = row["slider"]
            out.append(
                f"slider {name:9}p95 preview {slider['preview_p95_ms']} ms, whole "
                f"{slider['whole_p95_ms']} ms, late layers {slider['late_p95_ms']} ms"
            )
    case, heard = report["case"], report["transcribe"]
    if heard is not None:
        voice = "a made-up voice" if heard["made_up"] else f"{heard['words']} words"
        out.append(f"transcribe    {heard['ms']} ms ({voice})")
    out.append(
        f"commit        {case['commit_ms']} ms a step, x {case['step_growth']} over "
        f"{case['steps']} steps; {case['round_ms']} ms a round, x {case['round_growth']} over "
        f"{case['rounds']} rounds; all replayed in {case['replay_ms']} ms"
    )
    return out

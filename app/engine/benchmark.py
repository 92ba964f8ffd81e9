"""Measurements of the engine: synthesis against the reference, arrays, sliders, memory."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from app.engine.api import ProposeFaces, RenderPortrait
from app.engine.drawing import drawing_form, form_name
from app.engine.packed import LayerCache, gflop
from app.engine.painter import PREVIEW_BLOCKS, Painter
from app.engine.reference_ops import reference_synthesis
from app.engine.runtime import Runtime
from app.engine.stylegan2 import Architecture, Generator, Synthesis
from app.models.errors import ModelError
from app.models.portrait import Recipe

SIZES = {128: (16384, 512), 256: (16384, 512), 512: (32768, 512), 1024: (32768, 512)}
SLIDER_STEPS = 60


def milliseconds(work: Callable[[], Any], seconds: float, least: int = 3) -> list[float]:
    """Times of repeated calls for about ``seconds``, after one call that does not count."""
    work()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < least or (time.perf_counter() < end and len(times) < 400):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return times


def compare_synthesis(
    synthesis: Synthesis, batch: int, seconds: float, least: int = 5
) -> dict[str, Any]:
    """The quickest form against the plain reference operations on the same weights, in turns.

    Turns of one call each, so that other work on the machine weighs on both alike; with one thread
    the processor's time counts, which other programs hardly touch. The ratio is that of the
    medians; ``largest_difference`` is in grey levels of 255.
    """
    arch = synthesis.arch
    ws = torch.randn(batch, arch.num_ws, arch.w_dim, generator=torch.Generator().manual_seed(1))
    drawn = drawing_form(synthesis)
    at_once = form_name(drawn) != "torch"

    def quick() -> torch.Tensor:
        if at_once:
            return drawn(ws, "const")
        return torch.cat([drawn(ws[i : i + 1], "const") for i in range(batch)])

    def reference() -> torch.Tensor:
        with torch.inference_mode():
            return reference_synthesis(synthesis, ws)

    difference = (quick().clamp(-1, 1) - reference().clamp(-1, 1)).abs().max()
    mine: list[float] = []
    theirs: list[float] = []
    clock = time.thread_time if torch.get_num_threads() == 1 else time.perf_counter
    end = time.perf_counter() + seconds
    while len(mine) < least or (time.perf_counter() < end and len(mine) < 200):
        mine.append(_timed(quick, clock))
        theirs.append(_timed(reference, clock))
    ours, other = float(np.median(mine)), float(np.median(theirs))
    return {
        "ratio_to_reference": round(other / ours, 3),
        "best_ratio": round(min(theirs) / min(mine), 3),
        "packed_ms": round(ours / batch, 3),
        "reference_ms": round(other / batch, 3),
        "form": form_name(drawn),
        "clock": "processor" if clock is time.thread_time else "wall",
        "gflop": round(gflop(synthesis), 3),
        "gflops_per_s": round(gflop(synthesis) / (ours / batch) * 1000, 1),
        "largest_difference": round(float(difference) * 127.5, 5),
        "batch": batch,
    }


def convolution_peak(seconds: float = 0.5) -> float:
    """GFLOP/s of torch's best 3x3 convolution here (256 channels, 32x32, channels last)."""
    x = torch.randn(1, 256, 32, 32).contiguous(memory_format=torch.channels_last)
    weight = torch.randn(256, 256, 3, 3).contiguous(memory_format=torch.channels_last)
    clock = time.thread_time if torch.get_num_threads() == 1 else time.perf_counter
    times: list[float] = []
    end = time.perf_counter() + seconds
    with torch.inference_mode():
        while len(times) < 5 or time.perf_counter() < end:
            times.append(_timed(lambda: torch.nn.functional.conv2d(x, weight, padding=1), clock))
    return round(2 * 256 * 256 * 9 * 32 * 32 / min(times) / 1e6, 1)


def _timed(work: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    start = clock()
    work()
    return (clock() - start) * 1000


def random_synthesis(resolution: int, clamp: float | None = None) -> Synthesis:
    """A synthesis network of the public size with random weights."""
    base, most = SIZES[resolution]
    torch.manual_seed(0)
    arch = Architecture(512, 512, resolution, base, most, 2, clamp)
    return Generator(arch).eval().requires_grad_(False).synthesis


def first_array(runtime: Runtime, count: int = 9) -> dict[str, float]:
    """Milliseconds to the first and the last face of a start array, after a warm-up."""
    nothing = lambda: None  # noqa: E731
    runtime.answer(ProposeFaces(count=1, seed=1), lambda event: None, nothing)
    arrivals: list[float] = []
    start = time.perf_counter()
    runtime.answer(
        ProposeFaces(count=count, seed=2),
        lambda event: arrivals.append(time.perf_counter() - start), nothing,
    )  # fmt: skip
    return {"first_ms": round(arrivals[0] * 1000, 2), "all_ms": round(arrivals[-1] * 1000, 2)}


def slider(runtime: Runtime, painter: Painter, steps: int = SLIDER_STEPS) -> dict[str, float]:
    """Milliseconds from a slider's new position to pixels, over a drag back and forth."""
    recipe = Recipe.from_array(painter.sha256, painter.sample(3))
    names = [d.name for d in painter.model.directions.items] or [""]
    times = []
    for i in range(steps):
        name = names[(i // 20) % len(names)]
        amount = 2.0 * float(np.sin(i / 4)) + 0.01
        moved = recipe.with_edit(name, amount) if name else recipe
        request = RenderPortrait(moved)
        times.append(_timed(lambda r=request: runtime.answer(r, lambda e: None, lambda: None)))  # type: ignore[misc]
    p50, p95, p99 = np.percentile(times[2:], [50, 95, 99])
    return {"p50_ms": round(p50, 2), "p95_ms": round(p95, 2), "p99_ms": round(p99, 2)}


def encoding(runtime: Runtime, painter: Painter, seconds: float) -> float | None:
    """Median milliseconds from an aligned face to recipe, picture and attributes, unrefined; None
    without the nets."""
    from app.engine.photo import PhotoReader
    from app.engine.pictures.encoding import Refinement

    nothing: Any = lambda *ignored: None  # noqa: E731
    try:
        reader = PhotoReader.load(painter.model.folder)
    except ModelError:
        return None
    pixels = painter.pixels_of(painter.wide(painter.sample(4)))
    work = Refinement(painter, reader, nothing, nothing)
    return round(float(np.median(milliseconds(lambda: work.run(pixels, 0, 60.0), seconds))), 2)


def slider_of(synthesis: Synthesis, seconds: float) -> dict[str, float]:
    """Milliseconds of a slider's step on a network: its preview, the whole face after it, and a
    change of the last two blocks only; ``p50_ms`` to ``p99_ms`` are those of the whole face."""
    form, cache = drawing_form(synthesis), LayerCache()
    ws = torch.randn(1, synthesis.num_ws, synthesis.arch.w_dim)
    early, row = min(PREVIEW_BLOCKS, len(synthesis.resolutions) - 1), synthesis.num_ws - 4
    times: dict[str, list[float]] = {"preview": [], "whole": [], "late": []}
    end = time.perf_counter() + seconds
    while len(times["whole"]) < 5 or time.perf_counter() < end:
        ws += 1e-3
        start = time.perf_counter()
        form(ws, "const", cache=cache, stop=early)
        times["preview"].append((time.perf_counter() - start) * 1000)
        form(ws, "const", cache=cache)
        times["whole"].append((time.perf_counter() - start) * 1000)
        ws[:, row:] += 1e-3
        start = time.perf_counter()
        form(ws, "const", cache=cache)
        times["late"].append((time.perf_counter() - start) * 1000)
    p50, p95, p99 = np.percentile(times["whole"], [50, 95, 99])
    return {
        "p50_ms": round(p50, 1), "p95_ms": round(p95, 1), "p99_ms": round(p99, 1),
        **{f"{k}_p95_ms": round(float(np.percentile(v, 95)), 1) for k, v in times.items()},
    }  # fmt: skip


def sketching(painter: Painter, seconds: float) -> float:
    """Median milliseconds of a 512 px pencil sketch."""
    from app.engine.sketch import draw_sketch

    pixels = painter.pixels_of(painter.wide(painter.sample(5)))
    return round(float(np.median(milliseconds(lambda: draw_sketch(pixels), seconds))), 2)


def thinking(runtime: Runtime, painter: Painter, rounds: int = 8) -> float:
    """Milliseconds of one round of thinking (belief and next array) after ``rounds`` picks."""
    from app.engine.proposals import latent_space
    from app.engine.search import Observation, Preference, gaussian
    from app.models.round import Answer

    space = latent_space(runtime, painter)
    k, rng = len(space.sight), np.random.default_rng(0)
    preference = Preference(space.sight, gaussian(np.zeros(k), 0.64, k))
    seen: list[Observation] = []
    for _ in range(rounds):
        points, _ = preference.next_array(seen, 9, rng)
        seen.append(Observation(points, Answer.picked, (int(rng.integers(9)),)))
    return round(_timed(lambda: preference.next_array(seen, 9, rng)), 2)


def peak_memory_mb() -> float | None:
    """The largest this process has been, in MB; None where the system has no such figure."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)


def machine(threads: int) -> dict[str, Any]:
    """What the figures belong to."""
    return {
        "cpu": processor(), "cores": os.cpu_count(), "threads": threads,
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": platform.platform(), "python": platform.python_version(),
        "torch": torch.__version__, "cuda": torch.cuda.is_available(),
    }  # fmt: skip


def processor() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()

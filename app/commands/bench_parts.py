"""What ``bench`` measures, in order, and about how long each part takes on two idle cores."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.engine.benchmark_parts import Part, Report

if TYPE_CHECKING:
    from app.engine.painter import Painter
    from app.engine.runtime import Runtime
    from app.engine.stylegan2 import Synthesis

WINDOW_SECONDS = 18
ROUNDS, STEPS = 500, 10_000
LARGE_TURNS = 3  # at 512 px and more a turn against the reference takes seconds,
BATCH_TURNS = 2  # and one of nine faces at 256 px ten
MOST_SECONDS = 5.0  # for what is quicker than that
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


def parts_of(quick: bool, speech: Path | None = None) -> list[Part]:
    """The parts of a run; a quick one has the first of them, with fewer samples."""
    m = Measurements(quick, speech)
    few = 0.4 if quick else 1.0
    start = [
        Part("window", 3, m.window), Part("model", 3, m.model),
        Part("slider", 5 * few, m.slider), Part("first array", 2, m.array),
        Part("thinking", 3, m.thinking), Part("encode", 3 * few, m.encode),
        Part("sketch", 2 * few, m.sketch), Part("describe", 1, m.describe),
        Part("synthesis", 12 * few, m.synthesis), Part("convolution", 2 * few, m.convolution),
    ]  # fmt: skip
    if quick:
        return start
    return [
        *start, Part("synthesis, batch 9", 7, m.batch), Part("transcribe", 12, m.transcribe),
        Part("case file", 110, m.case, least=30),
        Part("synthesis at 128", 45, lambda s: m.size(128, s)),
        Part("synthesis at 256", 60, lambda s: m.size(256, s)),
        Part("synthesis at 512", 25, lambda s: m.size(512, s)),
        Part("synthesis at 1024", 40, lambda s: m.size(1024, s)),
        *([Part("gpu", 40, m.gpu)] if m.has_gpu else []),
    ]  # fmt: skip


class Measurements:
    """One run: what its parts share. Each method is a part's ``measure``."""

    def __init__(self, quick: bool, speech: Path | None) -> None:
        self.quick, self.speech = quick, speech

    @cached_property
    def runtime(self) -> Runtime:
        """The engine, in this process."""
        from app.engine.runtime import Runtime

        return Runtime()

    @cached_property
    def painter(self) -> Painter:
        """The default model."""
        return self.runtime.load()

    @property
    def has_gpu(self) -> bool:
        """Whether torch can use one."""
        import torch

        return torch.cuda.is_available()

    # ---- start, in processes of their own

    def window(self, seconds: float) -> Report:
        """From a new process to a painted window."""
        return {"window_ms": probe(PROBE_WINDOW, "WINDOW_MS")}

    def model(self, seconds: float) -> Report:
        """From a new process to a model that is loaded and has drawn."""
        return {"model_ready_ms": probe(PROBE_MODEL, "MODEL_MS")}

    # ---- the bundled model

    def slider(self, seconds: float) -> Report:
        """A drag; and what the figures belong to."""
        from app.engine import benchmark as b
        from app.engine.drawing import form_name

        steps = 80 if self.quick else 300
        table = b.slider(self.runtime, self.painter, steps)
        machine = b.machine(self.runtime.threads)
        found = {"slider": table, "form": form_name(self.painter.packed), "machine": machine}
        return {**found, **self._memory()}

    def array(self, seconds: float) -> Report:
        """To the first and the last face of a start array."""
        from app.engine import benchmark as b

        array = b.first_array(self.runtime)
        return {
            "array9_ms": array["all_ms"], "array_first_ms": array["first_ms"], **self._memory(),
        }  # fmt: skip

    def describe(self, seconds: float) -> Report:
        """One sentence."""
        from app.engine.benchmark_case import describing
        from app.engine.language import describe

        return {"describe_ms": describing(describe)}

    def encode(self, seconds: float) -> Report:
        """An aligned face to its recipe."""
        from app.engine import benchmark as b

        return {"encode_ms": b.encoding(self.runtime, self.painter, seconds / 3), **self._memory()}

    def sketch(self, seconds: float) -> Report:
        """A pencil sketch."""
        from app.engine import benchmark as b

        return {"sketch_ms": b.sketching(self.painter, seconds / 3), **self._memory()}

    def thinking(self, seconds: float) -> Report:
        """A round's belief and next array."""
        from app.engine import benchmark as b

        return {"thinking_ms": b.thinking(self.runtime, self.painter), **self._memory()}

    def synthesis(self, seconds: float) -> Report:
        """One face against the reference's operations."""
        from app.engine import benchmark as b

        network = self.painter.model.generator.synthesis
        return {"synthesis": b.compare_synthesis(network, 1, seconds / 2.5)}

    def convolution(self, seconds: float) -> Report:
        """torch's best on this machine."""
        from app.engine import benchmark as b

        return {"convolution_peak_gflops": b.convolution_peak(seconds / 4)}

    # ---- what takes longer

    def batch(self, seconds: float) -> Report:
        """An array's faces at once."""
        from app.engine import benchmark as b

        network = self.painter.model.generator.synthesis
        return {"synthesis_batch9": b.compare_synthesis(network, 9, seconds / 2.5)}

    def size(self, resolution: int, seconds: float) -> Report:
        """Random weights of a public size; up to 256 px also a batch, and a slider."""
        from app.engine import benchmark as b

        network, each = b.random_synthesis(resolution), min(MOST_SECONDS, seconds / 10)
        if resolution > 256:
            row = b.compare_synthesis(network, 1, each, LARGE_TURNS)
            return {"synthesis_sizes": {str(resolution): row}}
        row = b.compare_synthesis(network, 1, each)
        with _threads_for(network):
            row["slider"] = b.slider_of(network, each)
        nine = b.compare_synthesis(network, 9, each, BATCH_TURNS)
        return {"synthesis_sizes": {str(resolution): row, f"{resolution}, batch 9": nine}}

    def gpu(self, seconds: float) -> Report:
        """Faces a second and a slider on a card, where there is one."""
        from app.engine.benchmark_gpu import gpu_section

        return {"gpu": gpu_section(seconds / 2)}

    def transcribe(self, seconds: float) -> Report:
        """Speech to text."""
        from app.engine.benchmark_case import hearing

        return {"transcribe": hearing(self.speech)}

    def case(self, seconds: float) -> Report:
        """A long sitting in a sealed case file."""
        from app.engine import benchmark_case as c
        from app.models.portrait import Recipe
        from app.views.png import png_of

        painter = self.painter
        recipes = [Recipe.from_array(painter.sha256, painter.sample(i)) for i in range(c.FACES)]
        png = png_of(painter.pixels(recipes[0]))
        return {"case": c.commits(recipes, png, ROUNDS, STEPS, seconds)}

    def _memory(self) -> Report:
        """The peak up to here: of the bundled model, as long as no other was loaded."""
        from app.engine.benchmark import peak_memory_mb

        return {"peak_memory_mb": peak_memory_mb()}


@contextlib.contextmanager
def _threads_for(network: Synthesis) -> Iterator[None]:
    """As many threads as the engine takes for such a network."""
    import torch

    from app.engine.packed import gflop
    from app.engine.runtime import set_threads

    before = torch.get_num_threads()
    set_threads(gflop(network))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def probe(program: str, key: str) -> float | None:
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


def completed(report: Report) -> dict[str, Any]:
    """The report with what follows from several of its parts."""
    from app.engine.benchmark import peak_memory_mb

    synthesis, peak = report.get("synthesis"), report.get("convolution_peak_gflops")
    if synthesis and peak:
        # counting the multiplications that the plain form would do
        report["share_of_peak"] = round(synthesis["gflops_per_s"] / peak, 2)
    return {"gpu": None, **report, "peak_memory_all_mb": peak_memory_mb()}

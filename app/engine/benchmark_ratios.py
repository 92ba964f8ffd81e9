"""Ratios that should hold on every machine of a kind, whatever else runs there.

Works take turns of one call, on one thread, timed by the processor's clock; of each the lower
quartile counts. So other programs weigh on both sides of a ratio alike, and hardly at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from app.engine import native
from app.engine.benchmark import processor
from app.engine.native_synthesis import NativeSynthesis, fits
from app.engine.packed import LayerCache, PackedSynthesis
from app.engine.painter import PREVIEW_BLOCKS
from app.engine.reference_ops import reference_synthesis
from app.engine.stylegan2 import Synthesis

LEAST_TURNS = 5


def machine_kind() -> str:
    """What accepted ratios belong to: the processor, and the vector instructions torch uses."""
    return f"{processor()}, {torch.backends.cpu.get_cpu_capability()}"


def interleaved(works: Sequence[Callable[[], Any]], seconds: float) -> list[float]:
    """Processor milliseconds of each work: lower quartile of turns over ``seconds``."""
    times: list[list[float]] = [[] for _ in works]
    for work in works:
        work()
    end = time.perf_counter() + seconds
    while len(times[0]) < LEAST_TURNS or time.perf_counter() < end:
        for work, taken in zip(works, times, strict=True):
            start = time.thread_time()
            work()
            taken.append((time.thread_time() - start) * 1000)
    return [float(np.percentile(t, 25)) for t in times]


def ratios(synthesis: Synthesis, seconds: float) -> dict[str, float]:
    """By name; larger is better. Names with ``native`` are missing where torch draws."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            return {**_against_reference(synthesis, seconds), **_of_a_slider(synthesis, seconds)}
    finally:
        torch.set_num_threads(threads)


def _latents(synthesis: Synthesis, n: int) -> torch.Tensor:
    arch = synthesis.arch
    return torch.randn(n, arch.num_ws, arch.w_dim, generator=torch.Generator().manual_seed(1))


def _forms(synthesis: Synthesis) -> dict[str, PackedSynthesis]:
    forms = {"torch": PackedSynthesis(synthesis)}
    library = native.library()
    if library is not None and fits(synthesis.arch):
        forms["native"] = NativeSynthesis(synthesis, library)
    return forms


def _against_reference(synthesis: Synthesis, seconds: float) -> dict[str, float]:
    found = {}
    forms = _forms(synthesis)
    for batch in (1, 9):
        ws = _latents(synthesis, batch)
        works = [partial(form, ws, "const") for form in forms.values()]
        plain = partial(reference_synthesis, synthesis, ws)
        reference, *ours = interleaved([plain, *works], seconds * 0.4)
        for name, taken in zip(forms, ours, strict=True):
            found[f"{name}_batch_{batch}"] = round(reference / taken, 3)
    if "native" in forms:  # the reference takes nine faces at two speeds, by where its memory lies
        found["native_to_torch_9"] = round(found["native_batch_9"] / found["torch_batch_9"], 3)
    return found


def _of_a_slider(synthesis: Synthesis, seconds: float) -> dict[str, float]:
    """How much sooner a preview, and a change of the last two blocks, is there than a face."""
    form = list(_forms(synthesis).values())[-1]
    ws, cache = _latents(synthesis, 1), LayerCache()
    early = max(1, min(PREVIEW_BLOCKS, len(synthesis.resolutions) - 1))
    row = 2 * len(synthesis.resolutions) - 4  # of w+: everything before it stays

    def late() -> None:
        ws[:, row:] += 1e-3
        form(ws, "const", cache=cache)

    whole, preview, changed = interleaved(
        [lambda: form(ws, "const"), lambda: form(ws, "const", stop=early), late], seconds * 0.2
    )
    return {"preview": round(whole / preview, 3), "late_change": round(whole / changed, 3)}

"""Measurements on a GPU: faces a second against plain torch, and a slider; nothing without CUDA.

Written where no GPU was: the functions are tested on a CPU, the figures were never taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from app.engine.benchmark import random_synthesis
from app.engine.drawing import drawing_form, form_name
from app.engine.packed import LayerCache
from app.engine.reference_ops import reference_synthesis
from app.engine.stylegan2 import Synthesis

SIZES = (256, 1024)
BATCHES = (1, 16)
SLIDER_STEPS = 100
LEAST = 3
CLAMP = 256.0  # as public checkpoints: half precision belongs to it


def gpu_section(seconds: float, device: str = "cuda") -> dict[str, Any] | None:
    """By size: faces a second, plain and ours, by batch, and the slider; None without a GPU."""
    if device == "cuda" and not torch.cuda.is_available():
        return None
    name = torch.cuda.get_device_name() if device == "cuda" else device
    each = seconds / (len(SIZES) * (2 * len(BATCHES) + 1))
    sizes = {
        str(size): size_on(random_synthesis(size, CLAMP).to(device), each) for size in SIZES
    }
    return {"device": name, "sizes": sizes}


def size_on(synthesis: Synthesis, seconds: float) -> dict[str, Any]:
    """One network on its device; a batch that does not fit there is None."""
    form = drawing_form(synthesis)
    out: dict[str, Any] = {}
    for batch in BATCHES:
        ws = _latents(synthesis, batch)
        out[f"batch_{batch}"] = {
            "ours_per_s": _rate(lambda ws=ws: form(ws, "const"), batch, seconds),  # type: ignore[misc]
            "plain_per_s": _rate(lambda ws=ws: _plain(synthesis, ws), batch, seconds),  # type: ignore[misc]
        }
    out["slider"] = _slider(synthesis, form, seconds)
    out["form"] = form_name(form)
    return out


def _plain(synthesis: Synthesis, ws: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        return reference_synthesis(synthesis, ws)


def _latents(synthesis: Synthesis, n: int) -> torch.Tensor:
    arch = synthesis.arch
    ws = torch.randn(n, arch.num_ws, arch.w_dim, generator=torch.Generator().manual_seed(1))
    return ws.to(synthesis.blocks()[0].const.device)


def _rate(work: Callable[[], torch.Tensor], batch: int, seconds: float) -> float | None:
    """Faces a second, pictures waited for; None where the device has no room for the batch."""
    try:
        waited(work)
        times: list[float] = []
        end = time.perf_counter() + seconds
        while len(times) < LEAST or time.perf_counter() < end:
            times.append(waited(work))
    except (MemoryError, torch.OutOfMemoryError):
        return None
    return round(batch / float(np.median(times)), 2)


def waited(work: Callable[[], torch.Tensor]) -> float:
    """Seconds until the picture of ``work`` is there, not only asked for."""
    start = time.perf_counter()
    device = work().device
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - start


def _slider(synthesis: Synthesis, form: Any, seconds: float) -> dict[str, float]:
    """Milliseconds from a slider's new position to pixels in the computer's memory."""
    ws, cache = _latents(synthesis, 1), LayerCache()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < LEAST or (len(times) < SLIDER_STEPS and time.perf_counter() < end):
        ws = ws + 1e-3
        start = time.perf_counter()
        form(ws, "const", cache=cache).clamp(-1, 1).cpu()
        times.append((time.perf_counter() - start) * 1000)
    p50, p95, p99 = np.percentile(times, [50, 95, 99])
    return {"p50_ms": round(p50, 2), "p95_ms": round(p95, 2), "p99_ms": round(p99, 2)}

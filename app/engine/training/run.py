"""The time-boxed loop that every net is trained by: rate, reports, checkpoints, going on."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

Report = Callable[[str], None]
CHECKPOINT_SECONDS = 300.0


class Trainee(Protocol):
    """What the loop needs of a net in training."""

    steps: int
    seen: int

    def step(self, rate: float) -> dict[str, float]:
        """Train on one batch at ``rate`` (0..1) of the full learning rate; returns the losses."""
        ...

    def state(self) -> dict[str, Any]:
        """Everything that the next step depends on (tensors, numbers, plain containers)."""
        ...

    def settings(self) -> dict[str, Any]:
        """What a reader of the checkpoint has to know, as JSON values."""
        ...

    def held_out(self) -> float:
        """One figure on held-out faces, smaller is better."""
        ...


def cosine(done: float) -> float:
    """Rate at ``done`` (0..1) of a run: half a cosine, never below a hundredth."""
    return max(0.01, 0.5 * (1 + float(np.cos(np.pi * min(done, 1.0)))))


def late_fall(done: float) -> float:
    """Rate that stays full for 60 % of a run and then falls to 3 % in a straight line."""
    return min(1.0, max(0.03, (1 - done) / 0.4))


def train_for(
    trainee: Trainee,
    minutes: float,
    checkpoint: Path,
    rate: Callable[[float], float],
    *,
    warm_up: int = 100,
    report: Report = print,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Train for ``minutes``; checkpoint every five and at the end. ``check`` may raise to stop."""
    start = last = time.monotonic()
    while (done := (time.monotonic() - start) / (minutes * 60)) < 1:
        check()
        losses = trainee.step(min((trainee.steps + 1) / warm_up, 1.0) * rate(done))
        if trainee.steps % 50 == 0:
            shown = " ".join(f"{k} {v:.4f}" for k, v in losses.items())
            report(f"{done:6.1%} step {trainee.steps} seen {trainee.seen} {shown}")
        if time.monotonic() - last > CHECKPOINT_SECONDS:
            last = time.monotonic()
            report(f"held-out {trainee.held_out():.4f}")
            save_state(trainee, checkpoint)
    report(f"held-out {trainee.held_out():.4f}")
    save_state(trainee, checkpoint)


def save_state(trainee: Trainee, path: Path) -> None:
    """Write the checkpoint atomically (temporary file, fsync, rename), its settings beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        torch.save(trainee.state(), file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    path.with_suffix(".json").write_text(
        json.dumps({**trainee.settings(), "steps": trainee.steps, "seen": trainee.seen})
    )


def read_state(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """A checkpoint's state (weights only; nothing in it can run)."""
    state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    return state


@torch.no_grad()
def follow(average: torch.nn.Module, net: torch.nn.Module, decay: float, steps: int) -> None:
    """Move an averaged copy towards ``net``; early steps count more, so that it leaves its start.

    Buffers that are not floats (counters) are copied.
    """
    decay = min(decay, (1 + steps) / (10 + steps))
    pairs = (average.state_dict().values(), net.state_dict().values())
    for averaged, now in zip(*pairs, strict=True):
        if averaged.is_floating_point():
            averaged.lerp_(now, 1 - decay)
        else:
            averaged.copy_(now)

"""Trains the sketch net on drawings made from the training faces; measures it on others."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch

from app.engine.pictures.sketch_net import SketchNet, SketchTrunk, Strokes, darkness
from app.engine.training.facedata import FaceData
from app.engine.training.sketches import TRAINED, UNSEEN, Style, spoiled

Array = npt.NDArray[np.float32]
Report = Callable[[str], None]
RIDGE = 30.0
BATCH, RATE = 128, 1e-3
DRAWING_SHARE = 0.5  # of the time box spent at most on making drawings
LEAST_ROUNDS, MOST_ROUNDS = 1, 4  # drawings per face


def train_sketch(
    data: FaceData, out: Path, *, minutes: float, seed: int = 0, report: Report = print
) -> tuple[SketchNet, dict[str, float]]:
    """Train for about ``minutes`` and write ``sketch.safetensors``; returns the net and figures.

    Drawings first (each face up to four times, other style and spoiling each time), then the linear
    reading in closed form (ridge), then its correction by gradient steps until the time is up.
    """
    cv2.setNumThreads(1)
    start = time.monotonic()
    torch.manual_seed(seed)
    trunk = SketchTrunk(data.codes.shape[1])
    features, index = _drawn(data, trunk.strokes, 60 * minutes * DRAWING_SHARE, seed, report)
    wanted = torch.from_numpy(data.codes)[index]
    _fit_linear(trunk, features, wanted)
    report(f"linear reading of {len(features)} drawings fitted")
    held = torch.from_numpy(np.stack(list(_held_out(data))))[:, None]
    seen = _held_features(trunk.strokes, held)
    truth = torch.from_numpy(data.codes[data.held_out])
    first = _error(trunk, seen, truth)
    end = start + 60 * minutes
    weight = torch.from_numpy((data.scale / data.scale.mean()).astype(np.float32))
    steps = _correct(trunk, features, wanted, weight, end, seed, report)
    last = _error(trunk, seen, truth)
    unsure = (_read(trunk, seen) - truth).square().mean(0).sqrt()
    net = SketchNet(trunk, unsure.numpy())
    out.mkdir(parents=True, exist_ok=True)
    net.save(out / "sketch.safetensors")
    return net, {
        "drawings": float(len(features)), "steps": float(steps), "held_out_error_linear": first,
        "held_out_error": last, "seconds": round(time.monotonic() - start, 1),
    }  # fmt: skip


def _drawn(
    data: FaceData, strokes: Strokes, seconds: float, seed: int, report: Report
) -> tuple[torch.Tensor, torch.Tensor]:
    """Features float16 [n, FEATURES] and face numbers [n] of drawings, as many as time allows."""
    rng = np.random.default_rng(seed)
    styles = list(TRAINED.values())
    start, features, index = time.monotonic(), [], []
    for turn in range(MOST_ROUNDS):
        if turn >= LEAST_ROUNDS and time.monotonic() - start > seconds:
            break
        for chunk in np.array_split(rng.permutation(data.train), max(1, len(data.train) // 256)):
            late = time.monotonic() - start > seconds
            if late and turn >= LEAST_ROUNDS:
                break
            chosen = rng.integers(0, len(styles), len(chunk))
            x = np.stack(
                [
                    darkness(drawing(data, i, styles[k], rng))
                    for i, k in zip(chunk, chosen, strict=True)
                ]
            )
            with torch.inference_mode():
                features.append(strokes(torch.from_numpy(x)[:, None]).half())
            index.append(torch.from_numpy(chunk))
        report(f"drawings {sum(map(len, index))} after {time.monotonic() - start:.0f} s")
    return torch.cat(features), torch.cat(index)


def _fit_linear(trunk: SketchTrunk, features: torch.Tensor, wanted: torch.Tensor) -> None:
    """Ridge regression in closed form into ``trunk.linear``; the correction starts at nothing."""
    mean, target = features.float().mean(0), wanted.mean(0)
    size = features.shape[1]
    gram, cross = torch.zeros(size, size), torch.zeros(size, wanted.shape[1])
    for f, y in zip(features.split(4096), wanted.split(4096), strict=True):
        centred = f.float() - mean
        gram += centred.T @ centred
        cross += centred.T @ (y - target)
    variance = gram.diagonal().mean()
    solved = torch.linalg.solve(gram + RIDGE * variance / 100 * torch.eye(size), cross)
    with torch.no_grad():
        trunk.linear.weight.copy_(solved.T)
        trunk.linear.bias.copy_(target - mean @ solved)
        trunk.correct.weight.zero_()


def _correct(
    trunk: SketchTrunk, features: torch.Tensor, wanted: torch.Tensor, weight: torch.Tensor,
    end: float, seed: int, report: Report,
) -> int:  # fmt: skip
    """Gradient steps on all layers until ``end`` (monotonic seconds), rate falling to nothing."""
    learnt = [*trunk.linear.parameters(), *trunk.hidden.parameters(), *trunk.correct.parameters()]
    groups = [
        {"params": list(trunk.linear.parameters()), "scale": 0.1},
        {"params": learnt[2:], "scale": 1.0},
    ]
    optimiser = torch.optim.AdamW(groups, RATE, weight_decay=0.05)
    rng = torch.Generator().manual_seed(seed)
    start, step = time.monotonic(), 0
    while (done := (time.monotonic() - start) / max(end - start, 1e-6)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = RATE * group["scale"] * max(0.01, 0.5 * (1 + np.cos(np.pi * done)))
        some = torch.randint(len(features), (BATCH,), generator=rng)
        f = features[some].float()
        f = f * (torch.rand(f.shape, generator=rng) > 0.1)  # strokes go missing
        gap = trunk.read_strokes(f) - wanted[some]
        loss = (gap.square() * weight).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        step += 1
        if step % 200 == 0:
            report(f"{done:6.1%} step {step} loss {float(loss.detach()):.4f}")
    return step


def _held_out(data: FaceData) -> list[Array]:
    rng = np.random.default_rng(7)
    styles = list(TRAINED.values())
    return [
        darkness(drawing(data, i, styles[k % len(styles)], rng))
        for k, i in enumerate(data.held_out)
    ]


def _held_features(strokes: Strokes, drawings: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        return torch.cat([strokes(d) for d in drawings.split(64)])


def _read(trunk: SketchTrunk, features: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        return trunk.read_strokes(features)


def _error(trunk: SketchTrunk, features: torch.Tensor, truth: torch.Tensor) -> float:
    return round(float((_read(trunk, features) - truth).square().mean()), 4)


def drawing(
    data: FaceData, index: int, style: Style, rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """One training face as a spoiled drawing, uint8 [128, 128]."""
    if data.points is None:
        raise ValueError("mesh points are needed")
    rgb = np.ascontiguousarray(data.pixels[index].transpose(1, 2, 0))
    return spoiled(style(rgb, data.points[index], rng), rng)


def explained(net: SketchNet, data: FaceData, count: int = 120) -> dict[str, float]:
    """Share of the codes' scaled variance that is read from drawings of held-out faces, by style
    (styles under ``unseen.`` were never trained on)."""
    out = {}
    styles = {**TRAINED, **{f"unseen.{n}": s for n, s in UNSEEN.items()}}
    index = data.held_out[:count]
    wanted = data.codes[index] * data.scale
    total = np.square(wanted - wanted.mean(0)).sum()
    for name, style in styles.items():
        rng = np.random.default_rng(3)
        found = net.read(np.stack([drawing(data, i, style, rng) for i in index])) * data.scale
        out[name] = round(1 - float(np.square(found - wanted).sum() / total), 3)
    return out

"""Fits the learned steps of the encoder on faces that the generator drew itself, so w+ is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from app.engine.descent import Descent, Stage, features
from app.engine.encoder_net import EncoderTrunk
from app.engine.stylegan2 import Generator
from app.engine.training.facedata import FaceData

Report = Callable[[str], None]
SIDES = (16, 32, 32)
RANK = 128
RIDGES = (1.0, 3.0, 10.0)  # times the mean square length of the features
CHECKED = 48  # training faces, real ones, by which the ridge is chosen
BATCH = 20
ALIKE, APART = 0.8, 0.4  # how wrong guesses are made: all layers alike, and each by itself


@dataclass
class Pairs:
    """Drawn faces: ``wanted`` codes [n, layers, w_dim], ``codes`` as guessed so far, ``pictures``
    half precision [n, 3, 128, 128] of the wanted codes."""

    wanted: torch.Tensor
    codes: torch.Tensor
    pictures: torch.Tensor


def fit_descent(
    generator: Generator, trunk: EncoderTrunk, data: FaceData, count: int, seed: int,
    report: Report, path: Path, sides: tuple[int, ...] = SIDES,
) -> dict[str, float]:
    """Fit and write ``path``; returns the pixel PSNR in dB of some training faces before and after.

    ``generator``: w = scale * code. ``count`` faces are drawn around what the encoder says of
    training faces; every stage is fitted on what the one before left.
    """  # fmt: skip
    rng = torch.Generator().manual_seed(seed)
    scale = torch.from_numpy(data.scale)

    def draw(w: torch.Tensor) -> torch.Tensor:
        return generator.synthesis(w, "none")

    with torch.inference_mode():
        pairs = _pairs(draw, trunk.eval(), data, count, rng, scale, report)
        index = data.train[torch.randperm(len(data.train), generator=rng)[:CHECKED].numpy()]
        real = _faces(data, index)
        start = (trunk(real) * scale).numpy()
        stages: list[Stage] = []
        before = after = psnr(real, draw(torch.from_numpy(start)))
        for number, side in enumerate(sides, 1):
            x = torch.cat([
                features(pairs.pictures[i : i + BATCH].float()
                         - draw(pairs.codes[i : i + BATCH] * scale), side)
                for i in range(0, len(pairs.codes), BATCH)
            ])  # [n, 3 * side * side]
            y = (pairs.wanted - pairs.codes).flatten(1)  # [n, layers * w_dim]
            tried = []
            for ridge in RIDGES:
                stage = linear_map(x, y, side, ridge)
                way = Descent((*stages, stage))
                w = way.refine(real, start.astype(np.float32), data.scale, draw)
                tried.append((psnr(real, draw(torch.from_numpy(w))), ridge, stage))
            after, ridge, stage = max(tried, key=lambda t: t[0])
            stages.append(stage)
            pairs.codes += (x @ stage.down @ stage.up).reshape(pairs.codes.shape)
            report(f"stage {number}: {after:.2f} dB with ridge {ridge}, {before:.2f} dB at first")
    Descent(tuple(stages)).save(path)
    return {"descent_psnr_before": before, "descent_psnr_after": after, "descent_faces": count}


def linear_map(
    x: torch.Tensor, y: torch.Tensor, side: int, ridge: float, rank: int = RANK
) -> Stage:
    """Ridge regression of y [n, out] on x [n, in], cut to the directions of y that it predicts most
    (reduced-rank regression, Izenman 1975)."""
    x, y = x.double(), y.double()
    gram = x.T @ x  # [in, in]
    keep = ridge * gram.diagonal().sum() / len(x)
    full = torch.linalg.solve(gram + keep * torch.eye(len(gram), dtype=x.dtype), x.T @ y)
    rank = min(rank, *full.shape)
    torch.manual_seed(0)  # the random start of svd_lowrank
    _, _, v = torch.svd_lowrank(x @ full, rank, niter=3)  # [out, rank]
    return Stage(side, (full @ v).float(), v.T.float().contiguous())


def psnr(wanted: torch.Tensor, found: torch.Tensor) -> float:
    """Mean over pictures [n, 3, h, w] in -1..1, in dB."""
    error = ((wanted - found.clamp(-1, 1)) / 2).square().mean((1, 2, 3))
    return float((-10 * error.clamp_min(1e-9).log10()).mean())


def _pairs(
    draw: Callable[[torch.Tensor], torch.Tensor], trunk: EncoderTrunk, data: FaceData, count: int,
    rng: torch.Generator, scale: torch.Tensor, report: Report,
) -> Pairs:  # fmt: skip
    wanted, codes, pictures = [], [], []
    for done in range(0, count, BATCH):
        n = min(BATCH, count - done)
        index = data.train[torch.randint(len(data.train), (n,), generator=rng).numpy()]
        near = trunk(_faces(data, index))  # [n, layers, w_dim]
        error = ALIKE * torch.randn(n, 1, near.shape[2], generator=rng)
        error = error + APART * torch.randn(near.shape, generator=rng)
        aim = near + 0.9 * torch.rand(n, 1, 1, generator=rng) * error
        picture = draw(aim * scale)
        wanted.append(aim)
        codes.append(trunk(picture))
        pictures.append(picture.half())
        if done % 400 == 0:
            report(f"drew {done}/{count} faces for the descent")
    return Pairs(torch.cat(wanted), torch.cat(codes), torch.cat(pictures))


def _faces(data: FaceData, index: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(data.pixels[index]).float() / 127.5 - 1

"""Writes fitted and measured directions, and the model folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.api import DirectionInfo
from app.engine.directions import Direction, read_directions, write_directions
from app.engine.encoder_net import EncoderNet
from app.engine.stylegan2 import Generator
from app.engine.training.directions import Fit
from app.engine.training.facedata import FaceData
from app.engine.training.side_effects import Effects, summary
from app.models.errors import BadInput

Report = Callable[[str], None]
Array = npt.NDArray[np.float32]
RANGE = {"sd": (-3.0, 3.0), "years": (-35.0, 35.0)}
SAMPLES, SAMPLED, SAMPLE_PSI = "samples.jpg", 64, 0.7
LEAST_RESPONSE = 0.25  # a slider whose own reading follows by less than this is not offered


def publish_directions(
    out: Path, fits: list[Fit], table: dict[str, Effects], scale: Array, report: Report
) -> dict[str, Any]:
    """Scale each fit to what the net sees and write OUT/directions.* with its side effects.

    Returns, per direction: response (own reading moved per unit asked, before scaling), quality,
    and the effects before and after projection; and a summary of these.
    """
    kept, figures = [], {}
    for fit in fits:
        effects = table[fit.wanted.name]
        figures[fit.wanted.name] = {
            "response": round(effects.response, 3),
            "quality": round(fit.quality, 3),
            "effects_after": effects.after,
            "effects_before": effects.before,
        }
        worst = max(effects.after.values(), default=0.0)
        report(
            f"{fit.wanted.name}: response {effects.response:.2f} quality {fit.quality:.2f} "
            f"worst side effect {worst:.2f} sd"
        )
        if effects.response >= LEAST_RESPONSE:
            kept.append(_direction(fit, effects, scale))
    write_directions(out, kept)
    faces = min((e.faces for e in table.values()), default=0)
    return {
        "directions": figures,
        "kept": [d.name for d in kept],
        "faces": faces,
        "summary": summary(table),
    }


def _direction(fit: Fit, effects: Effects, scale: Array) -> Direction:
    w = fit.wanted
    low, high = RANGE[w.unit]
    info = DirectionInfo(
        name=w.name, attribute=w.attribute, region=w.region, low=low, high=high, unit=w.unit,
        low_value=w.low_value, high_value=w.high_value, holistic=w.holistic,
        quality=round(fit.quality, 3), side_effects=largest_first(effects.after),
        side_effects_before=largest_first(effects.before), measured_faces=effects.faces,
    )  # fmt: skip
    gain = 1 / float(np.clip(effects.response, 0.5, 2.0))
    vector = (fit.vector * gain * scale).astype(np.float32)
    return Direction(
        info, vector, (fit.reader / scale).astype(np.float32), fit.bias,
        fit.score_std, fit.score_mean, w.score,
    )  # fmt: skip


def largest_first(effects: dict[str, float]) -> tuple[tuple[str, float], ...]:
    """Effects as a model keeps them."""
    return tuple(sorted(effects.items(), key=lambda e: -e[1]))


def publish_model(
    out: Path,
    generator: Generator,
    data: FaceData,
    offset: Array,
    name: str,
    figures: dict[str, Any],
) -> dict[str, Any]:
    """Write OUT/model: generator weights in half precision, nets, directions and the card.

    ``offset`` [w_dim]: the generator's w are scale * code + offset (mapping.py), which the readers
    of the directions and the encoder have to know.
    """
    from safetensors.numpy import load_file, save_file

    from app.engine.training.card import card
    from app.engine.weights import write_model

    folder = out / "model"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("attributes", "landmarks", "sketch", "descent"):
        file = f"{name}.safetensors"
        if (out / file).is_file():
            shutil.copyfile(out / file, folder / file)
    if (out / "shape.safetensors").is_file():
        shape = {**load_file(str(out / "shape.safetensors")), "code_scale": data.scale,
                 "w_offset": offset}  # fmt: skip
        save_file(shape, str(folder / "shape.safetensors"))
    if (out / "encoder.safetensors").is_file():
        encoder = EncoderNet.load(out / "encoder.safetensors")
        EncoderNet(encoder.trunk, encoder.scale, offset).save(folder / "encoder.safetensors")
    found = read_directions(out, generator.arch.w_dim, generator.num_ws).items
    write_directions(folder, [replace(d, bias=d.bias - float(offset @ d.reader)) for d in found])
    write_samples(folder / SAMPLES, generator)
    write_model(folder, generator.arch, generator.state_dict(), card(out, name, figures))
    return {"folder": str(folder), "bytes": sum(p.stat().st_size for p in folder.iterdir())}


def write_samples(path: Path, generator: Generator) -> None:
    """Write the card's grid: the faces of seeds 0 to 63 at psi 0.7, eight to a row, not picked."""
    import cv2
    import torch

    from app.engine.stylegan2 import to_pixels

    rows = []
    with torch.inference_mode():
        for first in range(0, SAMPLED, 8):
            z = np.stack([
                np.random.default_rng(seed).standard_normal(generator.arch.z_dim)
                for seed in range(first, first + 8)
            ])
            mapping = generator.mapping
            w = mapping.w_avg.lerp(mapping(torch.from_numpy(z.astype(np.float32))), SAMPLE_PSI)
            ws = w.unsqueeze(1).expand(-1, generator.num_ws, -1)  # [8, num_ws, w_dim]
            rows.append(np.concatenate(list(to_pixels(generator.synthesis(ws, "none")).numpy()), 1))
    grid = np.concatenate(rows).astype(np.uint8)
    if not cv2.imwrite(str(path), grid[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88]):
        raise BadInput("out.not_written", file=str(path))

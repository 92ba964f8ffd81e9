"""Measures fitted directions on pictures, and writes the model folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.api import DirectionInfo
from app.engine.attribute_net import AttributeNet
from app.engine.directions import Direction, read_directions, write_directions
from app.engine.encoder_net import EncoderNet
from app.engine.stylegan2 import Generator
from app.engine.training.directions import FAMILIES, Fit, scores_from_reading
from app.engine.training.facedata import FaceData

Report = Callable[[str], None]
Array = npt.NDArray[np.float32]
FACES = 60
STEP = {"sd": 1.5, "years": 15.0}
RANGE = {"sd": (-3.0, 3.0), "years": (-35.0, 35.0)}
SHOWN_EFFECTS = 5
LEAST_RESPONSE = 0.25  # a slider whose own reading follows by less than this is not offered


def publish_directions(
    out: Path,
    fits: list[Fit],
    generator: Generator,
    net: AttributeNet,
    data: FaceData,
    report: Report,
) -> dict[str, Any]:
    """Scale each fit to what the net sees, measure its side effects, write OUT/directions.*.

    Returns, per direction: response (own reading moved per unit asked, before scaling), mean
    absolute move of every other reading in its own sd when the own one moves by 2 sd, quality.
    """
    from app.engine.training.steps import draw_codes

    rng = np.random.default_rng(5)
    z = (rng.standard_normal((FACES, data.codes.shape[1])) * 0.7).astype(np.float32)
    quiet: Report = lambda line: None  # noqa: E731
    values = dict(net.shape.classes)

    def scores_of(codes: Array) -> Array:
        read = scores_from_reading(
            net.read(draw_codes(generator, codes, data.scale, quiet)), values
        )
        return np.stack(
            [(read[f.wanted.name] * f.wanted.sign - f.score_mean) / f.score_std for f in fits]
        )

    base, kept, table = scores_of(z), [], {}
    unit = np.array([1.0 if f.wanted.unit == "sd" else 14.0 for f in fits])  # years in one sd
    for i, fit in enumerate(fits):
        step = STEP[fit.wanted.unit]
        moved = scores_of(z + step * fit.vector)
        response = float((moved[i] - base[i]).mean()) / step
        effects = np.abs(moved - base).mean(1) / unit  # in sd of each other reading
        own = max(abs(response) * step / unit[i], 1e-6)
        per_two = effects * (2.0 / own)
        names = [f.wanted.name for f in fits]
        others = {
            n: round(float(v), 3) for n, v in zip(names, per_two, strict=True) if n != names[i]
        }
        table[fit.wanted.name] = {
            "response": round(response, 3),
            "quality": round(fit.quality, 3),
            "side_effects": others,
        }
        report(f"{fit.wanted.name}: response {response:.2f} quality {fit.quality:.2f}")
        if response >= LEAST_RESPONSE:
            kept.append(_direction(fit, response, others, data.scale))
    write_directions(out, kept)
    return {"directions": table, "kept": [d.name for d in kept]}


def _direction(fit: Fit, response: float, effects: dict[str, float], scale: Array) -> Direction:
    w = fit.wanted
    low, high = RANGE[w.unit]
    kin = set().union(*(f for f in FAMILIES if w.name in f))
    shown = sorted(((n, v) for n, v in effects.items() if n not in kin), key=lambda e: -e[1])
    info = DirectionInfo(
        name=w.name, attribute=w.attribute, region=w.region, low=low, high=high, unit=w.unit,
        low_value=w.low_value, high_value=w.high_value, holistic=w.holistic,
        quality=round(fit.quality, 3), side_effects=tuple(shown[:SHOWN_EFFECTS]),
    )  # fmt: skip
    gain = 1 / float(np.clip(response, 0.5, 2.0))
    vector = (fit.vector * gain * scale).astype(np.float32)
    return Direction(
        info, vector, (fit.reader / scale).astype(np.float32), fit.bias,
        fit.score_std, fit.score_mean, w.score,
    )  # fmt: skip


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
    for file in ("attributes.safetensors", "landmarks.safetensors"):
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
    write_model(folder, generator.arch, generator.state_dict(), card(out, name, figures))
    return {"folder": str(folder), "bytes": sum(p.stat().st_size for p in folder.iterdir())}

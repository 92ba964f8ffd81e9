"""Measures again, on as many faces as asked for, what else the sliders of a finished model move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.engine.attribute_net import AttributeNet
from app.engine.directions import Direction
from app.engine.landmark_net import LandmarkNet
from app.engine.painter import Painter
from app.engine.training.directions import WANTED, Fit
from app.engine.training.publish import largest_first
from app.engine.training.side_effects import Meter, measure_effects, summary
from app.models.errors import ModelError

FIRST_SEED = 20_000  # faces that neither a bank nor a card was made of


def remeasure(
    painter: Painter, net: AttributeNet, landmarks: LandmarkNet | None, faces: int,
    report: Callable[[str], None] = lambda line: None,
) -> tuple[list[Direction], dict[str, float]]:  # fmt: skip
    """The model's directions with effects measured on ``faces`` sampled faces, and a summary.

    What was measured before projection stays: the steps of that time are not part of a model.
    ModelError ``model.unknown_direction`` where a direction is none of the vocabulary's own.
    """
    directions = painter.model.directions.items
    meter = Meter(painter.model.generator, np.ones(1, np.float32), net, landmarks,
                  _fits(directions, painter.model.folder))  # fmt: skip
    w = np.stack([painter.sample(FIRST_SEED + i) for i in range(faces)])  # [faces, w_dim]
    table = measure_effects(meter, w, plain_faces=0, report=report)
    found = [
        replace(d, info=replace(
            d.info, side_effects=largest_first(table[d.name].after), measured_faces=faces
        )) for d in directions
    ]  # fmt: skip
    return found, summary(table)


def _fits(directions: Sequence[Direction], folder: Path) -> list[Fit]:
    """Directions as what they were fitted as, in w instead of codes."""
    known = {w.name: w for w in WANTED}
    strange = [d.name for d in directions if d.name not in known]
    if strange:
        raise ModelError("model.unknown_direction", file=str(folder), name=", ".join(strange))
    return [
        Fit(known[d.name], d.vector, d.reader, d.bias, d.mean, d.scale, d.info.quality, d.vector)
        for d in directions
    ]

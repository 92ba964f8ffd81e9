"""How every measured score changes with the code of a face: derivatives through net and generator.

A linear reading says what goes together over faces; a derivative at a face says what a small move
there would do, without the noise of a fit. Directions are chosen by these (directions.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch

from app.engine.attribute_net import AttributeNet
from app.engine.stylegan2 import Generator
from app.engine.training.directions import Wanted

Array = npt.NDArray[np.float32]
LEAST_FACES = 12


def differentiable_scores(
    net: AttributeNet, y: torch.Tensor, wanted: Sequence[Wanted]
) -> torch.Tensor:
    """The scores of ``scores_from_reading``, unclipped, from the net's output y [n, outputs]:
    [n, len(wanted)], each times its ``sign``."""
    at, first = 0, {}
    for attribute, values in net.shape.classes:
        first[attribute] = (at, values)
        at += len(values)
    scalars = {name: (at + i, mean, std) for i, (name, mean, std) in enumerate(net.shape.scalars)}
    temperature = dict(net.shape.temperature)
    columns = []
    for w in wanted:
        kind, _, rest = w.score.partition(":")
        if kind == "measure":
            place, mean, std = scalars[rest]
            columns.append(w.sign * (y[:, place] * std + mean))
            continue
        attribute, _, ends = rest.partition("=")
        high, _, low = ends.partition("/")
        start, values = first[attribute]
        logits = y[:, start : start + len(values)] / temperature.get(attribute, 1.0)
        log_p = logits.log_softmax(1)
        top = log_p[:, values.index(high)]
        base = log_p[:, values.index(low)] if low else torch.log(1 - top.exp() + 1e-4)
        columns.append(w.sign * (top - base))
    return torch.stack(columns, 1)


def score_jacobians(
    generator: Generator, net: AttributeNet, z: Array, scale: Array, wanted: Sequence[Wanted],
    *, until: float = float("inf"), report: Callable[[str], None] = lambda line: None,
) -> Array:  # fmt: skip
    """Derivatives [faces, len(wanted), d] of the scores by z, at codes z [n, d] with w = scale * z.

    Stops after ``LEAST_FACES`` once ``time.monotonic()`` is past ``until``.
    """
    out = []
    for i, code in enumerate(z):
        if i >= LEAST_FACES and time.monotonic() > until:
            break
        w = torch.from_numpy(code * scale)[None].requires_grad_(True)  # [1, w_dim]
        ws = w.unsqueeze(1).expand(-1, generator.num_ws, -1)
        scores = differentiable_scores(net, net.trunk(generator.synthesis(ws, "none")), wanted)[0]
        rows = [torch.autograd.grad(s, w, retain_graph=True)[0][0] for s in scores]
        out.append(torch.stack(rows).numpy() * scale)
        if i % 8 == 0:
            report(f"derivatives {i}/{len(z)}")
    return np.stack(out).astype(np.float32)

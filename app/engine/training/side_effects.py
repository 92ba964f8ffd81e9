"""What else a slider moves: measured on pictures, by the attribute net and by the landmark net.

Two nets look, because the directions were fitted to the first one's readings; the landmark net has
never seen them. Effects are mean absolute moves of other readings, in their standard deviations
over the faces measured on, when the slider's own reading moves by two of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from app.engine.attribute_net import AttributeNet
from app.engine.landmark_net import POINTS, LandmarkNet, find_aligned
from app.engine.packed import PackedSynthesis
from app.engine.stylegan2 import Generator, to_pixels
from app.engine.training.directions import WANTED, Fit, kin_of, scores_from_reading
from app.engine.training.measurements import shape_measures

Array = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
BATCH, CHUNK = 4, 20
PLAIN_FACES = 60  # faces on which the steps before projection are measured
OWN_MOVE = 1.5  # own move drawn, in standard deviations
LEAST_OWN = 0.2  # share of the asked move below which effects are not scaled up any further
LANDMARK = "landmark:"


@dataclass(frozen=True, eq=False)
class Effects:
    """Of one slider: ``response``, its own move per unit asked; effects by the name of the other
    reading (landmark measures begin with ``landmark:``), after and before projection; faces."""

    response: float
    after: dict[str, float]
    before: dict[str, float]
    faces: int
    faces_before: int


class Meter:
    """Draws and reads codes: scores of all fits, then landmark measures, as columns."""

    def __init__(
        self, generator: Generator, scale: Array, net: AttributeNet,
        landmarks: LandmarkNet | None, fits: Sequence[Fit],
    ) -> None:  # fmt: skip
        self.packed, self.scale = PackedSynthesis(generator.synthesis), scale
        self.num_ws = generator.num_ws
        self.net, self.landmarks, self.fits = net, landmarks, fits
        self.names = [f.wanted.name for f in fits]
        if landmarks is not None:
            self.names += [LANDMARK + n for n in landmark_measures(np.zeros((1, len(POINTS), 2)))]

    def read(self, z: Array) -> Floats:
        """z [n, d] -> readings [n, len(names)]."""
        pixels = self.draw(z)
        read = scores_from_reading(self.net.read(pixels, BATCH), dict(self.net.shape.classes))
        columns = [read[f.wanted.name] * f.wanted.sign for f in self.fits]
        if self.landmarks is not None:
            points, _ = find_aligned(self.landmarks, pixels)
            columns += list(landmark_measures(points).values())
        return np.stack(columns, 1).astype(np.float64)

    def draw(self, z: Array) -> npt.NDArray[np.uint8]:
        """z [n, d] -> pictures uint8 [n, h, w, 3]."""
        out = []
        with torch.inference_mode():
            for start in range(0, len(z), BATCH):
                w = torch.from_numpy(z[start : start + BATCH] * self.scale).unsqueeze(1)
                ws = w.expand(-1, self.num_ws, -1).contiguous()  # [n, num_ws, w_dim]
                out.append(to_pixels(self.packed(ws, "none")).numpy())
        return np.concatenate(out)


def landmark_measures(points: npt.NDArray[np.floating]) -> dict[str, Array]:
    """Those shape measures that the landmark net's points [n, 72, 2] suffice for, each [n]."""
    mesh = np.full((len(points), 468, 2), np.nan, np.float32)
    mesh[:, list(POINTS)] = points
    with np.errstate(invalid="ignore", divide="ignore"):  # points that the net does not find
        found = shape_measures(mesh)
    known = set(POINTS)
    return {n: v for n, v in found.items() if _NEEDS[n] <= known}


_NEEDS: dict[str, set[int]] = {
    "face_width": {10, 152, 454, 234}, "jaw_width": {172, 397, 454, 234},
    "chin_width": {149, 378, 172, 397}, "chin_height": {17, 152, 10}, "forehead": {9, 10, 152},
    "eye_size": {159, 145, 386, 374, 33, 133, 362, 263}, "eye_spacing": {133, 362, 33, 263},
    "eye_narrow": {159, 145, 386, 374, 33, 263}, "eye_slant": {133, 33, 362, 263},
    "nose_width": {129, 358, 33, 263}, "nose_length": {168, 2, 10, 152},
    "mouth_width": {61, 291, 33, 263}, "lip_thickness": {0, 13, 14, 17, 10, 152},
    "mouth_open": {13, 14, 10, 152}, "brow_height": {105, 159, 334, 386, 10, 152},
    "brow_arch": {70, 105, 107, 300, 334, 336},
}  # fmt: skip


def measure_effects(
    meter: Meter, z: Array, *, until: float = float("inf"), plain_faces: int = PLAIN_FACES,
    report: Callable[[str], None] = lambda line: None,
) -> dict[str, Effects]:  # fmt: skip
    """Effects of every fit on the faces of codes z [n, d], by name, in chunks until all are done or
    ``time.monotonic()`` is past ``until`` (one chunk at least)."""
    fits = meter.fits
    base: list[Floats] = []
    after: list[list[Floats]] = [[] for _ in fits]
    before: list[list[Floats]] = [[] for _ in fits]
    for start in range(0, len(z), CHUNK):
        if start and time.monotonic() > until:
            break
        part = z[start : start + CHUNK]
        base.append(meter.read(part))
        for i, fit in enumerate(fits):
            step = OWN_MOVE * fit.unit_sd
            after[i].append(meter.read(part + np.float32(step) * fit.vector) - base[-1])
            if start < plain_faces:
                before[i].append(meter.read(part + np.float32(step) * fit.plain) - base[-1])
        report(f"side effects: {start + len(part)} of {len(z)} faces")
    sd = np.maximum(np.concatenate(base).std(0), 1e-9)
    return {
        fit.wanted.name: _effects(meter.names, i, fit, after[i], before[i], sd)
        for i, fit in enumerate(fits)
    }


def _effects(
    names: Sequence[str], i: int, fit: Fit, after: list[Floats], before: list[Floats], sd: Floats
) -> Effects:
    moved = np.concatenate(after)  # [faces, readings]
    own = float(moved[:, i].mean()) / (fit.score_std * fit.unit_sd)  # in sd of the fit
    kin = relatives(fit)
    return Effects(
        own / OWN_MOVE,
        _scaled(names, moved, i, fit, sd, kin),
        _scaled(names, np.concatenate(before), i, fit, sd, kin) if before else {},
        len(moved), sum(len(b) for b in before),
    )  # fmt: skip


def _scaled(
    names: Sequence[str], moved: Floats, i: int, fit: Fit, sd: Floats, kin: set[str]
) -> dict[str, float]:
    own = abs(float(moved[:, i].mean())) / sd[i]
    per_two = np.abs(moved).mean(0) / sd * 2.0 / max(own, LEAST_OWN * OWN_MOVE)
    return {n: round(float(v), 3) for n, v in zip(names, per_two, strict=True) if n not in kin}


def relatives(fit: Fit) -> set[str]:
    """Readings of the slider's own thing: itself, its kin, and their landmark measures."""
    kin = kin_of(fit.wanted.name)
    scores = {w.score.partition(":")[2] for w in WANTED if w.name in kin}
    shapes = {LANDMARK + s for s in scores}
    for name, also in _SHAPES.items():
        if name in kin:
            shapes |= {LANDMARK + s for s in also}
    return kin | shapes


# landmark measures of the same thing where the slider's own score is no measure
_SHAPES: dict[str, tuple[str, ...]] = {
    "lips": ("lip_thickness",), "nose_size": ("nose_width", "nose_length"),
    "eye_size": ("eye_size", "eye_narrow"), "eye_shape_narrow": ("eye_size", "eye_narrow"),
    "expression_smiling": ("mouth_width", "mouth_open", "lip_thickness"),
    "mouth_open": ("mouth_open", "lip_thickness"), "mouth": ("mouth_width",),
    "build": ("face_width", "jaw_width"), "face_shape_round": ("face_width", "jaw_width"),
}  # fmt: skip


def summary(table: dict[str, Effects], most: float = 0.25) -> dict[str, float]:
    """Mean effect, share of effects that are at most ``most``, and sliders whose all are."""
    out: dict[str, float] = {}
    for key in ("before", "after"):
        rows = [getattr(e, key) for e in table.values() if getattr(e, key)]
        flat = np.array([v for row in rows for v in row.values()])
        if len(flat):
            out[f"mean_effect_{key}"] = round(float(flat.mean()), 3)
            out[f"share_within_{key}"] = round(float((flat <= most).mean()), 3)
            out[f"sliders_within_{key}"] = sum(max(row.values()) <= most for row in rows)
    return out

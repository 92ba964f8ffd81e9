"""A local edit: moves along directions that hold only inside a region painted on the face."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from app.models.errors import BadInput
from app.models.overlay import MOST_POINTS, Stroke

MOST_REGIONS = 12
SOFT = 0.35  # the share of a brush's radius over which it fades


@dataclass(frozen=True)
class LocalEdit:
    """``edits`` as in a recipe, added to the recipe's own inside the region of ``strokes``.

    Strokes are as of a drawing: widths and points in fractions of the face picture's side, points
    from its top left corner.
    """

    strokes: tuple[Stroke, ...]
    edits: tuple[tuple[str, float], ...] = ()

    def edit(self, name: str) -> float:
        """The amount of one direction inside the region; 0.0 when it was never moved there."""
        return dict(self.edits).get(name, 0.0)

    def with_edit(self, name: str, amount: float) -> LocalEdit:
        """The same region with one direction set to ``amount``; 0 removes it."""
        edits = {**dict(self.edits), name: float(amount)}
        return replace(self, edits=tuple(sorted((k, v) for k, v in edits.items() if v != 0.0)))

    def mask(self, height: int, width: int) -> npt.NDArray[np.float32]:
        """1 inside the region, 0 outside, a soft edge between: float32 ``[h, w]``."""
        x = (np.arange(width, dtype=np.float32) + 0.5) / width
        y = (np.arange(height, dtype=np.float32) + 0.5) / height
        out = np.zeros((height, width), np.float32)
        for stroke in self.strokes:
            near = _distance(x[None, :], y[:, None], stroke.points)
            radius = stroke.width / 2
            edge = np.clip((radius * (1 + SOFT) - near) / (2 * SOFT * radius), 0, 1)
            np.maximum(out, edge * edge * (3 - 2 * edge), out=out)
        return out

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        strokes = [[s.width, [list(p) for p in s.points]] for s in self.strokes]
        return {"strokes": strokes, "edits": [[name, amount] for name, amount in self.edits]}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> LocalEdit:
        """Read what ``to_json`` wrote; raises BadInput ``region.unreadable`` on anything else."""
        try:
            strokes = tuple(
                Stroke(float(width), tuple((float(x), float(y)) for x, y in points))
                for width, points in data["strokes"]
            )
            edits = tuple(sorted((str(n), float(a)) for n, a in data.get("edits", ())))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadInput("region.unreadable", why=str(error)) from error
        return _checked(LocalEdit(strokes, edits))


def _checked(local: LocalEdit) -> LocalEdit:
    points = [p for s in local.strokes for p in s.points]
    numbers = [c for p in points for c in p] + [a for _, a in local.edits]
    widths_fit = all(0.001 <= s.width <= 1 and s.points for s in local.strokes)
    if not points or len(points) > MOST_POINTS or not widths_fit:
        raise BadInput("region.unreadable", why="no region, or too large a one")
    if not all(math.isfinite(v) and abs(v) < 1000 for v in numbers):
        raise BadInput("region.unreadable", why="a number is out of range")
    return local


def _distance(
    x: npt.NDArray[Any], y: npt.NDArray[Any], points: tuple[tuple[float, float], ...]
) -> npt.NDArray[np.float32]:
    """From every place to the nearest point of the line through ``points``: ``[h, w]``."""
    best = np.hypot(x - points[0][0], y - points[0][1])
    for (ax, ay), (bx, by) in zip(points, points[1:], strict=False):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        if length < 1e-12:
            continue
        along = np.clip(((x - ax) * dx + (y - ay) * dy) / length, 0, 1)
        best = np.minimum(best, np.hypot(x - ax - along * dx, y - ay - along * dy))
    near: npt.NDArray[np.float32] = best.astype(np.float32)
    return near

"""Named latent directions: their file, and how amounts along them move a latent.

File format: ``directions.toml`` (one ``[[direction]]`` table each) beside
``directions.safetensors`` with ``NAME.vector`` and ``NAME.reader`` float32 [w_dim] and, where the
move is confined to some layers, ``NAME.layers`` float32 [num_ws] in 0..1.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.api import DirectionInfo
from app.engine.tensorfile import read_tensors
from app.models.errors import BadInput, ModelError

Array = npt.NDArray[np.float32]

TOML_FILE, TENSOR_FILE = "directions.toml", "directions.safetensors"
FORMAT = 1
MAX_TOML_BYTES = 1 << 20
HOLD_DAMPING = 1e-3


@dataclass(frozen=True, eq=False)
class Direction:
    """One direction. ``vector`` [w_dim] moves w by one unit of ``info.unit``.

    ``reader`` and ``bias`` read a w: ``w @ reader + bias`` approximates the attribute's measured
    score, in standard deviations over generated faces (in years for age). ``scale`` is the score's
    own standard deviation and ``mean`` its mean, so that ``reading * scale + mean`` has the score's
    own unit (for years 1 and 0). ``layers`` [num_ws] in 0..1 confines the move; None: all layers.
    """

    info: DirectionInfo
    vector: Array
    reader: Array
    bias: float = 0.0
    scale: float = 1.0
    mean: float = 0.0
    score: str = ""
    layers: Array | None = None

    @property
    def name(self) -> str:
        """The direction's name, as in recipes."""
        return self.info.name

    def reading(self, w: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Readings of w [..., w_dim]: [...], in the direction's unit."""
        return np.asarray(w, dtype=np.float64) @ self.reader.astype(np.float64) + self.bias

    def value_side(self, value: str) -> int:
        """+1 when ``value`` is the high end, -1 the low end, 0 neither."""
        return (value == self.info.high_value) - (value == self.info.low_value)


@dataclass(frozen=True, eq=False)
class Directions:
    """All directions of one model, by name; an empty set is a model without sliders."""

    items: tuple[Direction, ...] = ()
    by_name: Mapping[str, Direction] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {d.name: d for d in self.items})

    @property
    def infos(self) -> tuple[DirectionInfo, ...]:
        """What views need to know."""
        return tuple(d.info for d in self.items)

    def find(self, name: str) -> Direction:
        """One direction; BadInput ``direction.unknown`` naming those there are."""
        if name not in self.by_name:
            raise BadInput("direction.unknown", name=name, known=", ".join(sorted(self.by_name)))
        return self.by_name[name]

    def of_attribute(self, attribute: str) -> tuple[Direction, ...]:
        """Directions that move one attribute of the vocabulary."""
        return tuple(d for d in self.items if d.info.attribute == attribute)

    def named(self, names: Iterable[str]) -> tuple[Direction, ...]:
        """Directions for names that may also be attributes; unknown names are skipped."""
        found = [
            d for n in names
            for d in ([self.by_name[n]] if n in self.by_name else self.of_attribute(n))
        ]  # fmt: skip
        return tuple({d.name: d for d in found}.values())

    def apply(self, ws: Array, edits: Sequence[tuple[str, float]]) -> Array:
        """w+ [num_ws, w_dim] moved by (name, amount) pairs; BadInput on an unknown name."""
        out = np.array(ws, dtype=np.float32)
        for name, amount in edits:
            direction = self.find(name)
            move = np.float32(amount) * direction.vector  # [w_dim]
            if direction.layers is None:
                out += move
            else:
                out += direction.layers[:, None] * move
        return out

    def compensated(self, edits: Mapping[str, float], held: Iterable[str]) -> dict[str, float]:
        """The edits with moves along the held directions added that keep their readings still.

        Solves (least squares, lightly damped) for amounts along the held directions such that the
        whole move changes none of their linear readings: the many-attribute form of InterFaceGAN's
        conditional manipulation (Shen et al. 2020, eq. 6), written as edits so that a recipe shows
        it.
        """
        holds = self.named(held)
        asked = {n: a for n, a in edits.items() if n not in {h.name for h in holds}}
        if not holds or not asked:
            return dict(edits)
        delta = sum(a * self.find(n).vector.astype(np.float64) for n, a in asked.items())
        readers = np.stack([h.reader.astype(np.float64) for h in holds])  # [k, w_dim]
        vectors = np.stack([h.vector.astype(np.float64) for h in holds])  # [k, w_dim]
        effect = readers @ vectors.T  # [k, k]: reading i moved by one unit of vector j
        damped = effect.T @ effect + HOLD_DAMPING * np.eye(len(holds))
        amounts = np.linalg.solve(damped, effect.T @ -(readers @ delta))
        out = dict(edits)
        for hold, amount in zip(holds, amounts, strict=True):
            out[hold.name] = edits.get(hold.name, 0.0) + float(amount)
        return out

    def readings(self, w: npt.NDArray[Any]) -> dict[str, npt.NDArray[np.float64]]:
        """Every direction's reading of w [..., w_dim]."""
        return {d.name: d.reading(w) for d in self.items}


# ------------------------------------------------------------------ file


def write_directions(folder: Path, directions: Sequence[Direction]) -> None:
    """Write ``directions.toml`` and ``directions.safetensors`` into a model folder."""
    import tomli_w
    from safetensors.numpy import save_file

    tensors: dict[str, Array] = {}
    tables: list[dict[str, Any]] = []
    for d in directions:
        tensors[f"{d.name}.vector"] = np.ascontiguousarray(d.vector, np.float32)
        tensors[f"{d.name}.reader"] = np.ascontiguousarray(d.reader, np.float32)
        if d.layers is not None:
            tensors[f"{d.name}.layers"] = np.ascontiguousarray(d.layers, np.float32)
        table = asdict(d.info) | {
            "side_effects": _table(d.info.side_effects),
            "side_effects_before": _table(d.info.side_effects_before),
            "bias": float(d.bias), "scale": float(d.scale), "mean": float(d.mean), "score": d.score,
        }  # fmt: skip
        tables.append(table)
    save_file(tensors, str(folder / TENSOR_FILE))
    text = tomli_w.dumps({"format": FORMAT, "direction": tables})
    (folder / TOML_FILE).write_text(text, encoding="utf-8")


def _table(effects: Iterable[tuple[str, float]]) -> dict[str, float]:
    return {n: round(float(v), 4) for n, v in effects}


def read_directions(folder: Path, w_dim: int, num_ws: int) -> Directions:
    """Read what ``write_directions`` wrote; no file means no directions; ModelError otherwise."""
    path = folder / TOML_FILE
    if not path.exists():
        return Directions()
    try:
        if path.stat().st_size > MAX_TOML_BYTES:
            raise ModelError("model.card_unreadable", file=str(path), why="too large")
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        tables = list(data["direction"])
        names = [str(t["name"]) for t in tables]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError("model.card_unreadable", file=str(path), why=str(error)) from error
    if len(set(names)) != len(names):
        raise ModelError("model.card_unreadable", file=str(path), why="a name appears twice")
    shapes = {f"{n}.{part}": (w_dim,) for n in names for part in ("vector", "reader")}
    optional = {f"{n}.layers": (num_ws,) for n in names}
    tensors = read_tensors(folder / TENSOR_FILE, shapes, optional)
    try:
        return Directions(tuple(_direction(t, tensors) for t in tables))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError("model.card_unreadable", file=str(path), why=str(error)) from error


def _direction(table: Mapping[str, Any], tensors: Mapping[str, Array]) -> Direction:
    name = str(table["name"])
    effects, before = table.get("side_effects", {}), table.get("side_effects_before", {})
    info = DirectionInfo(
        name=name,
        attribute=str(table["attribute"]),
        region=str(table.get("region", "whole")),
        low=float(table["low"]),
        high=float(table["high"]),
        unit=str(table.get("unit", "sd")),
        low_value=str(table.get("low_value", "")),
        high_value=str(table.get("high_value", "")),
        holistic=bool(table.get("holistic", False)),
        quality=float(table.get("quality", 0.0)),
        side_effects=tuple((str(n), float(v)) for n, v in effects.items()),
        side_effects_before=tuple((str(n), float(v)) for n, v in before.items()),
        measured_faces=int(table.get("measured_faces", 0)),
    )
    if not info.low < info.high:
        raise ValueError(f"{name}: low is not below high")
    return Direction(
        info, tensors[f"{name}.vector"], tensors[f"{name}.reader"],
        float(table.get("bias", 0.0)), float(table.get("scale", 1.0)),
        float(table.get("mean", 0.0)), str(table.get("score", "")), tensors.get(f"{name}.layers"),
    )  # fmt: skip

"""The start array: faces that obey what was said and spread over what was not.

Latents are drawn, moved into the bounds of the wishes in w, drawn as pictures, read by the
attribute net where the model has one, corrected, and the best of each tile is kept. What was not
said is spread by giving each tile its own soft wishes over the groups (sex, age, origin, width),
shuffled per array, so that an unsaid attribute is never silently the model's favourite.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.api import Pixels, Shortfall
from app.engine.directions import Direction
from app.engine.painter import Painter
from app.engine.space import Spread
from app.engine.wishes import (
    Wish,
    linear_readings,
    measured_readings,
    moved,
    violations,
    wishes_for,
)
from app.models.description import Attribute

Array = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

POOL = 40  # latents drawn per tile before choosing
SHORT_LIST = 10  # latents nearest to a tile's wishes, among which the newest-looking is taken
CORRECTIONS = 3  # looks at a face's own picture before it is taken as it is
DOUBTFUL_SHARE = 0.65  # tiles that obey what the witness was not sure of
CLEAR = 0.05  # violation in sd that counts as obeyed
REACHED_SHARE = 0.5
AGES = (22.0, 28.0, 35.0, 44.0, 55.0)
ORIGINS = ("ethnicity_white", "ethnicity_black", "ethnicity_east_asian", "ethnicity_south_asian")


@dataclass(eq=False)
class Drawn:
    """One tile: its latent, its picture, and what is still outside the bounds."""

    w: Array
    pixels: Pixels
    missed: dict[str, float] = field(default_factory=dict)


def start_array(
    painter: Painter, net: Any | None, spread: Spread, wanted: Sequence[Attribute],
    count: int, seed: int, *,
    ready: Callable[[int, Drawn], None] = lambda index, drawn: None,
    check: Callable[[], None] = lambda: None,
) -> tuple[list[Drawn], list[Shortfall]]:  # fmt: skip
    """``count`` tiles, each given to ``ready`` as soon as it is final; and what cannot be shown."""
    rng = np.random.default_rng(seed)
    directions = painter.model.directions
    _, shortfalls = wishes_for(wanted, directions)
    tile_wishes = [_for_tile(wishes_for(wanted, directions, rng)[0], rng) for _ in range(count)]
    soft = soft_wishes(wanted, directions.by_name, count, rng)
    aims = [[*sure, *unsaid] for sure, unsaid in zip(tile_wishes, soft, strict=True)]
    pool = _pool(painter, spread, count, rng)
    chosen = _chosen(pool, aims, directions.items)
    drawn: list[Drawn] = []
    for i in range(count):
        check()
        start = moved_once(aims[i], pool[chosen[i]], spread)
        drawn.append(settle(painter, net, spread, tile_wishes[i], start, check))
        ready(i, drawn[i])
    return drawn, [*shortfalls, *_not_reached(drawn, tile_wishes, shortfalls)]


def moved_once(wishes: Sequence[Wish], w: Array, spread: Spread) -> Array:
    """One latent moved by linear readings alone."""
    return moved(wishes, w[None], linear_readings(wishes, w[None]), spread.covariance)[0]


def settle(
    painter: Painter, net: Any | None, spread: Spread, wishes: Sequence[Wish], w: Array,
    check: Callable[[], None], held: Sequence[Direction] = (),
) -> Drawn:  # fmt: skip
    """Draw, read, correct; the best try is kept. Without a net or wishes the first try is it."""
    best: Drawn | None = None
    for _ in range(1 + (CORRECTIONS if net is not None and wishes else 0)):
        check()
        pixels = painter.pixels_of(painter.wide(w))
        readings = _read(net, wishes, w, pixels)
        missed = violations(wishes, readings)[0]
        drawn = Drawn(
            w, pixels, {x.direction.name: float(v) for x, v in zip(wishes, missed, strict=True)}
        )
        if best is None or sum(drawn.missed.values()) < sum(best.missed.values()):
            best = drawn
        if missed.sum() <= CLEAR:
            break
        w = moved(wishes, w[None], readings, spread.covariance, held)[0]
    assert best is not None
    return best


def _read(net: Any | None, wishes: Sequence[Wish], w: Array, pixels: Pixels) -> Floats:
    linear = linear_readings(wishes, w[None])
    if net is None or not wishes:
        return linear
    seen = measured_readings(net, net.read(pixels[None]), wishes)
    return np.where(np.isnan(seen), linear, seen)


def _for_tile(wishes: list[Wish], rng: np.random.Generator) -> list[Wish]:
    """The wishes of one tile: doubtful ones are left out of some."""
    return [w for w in wishes if not w.doubtful or rng.random() < DOUBTFUL_SHARE]


def _pool(painter: Painter, spread: Spread, count: int, rng: np.random.Generator) -> Array:
    """w [many, w_dim] to choose from, the oddest fifth left out."""
    size = int(np.clip(POOL * count, 1200, 6000))
    z = rng.standard_normal((size, painter.model.card.architecture.z_dim))
    w = painter.w_of(z)
    odd = spread.distance(w)
    return w[np.argsort(odd, kind="stable")[: int(0.8 * size)]]


def _chosen(
    pool: Array, tiles: Sequence[Sequence[Wish]], directions: Sequence[Direction]
) -> list[int]:
    """One index of the pool per tile: near the tile's wishes, far from the faces chosen before."""
    if not directions:
        return list(range(len(tiles)))
    readings = np.stack([d.reading(pool) for d in directions], axis=1)  # [many, directions]
    points = (readings - readings.mean(0)) / np.maximum(readings.std(0), 1e-6)
    gap = np.full(len(pool), np.inf)
    chosen: list[int] = []
    for wishes in tiles:
        missed = (violations(wishes, linear_readings(wishes, pool)) ** 2).sum(1)
        missed[chosen] = np.inf
        near = np.argsort(missed, kind="stable")[:SHORT_LIST]
        best = int(near[np.argmax(gap[near])])
        gap = np.minimum(gap, np.linalg.norm(points - points[best], axis=1))
        chosen.append(best)
    return chosen


# ------------------------------------------------------------------ the unsaid


def soft_wishes(
    wanted: Sequence[Attribute], directions: Any, count: int, rng: np.random.Generator
) -> list[list[Wish]]:
    """Per tile, aims over the groups of what was not said, evenly dealt and shuffled."""
    said = {a.name for a in wanted if not a.negated}
    tiles: list[list[Wish]] = [[] for _ in range(count)]

    def deal(name: str, aims: Sequence[float]) -> None:
        direction = directions.get(name)
        if direction is None:
            return
        order = rng.permutation(count)
        for place, tile in enumerate(order):
            aim = aims[place % len(aims)]
            tiles[tile].append(Wish(direction, aim, aim, aim))

    if "sex" not in said:
        deal("sex", (-1.0, 1.0))
    if "age" not in said:
        deal("age", AGES)
    fair = any(a.name == "hair_color" and a.value in ("blond", "red") for a in wanted)
    if not said & {"ethnicity", "skin"} and not fair:
        _deal_origins(tiles, directions, rng)
    if not said & {"face_width", "face_shape", "build"}:
        deal("face_width", (-0.8, 0.0, 0.8))
    return tiles


def _deal_origins(tiles: list[list[Wish]], directions: Any, rng: np.random.Generator) -> None:
    known = [directions[n] for n in ORIGINS if n in directions]
    if not known:
        return
    first = int(rng.integers(len(known)))
    for place, tile in enumerate(rng.permutation(len(tiles))):
        d = known[(first + place) % len(known)]
        even = float(np.clip(-d.mean / max(d.scale, 1e-6) + 0.3, 0.5, 1.6))
        tiles[tile].append(Wish(d, even, even, even))


def _not_reached(
    drawn: Sequence[Drawn], wishes: Sequence[Sequence[Wish]], known: Sequence[Shortfall]
) -> list[Shortfall]:
    """Wishes that fewer than half of the tiles that should obey them obey."""
    tally: dict[tuple[str, str], list[bool]] = {}
    for tile, tile_wishes in zip(drawn, wishes, strict=True):
        for wish in tile_wishes:
            obeyed = tile.missed.get(wish.direction.name, 0.0) <= 2 * CLEAR
            tally.setdefault((wish.attribute, wish.value), []).append(obeyed)
    said = {(s.attribute, s.value) for s in known}
    return [
        Shortfall(attribute, value, "not_reached")
        for (attribute, value), obeyed in tally.items()
        if np.mean(obeyed) < REACHED_SHARE and (attribute, value) not in said
    ]

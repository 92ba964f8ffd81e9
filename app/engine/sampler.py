"""The start array: faces that obey what was said and spread over what was not.

Where words tell something, tiles begin at the mean of faces that are as was said and at a simplex
around it, along what still differs most visibly: the array from which a pick tells most.
Else they begin at faces of the model's bank (or fresh samples) that are nearest to the wishes. They
are moved a little in w, drawn, read by the attribute net where the model has one, corrected, and
the best of each tile is kept. What was not said is spread by giving each tile its own soft wishes
over the groups (sex, age, origin, width), shuffled per array, so that an unsaid attribute is never
silently the model's favourite.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.api import Pixels, Shortfall
from app.engine.bank import Bank
from app.engine.directions import Direction
from app.engine.painter import Painter
from app.engine.search import Preference
from app.engine.space import LatentSpace, Spread
from app.engine.told import told
from app.engine.wishes import (
    Wish,
    called,
    linear_readings,
    measured_readings,
    moved,
    violations,
    wishes_for,
)
from app.models.description import Attribute

Array = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

POOL = 2000  # latents drawn where a model has no bank
BANK_SHARE = 0.6  # of the bank that one seed chooses from
SOFT_WEIGHT = 0.2  # of spreading the unsaid against obeying what was said
FAR = 3.3  # standard deviations of w that a face is moved at most from where it was found
NEARER = 0.7  # of the way from the mean of faces as was said at which a tile is begun
TOLD_RADIUS = 1.0  # of an array around that mean, share of the visible spread that words leave
SHORT_LIST = 6  # latents nearest to a tile's wishes, among which the newest-looking is taken
CORRECTIONS = 4  # looks at a face's own picture before it is taken as it is
DOUBTFUL_SHARE = 0.65  # tiles that obey what the witness was not sure of
INSIDE = 0.15  # sd that a correction goes past a bound: further only makes faces alike
CLEAR = 0.05  # violation in sd that counts as obeyed
REACHED_SHARE = 0.5
FACIAL_HAIR = {"moustache", "beard", "beard_stubble"}
BARE = -0.6  # a reading below which faces have no shade of a beard
AGES = (22.0, 28.0, 35.0, 44.0, 55.0)
ORIGINS = ("ethnicity_white", "ethnicity_black", "ethnicity_east_asian", "ethnicity_south_asian")


@dataclass(eq=False)
class Drawn:
    """One tile: its latent, its picture, and what is still outside the bounds."""

    w: Array
    pixels: Pixels
    missed: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Pool:
    """Latents w [n, w_dim] to start from, with what the net read from each where that is known;
    ``middle`` [w_dim]: the mean of faces that are as was said; ``told``: they are made from it, so
    that only what the net sees wrong in them needs correcting."""

    w: Array
    net: Any | None = None
    read: Any | None = None
    middle: Floats | None = None
    told: bool = False

    def readings(self, wishes: Sequence[Wish]) -> Floats:
        """Readings [n, len(wishes)]: measured where there is a bank, else linear."""
        if self.read is None or not wishes:
            return linear_readings(wishes, self.w)
        seen = measured_readings(self.net, self.read, wishes)
        for column in np.flatnonzero(np.isnan(seen).any(0)).tolist():
            seen[:, column] = wishes[column].direction.reading(self.w)
        return seen


@dataclass(frozen=True, eq=False)
class Sampler:
    """What start arrays of one model are made with."""

    painter: Painter
    net: Any | None
    spread: Spread
    bank: Bank | None = None
    space: LatentSpace | None = None

    def start_array(
        self, wanted: Sequence[Attribute], count: int, seed: int, *,
        ready: Callable[[int, Drawn], None] = lambda index, drawn: None,
        check: Callable[[], None] = lambda: None,
    ) -> tuple[list[Drawn], list[Shortfall]]:  # fmt: skip
        """``count`` tiles, each given to ``ready`` once final; and what cannot be shown."""
        rng = np.random.default_rng(seed)
        directions = self.painter.model.directions
        _, shortfalls = wishes_for(wanted, directions)
        sure = [
            _for_tile(called(wishes_for(wanted, directions, rng)[0]), rng) for _ in range(count)
        ]
        pool = self._told(rng, wanted, count)
        soft = soft_wishes(wanted, directions.by_name, count, rng, widths=pool is None)
        chosen: Sequence[int] = range(count)
        if pool is None:
            pool = self._pool(rng, wanted)
            chosen = _chosen(pool, sure, soft, directions.items)
        drawn: list[Drawn] = []
        for i in range(count):
            check()
            drawn.append(self._tile(pool, chosen[i], sure[i], soft[i], check))
            ready(i, drawn[i])
        return drawn, [*shortfalls, *_not_reached(drawn, sure, shortfalls)]

    def _told(
        self, rng: np.random.Generator, wanted: Sequence[Attribute], count: int
    ) -> Pool | None:  # fmt: skip
        """One latent per tile, around the mean of faces as was said, shuffled; None without."""
        bank, space = self.bank, self.space
        known = told(bank, self.net, self.painter.model.directions, wanted)
        if bank is None or space is None or known is None:
            return None
        belief = known.belief(space.coordinates(bank.w))
        around = Preference(space.sight, belief).around(belief.mean, count, TOLD_RADIUS, rng)
        middle = known.belief(bank.w).mean  # with what the searched coordinates leave out
        ws = middle + (around - belief.mean) @ space.basis  # [count, w_dim]
        return Pool(np.asarray(rng.permutation(ws), np.float32), self.net, told=True)

    def _pool(self, rng: np.random.Generator, wanted: Sequence[Attribute]) -> Pool:
        """Latents to choose from, another selection for every seed."""
        if self.bank is not None:
            n = len(self.bank.w)
            half = np.sort(rng.choice(n, max(1, int(BANK_SHARE * n)), replace=False))
            known = told(self.bank, self.net, self.painter.model.directions, wanted)
            middle = None if known is None else known.belief(self.bank.w).mean
            return Pool(self.bank.w[half], self.net, _rows(self.bank.read, half), middle)
        z = rng.standard_normal((POOL, self.painter.model.card.architecture.z_dim))
        return Pool(self.painter.w_of(z))

    def _tile(
        self, pool: Pool, index: int, sure: list[Wish], soft: list[Wish],
        check: Callable[[], None],
    ) -> Drawn:  # fmt: skip
        origin = pool.w[index]
        one = Pool(origin[None], pool.net, None if pool.read is None else _rows(pool.read, [index]))
        wishes = soft if pool.told else [*sure, *soft]
        readings = one.readings(wishes)
        if pool.middle is not None:  # a face that is what was said, and no stranger than need be
            nearer = np.asarray(pool.middle + NEARER * (origin - pool.middle), np.float32)
            readings = readings + linear_readings(wishes, (nearer - origin)[None])
            readings -= linear_readings(wishes, np.zeros_like(origin)[None])  # their biases
            origin = nearer
        w = self.spread.near(origin, self._moved(wishes, origin, readings), FAR)
        return self.settle(sure, w, check, origin=origin)

    def _moved(
        self, wishes: Sequence[Wish], w: Array, readings: Floats, held: Sequence[Direction] = ()
    ) -> Array:
        return moved(wishes, w[None], readings, self.spread.covariance, held, INSIDE)[0]

    def settle(
        self, wishes: Sequence[Wish], w: Array, check: Callable[[], None], *,
        held: Sequence[Direction] = (), origin: Array | None = None,
    ) -> Drawn:  # fmt: skip
        """Draw, read, correct; the best try is kept, never far from ``origin`` (None: from w).

        Without a net or wishes the first try is it.
        """
        origin = w if origin is None else origin
        best: Drawn | None = None
        for attempt in range(1 + (CORRECTIONS if self.net is not None and wishes else 0)):
            check()
            pixels = self.painter.pixels_of(self.painter.wide(w))
            readings = _read(self.net, wishes, w, pixels)
            missed = violations(wishes, readings)[0]
            names = (x.direction.name for x in wishes)
            drawn = Drawn(w, pixels, dict(zip(names, map(float, missed), strict=True)))
            if best is None or sum(drawn.missed.values()) < sum(best.missed.values()):
                best = drawn
            if missed.sum() <= CLEAR:
                break
            w = self.spread.near(
                origin, self._moved(wishes, w, readings, held), FAR * (1 + attempt / 6)
            )
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


def _rows(read: Any, rows: Any) -> Any:
    """The same reading of some faces."""
    return type(read)(
        {n: v[rows] for n, v in read.probabilities.items()},
        {n: v[rows] for n, v in read.scalars.items()},
        read.code[rows], read.shape[rows],
    )  # fmt: skip


def _chosen(
    pool: Pool, sure: Sequence[Sequence[Wish]], soft: Sequence[Sequence[Wish]],
    directions: Sequence[Direction],
) -> list[int]:  # fmt: skip
    """One index of the pool per tile: what was said counts most, then the tile's share of what was
    not, then being unlike the faces chosen before."""
    if not directions:
        return list(range(len(sure)))
    readings = pool.w @ np.stack([d.reader for d in directions]).T  # [many, directions]
    points = (readings - readings.mean(0)) / np.maximum(readings.std(0), 1e-6)
    gap: Floats = np.full(len(pool.w), np.inf)
    chosen: list[int] = []
    for said, unsaid in zip(sure, soft, strict=True):
        missed = (violations(said, pool.readings(said)) ** 2).sum(1)
        missed += SOFT_WEIGHT * (violations(unsaid, pool.readings(unsaid)) ** 2).sum(1)
        missed[chosen] = np.inf
        near = np.argsort(missed, kind="stable")[:SHORT_LIST]
        best = int(near[np.argmax(gap[near])])
        gap = np.minimum(gap, np.linalg.norm(points - points[best], axis=1))
        chosen.append(best)
    return chosen


# ------------------------------------------------------------------ the unsaid


def soft_wishes(
    wanted: Sequence[Attribute], directions: Any, count: int, rng: np.random.Generator,
    widths: bool = True,
) -> list[list[Wish]]:  # fmt: skip
    """Per tile, aims over the groups of what was not said, evenly dealt and shuffled; ``widths``:
    of the face, too (a simplex of what shows spreads them by itself)."""
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
    if widths and not said & {"face_width", "face_shape", "build"}:
        deal("face_width", (-0.8, 0.0, 0.8))
    if any(a.name == "sex" and a.value == "female" and not a.negated for a in wanted):
        for name in sorted(FACIAL_HAIR - said):
            if name in directions:  # rare on women: only what was said puts it there
                bare = Wish(directions[name], -9.0, BARE, BARE)
                for part in tiles:
                    part.append(bare)
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

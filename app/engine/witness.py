"""Simulated witnesses: they see pictures only, remember one face with blur and noise, and choose.

Their distance is not the search's metric: differences of brightness and edges at three scales,
internal features counting most, colour a little. Likeness is the share of the model's faces that
are further from the target than the portrait is, measured without noise.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch

from app.engine.api import Pixels
from app.engine.evolution import PARENTS, next_generation
from app.engine.painter import Painter
from app.engine.sampler import Sampler
from app.engine.search import Belief, Floats, Observation, Preference, gaussian
from app.engine.space import LatentSpace, Spread
from app.engine.stylegan2 import to_pixels
from app.engine.told import believed
from app.engine.wishes import lenient, measured_readings, wishes_for
from app.models.description import Attribute
from app.models.round import Answer

SIDE = 64
SCALES = 3
EDGES, COLOUR = 2.0, 0.25
INNER = 0.35  # weight outside the internal features
FADING = 0.35  # growth of the blur per doubling of the delay
BATCH = 4  # faces drawn at once
TARGET_SEED, CROWD_SEED = 5_000_000, 7_000_000


def perceived(pixels: Pixels, blur: float = 0.0) -> npt.NDArray[np.float32]:
    """What is compared, flat float32: uint8 RGB [h, w, 3] at three scales, weighted; ``blur`` in
    pixels of a 64 px face."""
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    if blur > 0:
        small = cv2.GaussianBlur(small, (0, 0), blur, borderType=cv2.BORDER_REFLECT)
    parts = []
    for _ in range(SCALES):
        side = len(small)
        light = small @ np.array([0.299, 0.587, 0.114], np.float32)  # [side, side]
        weight = _weights(side)
        layers = [
            light * weight,
            EDGES * np.diff(light, axis=0, append=light[-1:]) * weight,
            EDGES * np.diff(light, axis=1, append=light[:, -1:]) * weight,
            *(COLOUR * (small - light[..., None]) * weight[..., None]).transpose(2, 0, 1),
        ]
        parts += [layer.ravel() / side for layer in layers]
        small = cv2.resize(small, (side // 2, side // 2), interpolation=cv2.INTER_AREA)
    return np.concatenate(parts).astype(np.float32)


def _weights(side: int) -> npt.NDArray[np.float32]:
    y, x = np.mgrid[:side, :side] / (side - 1) - 0.5
    inside = np.exp(-((x / 0.28) ** 4) - ((y - 0.05) / 0.32) ** 4)
    return (INNER + (1 - INNER) * inside).astype(np.float32)


@dataclass(frozen=True)
class Memory:
    """How a witness remembers: ``noise`` per comparison (share of the usual distance of two faces),
    ``blur`` in pixels of a 64 px face (grows with delay); ``none_above``: when even the nearest
    face is further than this share of a stranger's distance, the answer is none of these."""

    noise: float = 0.10
    blur: float = 0.8
    none_above: float = 1.15

    @staticmethod
    def after(hours: float, noise: float = 0.10, blur: float = 0.8) -> Memory:
        """A memory ``hours`` old: detail fades with the logarithm of the delay (the form of
        forgetting curves since Ebbinghaus); two days blur about three times as much as none."""
        return Memory(noise, blur * (1 + FADING * float(np.log2(1 + max(0.0, hours)))))


class Crowd:
    """Faces of the model to rank a portrait among, drawn once and shared by all witnesses."""

    def __init__(
        self, painter: Painter, size: int, report: Callable[[int, int], None] = lambda d, t: None
    ) -> None:
        rows = []
        for i in range(size):
            w = painter.sample(CROWD_SEED + i)
            rows.append(perceived(painter.pixels_of(painter.wide(w))))
            report(i + 1, size)
        self.rows = np.stack(rows)
        pairs = np.linalg.norm(
            self.rows[: size // 2] - self.rows[size // 2 : size // 2 * 2], axis=1
        )
        self.usual = float(np.median(pairs))

    def stranger(self, target: npt.NDArray[np.float32]) -> float:
        """How far faces of the crowd are from a target, median, in usual distances: far more than
        1 from a photograph, of whose light and background the model knows nothing."""
        return float(np.median(np.linalg.norm(self.rows - target, axis=1))) / self.usual

    def rank(self, portrait: Pixels, target: npt.NDArray[np.float32]) -> tuple[float, float]:
        """Share of the crowd (percent) that is further from the target than the portrait, and the
        portrait's own distance in usual distances."""
        mine = float(np.linalg.norm(perceived(portrait) - target))
        far = np.linalg.norm(self.rows - target, axis=1)
        return float(100 * (far > mine).mean()), mine / self.usual


class Witness:
    """One simulated witness of the target face w."""

    def __init__(
        self, painter: Painter, target: npt.NDArray[np.float32], memory: Memory, usual: float,
        seed: int, photo: Pixels | None = None, crowd: Crowd | None = None,
    ) -> None:  # fmt: skip
        """``photo``: the real face that was seen, where the target is one (else w is drawn); then
        ``crowd`` tells how far a stranger is from it."""
        pixels = painter.pixels_of(painter.wide(target)) if photo is None else photo
        self.target = perceived(pixels)
        self.remembered = perceived(pixels, memory.blur)
        self.memory, self.usual = memory, usual
        self.stranger = 1.0
        if photo is not None and crowd is not None:
            self.stranger = crowd.stranger(self.target)
        self.rng = np.random.default_rng(seed)

    def distances(self, faces: Sequence[Pixels]) -> Floats:
        """Noisy distances of faces to the memory, in usual distances."""
        seen = np.stack([perceived(f, self.memory.blur) for f in faces])
        clean = np.linalg.norm(seen - self.remembered, axis=1) / self.usual
        return np.asarray(clean + self.memory.noise * self.rng.standard_normal(len(clean)))

    def choose(self, faces: Sequence[Pixels], picks: int) -> tuple[Answer, tuple[int, ...]]:
        """The nearest ``picks`` faces, best first; ``none`` when even the best is far off."""
        distances = self.distances(faces)
        order = np.argsort(distances, kind="stable")
        if distances[order[0]] > self.memory.none_above * self.stranger:
            return Answer.none, ()
        return Answer.picked, tuple(int(i) for i in order[:picks])


# ------------------------------------------------------------------ strategies


@dataclass(frozen=True, eq=False)
class Sitting:
    """What one strategy reached with one witness, after each round: ``likeness`` percentile and
    ``distance`` to the target (1: two unrelated faces); and the first round in which the search
    said settled, and enough (0: never)."""

    likeness: tuple[float, ...]
    distance: tuple[float, ...]
    spread: tuple[float, ...] = ()
    settled: int = 0
    enough: int = 0
    group: tuple[str, ...] = ()
    thinking_ms: float = 0.0


@dataclass(frozen=True)
class Strategy:
    """How arrays are made: ``posterior``, ``evolution`` or ``random``; faces per array; picks."""

    name: str
    count: int
    picks: int
    ranked: bool = False


STRATEGIES = {
    "posterior": Strategy("posterior", 9, 1),
    "posterior_ranked": Strategy("posterior", 9, 3, ranked=True),
    "evolution": Strategy("evolution", 18, PARENTS),
    "random": Strategy("random", 9, 1),
}


@dataclass(frozen=True, eq=False)
class Studio:
    """What every sitting shares."""

    painter: Painter
    space: LatentSpace
    spread: Spread
    crowd: Crowd

    @property
    def psi(self) -> float:
        """Spread of the faces shown at the start."""
        return self.painter.model.card.psi


@dataclass(frozen=True, eq=False)
class Words:
    """What was said first: ``array(number)`` gives w [n, w_dim] of an array made from it, the first
    of any strategy, every one of the strategy ``description``; ``obeying`` brings w [n, w_dim] of a
    later array back to what was said, as the window does; ``belief`` is what the search believes of
    it (None: nothing)."""

    array: Callable[[int], npt.NDArray[np.float32]]
    obeying: Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]
    belief: Belief | None = None


def sit(
    studio: Studio, strategy: Strategy, witness: Witness, rounds: int, seed: int,
    words: Words | None = None,
) -> Sitting:  # fmt: skip
    """Run one witness through ``rounds`` arrays, after ``words`` where there are any."""
    rng = np.random.default_rng(seed)
    space, painter = studio.space, studio.painter
    unsaid = gaussian(np.zeros(len(space.sight)), studio.psi**2, len(space.sight))
    preference = Preference(space.sight, (words.belief if words else None) or unsaid)
    seen: list[Observation] = []
    reached: list[tuple[float, float]] = []
    spreads: list[float] = []
    settled = enough = 0
    thought = 0.0
    portrait, best = None, np.inf
    for number in range(rounds):
        from_words = words is not None and (number == 0 or strategy.name == "description")
        given = words.array(number) if words is not None and from_words else None
        started = time.perf_counter()
        points, latents = _array(studio, strategy, preference, seen, rng, given)
        thought += time.perf_counter() - started
        if words is not None and given is None and strategy.name != "random":
            latents = words.obeying(latents)
            points = space.coordinates(latents)
        faces = draw(painter, latents)
        answer, picks = witness.choose(faces, strategy.picks)
        seen.append(Observation(points, answer, picks, strategy.ranked))
        if picks:
            shown = float(witness.distances([faces[picks[0]]])[0])
            keeps = strategy.name in ("random", "description")  # no search: the best face so far
            if not keeps or portrait is None or shown < best:
                portrait, best = faces[picks[0]], shown
        nothing = (50.0, 1.0)
        reached.append(nothing if portrait is None else studio.crowd.rank(portrait, witness.target))
        if strategy.name == "posterior":
            state = preference.state(seen, preference.belief(seen))
            spreads.append(state.spread)
            settled = settled or (number + 1) * (state.phase == "settled")
            enough = enough or (number + 1) * state.enough
    likeness, distance = zip(*reached, strict=True)
    thinking = 1000 * thought / rounds
    return Sitting(
        likeness, distance, tuple(spreads), settled, enough, thinking_ms=round(thinking, 2)
    )


def draw(painter: Painter, latents: npt.NDArray[np.float32]) -> list[Pixels]:
    """Pictures of w [n, w_dim], a few at a time: quicker than singly, equal to a grey value."""
    out: list[Pixels] = []
    with torch.inference_mode():
        for start in range(0, len(latents), BATCH):
            ws = np.stack([painter.wide(w) for w in latents[start : start + BATCH]])
            tensor = torch.from_numpy(ws).to(painter.device)
            out += list(to_pixels(painter.packed(tensor, painter.noise)).cpu().numpy())
    return out


def _array(
    studio: Studio, strategy: Strategy, preference: Preference, seen: Sequence[Observation],
    rng: np.random.Generator, start: npt.NDArray[np.float32] | None,
) -> tuple[Floats, npt.NDArray[np.float32]]:  # fmt: skip
    k = len(studio.space.sight)
    if start is not None:
        return studio.space.coordinates(start), start
    if strategy.name == "random" or not seen:
        points = studio.psi * rng.standard_normal((strategy.count, k))
    elif strategy.name == "evolution":
        points = next_generation(seen, strategy.count, k, studio.psi, rng)
    else:
        points, _ = preference.next_array(seen, strategy.count, rng)
    return points, studio.space.latent(points)


# ------------------------------------------------------------------ words about the target

SAID = ("sex", "age", "hair_color", "ethnicity", "skin")


def said_of(sampler: Sampler, picture: Pixels, names: Sequence[str]) -> list[Attribute]:
    """The attributes ``names`` as they are in a picture, read by the net."""
    net = sampler.net
    assert net is not None  # the caller has looked
    read = net.read(picture[None])
    said: list[Attribute] = []
    for name in names:
        if name == "age":
            years = round(float(read.scalars["age"][0]))
            said.append(Attribute("age", (max(0, years - 5), years + 5)))
            continue
        values = net.values(name)
        likeliest = Attribute(name, values[int(read.probabilities[name][0].argmax())])
        shades = [Attribute(name, v) for v in values]
        said.append(_nearest_shade(sampler, read, shades) or likeliest)
    return said


def _nearest_shade(sampler: Sampler, read: Any, shades: Sequence[Attribute]) -> Attribute | None:
    """Of the values of a graded scale the one whose aim is nearest to what is measured."""
    found: list[tuple[float, Attribute]] = []
    for shade in shades:
        wishes, _ = wishes_for([shade], sampler.painter.model.directions)
        if not wishes or not wishes[0].direction.score.startswith("measure:"):
            return None
        reading = float(measured_readings(sampler.net, read, wishes)[0, 0])
        found.append((abs(reading - wishes[0].aim), shade))
    return min(found, key=lambda f: f[0])[1]


def words_of(
    sampler: Sampler, space: LatentSpace, said: Sequence[Attribute], count: int, seed: int
) -> Words:
    """Arrays of ``count`` faces that obey what was said, and the belief it gives."""

    def array(number: int) -> npt.NDArray[np.float32]:
        drawn, _ = sampler.start_array(said, count, seed + number)
        return np.stack([d.w for d in drawn])

    directions = sampler.painter.model.directions
    wishes = lenient(wishes_for(said, directions)[0])

    def obeying(ws: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        if not wishes:
            return ws
        return np.stack([sampler.settle(wishes, w, lambda: None).w for w in ws])

    return Words(array, obeying, believed(sampler.bank, sampler.net, directions, said, space))

"""The next array: the start array from words, or what the search makes of the answers so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.api import (
    Event,
    FaceReady,
    FacesProposed,
    PrepareFaces,
    ProposeFaces,
    SearchState,
    Shortfall,
)
from app.engine.directions import Direction
from app.engine.evolution import next_generation
from app.engine.painter import Painter
from app.engine.runtime import MAX_FACES, Ahead, Runtime
from app.engine.sampler import Drawn, Sampler
from app.engine.search import Floats, Observation, Preference, gaussian
from app.engine.space import LatentSpace, Spread, measure_space
from app.engine.space_file import read_space
from app.engine.told import believed
from app.engine.wishes import Wish, lenient, linear_readings, moved, wishes_for
from app.models.errors import BadInput
from app.models.portrait import Recipe
from app.models.round import Answer, Round

Array = npt.NDArray[np.float32]
Emit = Callable[[Event], None]
Check = Callable[[], None]
WILD_FROM = 2  # answered rounds before a wild card joins
ALIKE_RADIUS = 0.25  # of "more like this", share of the start's visible spread


def propose(runtime: Runtime, request: ProposeFaces, emit: Emit, check: Check) -> FacesProposed:
    """Answer ``ProposeFaces``: draw the tiles one by one and say how sure the search is."""
    if not 1 <= request.count <= MAX_FACES:
        raise BadInput("propose.bad_count", count=request.count, most=MAX_FACES)
    if request.strategy not in ("posterior", "evolution"):
        raise BadInput("propose.unknown_strategy", strategy=request.strategy)
    ready, runtime.ahead = runtime.ahead, None
    if ready is not None and ready.request == request:
        for event in ready.faces:
            emit(event)
        return ready.proposed
    painter = _painter(runtime, request)
    answered = [r for r in request.rounds if r.answer is not None]
    if not answered and request.like is None:
        return _start(runtime, painter, request, emit, check)
    return _Next(runtime, painter, request, answered).run(emit, check)


def prepare_faces(runtime: Runtime, request: PrepareFaces, emit: Emit, check: Check) -> int:
    """Answer ``PrepareFaces``: the array is kept until the next one is asked for."""
    array = request.array
    if array is None:
        runtime.ahead = None
        return 0
    if runtime.ahead is None or runtime.ahead.request != array:
        faces: list[FaceReady] = []

        def collect(event: Event) -> None:
            check()
            if isinstance(event, FaceReady):
                faces.append(event)

        proposed = propose(runtime, array, collect, check)
        runtime.ahead = Ahead(array, tuple(faces), proposed)
    return len(runtime.ahead.faces)


def _painter(runtime: Runtime, request: ProposeFaces) -> Painter:
    faces = [f for r in request.rounds for f in r.faces] + [request.portrait, request.like]
    shas = {f.model for f in faces if f is not None}
    if len(shas) > 1:
        raise BadInput("recipe.other_model", found=", ".join(sorted(shas)))
    return runtime.painter_for(shas.pop()) if shas else runtime.load()


def _start(
    runtime: Runtime, painter: Painter, request: ProposeFaces, emit: Emit, check: Check
) -> FacesProposed:
    faces: list[Recipe] = []

    def ready(index: int, drawn: Drawn) -> None:
        recipe = Recipe.from_array(
            painter.sha256, drawn.w, seed=request.seed, psi=painter.model.card.psi
        )
        faces.append(recipe)
        emit(FaceReady(index, recipe, drawn.pixels))

    sampler: Sampler = runtime.sampler(painter)
    _, shortfalls = sampler.start_array(
        request.wanted, request.count, request.seed, ready=ready, check=check
    )
    return FacesProposed(tuple(faces), tuple(shortfalls), SearchState(), None, request.seed)


def latent_space(runtime: Runtime, painter: Painter, check: Check = lambda: None) -> LatentSpace:
    """The searched coordinates of a model: its file's, or measured once (``check`` may stop it with
    Cancelled)."""
    found: LatentSpace = runtime.helper(
        painter,
        "space",
        lambda p: (
            read_space(p)
            or measure_space(p, runtime.spread(p), check, runtime.attribute_net(p))
        ),
    )
    return found


def prepare(runtime: Runtime, check: Check) -> None:
    """Measure what the next array will need, while the witness looks at this one."""
    painter = runtime.load()
    check()
    runtime.sampler(painter)
    latent_space(runtime, painter, check)


@dataclass(eq=False)
class _Next:
    """One array after answers: coordinates by the strategy, then wishes and holds, then pixels."""

    runtime: Runtime
    painter: Painter
    request: ProposeFaces
    answered: list[Round]

    def __post_init__(self) -> None:
        self.space = latent_space(self.runtime, self.painter)
        self.spread: Spread = self.runtime.spread(self.painter)
        self.sampler: Sampler = self.runtime.sampler(self.painter)
        self.rng = np.random.default_rng([self.request.seed, len(self.answered)])

    def run(self, emit: Emit, check: Check) -> FacesProposed:
        """Draw the array; the order of the tiles is shuffled by the seed."""
        wishes, shortfalls = self._wishes()
        held, kept = self._held()
        seen = [self._observation(r) for r in self.answered]
        points, state = self._alike() if self.request.like else self._points(seen)
        check()
        residual = self._residual()
        order = self.rng.permutation(len(points))
        wild = self._wild_tile(order)
        faces: list[Recipe] = []
        for tile, index in enumerate(order):
            check()
            w = self._latent(points[index], residual)
            if tile == wild:
                w = self.painter.w_of(self.rng.standard_normal((1, self._z_dim())))[0]
            drawn = self._obeying(w, wishes, held, kept, check)
            recipe = Recipe.from_array(
                self.painter.sha256, drawn.w, seed=self.request.seed, origin="search"
            )
            faces.append(recipe)
            emit(FaceReady(tile, recipe, drawn.pixels))
        return FacesProposed(tuple(faces), tuple(shortfalls), state, wild, self.request.seed)

    def _z_dim(self) -> int:
        return self.painter.model.card.architecture.z_dim

    def _wishes(self) -> tuple[list[Wish], list[Shortfall]]:
        sure = [a for a in self.request.wanted if a.certainty != "doubtful"]
        wishes, shortfalls = wishes_for(sure, self.painter.model.directions)
        held = {d.name for d in self.painter.model.directions.named(self.request.held)}
        return lenient(w for w in wishes if w.direction.name not in held), shortfalls

    def _held(self) -> tuple[list[Direction], list[Wish]]:
        """Held directions, and the reading of the portrait that each keeps."""
        portrait = self.request.portrait or self._last_pick()
        if portrait is None:
            return [], []
        w = self._w(portrait)
        held = list(self.painter.model.directions.named(self.request.held))
        readings = [float(d.reading(w)) for d in held]
        return held, [Wish(d, r, r, r) for d, r in zip(held, readings, strict=True)]

    def _last_pick(self) -> Recipe | None:
        return next((r.picked_faces[0] for r in reversed(self.answered) if r.picks), None)

    def _w(self, recipe: Recipe) -> Array:
        """One w for a recipe: the mean over layers, edits included."""
        return np.asarray(self.painter.ws_of(recipe).mean(0), np.float32)

    # ---- where to look

    def _observation(self, asked: Round) -> Observation:
        points = self.space.coordinates(np.stack([self._w(f) for f in asked.faces]))
        assert asked.answer is not None
        return Observation(points, asked.answer, asked.picks, asked.ranked)

    def _points(self, seen: Sequence[Observation]) -> tuple[Floats, SearchState]:
        preference = self._preference()
        if self.request.strategy == "evolution":
            k = len(self.space.sight)
            psi = self.painter.model.card.psi
            points = next_generation(seen, self.request.count, k, psi, self.rng)
            return points, preference.state(seen, preference.belief(seen))
        points, belief = preference.next_array(seen, self.request.count, self.rng)
        return points, preference.state(seen, belief)

    def _alike(self) -> tuple[Floats, SearchState]:
        """The face of ``like`` and small changes of it in all directions that show."""
        assert self.request.like is not None
        preference = self._preference()
        middle = self.space.coordinates(self._w(self.request.like))
        points = preference.around(middle, self.request.count, ALIKE_RADIUS, self.rng)
        return points, SearchState("narrowing")

    def _preference(self) -> Preference:
        k, psi = len(self.space.sight), self.painter.model.card.psi
        sampler, directions = self.sampler, self.painter.model.directions
        start = believed(sampler.bank, sampler.net, directions, self.request.wanted, self.space)
        unsaid = gaussian(np.zeros(k), psi**2, k)
        return Preference(self.space.sight, start or unsaid, self._refined())

    def _refined(self) -> Floats | None:
        """Coordinates of the portrait where it is more than the last pick (sliders, a blend)."""
        portrait = self.request.portrait
        if portrait is None or portrait == self._last_pick():
            return None
        return self.space.coordinates(self._w(portrait))

    def _residual(self) -> Floats:
        """What the searched coordinates leave out of the face worked on: [w_dim]."""
        portrait = self.request.like or self.request.portrait or self._last_pick()
        if portrait is None:
            return np.zeros_like(self.space.mean)
        w = self._w(portrait)
        return np.asarray(w - self.space.latent(self.space.coordinates(w)), np.float64)

    def _latent(self, point: Floats, residual: Floats) -> Array:
        return np.asarray(self.space.latent(point) + residual, np.float32)

    def _wild_tile(self, order: npt.NDArray[np.int64]) -> int | None:
        """A tile that does not show the believed face, once there are picks to be too sure of."""
        picks = sum(r.answer is Answer.picked for r in self.answered)
        if (
            self.request.like is not None
            or picks < WILD_FROM
            or self.request.count < 6
            or self.request.strategy != "posterior"
        ):
            return None
        return int(self.rng.choice(np.flatnonzero(order != 0)))

    # ---- faces

    def _obeying(
        self, w: Array, wishes: list[Wish], held: list[Direction], kept: list[Wish], check: Check
    ) -> Drawn:
        w = self._kept(kept, w)
        drawn = self.sampler.settle(wishes, w, check, held=held)
        if not kept or np.array_equal(drawn.w, w):
            return drawn
        return self.sampler.settle([], self._kept(kept, drawn.w), check)

    def _kept(self, kept: list[Wish], w: Array) -> Array:
        """w with the held readings put back."""
        if not kept:
            return w
        return moved(kept, w[None], linear_readings(kept, w[None]), self.spread.covariance)[0]


def describe_state(state: SearchState) -> dict[str, Any]:
    """Plain values for JSON."""
    return {"phase": state.phase, "enough": state.enough, "spread": state.spread}

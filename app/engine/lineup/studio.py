"""What lineup work is done with: the painter (fine-tuned or not), the nets, the split of w."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.engine.api import Event, LineupFace, Pixels, SuspectFace
from app.engine.lineup.identity import Array, Floats, Identity, identity_of
from app.engine.painter import Painter
from app.engine.photo import PhotoReader, measured
from app.engine.pictures.reading import reader_of
from app.engine.space import Spread
from app.engine.wishes import Wish, measured_readings, wishes_for
from app.models.description import Attribute
from app.models.errors import BadInput
from app.models.lineup import Measurement
from app.models.portrait import Recipe

if TYPE_CHECKING:
    from app.engine.runtime import Runtime

Emit = Callable[[Event], None]
Check = Callable[[], None]
SHARED_PERSON = 0.5
CLASS_SLACK, MEASURE_SLACK, YEARS_SLACK = 0.5, 0.9, 4.0  # how alike fillers are to the suspect


@dataclass(frozen=True, eq=False)
class Studio:
    """One lineup's tools; ``painter`` draws with the lineup's own weights where it has some."""

    painter: Painter
    reader: PhotoReader
    identity: Identity
    spread: Spread
    tuned: str = ""

    @property
    def net(self) -> Any:
        """The attribute net."""
        return self.reader.net

    def draw(self, ws: npt.NDArray[Any]) -> Pixels:
        """w+ [layers, w_dim] as uint8 RGB."""
        return self.painter.pixels_of(np.asarray(ws, np.float32))

    def read(self, pixels: Pixels) -> tuple[Measurement, ...]:
        """What the net reads from one picture."""
        return self.words(self.net.read(pixels[None]))

    def words(self, read: Any, index: int = 0) -> tuple[Measurement, ...]:
        """One face of a reading in vocabulary words."""
        return tuple(
            Measurement(m.attribute, m.value, m.probability)
            for m in measured(self.net, read, index)
        )

    def recipe(self, ws: npt.NDArray[Any], origin: str, seed: int | None = None) -> Recipe:
        """w+ as a recipe of the bundled model."""
        return Recipe.from_array(self.painter.sha256, ws, origin=origin, seed=seed)

    # ---- suspects

    def layers_of(self, recipe: Recipe) -> Floats:
        """A recipe's w+ [layers, w_dim]."""
        return self.painter.ws_of(recipe).astype(np.float64)

    def suspect_layers(self, suspect: SuspectFace, look: str) -> Floats:
        """The suspect's w+ in the look asked for."""
        ws = self.layers_of(suspect.recipe)
        return ws if look == "photo" else self.identity.mean + self.identity.of(ws)

    def backdrop(self, suspect: SuspectFace | None, look: str) -> Floats:
        """What every member shares [layers, w_dim], to be added to a person: the look, and the
        suspect's deviations between layers, so that nobody is drawn in another manner. Of what
        in them is the person only a part is shared, or all would be twins."""
        layers = self.painter.model.card.architecture.num_ws
        if suspect is None:
            return np.zeros((layers, len(self.identity.mean)))
        ws = self.suspect_layers(suspect, look)
        middle = ws.mean(0)
        between = ws - middle
        shared = between - (1 - SHARED_PERSON) * self.identity.person_part(between)
        return np.asarray(self.identity.look(middle) + shared)

    def compose(self, person: Floats, backdrop: Floats) -> Array:
        """A person offset [w_dim] over a backdrop, as w+ [layers, w_dim]."""
        return np.asarray(self.identity.mean + person + backdrop, np.float32)

    # ---- what fillers have to share

    def targets(
        self, pixels: Pixels | None, wanted: tuple[Attribute, ...], rng: np.random.Generator
    ) -> list[Wish]:
        """Bounds on readings: near the suspect's, and inside what was described where it was."""
        directions = self.painter.model.directions
        said, _ = wishes_for(wanted, directions, rng)
        named = {w.attribute for w in said}
        if pixels is None:
            return said
        asked = [Wish(d, 0.0, 0.0, 0.0) for d in directions.items]
        readings = measured_readings(self.net, self.net.read(pixels[None]), asked)[0]
        wishes = []
        for wish, reading in zip(asked, readings.tolist(), strict=True):
            info = wish.direction.info
            if not np.isfinite(reading) or info.attribute in named:
                continue
            is_class = wish.direction.score.startswith("class:")
            slack = CLASS_SLACK if is_class else MEASURE_SLACK
            slack = YEARS_SLACK if info.unit == "years" else slack
            aim = reading + float(rng.uniform(-0.6, 0.6)) * slack
            wishes.append(
                Wish(wish.direction, reading - slack, reading + slack, aim, info.attribute)
            )
        return [*said, *wishes]


def studio_of(runtime: Runtime, tuned: str = "") -> Studio:
    """The tools of a lineup; BadInput ``lineup.no_weights`` for fine-tuned weights not loaded."""
    painter = runtime.load()
    reader = reader_of(runtime, painter)
    identity = identity_of(runtime, painter, reader)
    spread = runtime.spread(painter)
    if tuned:
        painter = tuned_painter(runtime, painter, tuned)
    return Studio(painter, reader, identity, spread, tuned)


def tuned_painter(runtime: Runtime, painter: Painter, tuned: str) -> Painter:
    """The painter with a lineup's own weights, which were given before."""

    def missing(p: Painter) -> Painter:
        raise BadInput("lineup.no_weights", sha256=tuned)

    found: Painter = runtime.helper(painter, f"tuned {tuned}", missing)
    return found


def face_of(
    studio: Studio, pixels: Pixels, role: str, origin: str, source: str = "",
    recipe: Recipe | None = None,
) -> LineupFace:  # fmt: skip
    """A picture with what is read from it."""
    return LineupFace(
        role, origin, source, recipe, studio.read(pixels), studio.tuned, pixels=pixels
    )

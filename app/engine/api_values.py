"""Values that requests carry and answers give: of a model, a face, a search; no torch.

Part of the interface in api.py, which hands all of them on.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DirectionInfo:
    """One named latent direction (InterFaceGAN, Shen 2020; one slider).

    ``amount`` 0 leaves the face alone; useful amounts lie in ``[low, high]``. ``unit`` is ``sd``
    (standard deviations of the attribute over generated faces) or ``years``. ``low_value`` and
    ``high_value`` are vocabulary values at the two ends (either may be empty). ``side_effects``:
    for an own move of 2 sd, the mean absolute move of other readings in their sd, largest first;
    names are directions, or ``landmark:`` and a shape measure as the landmark net sees it;
    ``side_effects_before``: the same of the step before it was projected against the others;
    ``measured_faces``: on how many generated faces (0: not known). ``quality`` 0..1: how well the
    own attribute follows (held-out R2 or AUC scaled).
    """

    name: str
    attribute: str
    region: str
    low: float
    high: float
    unit: str = "sd"
    low_value: str = ""
    high_value: str = ""
    holistic: bool = False
    quality: float = 0.0
    side_effects: tuple[tuple[str, float], ...] = ()
    side_effects_before: tuple[tuple[str, float], ...] = ()
    measured_faces: int = 0


@dataclass(frozen=True)
class ModelInfo:
    """What is known of a loaded generator: identity, shape, directions and its card."""

    name: str
    sha256: str
    resolution: int
    layers: int
    w_dim: int
    device: str
    directions: tuple[DirectionInfo, ...]
    card: tuple[tuple[str, str], ...] = ()
    folder: str = ""

    def direction(self, name: str) -> DirectionInfo | None:
        """The direction of that name, if the model has it."""
        return next((d for d in self.directions if d.name == name), None)


@dataclass(frozen=True)
class Shortfall:
    """A wish the model cannot fulfil: ``reason`` is no_direction, weak or not_reached."""

    attribute: str
    value: str
    reason: str


@dataclass(frozen=True)
class SearchState:
    """How sure the search is: ``searching``, ``narrowing`` or ``settled``; ``enough`` when more
    rounds stop helping. ``spread`` is the posterior's mean standard deviation, 1.0 at the start.
    """

    phase: str = "searching"
    enough: bool = False
    spread: float = 1.0


@dataclass(frozen=True)
class Measured:
    """What the attribute net reads from one face. ``probability`` is calibrated, 0..1."""

    attribute: str
    value: str
    probability: float


@dataclass(frozen=True)
class WordedChange:
    """One wish read from words about a face already there ("a bit older", "keep the eyes").

    ``name``: an attribute. ``value``: what it should become, or move towards. ``delta`` in [-1, 1]:
    how far along its scale, 0 where there is none; ``years`` where a number was said. ``hold``:
    keep it; ``release``: let it move again. ``span``: characters [start, end) of the text.
    """

    name: str
    value: str | None = None
    delta: float = 0.0
    hold: bool = False
    release: bool = False
    years: int | None = None
    span: tuple[int, int] = (0, 0)
    text: str = ""

"""Requests about a lineup, and their answers; re-exported by api.py.

Nothing of a composite session goes in. Files are decoded in the limited worker (app/engine/media).
Refusals are ``PortraitError`` with a code: ``media.*`` for a file, ``photo.*`` for what is in it,
``lineup.*`` for what is asked, ``model.no_reader`` where a model cannot read photographs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from app.engine.api_base import Pixels, Request
from app.models.description import Attribute
from app.models.lineup import Concern, Measurement
from app.models.portrait import Recipe

if TYPE_CHECKING:
    from app.engine.api import FaceReady  # noqa: F401

__all__ = [
    "CHANGES",
    "LOOKS",
    "POLICIES",
    "SOURCES",
    "AssessLineup",
    "Assessment",
    "ChangeFiller",
    "FillersMade",
    "LineupFace",
    "MakeFillers",
    "ReadSuspect",
    "RestoreTuned",
    "SuspectFace",
    "TuneSuspect",
    "TunedSuspect",
]

POLICIES = ("rendered", "matched")
LOOKS = ("photo", "plain")
SOURCES = ("generated", "photos", "mixed")
METHODS = ("similar", "between")
CHANGES = ("nearer", "farther", "apart", "variant")


@dataclass(frozen=True)
class SuspectFace:
    """A suspect's photograph as read. ``recipe``: w+ of the nearest generated face; ``fidelity``:
    close, fair or loose; ``problems``: what is weak about the photograph (``PROBLEMS`` of
    api_pictures), though it is used. ``tuned``: SHA-256 of this lineup's own weights, if any.
    ``aligned`` and ``pixels`` (drawn) are uint8 RGB [side, side, 3]."""

    path: str
    sha256: str
    recipe: Recipe
    fidelity: str
    read: tuple[Measurement, ...] = ()
    problems: tuple[str, ...] = ()
    tuned: str = ""
    aligned: Pixels = field(compare=False, repr=False, kw_only=True)
    pixels: Pixels = field(compare=False, repr=False, kw_only=True)


@dataclass(frozen=True)
class LineupFace:
    """One picture as it would be shown. ``origin``: one of models.lineup.ORIGINS; ``source``: its
    file or how it was made; ``recipe`` None for a photograph that was only matched."""

    role: str
    origin: str
    source: str = ""
    recipe: Recipe | None = None
    read: tuple[Measurement, ...] = ()
    tuned: str = ""
    pixels: Pixels = field(compare=False, repr=False, kw_only=True)


@dataclass(frozen=True)
class ReadSuspect(Request["SuspectFace"]):
    """Read the one face of a photograph. Events: Progress, FaceReady (preview).

    ``steps``, ``seconds``: refinement of the latent, whichever ends first. Refused, each with its
    own code: ``photo.no_face``, ``photo.several_faces``, ``photo.turned`` (profile),
    ``photo.sunglasses``, ``photo.covered``, ``photo.face_too_small``, ``media.*``."""

    path: str
    steps: int = 40
    seconds: float = 10.0
    lane: ClassVar[str] = "lineup"


@dataclass(frozen=True)
class TunedSuspect:
    """A suspect after fine-tuning and what it cost: ``weights`` (safetensors, half precision),
    reconstruction loss before and after, steps on the latent and on the weights.

    ``roughness``: largest over mean step on the way to other faces with these weights, relative to
    the untouched model's; about 1 means that interpolation is as smooth as before."""

    suspect: SuspectFace
    first_loss: float
    loss: float
    latent_steps: int
    weight_steps: int
    seconds: float
    roughness: float
    weights: bytes = field(compare=False, repr=False, kw_only=True)


@dataclass(frozen=True)
class TuneSuspect(Request["TunedSuspect"]):
    """Fine-tune a copy of the generator to one photograph within ``seconds`` (pivotal tuning,
    Roich et al. 2021): latent first, then weights. The bundled model is never touched.

    Events: Progress in seconds, FaceReady (preview) about once a second."""

    suspect: SuspectFace
    seconds: float = 60.0
    lane: ClassVar[str] = "lineup"


@dataclass(frozen=True)
class RestoreTuned(Request["str"]):
    """Take fine-tuned weights that a lineup's file kept. Answer: their SHA-256."""

    sha256: str
    weights: bytes = field(compare=False, repr=False, kw_only=True)
    lane: ClassVar[str] = "lineup-weights"


@dataclass(frozen=True)
class FillersMade:
    """Fillers, and the suspect's picture in the same look; ``refused``: (file, code) of folder
    pictures that could not be used; ``widened``: pages the ball had to grow to find enough."""

    fillers: tuple[LineupFace, ...]
    suspect: LineupFace | None = None
    refused: tuple[tuple[str, str], ...] = ()
    widened: int = 0


@dataclass(frozen=True)
class MakeFillers(Request["FillersMade"]):
    """Fillers for a suspect, a description, or both. Events: Progress, FaceReady per filler.

    Generated fillers come from a ball in the PCA subspace of W that grows with ``page``, or
    (``method`` between) from the ways between the suspect and other faces. ``wanted`` overrides
    what was read of the suspect. ``kept`` are fillers to stay apart from. ``policy``: the suspect
    is drawn by the model, or is the photograph made alike; ``look``: pose, light and background as
    in the suspect's photograph, or plain. ``photos`` are files for ``source`` photos or mixed.
    Deterministic in its fields."""

    suspect: SuspectFace | None = None
    wanted: tuple[Attribute, ...] = ()
    count: int = 5
    seed: int = 0
    page: int = 0
    source: str = "generated"
    photos: tuple[str, ...] = ()
    method: str = "similar"
    policy: str = "rendered"
    look: str = "photo"
    kept: tuple[LineupFace, ...] = ()
    lane: ClassVar[str] = "lineup"


@dataclass(frozen=True)
class ChangeFiller(Request["LineupFace"]):
    """One filler changed: ``nearer`` or ``farther`` from the suspect, ``apart`` from whom it is too
    like, or a ``variant`` of it (more like this). ``others``: the rest of the array, suspect
    included. BadInput ``lineup.not_changeable`` for a photograph that was only matched."""

    filler: LineupFace
    others: tuple[LineupFace, ...] = ()
    wanted: tuple[Attribute, ...] = ()
    how: str = "apart"
    seed: int = 0
    look: str = "photo"
    lane: ClassVar[str] = "lineup"


@dataclass(frozen=True)
class Assessment:
    """An array looked at as a whole. ``table``: per attribute, what was read of each member;
    ``concerns``: warnings, the suspect's first; ``distances``: [n][n], 1 is the median distance
    between unrelated faces."""

    table: tuple[tuple[str, tuple[str, ...]], ...]
    concerns: tuple[Concern, ...]
    distances: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class AssessLineup(Request["Assessment"]):
    """Attribute table and warnings of an array as it would be shown."""

    faces: tuple[LineupFace, ...]
    lane: ClassVar[str] = "lineup-assess"

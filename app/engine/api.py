"""What can be asked of the engine and what it answers: frozen values and one protocol, no torch.

Contract. ``engine.submit(request, on_event)`` returns a Ticket at once. Work runs on the lane named
by ``request.lane``; a newer request on the same lane cancels the older one, which ends with
``Cancelled``. ``on_event`` is called on a worker thread, in order, with zero or more events; after
the ticket is cancelled no further event of it is delivered. ``ticket.future`` then holds the answer
or raises a ``PortraitError``. Requests are compared by value: the same request and the same model
give the same faces, pixel for pixel, on the same set-up. A recipe's overlays are not drawn by the
engine (views put them on top); its local edits are.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Protocol

from app.engine.api_base import Answer_co, Pixels, Request
from app.engine.api_lineup import (
    CHANGES,
    LOOKS,
    POLICIES,
    SOURCES,
    AssessLineup,
    Assessment,
    ChangeFiller,
    FillersMade,
    LineupFace,
    MakeFillers,
    ReadSuspect,
    RestoreTuned,
    SuspectFace,
    TunedSuspect,
    TuneSuspect,
)
from app.engine.api_pictures import (
    EncodedFace,
    EncodeFace,
    EncodeFrames,
    EnhanceFace,
    FaceQuality,
    FoundFace,
    FrameFace,
    InterpolatePortraits,
    PersonSeen,
    PictureRead,
    ReadPicture,
    ScanVideo,
    SketchToFace,
    VideoRead,
)
from app.engine.api_values import (
    DirectionInfo,
    Measured,
    ModelInfo,
    SearchState,
    Shortfall,
    WordedChange,
)
from app.models.description import Attribute, Reading
from app.models.errors import Cancelled
from app.models.portrait import Recipe
from app.models.round import Round

__all__ = [
    "CHANGES", "LOOKS", "POLICIES", "SOURCES", "AssessLineup", "Assessment", "BlendPortraits",
    "Cancelled", "ChangeFiller", "ChangePortrait", "DirectionInfo", "EncodeFace",
    "EncodeFrames", "EncodedFace", "Engine", "EnhanceFace", "Event", "FaceQuality",
    "FaceReady", "FacesProposed", "FillersMade", "FindLandmarks", "FoundFace", "FrameFace",
    "InterpolatePortraits", "Landmarks", "LineupFace", "LoadModel", "MakeFillers",
    "MeasureDrift", "MeasurePortrait", "Measured", "ModelInfo", "MovePortrait", "PersonSeen",
    "PictureRead", "Pixels", "PrepareFaces", "Progress", "ProposeFaces", "ReadDescription",
    "ReadPicture",
    "ReadSuspect", "RenderFaces", "RenderPortrait", "Request", "RestoreTuned", "ScanVideo",
    "SearchState", "Shortfall", "SketchPortrait", "SketchToFace", "SuspectFace", "Ticket",
    "TuneSuspect", "TunedSuspect", "VideoRead", "WordedChange",
]  # fmt: skip


# ------------------------------------------------------------------ events


@dataclass(frozen=True)
class FaceReady:
    """One face is drawn. ``pixels`` uint8 RGB ``[h, w, 3]``; ``index`` is its tile, from 0."""

    index: int
    recipe: Recipe
    pixels: Pixels = field(compare=False, repr=False)
    preview: bool = False


@dataclass(frozen=True)
class Progress:
    """``done`` of ``total`` steps (total 0: unknown); ``stage`` is a key that views translate."""

    stage: str
    done: int
    total: int


Event = FaceReady | Progress


# ------------------------------------------------------------------ requests and answers


@dataclass(frozen=True)
class LoadModel(Request["ModelInfo"]):
    """Load a model folder (None: the bundled default). Answer: ModelInfo. Events: Progress."""

    folder: str | None = None
    lane: ClassVar[str] = "model"


@dataclass(frozen=True)
class ReadDescription(Request[Reading]):
    """Words to attributes; needs no torch and no model. Answer: Reading."""

    text: str
    language: str = "en"
    lane: ClassVar[str] = "description"
    worker: ClassVar[str] = "words"


@dataclass(frozen=True)
class FacesProposed:
    """The array as proposed: recipes by tile, what could not be obeyed, and the search's state."""

    faces: tuple[Recipe, ...]
    shortfalls: tuple[Shortfall, ...] = ()
    state: SearchState = field(default_factory=SearchState)
    wild: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class ProposeFaces(Request["FacesProposed"]):
    """The next array. With no answered ``rounds``: the start array, obeying ``wanted`` and spread
    over what was not said. Events: FaceReady per tile as soon as it is drawn.

    ``wanted`` are confirmed attributes; ``held`` names directions that stay as in ``portrait``;
    ``strategy`` is ``posterior`` or ``evolution``. With ``like`` the array is that face and small
    changes of it, whatever was answered before ("more like this"). Deterministic in its fields.
    """

    wanted: tuple[Attribute, ...] = ()
    rounds: tuple[Round, ...] = ()
    portrait: Recipe | None = None
    held: tuple[str, ...] = ()
    count: int = 9
    seed: int = 0
    strategy: str = "posterior"
    like: Recipe | None = None
    lane: ClassVar[str] = "round"


@dataclass(frozen=True)
class PrepareFaces(Request["int"]):
    """Draw an array before it is asked for, while nothing else is to do; None: forget the last.

    The same ``ProposeFaces``, asked for later, then has its faces at once; another one is not
    held up: any request stops this one, which ends with ``Cancelled``. Answer: how many faces
    are ready. No events: what is prepared is not shown."""

    array: ProposeFaces | None
    lane: ClassVar[str] = "ahead"


@dataclass(frozen=True)
class RenderPortrait(Request["FaceReady"]):
    """Draw one recipe. Answer: FaceReady (index 0). With ``preview`` a fast low-resolution event
    may come first. Lane ``portrait``: only the newest slider position is drawn."""

    recipe: Recipe
    preview: bool = False
    lane: ClassVar[str] = "portrait"


@dataclass(frozen=True)
class MovePortrait(Request["FaceReady"]):
    """Set one direction to ``amount`` while the ``held`` ones keep their readings.

    Directions are entangled: moving one moves others a little. Here moves along the held
    directions are added that undo this (InterFaceGAN's conditional manipulation, Shen 2020); they
    are edits like any other, so the answer's recipe, not the request's, is the new portrait.
    ``held`` are names of directions or attributes; unknown ones are skipped. Answer: FaceReady
    (index 0); with ``preview`` a fast low-resolution event may come first."""

    recipe: Recipe
    name: str
    amount: float
    held: tuple[str, ...] = ()
    preview: bool = False
    lane: ClassVar[str] = "portrait"


@dataclass(frozen=True)
class RenderFaces(Request["tuple[Recipe, ...]"]):
    """Draw several known recipes (thumbnails, a round shown again). Events: FaceReady each."""

    recipes: tuple[Recipe, ...]
    lane: ClassVar[str] = "thumbnails"


@dataclass(frozen=True)
class RedrawFaces(RenderFaces):
    """The same for comparing with what was shown; on a lane that no thumbnail takes over."""

    lane: ClassVar[str] = "redraw"


@dataclass(frozen=True)
class MeasurePortrait(Request["tuple[Measured, ...]"]):
    """Read the attributes of one generated face with the attribute net."""

    recipe: Recipe
    lane: ClassVar[str] = "measure"


@dataclass(frozen=True)
class MeasureDrift(Request["float"]):
    """Identity distance between two recipes of one model, 0 (same) upwards; 1 is the median
    distance between two unrelated generated faces."""

    first: Recipe
    second: Recipe
    lane: ClassVar[str] = "drift"


@dataclass(frozen=True)
class Landmarks:
    """Where features lie: (name, x, y) in fractions of the picture, from its top left corner.

    Names as in ``app.models.overlay_catalogue.MEAN``; left and right are those of the picture."""

    points: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True)
class FindLandmarks(Request["Landmarks"]):
    """Where eyes, nose, mouth, cheeks and chin of one generated face lie. ModelError
    ``model.no_landmarks`` where the model's folder has no landmark net."""

    recipe: Recipe
    lane: ClassVar[str] = "landmarks"


@dataclass(frozen=True)
class BlendPortraits(Request["FaceReady"]):
    """Weighted mean of latents, edits and local edits; of overlays each kind is kept once."""

    recipes: tuple[Recipe, ...]
    weights: tuple[float, ...] = ()
    lane: ClassVar[str] = "portrait"


@dataclass(frozen=True)
class SwapRegion(Request["FaceReady"]):
    """The face of ``recipe`` with one region (``upper``, ``eyes``, ``nose``, ``mouth``, ``jaw``, or
    ``colouring``: its soft colours) as in ``donor``. Regions are masks of the picture: the nearest
    face of the model is taken, so the seam is never visible and the rest may move a little."""

    recipe: Recipe
    donor: Recipe
    region: str
    lane: ClassVar[str] = "portrait"


@dataclass(frozen=True)
class ReadChanges(Request["tuple[WordedChange, ...]"]):
    """Words about a face to changes; needs no torch and no model."""

    text: str
    language: str = "en"
    lane: ClassVar[str] = "changes"
    worker: ClassVar[str] = "words"


@dataclass(frozen=True)
class ChangePortrait(Request["FaceReady"]):
    """Make several confirmed changes at once, in order, while the ``held`` names keep their
    readings. Changes without a direction in the model are skipped. Answer: FaceReady (index 0),
    whose recipe shows every move as an edit."""

    recipe: Recipe
    changes: tuple[WordedChange, ...]
    held: tuple[str, ...] = ()
    lane: ClassVar[str] = "portrait"


@dataclass(frozen=True)
class SketchPortrait(Request["FaceReady"]):
    """A pencil-like rendering of one recipe, deterministic; grey values as RGB."""

    recipe: Recipe
    style: str = "pencil"
    size: int = 512
    lane: ClassVar[str] = "sketch"


# ------------------------------------------------------------------ protocol


@dataclass(frozen=True, eq=False)
class Ticket(Generic[Answer_co]):
    """A running request: its future answer, and a way to stop it."""

    request: Request[Answer_co]
    future: Future[Any]
    cancel: Callable[[], None]


class Engine(Protocol):
    """What views need of an engine; the fake and the real one pass the same contract tests."""

    def submit(
        self, request: Request[Answer_co], on_event: Callable[[Event], None] | None = None
    ) -> Ticket[Answer_co]:
        """Start a request; never blocks, never raises for bad requests (the future does)."""
        ...

    def close(self) -> None:
        """Cancel everything, join the workers; idempotent; returns within about a second."""
        ...

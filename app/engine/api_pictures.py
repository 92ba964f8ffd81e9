"""Requests about foreign pictures, videos and drawings, and their answers; re-exported by api.py.

Files are decoded in the limited worker process (app/engine/media), never in the program itself.
Every refusal is a ``PortraitError`` with a code: ``media.*`` for the file, ``photo.*`` for what is
in it, ``video.*`` for frames and times, ``model.no_reader`` where a model cannot read pictures.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from app.engine.api_base import Pixels, Request
from app.models.description import Attribute
from app.models.portrait import Recipe

if TYPE_CHECKING:
    from app.engine.api import FacesProposed, Measured  # noqa: F401

Box = tuple[float, float, float, float]
Fidelity = Literal["close", "fair", "loose"]
PROBLEMS = ("small", "blurred", "turned", "dark", "bright", "covered")


@dataclass(frozen=True)
class FaceQuality:
    """How much one face is worth reading. ``size_px``: distance of the outer eye corners in pixels
    of the picture. ``sharpness`` 0..1 (1: as sharp as the frame can show). ``yaw`` and ``roll`` in
    degrees, positive: turned, or leaning, to the picture's right. ``light``: mean brightness 0..1.
    ``occluded``: estimated share of the face that is covered, 0..1. ``overall`` 0..1: all of it.
    ``problems``: keys out of ``PROBLEMS``, worst first."""

    size_px: float
    sharpness: float
    yaw: float
    roll: float
    light: float
    occluded: float
    overall: float
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class FoundFace:
    """One face of a picture; ``index`` is its place in the answer, largest first. ``box`` x, y, w,
    h in pixels of the whole picture, turned upright. ``score`` 0..1. ``aligned`` uint8 RGB
    ``[128, 128, 3]``: the face in the frame that the models were trained on."""

    index: int
    box: Box
    score: float
    eye_distance: float
    quality: FaceQuality
    aligned: Pixels = field(compare=False, repr=False)


@dataclass(frozen=True)
class PictureRead:
    """A picture and its faces, largest first (none is an answer, not an error).

    ``sha256`` of the file's bytes. ``width`` and ``height`` of the whole picture once it is
    upright; ``picture`` is the same picture, at most 1600 pixels long. ``turned``: quarter turns
    clockwise that made it upright beyond what its EXIF asked for, because the faces lay so."""

    path: str
    sha256: str
    width: int
    height: int
    picture: Pixels = field(compare=False, repr=False)
    faces: tuple[FoundFace, ...] = ()
    turned: int = 0


@dataclass(frozen=True)
class ReadPicture(Request["PictureRead"]):
    """Decode a JPEG or PNG and find its faces. Events: Progress ``picture``."""

    path: str
    lane: ClassVar[str] = "picture"


@dataclass(frozen=True)
class EncodedFace:
    """The generated face nearest to a photographed one. ``pixels``: the recipe drawn;
    ``aligned``: the photographed face; ``measured``: what the attribute net reads from the
    photograph; ``fidelity``: in words how near the two are; ``steps`` of refinement taken."""

    recipe: Recipe
    pixels: Pixels = field(compare=False, repr=False)
    aligned: Pixels = field(compare=False, repr=False)
    measured: tuple[Measured, ...] = ()
    fidelity: Fidelity = "loose"
    steps: int = 0


@dataclass(frozen=True)
class EncodeFace(Request["EncodedFace"]):
    """Encode face number ``face`` of a picture, as ``ReadPicture`` lists them.

    Without ``steps`` the encoder's guess is the answer; with steps it is refined for at most that
    many or ``seconds``, and the best is kept. Events: Progress ``refining``; FaceReady (preview)
    with the guess at once and with the best so far about every second."""

    path: str
    face: int = 0
    steps: int = 0
    seconds: float = 60.0
    lane: ClassVar[str] = "encode"


@dataclass(frozen=True)
class FrameFace:
    """One face in one frame of a video. ``frame`` counts from 0, ``time_s`` from the start; ``box``
    x, y, w, h in pixels of the video's frame; ``aligned`` as in FoundFace."""

    time_s: float
    frame: int
    box: Box
    quality: FaceQuality
    aligned: Pixels = field(compare=False, repr=False)


@dataclass(frozen=True)
class PersonSeen:
    """One person of a video, as far as the machine can tell: seen from ``first_s`` to ``last_s`` in
    ``sightings`` looked-at frames; ``best`` frames by quality, best first. Grouping can be wrong
    either way: an officer looks at the faces."""

    index: int
    first_s: float
    last_s: float
    sightings: int
    best: tuple[FrameFace, ...] = ()


@dataclass(frozen=True)
class VideoRead:
    """A scanned video: length in ``seconds``, ``fps``, frame size, persons by first appearance.

    ``every_s``: how far apart the looked-at frames are. ``complete`` is False where the file broke
    off before its end; what was read until there is answered."""

    path: str
    sha256: str
    seconds: float
    fps: float
    width: int
    height: int
    persons: tuple[PersonSeen, ...] = ()
    every_s: float = 0.0
    complete: bool = True


@dataclass(frozen=True)
class ScanVideo(Request["VideoRead"]):
    """Look through an MP4, MOV, AVI or MKV for persons; every ``every_s`` seconds (0: chosen by
    length). Events: Progress ``video`` (done and total in seconds of the video)."""

    path: str
    every_s: float = 0.0
    lane: ClassVar[str] = "video"


@dataclass(frozen=True)
class EncodeFrames(Request["EncodedFace"]):
    """Encode one person from several frames of a video, given as (frame, box) pairs of FrameFace:
    the latents are fused by their median, so that one bad frame does little. Refined and told as
    EncodeFace; ``aligned`` of the answer is the best of the frames."""

    path: str
    frames: tuple[tuple[int, Box], ...]
    steps: int = 0
    seconds: float = 60.0
    lane: ClassVar[str] = "encode"


@dataclass(frozen=True)
class SketchToFace(Request["FacesProposed"]):
    """Faces for a drawing or an old composite of one face.

    A drawing has no colour: skin and hair come from ``wanted`` and are neutral where nothing was
    said. The first face is what the net makes of the drawing, the others vary it where the net is
    unsure. Deterministic. Events: FaceReady per face."""

    path: str
    wanted: tuple[Attribute, ...] = ()
    count: int = 4
    seed: int = 0
    lane: ClassVar[str] = "encode"


@dataclass(frozen=True)
class EnhanceFace(Request["FacesProposed"]):
    """Faces that a small or blurred face could be: several, spread, each only *possible*.

    The latent is searched so that the drawn face, made as small and blurred as the picture's, looks
    like it (PULSE, Menon et al. 2020). At least two faces, never one answer. ``frames`` of a video,
    as in EncodeFrames, take the place of ``face``: the best of them is looked at. Events: Progress
    ``enhancing``, FaceReady per face."""

    path: str
    face: int = 0
    count: int = 6
    seed: int = 0
    seconds: float = 60.0
    frames: tuple[tuple[int, Box], ...] = ()
    lane: ClassVar[str] = "encode"


@dataclass(frozen=True)
class InterpolatePortraits(Request["tuple[Recipe, ...]"]):
    """``steps`` portraits (2 to 24) from ``first`` to ``second``, both included, evenly spaced in
    the latent. Any of them can be a start. Events: FaceReady per step."""

    first: Recipe
    second: Recipe
    steps: int = 7
    lane: ClassVar[str] = "portrait"

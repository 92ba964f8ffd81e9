"""A drawing or old composite to faces: colours only as they were asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from app.engine.align import FRAME, Face, aligned
from app.engine.api import Event, FaceReady, FacesProposed, Pixels, SketchToFace
from app.engine.directions import Directions
from app.engine.media.decode import decode_image
from app.engine.painter import Painter
from app.engine.photo import PhotoReader
from app.engine.pictures.reading import reader_of
from app.engine.pictures.sketch_net import SketchNet
from app.engine.runtime import MAX_FACES
from app.engine.wishes import Wish, wishes_for
from app.models.description import Attribute
from app.models.errors import BadInput, ModelError
from app.models.portrait import Recipe

if TYPE_CHECKING:
    from app.engine.runtime import Runtime

Emit = Callable[[Event], None]
Check = Callable[[], None]
Array = npt.NDArray[np.float32]
SURE = 0.85  # landmark score from which a drawing is aligned by its face
FILL = 0.94  # share of the frame that a drawing without a findable face is taken to fill
JITTER = ((0.0, 0.0, 1.0), (-2.0, 1.5, 1.04), (2.0, -1.5, 0.97))  # shift in pixels, zoom
VARY = 0.5  # of the net's typical error, that the other faces differ by
COLOURS = ("skin", "hair_color")


def sketch_to_face(
    runtime: Runtime, request: SketchToFace, emit: Emit, check: Check
) -> FacesProposed:
    """Answer ``SketchToFace``."""
    if not 1 <= request.count <= MAX_FACES:
        raise BadInput("propose.bad_count", count=request.count, most=MAX_FACES)
    painter = runtime.load()
    net, reader = sketch_net_of(runtime, painter), reader_of(runtime, painter)
    frame = drawing_frame(decode_image(request.path), reader)
    check()
    code = read_drawing(net, frame)
    wishes, shortfalls = wishes_for(request.wanted, painter.model.directions)
    neutral = neutral_wishes(request.wanted, painter.model.directions)
    held = [d for d in painter.model.directions.items if d.info.attribute == "ethnicity"]
    held = [d for d in held if d.name not in {w.direction.name for w in wishes}]
    rng, faces = np.random.default_rng(request.seed), []
    for i in range(request.count):
        check()
        away = rng.standard_normal(len(code)) * VARY if i else np.zeros(len(code))
        varied = (code + away * net.unsure).astype(np.float32)
        w = (varied * reader.code_scale + reader.w_offset).astype(np.float32)
        drawn = runtime.sampler(painter).settle([*wishes, *neutral], w, check, held=held)
        recipe = Recipe.from_array(painter.sha256, drawn.w, seed=request.seed, origin="sketch")
        faces.append(recipe)
        emit(FaceReady(i, recipe, drawn.pixels))
    return FacesProposed(tuple(faces), tuple(shortfalls), seed=request.seed)


def sketch_net_of(runtime: Runtime, painter: Painter) -> SketchNet:
    """The model's sketch net; ModelError ``model.no_sketch_net`` without one."""
    path = painter.model.file("sketch.safetensors")
    if path is None:
        raise ModelError("model.no_sketch_net", file=str(painter.model.folder))
    found: SketchNet = runtime.helper(painter, "sketch", lambda p: SketchNet.load(path))
    return found


def drawing_frame(picture: Pixels, reader: PhotoReader) -> npt.NDArray[np.uint8]:
    """The drawing as grey uint8 [128, 128] with the face where the training frame has it."""
    faces = reader.finder.find(picture)
    if faces and faces[0].score >= SURE and _fills(faces[0], picture):
        return cv2.cvtColor(aligned(picture, faces[0]), cv2.COLOR_RGB2GRAY).astype(np.uint8)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    x, y, w, h = _inked(grey)
    side = max(w, h) / FILL
    left, top = x + w / 2 - side / 2, y + h / 2 - side / 2
    k = FRAME / side
    matrix = np.array([[k, 0.0, -left * k], [0.0, k, -top * k]])
    if side > 1.5 * FRAME:
        grey = cv2.GaussianBlur(grey, (0, 0), 0.45 * side / FRAME)
    out = cv2.warpAffine(grey, matrix, (FRAME, FRAME), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(out, np.uint8)


def read_drawing(net: SketchNet, frame: npt.NDArray[np.uint8]) -> Array:
    """The code [w_dim] of a framed drawing: the mean of looks from slightly other places."""
    views = []
    for dx, dy, zoom in JITTER:
        matrix = cv2.getRotationMatrix2D((FRAME / 2, FRAME / 2), 0, zoom)
        matrix[:, 2] += (dx, dy)
        size = (FRAME, FRAME)
        views.append(cv2.warpAffine(frame, matrix, size, borderMode=cv2.BORDER_REPLICATE))
    return net.read(np.stack(views).astype(np.uint8)).mean(0)


def neutral_wishes(wanted: Sequence[Attribute], directions: Directions) -> list[Wish]:
    """The model's mean skin and hair colour, where nobody asked for another."""
    said = {a.name for a in wanted if not a.negated}
    return [
        Wish(d, 0.0, 0.0, 0.0)
        for d in directions.items
        if d.info.attribute in COLOURS and d.info.attribute not in said
    ]


def _fills(face: Face, picture: Pixels) -> bool:
    """Whether a found face is the drawing's subject and not a pattern in its hair."""
    return face.box[3] > 0.25 * picture.shape[0] or face.box[2] > 0.25 * picture.shape[1]


def _inked(grey: npt.NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """The part of the paper that is drawn on: x, y, w, h; the whole where that is unclear."""
    height, width = grey.shape
    soft = cv2.GaussianBlur(grey, (0, 0), max(1.0, max(grey.shape) / 200))
    border = np.concatenate([soft[0], soft[-1], soft[:, 0], soft[:, -1]])
    ink = np.abs(soft.astype(np.int16) - int(np.median(border))) > 24
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if len(rows) < height // 4 or len(columns) < width // 4:
        return 0, 0, width, height
    x, y = int(columns[0]), int(rows[0])
    return x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1

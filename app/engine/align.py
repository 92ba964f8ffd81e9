"""Finds faces in a picture and brings each into the frame the models were trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from app.engine.landmark_net import INPUT, LandmarkNet
from app.models.errors import BadInput

Pixels = npt.NDArray[np.uint8]
Box = tuple[float, float, float, float]
FRAME = 128
LONG_SIDE = 640
DETAIL_SIDE = 1920
LEAST_SIDE = 160
MIN_FACE = 24
MIN_SCORE = 0.5
MOST_BOXES = 400
PASSES = 3
HOPELESS = 0.02  # a score at the first look after which none is worth a second
SURE = 0.985  # an upright face as clear as this: the picture is not looked at from other sides
CLARITY = 8  # power of a score that tells an upright face from one lying down
STEADY = 0.02  # of the view's side: a face that moved less between two looks is not looked at again
DIM, LIT, MOST_GAIN = 96.0, 200.0, 16.0  # brightest hundredth of a dark crop; what it is raised to
LITTLE = 56  # faces under this are looked for in the full picture, larger ones in one half as big


@dataclass(frozen=True, eq=False)
class Face:
    """One face: ``box`` x, y, w, h and ``points`` [72, 2] in picture pixels; ``score`` 0..1 of the
    landmark net; ``matrix`` [2, 3] maps picture pixels to the 128x128 training frame."""

    box: tuple[float, float, float, float]
    points: npt.NDArray[np.float32]
    score: float
    matrix: npt.NDArray[np.float64]

    @property
    def eye_distance(self) -> float:
        """Distance of the outer eye corners in pixels."""
        return float(np.linalg.norm(self.points[30] - self.points[41]))


class FaceFinder:
    """Boxes by YuNet where its ONNX file is installed, else by Haar cascades; own landmarks."""

    def __init__(self, landmarks: LandmarkNet, yunet: Path | None = None) -> None:
        self.landmarks = landmarks
        self.yunet = yunet if yunet is not None and yunet.is_file() else None
        folder = Path(cv2.data.haarcascades)  # type: ignore[attr-defined]
        self._haar = cv2.CascadeClassifier(str(folder / "haarcascade_frontalface_alt2.xml"))
        self._nets: dict[tuple[int, int], Any] = {}

    def find(
        self, picture: Pixels, min_score: float = MIN_SCORE, long_side: int = LONG_SIDE
    ) -> list[Face]:
        """All upright faces in uint8 RGB ``[h, w, 3]``, largest first. Faces of at least 24 pixels
        are found while the picture is looked at in its own size, that is up to ``long_side``."""
        fitted = self._fit(picture, self._boxes(picture, long_side))
        clear = [f for f in fitted if f.score >= min_score]
        return sorted(_distinct(clear), key=lambda f: -f.box[2] * f.box[3])

    def find_turned(
        self, picture: Pixels, check: Callable[[], None] = lambda: None
    ) -> tuple[list[Face], int]:
        """Faces of a picture that may lie on its side, and the quarter turns clockwise (0..3) that
        make it upright; the faces are those of the picture so turned, down to 24 pixels.

        Looked at coarsely from four sides unless an upright face is clear, then once in detail;
        in detail from all sides where the coarse look finds nothing.
        """
        turns = self._best_turn(picture, LONG_SIDE, check)
        if turns is None and max(picture.shape[:2]) > LONG_SIDE:
            turns = self._best_turn(picture, DETAIL_SIDE, check)
        if turns is None:
            return [], 0
        return self.find(_turned(picture, turns), long_side=DETAIL_SIDE), turns

    def _best_turn(
        self, picture: Pixels, long_side: int, check: Callable[[], None]
    ) -> int | None:
        best: tuple[float, int | None] = (0.0, None)
        for turns in (0, 1, 3, 2):
            check()
            scores = [f.score for f in self.find(_turned(picture, turns), long_side=long_side)]
            weight = sum(s**CLARITY for s in scores)
            if weight > best[0] + 0.05:
                best = (weight, turns)
            if turns == 0 and scores and max(scores) > SURE:
                return 0
        return best[1]

    def _boxes(self, picture: Pixels, long_side: int) -> list[Box]:
        scale, way = min(1.0, long_side / max(picture.shape[:2])), cv2.INTER_AREA
        if min(picture.shape[:2]) < LEAST_SIDE:  # little pictures: let the detector see more
            scale, way = LEAST_SIDE / min(picture.shape[:2]), cv2.INTER_CUBIC
        small = picture
        if scale != 1:
            small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=way)
        found = self._yunet_boxes(small) if self.yunet else self._haar_boxes(small)
        return [(x / scale, y / scale, w / scale, h / scale) for x, y, w, h in found]

    def _yunet_boxes(self, small: Pixels) -> list[Box]:
        size = (small.shape[1], small.shape[0])
        if size not in self._nets:
            self._nets.clear()  # one size at a time: a video's, or the last picture's
            self._nets[size] = cv2.FaceDetectorYN.create(str(self.yunet), "", size, 0.6)
        _, found = self._nets[size].detect(np.ascontiguousarray(small[:, :, ::-1]))
        return [] if found is None else [tuple(float(v) for v in f[:4]) for f in found]  # type: ignore[misc]

    def _haar_boxes(self, small: Pixels) -> list[Box]:
        """A cascade passes over each pixel at each scale: steps are wide, few neighbours are asked
        for, and the landmark net, which looks closer, sorts out what is no face."""
        grey = cv2.equalizeHist(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
        least, most = (MIN_FACE, MIN_FACE), (LITTLE, LITTLE)
        if min(grey.shape) < 2 * LEAST_SIDE:
            step = 1.1 if min(grey.shape) <= LEAST_SIDE else 1.2
            return _boxes_of(self._haar.detectMultiScale(grey, step, 1, minSize=least), 1)
        half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        large = self._haar.detectMultiScale(half, 1.2, 1, minSize=least)
        little = self._haar.detectMultiScale(grey, 1.25, 1, minSize=least, maxSize=most)
        return [*_boxes_of(large, 2), *_boxes_of(little, 1)]

    def _fit(self, picture: Pixels, boxes: list[Box]) -> list[Face]:
        """Landmarks for boxes, all together; each pass looks from straighter and better centred,
        and what is clearly no face at the first look is not looked at again."""
        return self._looked_at(picture, [_View.of(box) for box in boxes[:MOST_BOXES]], PASSES)

    def follow(
        self, picture: Pixels, faces: Sequence[Face], min_score: float = MIN_SCORE
    ) -> list[Face]:
        """The same faces a moment later, each looked for where it was; no detector is asked."""
        found = self._looked_at(picture, [_View.at(f.matrix) for f in faces], PASSES)
        return _distinct([f for f in found if f.score >= min_score])

    def _looked_at(self, picture: Pixels, views: list[_View], passes: int) -> list[Face]:
        done: list[Face] = []
        limit = 4 * max(picture.shape[:2])
        for turn in range(passes):
            if not views:
                break
            crops = np.stack([_lit(v.crop(picture)) for v in views])
            points, scores = self.landmarks.find(crops)  # [n, 72, 2], [n]
            again: list[_View] = []
            for view, p, s in zip(views, points, scores, strict=True):
                face = view.face(p, float(s), self.landmarks.canonical)
                if not 8 < _side(face.matrix) < limit:
                    continue
                closer = _View.at(face.matrix)
                if turn == passes - 1 or (turn and closer.moved(view) < STEADY):
                    done.append(face)
                elif face.score >= HOPELESS:
                    again.append(closer)
            views = again
        return done


def similarity(
    source: npt.NDArray[np.floating], target: npt.NDArray[np.floating]
) -> npt.NDArray[np.float64]:
    """Least-squares turn, scale and shift [2, 3] between points [k, 2] (Umeyama 1991)."""
    s, t = source.astype(np.float64), target.astype(np.float64)
    ms, mt = s.mean(0), t.mean(0)
    a, b = s - ms, t - mt
    u, d, vt = np.linalg.svd(b.T @ a)
    flip = np.diag([1.0, np.sign(np.linalg.det(u @ vt)) or 1.0])
    turn = u @ flip @ vt
    scale = float((d * np.diag(flip)).sum() / np.square(a).sum())
    return np.concatenate([scale * turn, (mt - scale * turn @ ms)[:, None]], 1)


def aligned(picture: Pixels, face: Face, size: int = FRAME) -> Pixels:
    """The face in the training frame: uint8 RGB [size, size, 3]; the border is replicated."""
    matrix = face.matrix * (size / FRAME)
    shrink = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if shrink < 0.6:  # warpAffine does not filter: take the detail away first
        picture = cv2.GaussianBlur(picture, (0, 0), 0.45 / shrink)
    return np.asarray(
        cv2.warpAffine(
            picture, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )


def the_one_face(finder: FaceFinder, picture: Pixels, name: str) -> Face:
    """The only clear face of a picture; BadInput saying why not (none, several, too small)."""
    faces = finder.find(picture)
    if not faces:
        raise BadInput("photo.no_face", file=name)
    large = [f for f in faces if f.box[2] > 0.6 * faces[0].box[2]]
    if len(large) > 1:
        raise BadInput("photo.several_faces", file=name, count=len(large))
    if faces[0].box[2] < MIN_FACE:
        raise BadInput("photo.face_too_small", file=name, width=round(faces[0].box[2]))
    return faces[0]


@dataclass(frozen=True, eq=False)
class _View:
    """One look at one face: a crop whose ``matrix`` [2, 3] maps picture pixels to its own."""

    matrix: npt.NDArray[np.float64]

    @staticmethod
    def of(box: Box) -> _View:
        x, y, w, h = box
        centre = np.array([x + w / 2, y + h / 2 + 0.03 * h])
        return _View(_crop_matrix(centre, max(w, h) * 1.1, 0.0, INPUT))

    @staticmethod
    def at(to_frame: npt.NDArray[np.float64]) -> _View:
        """The view that shows the training frame as it was found."""
        back = cv2.invertAffineTransform(to_frame)
        angle = float(np.arctan2(back[1, 0], back[0, 0]))
        centre = back @ np.array([FRAME / 2, FRAME / 2, 1.0])
        return _View(_crop_matrix(centre, _side(to_frame), angle, INPUT))

    def crop(self, picture: Pixels) -> Pixels:
        return np.asarray(
            cv2.warpAffine(
                picture, self.matrix, (INPUT, INPUT), flags=cv2.INTER_AREA,
                borderMode=cv2.BORDER_REPLICATE,
            ),
            np.uint8,
        )  # fmt: skip

    def moved(self, other: _View) -> float:
        """How far the corners lie from another view's at most, as a share of the view's side."""
        gap = self.corners() - other.corners()  # [4, 2]
        return float(np.linalg.norm(gap, axis=1).max()) / _side(self.matrix, INPUT)

    def corners(self) -> npt.NDArray[np.float64]:
        """The crop's corners [4, 2] in picture pixels."""
        back = cv2.invertAffineTransform(self.matrix)
        square = np.array([[0, 0], [INPUT, 0], [0, INPUT], [INPUT, INPUT]], np.float64)
        return np.asarray(square @ back[:, :2].T + back[:, 2], np.float64)

    def face(
        self, points: npt.NDArray[np.float32], score: float, canonical: npt.NDArray[np.float32]
    ) -> Face:
        inverse = cv2.invertAffineTransform(self.matrix)
        found = points * INPUT @ inverse[:, :2].T + inverse[:, 2]  # [72, 2] picture pixels
        low, high = found.min(0), found.max(0)
        box = (float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
        return Face(box, found.astype(np.float32), score, similarity(found, canonical))


def _lit(crop: Pixels) -> Pixels:
    """A crop taken in the dark, raised to where the landmark net can see; others as they are."""
    brightest = float(np.percentile(crop, 99))
    if brightest >= DIM:
        return crop
    return cv2.convertScaleAbs(crop, alpha=min(LIT / max(brightest, 1.0), MOST_GAIN))  # type: ignore[return-value]


def _boxes_of(found: Any, scale: float) -> list[Box]:
    return [tuple(float(v) * scale for v in f) for f in found]  # type: ignore[misc]


def _side(to_frame: npt.NDArray[np.float64], size: int = FRAME) -> float:
    """How many picture pixels the training frame is wide."""
    return size / max(float(np.hypot(to_frame[0, 0], to_frame[1, 0])), 1e-9)


def _turned(picture: Pixels, turns: int) -> Pixels:
    return np.ascontiguousarray(np.rot90(picture, -turns)) if turns else picture


def _crop_matrix(
    centre: npt.NDArray[np.floating], side: float, angle: float, size: int
) -> npt.NDArray[np.float64]:
    k = size / side
    c, s = np.cos(-angle) * k, np.sin(-angle) * k
    turn = np.array([[c, -s], [s, c]])
    shift = np.array([size / 2, size / 2]) - turn @ centre
    return np.concatenate([turn, shift[:, None]], 1)


def _distinct(faces: list[Face]) -> list[Face]:
    """Each face once: the clearer and larger first; what lies inside one of these is its own nose
    or mouth taken for a face."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda f: (-round(f.score, 1), -f.box[2])):
        if not any(_same(k, face) for k in kept):
            kept.append(face)
    return kept


def _same(kept: Face, face: Face) -> bool:
    middle = face.points.mean(0)
    if np.linalg.norm(middle - kept.points.mean(0)) <= 0.4 * kept.box[2]:
        return True
    x, y, w, h = kept.box
    inside = x < middle[0] < x + w and y < middle[1] < y + h
    return bool(inside and face.box[2] < 0.7 * w)

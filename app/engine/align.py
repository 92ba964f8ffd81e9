"""Finds faces in a picture and brings each into the frame the models were trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from app.engine.landmark_net import INPUT, LandmarkNet
from app.models.errors import BadInput

Pixels = npt.NDArray[np.uint8]
FRAME = 128
LONG_SIDE = 640
MIN_FACE = 24
SURE = 0.9  # an upright face as clear as this: the picture is not looked at from other sides


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

    def find(self, picture: Pixels, min_score: float = 0.5) -> list[Face]:
        """All faces of at least 24 px in uint8 RGB ``[h, w, 3]``, largest first."""
        faces = [self._fit(picture, box) for box in self._boxes(picture)]
        clear = [f for f in faces if f is not None and f.score >= min_score]
        return sorted(_distinct(clear), key=lambda f: -f.box[2] * f.box[3])

    def find_turned(
        self, picture: Pixels, check: Callable[[], None] = lambda: None
    ) -> tuple[list[Face], int]:
        """Faces of a picture that may lie on its side, and the quarter turns clockwise (0..3) that
        make it upright; the faces are those of the picture so turned."""
        best: tuple[float, list[Face], int] = (0.0, [], 0)
        for turns in (0, 1, 3, 2):
            check()
            turned = np.ascontiguousarray(np.rot90(picture, -turns)) if turns else picture
            faces = self.find(turned)
            weight = sum(f.score for f in faces)
            if weight > best[0] + 0.3:
                best = (weight, faces, turns)
            if turns == 0 and faces and max(f.score for f in faces) > SURE:
                break
        return best[1], best[2]

    def _boxes(self, picture: Pixels) -> list[tuple[float, float, float, float]]:
        scale = min(1.0, LONG_SIDE / max(picture.shape[:2]))
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        if min(picture.shape[:2]) < 160:  # little pictures: let the detector see more pixels
            scale = 160 / min(picture.shape[:2])
            small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        found = self._yunet_boxes(small) if self.yunet else self._haar_boxes(small)
        return [(x / scale, y / scale, w / scale, h / scale) for x, y, w, h in found]

    def _yunet_boxes(self, small: Pixels) -> list[tuple[float, float, float, float]]:
        net = cv2.FaceDetectorYN.create(str(self.yunet), "", (small.shape[1], small.shape[0]), 0.6)
        _, found = net.detect(small[:, :, ::-1].copy())
        return [] if found is None else [tuple(float(v) for v in f[:4]) for f in found]  # type: ignore[misc]

    def _haar_boxes(self, small: Pixels) -> list[tuple[float, float, float, float]]:
        grey = cv2.equalizeHist(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
        found = self._haar.detectMultiScale(grey, 1.1, 3, minSize=(MIN_FACE, MIN_FACE))
        return [tuple(float(v) for v in f) for f in found]  # type: ignore[misc]

    def _fit(self, picture: Pixels, box: tuple[float, float, float, float]) -> Face | None:
        x, y, w, h = box
        side, angle = max(w, h) * 1.1, 0.0
        centre = np.array([x + w / 2, y + h / 2 + 0.03 * h])
        for _ in range(3):  # each pass looks from straighter and better centred
            matrix = _crop_matrix(centre, side, angle, INPUT)
            crop = cv2.warpAffine(
                picture,
                matrix,
                (INPUT, INPUT),
                flags=cv2.INTER_AREA,
                borderMode=cv2.BORDER_REPLICATE,
            )
            points, score = self.landmarks.find(crop[None])
            inverse = cv2.invertAffineTransform(matrix)
            found = points[0] * INPUT @ inverse[:, :2].T + inverse[:, 2]  # [72, 2] picture pixels
            to_frame = similarity(found, self.landmarks.canonical)
            back = cv2.invertAffineTransform(to_frame)
            scale = float(np.hypot(back[0, 0], back[1, 0]))
            side, angle = FRAME * scale, float(np.arctan2(back[1, 0], back[0, 0]))
            centre = back @ np.array([FRAME / 2, FRAME / 2, 1.0])
            if not 8 < side < 4 * max(picture.shape[:2]):
                return None
        low, high = found.min(0), found.max(0)
        face_box = (float(low[0]), float(low[1]), *(float(v) for v in high - low))
        return Face(face_box, found.astype(np.float32), float(score[0]), to_frame)  # type: ignore[arg-type]


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


def _crop_matrix(
    centre: npt.NDArray[np.floating], side: float, angle: float, size: int
) -> npt.NDArray[np.float64]:
    k = size / side
    c, s = np.cos(-angle) * k, np.sin(-angle) * k
    turn = np.array([[c, -s], [s, c]])
    shift = np.array([size / 2, size / 2]) - turn @ centre
    return np.concatenate([turn, shift[:, None]], 1)


def _distinct(faces: list[Face]) -> list[Face]:
    kept: list[Face] = []
    for face in sorted(faces, key=lambda f: -f.score):
        middle = face.points.mean(0)
        if all(np.linalg.norm(middle - k.points.mean(0)) > 0.4 * k.box[2] for k in kept):
            kept.append(face)
    return kept

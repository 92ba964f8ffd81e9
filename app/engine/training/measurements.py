"""Shape from mesh points and colour from pixels: continuous measures of one aligned face.

Mesh indices are those of the public 468-point face mesh topology (Kartynnik et al. 2019).
All shape measures are ratios, so they do not depend on the size of the face in the picture.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float32]
Values = npt.NDArray[np.float32]

TOP, CHIN, LEFT, RIGHT = 10, 152, 454, 234
EYE_CORNERS = (33, 133, 362, 263)


def _gap(p: Points, a: int, b: int) -> Values:
    return np.asarray(np.linalg.norm(p[:, a] - p[:, b], axis=-1), np.float32)  # [n]


def shape_measures(p: Points) -> dict[str, Values]:
    """Ratios from mesh points ``[n, 468, 2]`` (pixels), each ``[n]``."""
    height, width = _gap(p, TOP, CHIN), _gap(p, LEFT, RIGHT)
    eyes = _gap(p, 33, 263)
    lids = (_gap(p, 159, 145) + _gap(p, 386, 374)) / 2
    return {
        "face_width": width / height,
        "jaw_width": _gap(p, 172, 397) / width,
        "chin_width": _gap(p, 149, 378) / _gap(p, 172, 397),
        "chin_height": _gap(p, 17, CHIN) / height,
        "forehead": _gap(p, TOP, 9) / height,
        "eye_size": lids * (_gap(p, 33, 133) + _gap(p, 362, 263)) / (2 * eyes**2),
        "eye_spacing": _gap(p, 133, 362) / eyes,
        "eye_narrow": -lids / eyes,
        "eye_slant": (p[:, 133, 1] - p[:, 33, 1] + p[:, 362, 1] - p[:, 263, 1]) / eyes,
        "nose_width": _gap(p, 129, 358) / eyes,
        "nose_length": _gap(p, 168, 2) / height,
        "mouth_width": _gap(p, 61, 291) / eyes,
        "lip_thickness": (_gap(p, 0, 13) + _gap(p, 14, 17)) / height,
        "mouth_open": _gap(p, 13, 14) / height,
        "brow_height": (_gap(p, 105, 159) + _gap(p, 334, 386)) / (2 * height),
        "brow_arch": _arch(p, 70, 105, 107) + _arch(p, 300, 334, 336),
    }


def _arch(p: Points, outer: int, middle: int, inner: int) -> Values:
    # how far the middle of the brow stands above the line between its ends (y grows downwards)
    line = (p[:, outer, 1] + p[:, inner, 1]) / 2
    return np.asarray((line - p[:, middle, 1]) / _gap(p, outer, inner), np.float32)


def colour_measures(pixels: npt.NDArray[np.uint8], p: Points) -> dict[str, Values]:
    """CIE Lab of skin and of the strip above the forehead, each ``[n]``, from ``[n, 3, h, w]``."""
    import cv2

    out: dict[str, list[float]] = {
        k: [] for k in ("skin_l", "skin_b", "hair_l", "hair_a", "hair_b")
    }
    for image, points in zip(pixels, p, strict=True):
        rgb = np.ascontiguousarray(image.transpose(1, 2, 0)).astype(np.float32) / 255
        lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2Lab)  # L 0..100, a and b about -127..127
        skin = np.concatenate([_patch(lab, points[i], 4) for i in (50, 280, 205, 425)])
        hair = _above(lab, points)
        for name, value in zip(
            ("skin_l", "skin_b", "hair_l", "hair_a", "hair_b"),
            (*np.median(skin, 0)[[0, 2]], *np.median(hair, 0)),
            strict=True,
        ):
            out[name].append(float(value))
    return {k: np.array(v, np.float32) for k, v in out.items()}


def _patch(lab: npt.NDArray[np.float32], at: Points, r: int) -> npt.NDArray[np.float32]:
    x, y = (int(np.clip(v, r, lab.shape[0] - r - 1)) for v in at)
    return lab[y - r : y + r + 1, x - r : x + r + 1].reshape(-1, 3)


def _above(lab: npt.NDArray[np.float32], p: Points) -> npt.NDArray[np.float32]:
    top = int(np.clip(p[TOP, 1] - 3, 4, lab.shape[0]))
    left, right = sorted((int(p[67, 0]), int(p[297, 0])))
    left, right = max(0, left), min(lab.shape[1], max(right, left + 8))
    return lab[max(0, top - 10) : top, left:right].reshape(-1, 3)

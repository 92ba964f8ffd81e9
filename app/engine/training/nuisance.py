"""What should not vary in an array, taken out of sampling: pose, light, tint, backdrop, softness.

Faces that differ in pose or expression are named less often, and draw the eye to what does not
matter (Frowd et al. 2014); these readings of z are fitted once and the mapping network is taught to
keep them still. The mouth is closed, not fixed: its sliders still work.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import Ridge

from app.engine.training.facedata import FaceData

Array = npt.NDArray[np.float32]
ALPHA = 300.0
# reading -> where sampled faces should lie, in standard deviations of the training faces
WANTED = {
    "yaw": 0.0, "roll": 0.0, "pitch": 0.0, "side_light": 0.0, "sharpness": 0.7, "mouth_open": -0.6,
    "backdrop_l": 0.0, "backdrop_red": 0.0, "backdrop_blue": 0.0,
    "tint_red": 0.0, "tint_blue": 0.0,
}  # fmt: skip
CORNER = 10


def nuisance_scores(data: FaceData) -> dict[str, Array]:
    """Each nuisance per face [n]: pose from mesh points, light and sharpness from pixels."""
    if data.points is None:
        raise ValueError("mesh points are needed")
    p = data.points
    eyes = np.linalg.norm(p[:, 33] - p[:, 263], axis=1)
    middle, height = (p[:, 33] + p[:, 263]) / 2, np.linalg.norm(p[:, 10] - p[:, 152], axis=1)
    grey = data.pixels.astype(np.float32).mean(1)  # [n, 128, 128]
    inside = grey[:, 32:112, 24:104]
    second = inside[:, 1:-1, 1:-1] * 4 - inside[:, 2:, 1:-1] - inside[:, :-2, 1:-1]
    second = second - inside[:, 1:-1, 2:] - inside[:, 1:-1, :-2]
    backdrop = _corners(data.pixels)  # [n, 3]
    tint = _tint(data)  # [n, 2]
    return {
        "tint_red": tint[:, 0],
        "tint_blue": tint[:, 1],
        "backdrop_l": backdrop.mean(1),
        "backdrop_red": backdrop[:, 0] - backdrop[:, 1],
        "backdrop_blue": backdrop[:, 2] - backdrop[:, 1],
        "yaw": (p[:, 4, 0] - middle[:, 0]) / eyes,
        "roll": (p[:, 33, 1] - p[:, 263, 1]) / eyes,
        "pitch": (p[:, 4, 1] - middle[:, 1]) / height,
        "side_light": inside[:, :, :40].mean((1, 2)) - inside[:, :, 40:].mean((1, 2)),
        "sharpness": np.log(second.std((1, 2)) + 1),
        "mouth_open": np.linalg.norm(p[:, 13] - p[:, 14], axis=1) / height,
    }


def _corners(pixels: npt.NDArray[np.uint8]) -> Array:
    # the two upper corners: behind the face in every aligned picture, except under long hair
    left, right = pixels[:, :, :CORNER, :CORNER], pixels[:, :, :CORNER, -CORNER:]
    return (left.mean((2, 3)) / 2 + right.mean((2, 3)) / 2).astype(np.float32)


def _tint(data: FaceData) -> Array:
    # colour inside the face that neither lightness nor origin explains: the colour of the light
    rgb = data.pixels[:, :, 40:104, 32:96].mean((2, 3), dtype=np.float32)  # [n, 3]
    light = rgb.mean(1, keepdims=True) / 128
    x = np.concatenate([light, light**2, np.eye(5, dtype=np.float32)[data.origin]], 1)
    y = np.stack([rgb[:, 0] - rgb[:, 1], rgb[:, 2] - rgb[:, 1]], 1)
    return (y - x @ np.linalg.lstsq(x, y, rcond=None)[0]).astype(np.float32)


def fit_nuisance(data: FaceData) -> tuple[Array, Array, dict[str, float]]:
    """Orthonormal basis [k, d] of the nuisance readers of z, the offset [d] to where sampled faces
    should lie, and the R2 of each reading on the held-out faces."""
    z, readers, wanted, quality = data.codes, [], [], {}
    for name, score in nuisance_scores(data).items():
        low, high = np.percentile(score, [1, 99])
        y = np.clip(score, low, high)
        y = (y - y[data.train].mean()) / y[data.train].std()
        model = Ridge(ALPHA).fit(z[data.train], y[data.train])
        rest = y[data.held_out] - model.predict(z[data.held_out])
        quality[name] = round(1 - float(np.var(rest) / np.var(y[data.held_out])), 3)
        readers.append(model.coef_)
        wanted.append(WANTED[name] - float(model.intercept_))
    r = np.stack(readers)  # [k, d]
    basis = np.linalg.qr(r.T)[0].T  # [k, d]
    offset = r.T @ np.linalg.solve(r @ r.T, np.array(wanted))  # smallest z with these readings
    return basis.astype(np.float32), offset.astype(np.float32), quality


def steadied(z: Array, basis: Array, offset: Array) -> Array:
    """z [n, d] with its nuisance part replaced by the wanted one."""
    return (z - (z @ basis.T) @ basis + offset).astype(np.float32)

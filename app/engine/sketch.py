"""Face to drawing, deterministic: pencil (colour dodge) and ink (difference of Gaussians)."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from app.models.errors import BadInput

Pixels = npt.NDArray[np.uint8]
Grey = npt.NDArray[np.float32]
STYLES = ("pencil", "ink")
PAPER = 250.0


def draw_sketch(pixels: Pixels, style: str = "pencil", size: int = 512) -> Pixels:
    """uint8 RGB [h, w, 3] -> grey drawing as RGB [size, size', 3], longer side ``size`` (64..4096).

    Depends on nothing but its arguments. BadInput ``sketch.unknown_style`` or ``sketch.bad_size``.
    """
    if style not in STYLES:
        raise BadInput("sketch.unknown_style", style=style, known=", ".join(STYLES))
    if not 64 <= size <= 4096:
        raise BadInput("sketch.bad_size", size=size)
    scale = size / max(pixels.shape[:2])
    shape = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    large = cv2.resize(pixels, shape, interpolation=cv2.INTER_CUBIC)
    grey = cv2.cvtColor(large, cv2.COLOR_RGB2GRAY).astype(np.float32)  # [h, w] 0..255
    grey = _evened(grey)
    drawn = _pencil(grey) if style == "pencil" else _ink(grey)
    out = np.clip(np.rint(drawn), 0, 255).astype(np.uint8)
    return np.repeat(out[:, :, None], 3, axis=2)


def _evened(grey: Grey) -> Grey:
    """Contrast stretched between the 2nd and 98th percentile, 0..255."""
    low, high = np.percentile(grey, (2, 98))
    return np.clip((grey - low) * (255.0 / max(high - low, 1.0)), 0, 255).astype(np.float32)


def _blurred(grey: Grey, sigma: float) -> Grey:
    out: Grey = cv2.GaussianBlur(grey, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    return out


def _pencil(grey: Grey) -> Grey:
    """Colour dodge of the picture by its inverted blur, hatched in the shadows."""
    unit = max(grey.shape) / 512
    soft = _blurred(255.0 - grey, 9.0 * unit)
    paler = 60.0 + grey * (195.0 / 255.0)  # graphite has no black
    dodge = np.minimum(paler * 256.0 / np.maximum(256.0 - 0.9 * soft, 1.0), 255.0)
    dodge = 255.0 * (dodge / 255.0) ** 2.6  # pressed harder
    rows, columns = np.mgrid[: grey.shape[0], : grey.shape[1]].astype(np.float32)
    hatch = 0.5 + 0.5 * np.sin((rows + columns) * (0.9 / max(unit, 0.25)))
    shade = np.clip((130.0 - _blurred(grey, 3.0 * unit)) / 130.0, 0, 1)  # darkness 0..1
    drawn = np.minimum(dodge, 255.0 - 125.0 * shade * (0.55 + 0.45 * hatch))
    return (drawn * (PAPER / 255.0)).astype(np.float32)


def _ink(grey: Grey) -> Grey:
    """XDoG (Winnemoeller et al. 2012): sharpened difference of Gaussians with a soft threshold."""
    unit = max(grey.shape) / 512
    near, far = _blurred(grey / 255.0, 1.4 * unit), _blurred(grey / 255.0, 2.3 * unit)
    response = near + 18.0 * (near - far)
    soft = 1.0 + np.tanh(9.0 * (response - 0.52))
    return (np.where(response >= 0.52, 1.0, soft) * PAPER).astype(np.float32)

"""Drawings made from photographs by own filters, and spoiled as drawings and scans are."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from app.engine.sketch import draw_sketch

Grey = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
SIDE = 128
# lines of the public face mesh: contour, brows, eyes, nose, lips
CONTOUR = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
           152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
           10)  # fmt: skip
LINES: tuple[tuple[int, ...], ...] = (
    CONTOUR[4:33],
    (70, 63, 105, 66, 107), (300, 293, 334, 296, 336),
    (46, 53, 52, 65, 55), (276, 283, 282, 295, 285),
    (33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133),
    (263, 466, 388, 387, 386, 385, 384, 398, 362), (263, 249, 390, 373, 374, 380, 381, 382, 362),
    (129, 98, 97, 2, 326, 327, 358), (193, 188, 217, 198), (417, 412, 437, 420),
    (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
    (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
)  # fmt: skip


def dodge(rgb: Bytes, points: Grey, rng: np.random.Generator) -> Grey:
    """Soft pencil: the picture over its inverted blur."""
    grey = _grey(rgb)
    soft = cv2.GaussianBlur(255 - grey, (0, 0), rng.uniform(2.0, 8.0))
    out = grey * 256 / np.maximum(256 - soft * rng.uniform(0.85, 1.0), 1)
    return 255 * np.clip(out / 255, 0, 1) ** rng.uniform(1.0, 3.0)


def difference(rgb: Bytes, points: Grey, rng: np.random.Generator) -> Grey:
    """Ink: difference of Gaussians under a soft threshold (XDoG, Winnemoeller et al. 2012)."""
    grey = _grey(rgb) / 255
    sigma = rng.uniform(0.5, 1.6)
    near, far = cv2.GaussianBlur(grey, (0, 0), sigma), cv2.GaussianBlur(grey, (0, 0), 1.6 * sigma)
    response = near + rng.uniform(8, 25) * (near - far)
    cut = rng.uniform(0.35, 0.6)
    return 255 * np.where(response >= cut, 1, 1 + np.tanh(rng.uniform(4, 12) * (response - cut)))


def slopes(rgb: Bytes, points: Grey, rng: np.random.Generator) -> Grey:
    """Shaded lines: dark where the picture is steep."""
    grey = cv2.GaussianBlur(_grey(rgb), (0, 0), rng.uniform(0.6, 1.5))
    size = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    size = (size / max(float(np.percentile(size, 98)), 1.0)) ** rng.uniform(0.6, 1.3)
    return 255 * (1 - np.clip(size, 0, 1) * rng.uniform(0.7, 1.0))


def contours(rgb: Bytes, points: Grey, rng: np.random.Generator) -> Grey:
    """A plain line drawing: mesh lines, a few edges for the hair, at times flat shading."""
    paper = np.full((SIDE, SIDE), 255, np.float32)
    if rng.random() < 0.6:
        low = float(rng.uniform(40, 110))
        blurred = cv2.GaussianBlur(_grey(rgb), (0, 0), rng.uniform(1.0, 2.0)).astype(np.uint8)
        edges = cv2.Canny(blurred, low, 2.2 * low)
        paper[edges > 0] = 70
    wobble = points + rng.normal(0, 0.4, points.shape)
    ink, thick = int(rng.integers(0, 90)), int(rng.integers(1, 3))
    canvas = paper.astype(np.uint8)
    for line in LINES:
        path = np.rint(wobble[list(line)] * 16).astype(np.int32)
        cv2.polylines(canvas, [path], False, ink, thick, cv2.LINE_AA, 4)
    if rng.random() < 0.5:  # hair and shadows as flat tone
        tone = cv2.GaussianBlur(_grey(rgb), (0, 0), 3.0)
        canvas = np.where(tone < rng.uniform(60, 110), canvas * 0.55, canvas).astype(np.uint8)
    return canvas.astype(np.float32)


def charcoal(rgb: Bytes, points: Grey, rng: np.random.Generator) -> Grey:
    """Tones rubbed on rough paper, darker lines over them: what old composites look like."""
    grey = cv2.bilateralFilter(_grey(rgb), 5, rng.uniform(20, 60), 3)
    low, high = np.percentile(grey, (3, 97))
    tone = np.clip((grey - low) / max(high - low, 1.0), 0, 1) ** rng.uniform(0.5, 1.2)
    grain = cv2.GaussianBlur(rng.normal(0, 1, (SIDE, SIDE)).astype(np.float32), (0, 0), 0.7)
    lines = slopes(rgb, points, rng) / 255
    return 255 * np.clip(tone * (1 + rng.uniform(0, 0.25) * grain), 0, 1) * (0.4 + 0.6 * lines)


def own_styles(rgb: Bytes, points: Grey, rng: np.random.Generator) -> Grey:
    """The program's own two styles of drawing."""
    style = "pencil" if rng.random() < 0.5 else "ink"
    drawn = draw_sketch(rgb, style, int(rng.choice([128, 192, 256])))[..., 0]
    return cv2.resize(drawn, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)


# ------------------------------------------------------------------ styles never trained on


def opencv_pencil(rgb: Bytes, points: Grey, rng: np.random.Generator) -> Grey:
    """OpenCV's pencilSketch (domain transform, Gastal and Oliveira 2011)."""
    grey, _ = cv2.pencilSketch(rgb[:, :, ::-1], sigma_s=20, sigma_r=0.07, shade_factor=0.03)
    return grey.astype(np.float32)


def morphological(rgb: Bytes, points: Grey, rng: np.random.Generator) -> Grey:
    """Division by the dilated picture: another way to lines."""
    grey = _grey(rgb).astype(np.uint8)
    wide = cv2.dilate(grey, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    return np.asarray(cv2.divide(grey, wide, scale=255), np.float32)


def stippled(rgb: Bytes, points: Grey, rng: np.random.Generator) -> Grey:
    """Black and white by a local threshold, as a photocopied drawing."""
    grey = _grey(rgb).astype(np.uint8)
    cut = cv2.adaptiveThreshold(
        grey, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 13, 5
    )
    return cv2.GaussianBlur(cut, (0, 0), 0.6).astype(np.float32)


Style = Callable[[Bytes, Grey, np.random.Generator], Grey]
TRAINED: dict[str, Style] = {
    "dodge": dodge, "difference": difference, "slopes": slopes, "contours": contours,
    "charcoal": charcoal, "own": own_styles,
}  # fmt: skip
UNSEEN: dict[str, Style] = {
    "opencv_pencil": opencv_pencil, "morphological": morphological, "stippled": stippled,
}  # fmt: skip


# ------------------------------------------------------------------ what happens to drawings


def spoiled(drawing: Grey, rng: np.random.Generator) -> Bytes:
    """Other thickness, smudges, missing lines, a crooked hand, another paper: uint8 [128, 128]."""
    out = np.clip(drawing, 0, 255).astype(np.float32)
    if rng.random() < 0.35:
        kernel = np.ones((2, 2), np.uint8)
        out = cv2.erode(out, kernel) if rng.random() < 0.6 else cv2.dilate(out, kernel)
    if rng.random() < 0.35:
        out = _with_gaps(out, rng)
    if rng.random() < 0.5:
        sigma = rng.uniform(0.3, 1.3, 2)  # rubbed more one way than the other
        out = cv2.GaussianBlur(out, (0, 0), float(sigma[0]), sigmaY=float(sigma[1]))
    out = _bent(out, rng)
    paper = rng.uniform(190, 255)
    scan = out / 255 * paper + rng.normal(0, rng.uniform(0, 8), out.shape)
    if rng.random() < 0.3:  # light falling from one side on the scan
        scan = scan * np.linspace(1, rng.uniform(0.8, 1), SIDE)[None, :]
    return np.clip(scan, 0, 255).astype(np.uint8)


def _with_gaps(drawing: Grey, rng: np.random.Generator) -> Grey:
    rough = rng.normal(0, 1, (9, 9)).astype(np.float32)
    mask = cv2.resize(rough, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    kept = np.clip((mask + rng.uniform(0.9, 2.0)) * 2, 0, 1)  # 0: the line is not there
    return 255 - (255 - drawing) * kept


def _bent(drawing: Grey, rng: np.random.Generator) -> Grey:
    """A little turned, scaled and shifted, and not quite where the photograph has it."""
    turn, zoom = rng.normal(0, 3.0), np.exp(rng.normal(0, 0.045))
    matrix = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), turn, zoom)
    matrix[:, 2] += rng.normal(0, 2.5, 2)
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    inverse = cv2.invertAffineTransform(matrix).astype(np.float32)
    u = inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2]
    v = inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2]
    bend = rng.normal(0, 1.2, (2, 6, 6)).astype(np.float32)
    du, dv = (cv2.resize(b, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) for b in bend)
    return cv2.remap(drawing, u + du, v + dv, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _grey(rgb: Bytes) -> Grey:
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)

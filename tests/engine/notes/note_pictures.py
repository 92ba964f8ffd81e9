"""Pictures of written notes for tests: OpenCV's own fonts, so that no font file is needed."""

from __future__ import annotations

import cv2
import numpy as np

LINES = ("He was about thirty,", "short brown hair and", "a thin crooked nose.",
         "Scar on left cheek")  # fmt: skip


def note_picture(lines: tuple[str, ...] = LINES, slope: float = 0.0) -> np.ndarray:
    """uint8 RGB [h, w, 3]: dark writing on a sheet that lies on a dark table, a shadow across."""
    sheet = np.full((90 * len(lines) + 120, 900, 3), 246, np.uint8)
    for row, line in enumerate(lines):
        place = (60, 110 + 90 * row)
        cv2.putText(sheet, line, place, cv2.FONT_HERSHEY_COMPLEX, 1.7, (50, 40, 40), 3, cv2.LINE_AA)
    shade = np.linspace(1.0, 0.55, sheet.shape[1])[None, :, None]
    sheet = (sheet * shade).astype(np.uint8)
    table = np.full((sheet.shape[0] + 200, sheet.shape[1] + 200, 3), 35, np.uint8)
    table[100:-100, 100:-100] = sheet
    middle = (table.shape[1] / 2, table.shape[0] / 2)
    matrix = cv2.getRotationMatrix2D(middle, -slope, 0.93)
    return cv2.warpAffine(table, matrix, table.shape[1::-1], borderValue=(35, 35, 35))

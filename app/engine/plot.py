"""Line plots as PNG, for figures in reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

WIDTH, HEIGHT, MARGIN = 800, 480, 60
INKS = ((180, 90, 20), (30, 110, 30), (40, 40, 190), (130, 30, 130), (90, 90, 90))  # BGR


def plot_lines(path: Path, series: Mapping[str, Sequence[float]], x: str, y: str) -> None:
    """Draw each series over 1, 2, ... with axes and a legend."""
    picture = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    values = [v for line in series.values() for v in line]
    low, high = min(values), max(values)
    high = high if high > low else low + 1
    longest = max(len(line) for line in series.values())

    def at(i: int, value: float) -> tuple[int, int]:
        across = MARGIN + (WIDTH - 2 * MARGIN) * i / max(longest - 1, 1)
        up = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (value - low) / (high - low)
        return round(across), round(up)

    def write(text: str, where: tuple[int, int], ink: tuple[int, int, int] = (40, 40, 40)) -> None:
        cv2.putText(picture, text, where, cv2.FONT_HERSHEY_SIMPLEX, 0.45, ink, 1, cv2.LINE_AA)

    cv2.rectangle(picture, (MARGIN, MARGIN), (WIDTH - MARGIN, HEIGHT - MARGIN), (200, 200, 200), 1)
    for share in (0.0, 0.5, 1.0):
        value = low + share * (high - low)
        write(f"{value:.3g}", (8, at(0, value)[1] + 4))
    for i in range(longest):
        write(str(i + 1), (at(i, low)[0] - 4, HEIGHT - MARGIN + 18))
    write(x, (WIDTH // 2 - 20, HEIGHT - 16))
    write(y, (MARGIN, MARGIN - 14))
    for k, (name, line) in enumerate(series.items()):
        ink = INKS[k % len(INKS)]
        points = np.array([at(i, v) for i, v in enumerate(line)], np.int32)
        cv2.polylines(picture, [points], False, ink, 2, cv2.LINE_AA)
        write(name, (WIDTH - MARGIN - 150, HEIGHT - MARGIN - 14 - 18 * k), ink)
    path.write_bytes(cv2.imencode(".png", picture)[1].tobytes())

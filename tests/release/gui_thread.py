"""How long the GUI thread is held at a time: during an array, a slider drag, and an encode.

    QT_QPA_PLATFORM=offscreen python tests/release/gui_thread.py [--json]

Real window, real engine, bundled model, a sealed case. Every event that the loop hands out is one
handler. Wall time counts whatever else the machine does, processor time of the thread does not.
Measured, not gated.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.models.session import Stage
from scripts import picture_samples
from tests.release.real_window import POLLING, RealWindow

MOVES, MOVE_MS, SLOW_MS = 90, 16, 16.0


class Watch(QApplication):
    """Notes wall and processor time of every event that is handled; those within another's handler
    are part of it. The measuring's own timers do not count."""

    def __init__(self) -> None:
        super().__init__(["measure"])
        self.handled: list[tuple[float, float, str]] = []
        self._depth = 0

    def notify(self, receiver: QObject, event: QEvent) -> bool:
        if self._depth or receiver.objectName() == POLLING:
            return bool(super().notify(receiver, event))
        self._depth += 1
        what = f"{type(receiver).__name__} {event.type().name}"
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            return bool(super().notify(receiver, event))
        finally:
            self._depth -= 1
            spent = 1000 * (time.perf_counter() - wall), 1000 * (time.thread_time() - cpu)
            self.handled.append((*spent, what))

    def during(self, work: Callable[[], object]) -> dict[str, object]:
        """Figures of the handlers while something runs, in milliseconds."""
        self.handled.clear()
        began = time.perf_counter()
        work()
        wall, cpu = (np.array([h[i] for h in self.handled]) for i in (0, 1))
        slowest = sorted(self.handled, key=lambda h: -h[1])[:4]
        return {
            "handlers": len(wall), "seconds": round(time.perf_counter() - began, 1),
            "wall_p99_ms": round(float(np.percentile(wall, 99)), 1),
            "wall_max_ms": round(float(wall.max()), 1),
            "cpu_p99_ms": round(float(np.percentile(cpu, 99)), 1),
            "cpu_max_ms": round(float(cpu.max()), 1),
            "cpu_over_16_ms": int((cpu > SLOW_MS).sum()),
            "slowest": [f"{what}: {spent:.1f} ms" for _, spent, what in slowest],
        }


def drag(real: RealWindow) -> None:
    """A slider dragged to and fro, then let go; until the portrait is drawn and stored."""
    page, controller = real.window.pages[Stage.refine], real.window.controller
    slider = page.rows[next(iter(page.rows))].slider  # type: ignore[attr-defined]
    middle, reach = slider.rect().center(), slider.width() // 3
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=middle)
    for number in range(MOVES):
        way = round(reach * np.sin(number / 12))
        QTest.mouseMove(slider, middle + QPoint(way, 0))
        real.settle(MOVE_MS)
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=middle + QPoint(reach, 0))
    real.wait(lambda: not controller.jobs.is_busy("portrait"))
    real.wait(lambda: controller.was_shown(controller.session.portrait))


def measure() -> dict[str, dict[str, object]]:
    """The three phases, each once after a first array that warms everything up."""
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder, RealWindow(Path(folder)) as real:
        controller, window = real.window.controller, real.window
        real.begin_sitting()
        real.array()
        found = {}
        controller.answer_round(*real.first_pick)
        found["array"] = watch.during(real.array)
        real.refine()
        drag(real)
        found["slider"] = watch.during(lambda: drag(real))
        face = controller.known_face(controller.session.rounds[0].faces[3])
        assert face is not None
        photo = picture_samples.photo(face, Path(folder) / "phone.png")
        window.show_starts()

        def encode() -> None:
            window.desk.open_picture(str(photo))
            real.wait(lambda: window.desk.result is not None)

        found["encode"] = watch.during(encode)
    return found


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found = measure()
    print(json.dumps(found, indent=1) if args.json else "\n".join(
        f"{phase:8} {figures}" for phase, figures in found.items()
    ))
    return 0


if __name__ == "__main__":
    sys.exit(main())

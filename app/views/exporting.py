"""A sealed export on its way: sketch first, then the bundle on a worker; progress and cancel."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal

from app.engine.api import FaceReady, Progress, SketchPortrait
from app.models.attributes import vocabulary
from app.models.errors import BadInput, Cancelled, PortraitError
from app.models.export.bundle import BundleInfo, export_bundle
from app.models.export.record import PortraitRecord, portrait_record
from app.models.portrait import Recipe
from app.views.jobs import KEEPING_LANE, KEEPING_MS
from app.views.overlay_paint import composed
from app.views.png import png_of

if TYPE_CHECKING:
    from app.views.controller import Controller

LANE = "export"


class Exporter(QObject):
    """One export at a time. While it runs the case takes no other events (see ``is_running``)."""

    began = Signal()
    done = Signal(object)  # BundleInfo
    ended = Signal()  # done, failed or cancelled
    _progress = Signal(str, int, int)

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._controller = controller
        self._stop = threading.Event()
        self.is_running = False
        self._progress.connect(self._on_progress)
        controller.busy_changed.connect(self._on_busy)

    def start(self, destination: Path, profile: str) -> None:
        """Export the accepted portrait; a problem is said through the controller."""
        portrait = self._controller.session.portrait
        if self.is_running or self._controller.case is None or portrait is None:
            return
        if not self._controller.jobs.settle(KEEPING_LANE, KEEPING_MS):  # it has an event to come
            self._controller.problem.emit(PortraitError("case.still_writing"))
            return
        self._stop.clear()
        self.is_running = True
        self.began.emit()
        self._on_progress("sketch", 0, 0)
        if not self._controller.model_ready:
            self._export(destination, profile, portrait, None)
            return

        def with_sketch(face: FaceReady) -> None:
            sketch = composed(face.pixels, portrait.overlays, grey=True)
            self._export(destination, profile, portrait, png_of(sketch))

        def without_sketch(error: PortraitError) -> None:
            self._export(destination, profile, portrait, None)  # the bundle does without it

        self._controller.jobs.start(SketchPortrait(portrait.bare()), with_sketch, without_sketch)

    def cancel(self) -> None:
        """Stop at the next file; nothing is left at the destination."""
        if self._controller.jobs.is_busy(SketchPortrait.lane):
            self._controller.jobs.cancel(SketchPortrait.lane)
            self._end()
        self._stop.set()

    # ---- inside

    def _export(
        self, destination: Path, profile: str, portrait: Recipe, sketch: bytes | None
    ) -> None:
        case, info = self._controller.case, self._controller.model_info
        if case is None:
            self._end()
            return
        from app.views.report import ReportPainter  # not needed before the first export

        directions = {d.name: d.attribute for d in info.directions} if info is not None else {}
        card = info.card if info is not None else ()

        def work() -> BundleInfo:
            timers = QEventLoop()  # laying out text starts timers, which need a dispatcher here
            names = vocabulary().names
            record = portrait_record(case, names, card, sketch, directions)
            _need_accepted(record, portrait)
            painter = ReportPainter()
            info = export_bundle(
                case, destination, profile, record, painter, self._progress.emit, self._check
            )
            del timers
            return info

        job = self._controller.jobs.aside(LANE, work, self._on_done, self._on_failed)
        job.stop = self._stop.set

    def _on_busy(self, lane: str, busy: bool) -> None:
        if busy or not self.is_running:
            return
        if lane == LANE:  # done, failed or cancelled: whichever, it is over
            self._end()
        elif lane == SketchPortrait.lane:
            QTimer.singleShot(0, self, self._after_sketch)

    def _after_sketch(self) -> None:
        if self.is_running and not self._controller.jobs.is_busy(LANE):
            self._end()  # the sketch was stopped, by a closed case for one

    def _end(self) -> None:
        if self.is_running:
            self.is_running = False
            self.ended.emit()

    def _check(self) -> None:
        if self._stop.is_set():
            raise Cancelled

    def _on_progress(self, stage: str, done: int, total: int) -> None:
        self._controller.progress.emit(LANE, Progress(stage, done, total))

    def _on_done(self, info: BundleInfo) -> None:
        self.done.emit(info)

    def _on_failed(self, error: PortraitError) -> None:
        self._controller.problem.emit(error)


def _need_accepted(record: PortraitRecord, portrait: Recipe) -> None:
    if record.recipe != portrait:
        raise BadInput("export.not_accepted")

"""The lineup's file on the table, its signals, and the one way to write it; apart from any case."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.engine.api import (
    Assessment,
    Engine,
    FaceReady,
    LineupFace,
    Progress,
    RestoreTuned,
    SuspectFace,
)
from app.models.case import CaseFacts
from app.models.errors import PortraitError
from app.models.lineup import Lineup
from app.models.lineup_record import LineupRecord
from app.models.store import CaseFile, create_case, open_case, practice_case
from app.views.jobs import CASE_LANE, Jobs

WORK = "lineup"
EXPORT = "export"


class LineupTable(QObject):
    """What is known of the lineup, and its file; the desk adds the verbs."""

    changed = Signal()  # the lineup, the suspect or the array
    assessed = Signal()  # table and warnings of the array
    opened = Signal(bool)
    busy = Signal(str, bool)  # lane
    progress = Signal(object)  # Progress
    preview = Signal(object)  # FaceReady
    problem = Signal(object)  # PortraitError
    notice = Signal(str, dict)

    def __init__(self, engine: Engine | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs = Jobs(self)
        self.jobs.engine = engine
        self.jobs.busy_changed.connect(self.busy)
        self.record: LineupRecord | None = None
        self.suspect: SuspectFace | None = None
        self.faces: tuple[LineupFace, ...] = ()
        self.assessment: Assessment | None = None
        self.language = "en"

    @property
    def lineup(self) -> Lineup:
        """The lineup's state; empty while no file is open."""
        return self.record.lineup if self.record is not None else Lineup()

    @property
    def is_working(self) -> bool:
        """Whether something long is under way."""
        return any(self.jobs.is_busy(lane) for lane in (WORK, CASE_LANE, EXPORT))

    # ---- its file

    def create(self, path: Path, passphrase: str, facts: CaseFacts) -> None:
        """A new sealed lineup file."""
        self._open(lambda: create_case(path, passphrase, facts))

    def open(self, path: Path, passphrase: str) -> None:
        """Go on with one."""
        self._open(lambda: open_case(path, passphrase))

    def practise(self) -> None:
        """A lineup that is not kept."""
        self._open(lambda: practice_case(CaseFacts("practice")))

    def _open(self, opening: Callable[[], CaseFile]) -> None:
        def work() -> LineupRecord:
            case = opening()
            try:
                return LineupRecord(case)
            except PortraitError:
                case.close("unreadable")
                raise

        if not self.jobs.is_busy(CASE_LANE):
            self.close_file()
            self.jobs.aside(CASE_LANE, work, self._on_open, self.problem.emit)

    def _on_open(self, record: LineupRecord) -> None:
        self.record = record
        self.opened.emit(True)
        self._load()
        weights = record.tuned_weights() if record.lineup.tuned else None
        if weights is not None:
            request = RestoreTuned(record.lineup.tuned, weights=weights)
            self._start(request, lambda name: None)

    def close_file(self) -> None:
        """Put the lineup away; its last event is written."""
        self.jobs.cancel(WORK)
        if self.record is not None:
            if self.lineup.open_showing is not None:
                self._record(lambda r: r.end("closed"))
            case = self.record.case
            self.jobs.aside("closing", case.close, lambda done: None, self.problem.emit)
        was_open, self.record = self.record is not None, None
        self.suspect, self.faces, self.assessment = None, (), None
        if was_open:
            self.opened.emit(False)
            self.changed.emit()

    def shut_down(self) -> None:
        """Close the file and let the workers go; the engine stays, it belongs to the window."""
        self.close_file()
        self.jobs.engine = None
        self.jobs.close()

    # ---- inside

    def _load(self) -> None:
        raise NotImplementedError

    def _record(self, write: Callable[[LineupRecord], object]) -> bool:
        if self.record is None:
            return False
        if self.jobs.is_busy(EXPORT):  # one thread at a time uses the file
            self.problem.emit(PortraitError("export.running"))
            return False
        try:
            write(self.record)
        except PortraitError as error:
            self.problem.emit(error)
            return False
        return True

    def _start(self, request: Any, done: Callable[[Any], None]) -> None:
        try:
            self.jobs.start(request, done, self.problem.emit, self._on_event)
        except PortraitError as error:
            self.problem.emit(error)

    def _on_event(self, event: object) -> None:
        if isinstance(event, Progress):
            self.progress.emit(event)
        elif isinstance(event, FaceReady):
            self.preview.emit(event)

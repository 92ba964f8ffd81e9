"""What is known, as whole values with signals, and the one way to write: journal first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.engine.api import Engine, ModelInfo, Pixels
from app.models.errors import PortraitError
from app.models.events import Event
from app.models.history import History
from app.models.journal import Journal
from app.models.portrait import Recipe
from app.models.session import Session
from app.models.settings import Settings
from app.models.store import CaseFile
from app.views.cases import CaseDesk
from app.views.exporting import Exporter
from app.views.faces import FaceDesk
from app.views.jobs import KEEPING_LANE, KEEPING_MS, Jobs

EngineFactory = Callable[[], Engine]


class State(QObject):
    """The case, the history, the model and the settings; the controller adds the verbs."""

    session_changed = Signal(object, object)  # old Session, new Session
    history_changed = Signal(object)  # History[Session]
    model_changed = Signal(object, str)  # ModelInfo | None; loading, ready, failed
    busy_changed = Signal(str, bool)  # lane
    progress = Signal(str, object)  # lane, Progress
    face_ready = Signal(object)  # FaceReady: a tile of the array on the table
    portrait_ready = Signal(object)  # FaceReady: the portrait being worked on
    baseline_ready = Signal(object)  # FaceReady: the face before/after compares with
    thumbnail_ready = Signal(object)  # FaceReady
    round_offered = Signal(object)  # FacesProposed, once all its tiles are shown and journalled
    problem = Signal(object)  # PortraitError
    notice = Signal(str, dict)  # code, facts
    case_changed = Signal(object)  # CaseFile | None
    paused_changed = Signal(bool)
    settings_changed = Signal(object)  # Settings
    used = Signal()  # without keyboard or mouse: somebody is dictating

    exporter: Exporter
    _faces: FaceDesk
    _cases: CaseDesk

    def __init__(
        self, engine_factory: EngineFactory, settings: Settings | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.settings = settings or Settings()
        self.jobs = Jobs(self)
        self.jobs.busy_changed.connect(self.busy_changed)
        self.model_info: ModelInfo | None = None
        self.model_state = "loading"
        self.is_paused = False
        self.lineup: QWidget | None = None  # its window, while there is one; apart from any case
        self.paused_by = ""  # witness or officer, while there is a break
        self.language = "en"  # of the sentences on screen, and so of what is typed
        self._engine_factory = engine_factory
        self._journal: Journal | None = None

    # ---- what is known

    @property
    def case(self) -> CaseFile | None:
        """The open case, if any."""
        return None if self._journal is None else self._journal.case

    @property
    def case_path(self) -> Path | None:
        """The file that was opened; of a copy for reading, where the case itself lies."""
        return self._cases.path

    @property
    def history(self) -> History[Session]:
        """The tree of states; a bare root while no case is open."""
        return History.start(Session()) if self._journal is None else self._journal.history

    @property
    def session(self) -> Session:
        """The state at the head."""
        return self.history.state

    @property
    def model_ready(self) -> bool:
        """Whether faces can be drawn."""
        return self.model_state == "ready"

    @property
    def may_write(self) -> bool:
        """Whether a case is open and takes events."""
        return self.case is not None and not self.case.read_only

    @property
    def case_in_use(self) -> bool:
        """Whether a worker reads or writes the case: one thread at a time may."""
        return self.exporter.is_running or self.jobs.is_busy(KEEPING_LANE)

    def picture(self, recipe: Recipe) -> bytes | None:
        """The PNG of a face as it was shown, from the case file; None if it never was."""
        if self._journal is None or self.case_in_use:
            return None
        return self._journal.picture(recipe)

    def known_face(self, recipe: Recipe) -> Pixels | None:
        """Pixels of a face that was drawn before, uint8 RGB ``[h, w, 3]``; never waits."""
        return self._faces.known(recipe)

    def show_portrait(self, recipe: Recipe, final: bool = False) -> None:
        """Draw a portrait that is being changed, before the change is recorded."""
        self._faces.draw_portrait(recipe, final=final)

    def was_shown(self, recipe: Recipe) -> bool:
        """Whether the case file holds this face as shown."""
        return self._journal is not None and self._journal.has_picture(recipe)

    # ---- the one way to write

    def record(
        self, kind: str, data: Mapping[str, Any], actor: str = "officer",
        pictures: Sequence[bytes] = (), original: bytes | None = None,
    ) -> bool:
        """Append an event and take its step; False, with a problem shown, when it was refused."""
        if self._journal is None:
            self.problem.emit(PortraitError("case.none"))
            return False
        if self.exporter.is_running:
            self.problem.emit(PortraitError("export.running"))
            return False
        if not self.jobs.settle(KEEPING_LANE, KEEPING_MS):  # what is being kept comes first
            self.problem.emit(PortraitError("case.still_writing"))
            return False
        old, history = self.session, self.history
        try:
            self._journal.record(kind, actor, data, pictures, original)
        except PortraitError as error:
            self.problem.emit(error)
            return False
        if self.history is not history:
            self._announce(old)
        return True

    def record_aside(
        self, kind: str, data: Mapping[str, Any], original: Callable[[], bytes],
        done: Callable[[bool], None],
    ) -> None:  # fmt: skip
        """As ``record``, of an event with a large ``original``, which is read, sealed and written
        on the worker; ``done`` hears whether it was. Whatever else is recorded waits for it."""
        kept_before = self.jobs.settle(KEEPING_LANE, KEEPING_MS)
        journal = self._journal
        if journal is None or self.exporter.is_running or not kept_before:
            code = "export.running" if kept_before else "case.still_writing"
            code = "case.none" if journal is None else code
            self.problem.emit(PortraitError(code))
            done(False)
            return

        def kept(event: Event) -> None:
            if self._journal is journal:  # else the case was closed, the event in it
                journal.take(event)
                done(True)

        def failed(error: PortraitError) -> None:
            self.problem.emit(error)
            done(False)

        self.jobs.aside(
            KEEPING_LANE, lambda: journal.case.append(kind, "officer", data, (), original()),
            kept, failed,
        )  # fmt: skip

    def prepare_round(self, picks: Sequence[int], ranked: bool, kept: int = 0) -> None:
        """Draw ahead the array that would follow these picks; journalled as not shown."""
        self._faces.ahead.prepare(picks, ranked, self.settings.array_size - kept)

    def enter(self, journal: Journal | None) -> None:
        """Another case, or none, is on the table; for the case desk only."""
        old, self._journal = self.session, journal
        self._faces.forget()
        self._set_paused(False)
        self._announce(old, changed_case=True)

    @property
    def journal(self) -> Journal | None:
        """The open case with its history; to be written through ``record`` only."""
        return self._journal

    # ---- what comes back

    def _announce(self, old: Session, changed_case: bool = False) -> None:
        if changed_case:
            self.case_changed.emit(self.case)
        self.history_changed.emit(self.history)
        if self.session != old:
            self.session_changed.emit(old, self.session)
            self._show_faces(old, self.session)

    def _show_faces(self, old: Session, new: Session) -> None:
        last = new.rounds[-1] if new.rounds else None
        known = old.rounds and last is not None and old.rounds[-1].faces == last.faces
        if last is not None and not known and not self._faces.is_arriving:
            self._faces.show_round(last)
        if new.portrait is not None and new.portrait != old.portrait:
            self._faces.draw_portrait(new.portrait, final=True)
        if new.baseline is not None and new.baseline != old.baseline:
            self._faces.draw_baseline(new.baseline)

    def _set_paused(self, paused: bool) -> None:
        if paused != self.is_paused:
            self.is_paused = paused
            self.paused_changed.emit(paused)

    # ---- asking the engine

    def _ask(
        self, request: Any, on_done: Callable[[Any], None],
        on_failed: Callable[[PortraitError], None] | None = None,
    ) -> None:
        try:
            self.jobs.start(
                request, on_done, on_failed or self.problem.emit,
                lambda event: self.progress.emit(request.lane, event),
            )
        except PortraitError as error:
            self.problem.emit(error)

    def _within_range(self, name: str, amount: float) -> float:
        info = self.model_info.direction(name) if self.model_info else None
        return amount if info is None else min(max(amount, info.low), info.high)

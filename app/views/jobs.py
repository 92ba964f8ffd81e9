"""Work done elsewhere, brought back to the GUI thread: the one place where threads meet Qt."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Signal

from app.engine.api import Engine, Request
from app.models.errors import Cancelled, PortraitError

CASE_LANE = "case"
CLOSING_LANE = "closing"
KEEPING_LANE = "keeping"  # a large original on its way into the case
KEEPING_MS = 120_000
UNSTOPPED = (CASE_LANE, CLOSING_LANE, KEEPING_LANE)


def _ignore(value: Any) -> None:
    """The answer nobody waits for."""


@dataclass(eq=False)
class Job:
    """One piece of work under way, and who hears of it."""

    lane: str
    on_done: Callable[[Any], None]
    on_failed: Callable[[PortraitError], None]
    on_event: Callable[[Any], None] = _ignore
    stop: Callable[[], None] = lambda: None
    future: Future[Any] | None = None


class Jobs(QObject):
    """At most one current job per lane; whatever an older one still says is dropped.

    Both signals are queued: a job that ends before its caller has connected would otherwise be
    delivered at once and lost.
    """

    busy_changed = Signal(str, bool)
    broke = Signal(object)  # an exception that is no PortraitError: a fault of ours
    _event = Signal(object, object)
    _settled = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.engine: Engine | None = None
        self._current: dict[str, Job] = {}
        self._aside: ThreadPoolExecutor | None = None
        self._closed = False
        queued = Qt.ConnectionType.QueuedConnection
        self._event.connect(self._on_event, queued)
        self._settled.connect(self._on_settled, queued)

    def start(
        self,
        request: Request[Any],
        on_done: Callable[[Any], None],
        on_failed: Callable[[PortraitError], None],
        on_event: Callable[[Any], None] = _ignore,
    ) -> Job:
        """Ask the engine; an older job on the same lane is stopped and forgotten."""
        if self.engine is None:
            raise PortraitError("engine.not_ready")
        job = Job(request.lane, on_done, on_failed, on_event)
        self._begin(job)
        ticket = self.engine.submit(request, lambda event: self._event.emit(job, event))
        job.stop = ticket.cancel
        ticket.future.add_done_callback(lambda future: self._settled.emit(job, future))
        return job

    def aside(
        self,
        lane: str,
        work: Callable[[], Any],
        on_done: Callable[[Any], None],
        on_failed: Callable[[PortraitError], None],
    ) -> Job:
        """Run a function on a worker thread of our own (case files, exports), in order."""
        if self._aside is None:
            self._aside = ThreadPoolExecutor(1, thread_name_prefix="aside")
        job = Job(lane, on_done, on_failed)
        job.future = self._aside.submit(work)
        self._begin(job)  # whoever hears of it may want to wait for it
        job.future.add_done_callback(lambda done: self._settled.emit(job, done))
        return job

    def is_busy(self, lane: str) -> bool:
        """Whether a job of the lane is under way."""
        return lane in self._current

    def cancel(self, lane: str) -> None:
        """Stop the lane's job; nothing more is heard of it."""
        job = self._current.pop(lane, None)
        if job is not None:
            job.stop()
            self.busy_changed.emit(lane, False)

    def finish(self, lane: str, limit_ms: int) -> None:
        """Let the lane's job come to its end, for so long at most; what the user does waits."""
        if not self.is_busy(lane):
            return
        loop = QEventLoop()

        def look(changed: str, busy: bool) -> None:
            if changed == lane and not busy:
                QTimer.singleShot(0, loop.quit)  # its answer is heard first

        self.busy_changed.connect(look)
        QTimer.singleShot(limit_ms, loop.quit)
        loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        self.busy_changed.disconnect(look)

    def settle(self, lane: str, limit_ms: int) -> bool:
        """Wait for the lane's job aside, and hear its answer, before anything else happens: no
        event is taken meanwhile. False where it is still under way after so long."""
        job = self._current.get(lane)
        if job is None or job.future is None:
            return job is None
        if wait([job.future], limit_ms / 1000).not_done:
            return False
        self._on_settled(job, job.future)
        return True

    def cancel_all(self) -> None:
        """Stop every job but those on case files, which must come to their end."""
        for lane in [lane for lane in self._current if lane not in UNSTOPPED]:
            self.cancel(lane)

    def close(self) -> None:
        """Stop everything and wait for the workers; idempotent."""
        self._closed = True
        self._current.clear()
        self.drop_engine()
        if self._aside is not None:
            self._aside.shutdown(wait=True)
            self._aside = None

    def drop_engine(self) -> None:
        """Stop the engine's jobs and end its workers, with all that they hold."""
        if self.engine is not None:
            self.cancel_all()
            self.engine.close()
            self.engine = None

    def _begin(self, job: Job) -> None:
        older = self._current.get(job.lane)
        self._current[job.lane] = job
        if older is not None:
            older.stop()
        else:
            self.busy_changed.emit(job.lane, True)

    def _is_current(self, job: Job) -> bool:
        return not self._closed and self._current.get(job.lane) is job

    def _on_event(self, job: Job, event: Any) -> None:
        if self._is_current(job):
            job.on_event(event)

    def _on_settled(self, job: Job, future: Future[Any]) -> None:
        if not self._is_current(job):
            return
        del self._current[job.lane]
        self.busy_changed.emit(job.lane, False)
        try:
            answer = future.result()
        except (Cancelled, CancelledError):
            return
        except PortraitError as error:
            job.on_failed(error)
            return
        except Exception as error:
            self.broke.emit(error)
            job.on_failed(PortraitError("engine.fault", why=f"{type(error).__name__}: {error}"))
            return
        job.on_done(answer)

"""One torch worker and one words worker; on each lane the newest request wins."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from app.engine.api import (
    Event,
    LoadModel,
    PrepareFaces,
    ProposeFaces,
    ReadChanges,
    ReadDescription,
    Request,
    Ticket,
)
from app.models.errors import Cancelled, PortraitError

if TYPE_CHECKING:
    from app.engine.runtime import Runtime

Answer = TypeVar("Answer")
OnEvent = Callable[[Event], None]
CLOSE_SECONDS = 1.0


class _Job:
    """One request under way: delivers events until it is stopped, settles its future once."""

    def __init__(self, request: Request[Any], on_event: OnEvent | None) -> None:
        self.request, self.future = request, Future[Any]()
        self._on_event = on_event
        self._lock = threading.RLock()  # an event's receiver may cancel from inside
        self._stopped = False

    def check(self) -> None:
        """Raise Cancelled once stopped."""
        if self._stopped:
            raise Cancelled

    def emit(self, event: Event) -> None:
        """Deliver an event, or raise Cancelled; never both."""
        with self._lock:
            self.check()
            if self._on_event is not None:
                self._on_event(event)

    def cancel(self) -> None:
        """Stop: no further event, and the future ends with Cancelled."""
        with self._lock:
            self._stopped = True
        self._settle(error=Cancelled())

    def run(self, work: Callable[[_Job], Any]) -> None:
        """Do the work on a worker thread."""
        try:
            self.check()
            self._settle(work(self))
        except BaseException as error:
            self._settle(error=error)

    def _settle(self, answer: Any = None, error: BaseException | None = None) -> None:
        with self._lock:
            if self.future.done():
                return
            if error is not None:
                self.future.set_exception(error)
            else:
                self.future.set_result(answer)


class EngineService:
    """The engine behind ``api.Engine``. Nothing heavy is imported until a worker needs it."""

    def __init__(self, folder: Path | None = None, builds: bool = False) -> None:
        """``builds``: after the model is loaded, build quicker kernels for the next start."""
        self._folder, self._builds = folder, builds
        self._building: object = None  # its process; it ends by itself
        self._runtime: Runtime | None = None
        self._workers = {
            "torch": ThreadPoolExecutor(1, "engine-torch"),
            "words": ThreadPoolExecutor(1, "engine-words"),
        }
        self._jobs: set[_Job] = set()
        self._lanes: dict[str, _Job] = {}
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, request: Request[Answer], on_event: OnEvent | None = None) -> Ticket[Answer]:
        """Start a request; an older one on its lane is stopped first."""
        job = _Job(request, on_event)
        with self._lock:
            older = self._lanes.get(request.lane)
            self._lanes[request.lane] = job
            self._jobs.add(job)
        if older is not None:
            older.cancel()
        job.future.add_done_callback(lambda _: self._forget(job))
        work = self._read_words if request.worker == "words" else self._answer
        try:
            self._workers[request.worker].submit(job.run, work)
        except RuntimeError:  # closed
            job.cancel()
        return Ticket(request, job.future, job.cancel)

    def close(self) -> None:
        """Stop everything and wait for the workers, about a second at most; may be called twice."""
        with self._lock:
            self._closed = True
            jobs = list(self._jobs)
        for job in jobs:
            job.cancel()
        for worker in self._workers.values():
            worker.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers.values():
            for thread in list(worker._threads):
                thread.join(CLOSE_SECONDS)

    def _forget(self, job: _Job) -> None:
        with self._lock:
            self._jobs.discard(job)
            if self._lanes.get(job.request.lane) is job:
                del self._lanes[job.request.lane]

    def _answer(self, job: _Job) -> Any:
        if self._runtime is None:
            try:
                from app.engine.runtime import Runtime
            except ImportError as error:
                raise PortraitError("package.missing", package=error.name or "torch") from error
            self._runtime = Runtime(self._folder)
        check = self._gives_way(job) if isinstance(job.request, PrepareFaces) else job.check
        answer = self._runtime.answer(job.request, job.emit, check)
        if isinstance(job.request, LoadModel | ProposeFaces):
            self._later(self._prepare)
        if isinstance(job.request, LoadModel) and self._builds:
            from app.engine.native import build_for_next_start

            self._builds = False
            self._building = build_for_next_start()
        return answer

    def _gives_way(self, job: _Job) -> Callable[[], None]:
        """A check that stops the job as soon as there is anything else to do."""

        def check() -> None:
            job.check()
            with self._lock:
                if self._jobs - {job}:
                    raise Cancelled

        return check

    def _later(self, work: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # closed meanwhile
            self._workers["torch"].submit(work)

    def _prepare(self) -> None:
        """Idle work for the next array; any request goes first."""
        from app.engine.proposals import prepare

        def check() -> None:
            with self._lock:
                if self._closed or self._jobs:
                    raise Cancelled

        assert self._runtime is not None
        with contextlib.suppress(PortraitError):  # Cancelled is one; a real fault shows when asked
            check()
            prepare(self._runtime, check)

    def _read_words(self, job: _Job) -> Any:
        request = job.request
        if isinstance(request, ReadChanges):
            from app.engine.language.changes import changes

            return changes(request.text, request.language)
        if not isinstance(request, ReadDescription):
            raise PortraitError("engine.unknown_request", name=type(request).__name__)
        from app.engine.language import describe

        return describe(request.text, request.language)

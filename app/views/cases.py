"""Opening and closing case files away from the GUI thread: the passphrase costs about a second."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from app.models.errors import PortraitError
from app.models.journal import Journal
from app.models.store import CaseFile, StoreError
from app.models.store_files import safe_copy
from app.views.jobs import CASE_LANE, CLOSING_LANE

if TYPE_CHECKING:
    from app.views.controller import Controller


class CaseDesk:
    """Brings cases to the controller's table and takes them away."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self.path: Path | None = None  # as asked for; None for practice
        self._undelivered: list[Journal] = []  # opened on the worker, not yet on the table

    def open(self, opening: Callable[[], CaseFile], path: Path | str | None) -> None:
        """Open on a worker, read the whole journal there, then put the case on the table."""

        def work() -> Journal:
            case = opening()
            try:
                journal = Journal(case)
            except PortraitError:
                case.close("unreadable")
                raise
            self._undelivered.append(journal)
            return journal

        def done(journal: Journal) -> None:
            self._undelivered.remove(journal)
            self.path = journal.case.path if path is None else Path(path)
            self._controller.enter(journal)
            if path is not None:
                self._remember(str(path))
            self._greet(journal)

        if self._controller.jobs.is_busy(CASE_LANE):
            return  # one is being opened already; a second would be left open by nobody's wish
        if self._controller.case is not None:
            self.close("closed")
        self._controller.jobs.aside(CASE_LANE, work, done, self._controller.problem.emit)

    def close(self, reason: str) -> None:
        """Take the case off the table at once; its last writing is done on the worker."""
        self._controller.jobs.cancel_all()
        journal = self._controller.journal
        self._controller.enter(None)
        if journal is None:
            return
        self._controller.jobs.aside(
            CLOSING_LANE,
            lambda: journal.case.close(reason),
            lambda _: self._say_goodbye(journal.case, reason),
            self._controller.problem.emit,
        )

    def abandon(self) -> None:
        """Close what was opened and never came to the table: the program ended meanwhile."""
        while self._undelivered:
            self._undelivered.pop().case.close("closed")

    def _say_goodbye(self, case: CaseFile, reason: str) -> None:
        if not case.kept or case.read_only:
            return
        if case.problems:
            self._controller.problem.emit(PortraitError("case.no_backup"))
        elif reason == "closed":
            head = case.head()
            facts = {"count": head.count, "words": " ".join(head.words), "hash": head.hash_hex}
            self._controller.notice.emit("case.closed", facts)

    def _greet(self, journal: Journal) -> None:
        case, controller = journal.case, self._controller
        if case.problems:
            controller.problem.emit(PortraitError("case.damaged", problems=list(case.problems)))
        elif case.read_only:
            controller.notice.emit("case.read_only_copy", {})
        elif journal.is_new:
            model = controller.model_info.sha256 if controller.model_info else ""
            controller.record("session.started", {
                "session": case.case_id, "app_version": app_version(), "model": model,
                "language": controller.language,
            })
        else:
            controller.notice.emit("case.continued", {"steps": len(journal.history.nodes) - 1})

    def _remember(self, path: str) -> None:
        settings = self._controller.settings.with_recent(path)
        if settings != self._controller.settings:
            self._controller.change_settings(recent=settings.recent)


def app_version() -> str:
    """The installed version, ``0`` when run from a bare folder."""
    try:
        return metadata.version("portrait-parle")
    except metadata.PackageNotFoundError:
        return "0"


def restored_copy(path: Path, backup: Path) -> Path:
    """Copy a backup beside the damaged file under a name of its own; overwrites nothing."""
    stem, number = f"{path.stem}-restored", 1
    target = path.with_name(stem + path.suffix)
    while target.exists():
        number += 1
        target = path.with_name(f"{stem}-{number}{path.suffix}")
    try:
        safe_copy(backup, target)
    except OSError as error:
        raise StoreError("case.io_error", file=target.name, why=str(error)) from error
    return target

"""Foreign files on their way into the case, unaltered, and out of it again as private copies."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.models.errors import BadInput, PortraitError
from app.models.store_base import ORIGINAL_LIMIT
from app.views.jobs import KEEPING_LANE, KEEPING_MS

if TYPE_CHECKING:
    from app.views.controller import Controller

AT_ONCE = 2 * 2**20  # bytes that are written in a moment; more would hold the window up


class PictureKeeper:
    """Puts originals into the open case; private copies are gone when it is closed."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._copies = 0

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """(SHA-256, what, name) of every picture or video whose file lies in the case."""
        journal = self._controller.journal
        known = () if journal is None else journal.foreign.items()
        return tuple(
            (sha256, str(data["what"]), str(data["name"]))
            for sha256, data in known if data.get("original")
        )  # fmt: skip

    def original(self, sha256: str) -> bytes | None:
        """The bytes of a picture or video as it was added; None, with a problem shown, if gone."""
        controller = self._controller
        kept, case = controller.jobs.settle(KEEPING_LANE, KEEPING_MS), controller.case
        try:
            if not kept:
                raise PortraitError("case.still_writing")
            if controller.exporter.is_running:  # it reads the case on the worker
                raise PortraitError("export.running")
            return None if case is None else case.original(sha256)
        except PortraitError as error:
            self._controller.problem.emit(error)
            return None

    def keep(
        self, what: str, path: Path, name: str, sha256: str, done: Callable[[], None]
    ) -> None:
        """Put the file into the case as it is, unless it is there already; ``done`` is called once
        it is in the file, and not where it was refused, which is said.

        ``what``: photo, sketch or video. Of a file over 64 MB only name, size and hash are kept;
        one over ``AT_ONCE`` is written on the worker.
        """
        journal = self._controller.journal
        if journal is not None and sha256 in journal.foreign:
            done()
            return
        kind = "video.added" if what == "video" else "picture.added"
        facts: dict[str, Any] = {"what": what, "sha256": sha256, "name": name}

        def original() -> bytes:
            return _bytes_as_read(path, name, sha256)

        def kept(whole: bool) -> None:
            if whole:
                done()

        try:
            facts["bytes"] = path.stat().st_size
            if facts["bytes"] > ORIGINAL_LIMIT:
                kept(self._controller.record(kind, facts))
                return
            facts["original"] = sha256
            if facts["bytes"] > AT_ONCE:
                self._controller.record_aside(kind, facts, original, kept)
            else:
                kept(self._controller.record(kind, facts, original=original()))
        except (OSError, PortraitError):
            self._controller.problem.emit(BadInput("media.changed", file=name))

    def copy(self, data: bytes, name: str) -> str:
        """The path of a private file with these bytes."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="portrait-parle-")
        self._copies += 1
        path = Path(self._folder.name) / f"{self._copies}-{Path(name).name or 'picture'}"
        path.write_bytes(data)
        return str(path)

    @property
    def has_copies(self) -> bool:
        """Whether private copies lie on the disk."""
        return self._folder is not None

    def forget(self) -> None:
        """Take every private copy away."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _bytes_as_read(path: Path, name: str, sha256: str) -> bytes:
    """The file's bytes; BadInput when they are not those that were read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput("media.changed", file=name) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BadInput("media.changed", file=name)
    return data

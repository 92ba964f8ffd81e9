"""What every case file can do, kept or practised: append, read back, say where its chain stands."""

from __future__ import annotations

import getpass
import hashlib
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from app.models.case import CaseFacts
from app.models.errors import BadInput, PortraitError
from app.models.events import ACTORS, Event, Head, original_of

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
PICTURE_LIMIT = 32 << 20
ORIGINAL_LIMIT = 64 << 20
BODY_LIMIT = 16 << 20


class StoreError(PortraitError):
    """The case file cannot do what was asked; the code says why.

    ``case.disk_full`` ``case.io_error`` ``case.gone`` ``case.changed_outside`` (the case stays
    usable once the cause is removed), ``case.read_only``, ``case.closed``, ``case.held`` (``who``,
    ``since``, ``where``), ``case.wrong_passphrase``, ``case.exists``, ``case.missing``,
    ``case.not_a_case``, ``case.unreadable`` (``backup``: newest good copy or empty),
    ``case.no_such_picture``.
    """


class CaseFile(ABC):
    """One open case. Use from one thread at a time."""

    path: Path | None = None
    read_only: bool = False
    problems: tuple[str, ...] = ()
    case_id: str
    facts: CaseFacts

    @property
    def kept(self) -> bool:
        """False for a practice case: nothing of it will be left."""
        return self.path is not None

    @abstractmethod
    def append(
        self,
        kind: str,
        actor: str,
        data: Mapping[str, Any],
        pictures: Sequence[bytes] = (),
        original: bytes | None = None,
    ) -> Event:
        """Add one event; returns only after it is safely stored.

        ``pictures`` are PNG files as shown. ``original`` is a foreign file to be kept unaltered,
        whatever it is, at most 64 MB; ``data["original"]`` is then its SHA-256. Raises BadInput for
        data that is not JSON, pictures that are not PNG or an original that is not the one named,
        StoreError when it could not be stored; then the event is not in the
        chain (or, after an I/O error at the very end of a commit, is found there by the reopen
        that the next append makes by itself).
        """

    @abstractmethod
    def events(self) -> Iterator[Event]:
        """Every readable event, oldest first."""

    @abstractmethod
    def body(self, seq: int) -> bytes:
        """The exact bytes that the chain's ``body_sha256`` of one event is taken over."""

    @abstractmethod
    def picture(self, sha256: str) -> bytes:
        """A PNG as shown, by SHA-256 (hex); StoreError ``case.no_such_picture`` if unknown."""

    def original(self, sha256: str) -> bytes:
        """A foreign file as it was added, by SHA-256 (hex); StoreError as ``picture``."""
        return self.picture(sha256)

    @abstractmethod
    def head(self) -> Head:
        """Where the chain stands."""

    def check(self) -> tuple[str, ...]:
        """Look through everything again; what is wrong, events by name."""
        return ()

    @abstractmethod
    def close(self, reason: str = "closed") -> None:
        """Finish: last event, checkpoint, backup, key dropped. Idempotent."""


def wall_now() -> str:
    """Local time, ISO 8601 with milliseconds and offset."""
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def monotonic_now() -> int:
    """Nanoseconds since the machine started; counts sleep too where the system offers that."""
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic_ns() if boot_time is None else time.clock_gettime_ns(boot_time)


def checked_pictures(pictures: Sequence[bytes]) -> list[tuple[str, bytes]]:
    """Pictures with their SHA-256 (hex), in order; BadInput for what is no PNG of sane size."""
    for number, png in enumerate(pictures):
        if not png.startswith(PNG_MAGIC) or len(png) > PICTURE_LIMIT:
            raise BadInput("event.bad_picture", number=number, bytes=len(png))
    return [(hashlib.sha256(png).hexdigest(), bytes(png)) for png in pictures]


def checked_original(data: Mapping[str, Any], original: bytes | None) -> list[tuple[str, bytes]]:
    """The original with the SHA-256 that the data names; BadInput where they do not fit."""
    if original is None:
        return []
    name = hashlib.sha256(original).hexdigest()
    if name != original_of(data) or len(original) > ORIGINAL_LIMIT:
        raise BadInput("event.bad_original", sha256=name, bytes=len(original))
    return [(name, bytes(original))]


def checked_kind(kind: str, actor: str) -> None:
    """BadInput unless the kind is a short plain name and the actor a known one."""
    if not (0 < len(kind) <= 64 and kind.replace(".", "").replace("_", "").isalnum()):
        raise BadInput("event.bad_kind", kind=kind)
    if actor not in ACTORS:
        raise BadInput("event.bad_actor", actor=actor)


def boot_id() -> str:
    """A name for this run of the machine, empty where the system has none."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read(64).strip()
    except OSError:
        return ""


def user_name() -> str:
    """The account that runs the program, for "who holds it"."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"

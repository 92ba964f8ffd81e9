"""The kept case: one SQLite file, one exclusive connection, each event committed."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import apsw
import cryptography

from app import __version__
from app.models.backup import back_up
from app.models.case import CaseFacts
from app.models.chain import Place, body_bytes, genesis, head_of, read_event
from app.models.clock import ClockReading, clock_flag
from app.models.events import Event, Head, original_of, plain_json
from app.models.seal import seal
from app.models.store_base import (
    BODY_LIMIT,
    CaseFile,
    StoreError,
    boot_id,
    checked_kind,
    checked_original,
    checked_pictures,
    monotonic_now,
    user_name,
    wall_now,
)
from app.models.store_files import Lock, Reserve, file_state
from app.models.store_pages import PageVfs
from app.models.store_read import Keys, Reader, find_problems, picture_of, tail_matches
from app.models.store_schema import StoreOptions, connect, start_writing

Pictures = Sequence[tuple[str, bytes]]
TRAILER = "INSERT INTO trailer VALUES (1, ?) ON CONFLICT DO UPDATE SET sealed = excluded.sealed"


class SealedCase(CaseFile):
    """A case on disk. Made by ``create_case`` and ``open_case``; see CaseFile."""

    def __init__(
        self,
        path: Path,
        keys: Keys,
        vfs: PageVfs,
        connection: apsw.Connection,
        options: StoreOptions,
        lock: Lock | None,
    ) -> None:
        self.path: Path = path
        self.case_id = keys.case_id
        self.facts = CaseFacts("")
        self.read_only = lock is None
        self._keys: Keys | None = keys
        self._vfs, self._connection, self._lock = vfs, connection, lock
        self._folder: Path | None = None
        self.options = options
        self._reserve: Reserve | None = None
        self._reader = Reader(connection, keys)
        self._count, self._last = 0, genesis(keys.case_id)
        self._clock: ClockReading | None = None
        self._boot = boot_id()
        self._must_reopen = False
        self._log_pages = 0
        self._state: tuple[Any, ...] = ()

    # ---- reading

    def events(self) -> Iterator[Event]:
        self._need_open()
        for row in self._reader.rows():
            event = row.event()
            if event is not None:
                yield event

    def body(self, seq: int) -> bytes:
        self._need_open()
        row = self._reader.row(seq)
        if row is None or row.event() is None or row.body is None:
            raise StoreError("case.no_such_event", seq=seq)
        return row.body

    def picture(self, sha256: str) -> bytes:
        self._need_open()
        return picture_of(self._reader, sha256)

    def head(self) -> Head:
        return head_of(self._count, self._last)

    # ---- writing

    def append(
        self, kind: str, actor: str, data: Mapping[str, Any], pictures: Sequence[bytes] = (),
        original: bytes | None = None,
    ) -> Event:  # fmt: skip
        self._need_open()
        checked_kind(kind, actor)
        plain = plain_json(data)
        shown = [*checked_pictures(pictures), *checked_original(plain, original)]
        if self.read_only:
            raise StoreError("case.read_only", file=self.path.name)
        self._check_undisturbed()
        now = ClockReading(wall_now(), monotonic_now(), self._boot)
        flag = clock_flag(self._clock, now)
        wanted: list[tuple[str, str, Mapping[str, Any], Pictures]] = []
        if flag:
            wanted.append(("clock.flagged", "app", flag, []))
        event = self._commit([*wanted, (kind, actor, plain, shown)], now)
        self._clock = now
        return event

    def _commit(
        self, wanted: Sequence[tuple[str, str, Mapping[str, Any], Pictures]], now: ClockReading
    ) -> Event:
        count, last, event = self._count, self._last, None
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for kind, actor, data, shown in wanted:
                place = Place(
                    self.case_id, count + 1, kind, actor, now.wall, now.monotonic_ns, last
                )
                event = self._insert(place, data, shown)
                count, last = event.seq, event.hash
            sealed = self._open_keys().seal_trailer(count, last)
            self._connection.execute(TRAILER, (sealed,))
            self._connection.execute("COMMIT")
        except apsw.Error as error:
            raise self._failed(error) from error
        assert event is not None
        self._count, self._last = count, last
        self._bring_log_in()
        self._state = file_state(self.path)
        return event

    def _bring_log_in(self) -> None:
        """A long log goes into the file; where that fails the log simply grows on."""
        if self._log_pages >= self.options.checkpoint_pages:
            with suppress(apsw.Error):
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _on_log(self, connection: apsw.Connection, schema: str, pages: int) -> int:
        self._log_pages = pages
        return int(apsw.SQLITE_OK)

    def _insert(self, place: Place, data: Mapping[str, Any], shown: Pictures) -> Event:
        keys = self._open_keys()
        for name, png in shown:
            if not self._reader.has_picture(name):
                row = (keys.picture_name(name), keys.seal_picture(name, png))
                self._connection.execute("INSERT INTO picture VALUES (?, ?)", row)
        original = original_of(data)
        body = body_bytes(data, tuple(name for name, _ in shown if name != original))
        if len(body) > BODY_LIMIT:
            raise StoreError("case.event_too_large", kind=place.kind, bytes=len(body))
        event = read_event(place, body)
        sealed = seal(keys.payload, body, place.bound())
        self._connection.execute(
            "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                place.seq,
                place.kind,
                place.actor,
                place.wall,
                place.monotonic_ns,
                bytes.fromhex(place.previous),
                sealed,
                bytes.fromhex(event.hash),
            ),
        )
        return event

    def _failed(self, error: apsw.Error) -> StoreError:
        """Undo the open transaction and distrust the connection."""
        with suppress(apsw.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        self._must_reopen = True  # and let the next append see what is really there
        if isinstance(error, apsw.FullError):
            return StoreError("case.disk_full", file=self.path.name)
        return StoreError("case.io_error", file=self.path.name, why=str(error))

    def release_reserve(self) -> None:
        """On a full disk: give back the room kept for finishing, so that a few events still fit."""
        if self._reserve is not None:
            self._reserve.release()

    # ---- opening and closing; the steps are called by store.py

    def start(self, journal: str) -> None:
        """Begin to write: journal, durability, recovery of what a crash left, reserve."""
        self._journal = journal
        start_writing(self._connection, journal, self.options)
        self._connection.set_wal_hook(self._on_log)
        self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)
        self._state = file_state(self.path)
        self._reserve = Reserve(self.path, self.options.reserve_bytes)

    def recover(self) -> None:
        """Bring what a crash left in the log into the file; the journal rolled back on reading."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def check(self) -> tuple[str, ...]:
        """Everything that is wrong with the file, events by name."""
        vfs: PageVfs | None = self._vfs
        damage: tuple[str, ...] = ()
        try:
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except (apsw.FullError, apsw.IOError):
            vfs = None  # pages in the file are old until there is room to bring the log in
        except apsw.Error as error:
            damage = (f"file: {error}",)
        self._state = file_state(self.path)
        found = find_problems(self._connection, self._reader, vfs, self._open_keys())
        return (*found, *damage)

    def remove_when_closed(self, folder: Path) -> None:
        """The case lies in a private copy, whose folder goes when it is closed."""
        self._folder = folder

    def take_tail(self, whole: bool) -> None:
        """Take facts and head from the file; ``whole``: it was checked and nothing is wrong."""
        events = self._ends() if whole else tuple(self.events())
        for event in events[:1]:
            if event.kind == "case.created":
                self.facts = CaseFacts.from_json(event.data.get("facts", {}))
        for event in events[-1:]:
            self._count, self._last = event.seq, event.hash
            # the machine may have been restarted since: its own clock starts anew
            self._clock = ClockReading(event.wall, event.monotonic_ns)

    def _ends(self) -> tuple[Event, ...]:
        trailer = self._reader.trailer()
        rows = [self._reader.row(seq) for seq in (1, trailer[0] if trailer else 1)]
        events = [row.event() for row in rows if row is not None]
        return tuple(event for event in events if event is not None)

    def record_opening(self, after: str) -> None:
        """The event that says that, where and by whose account the case was opened."""
        libraries = {
            "sqlite": apsw.sqlite_lib_version(),
            "cryptography": cryptography.__version__,
            "python": platform.python_version(),
        }
        data = {
            "host": platform.node(),
            "user": user_name(),
            "boot": self._boot,
            "app_version": __version__,
            "libraries": libraries,
            "after": after,
        }
        self.append("case.opened", "app", data)

    def close(self, reason: str = "closed") -> None:
        if self._keys is None:
            return
        if not self.read_only:
            self._finish(reason)
        self._disconnect()
        self._keys = None
        if self._reserve is not None:
            self._reserve.release()
        if not self.read_only and self.options.backups and not self.problems:
            try:
                back_up(self.path)
            except OSError:
                self.problems = ("no backup could be written",)
        self.abandon()

    def _finish(self, reason: str) -> None:
        def last_event() -> None:
            self.append("case.closed", "app", {"reason": reason})

        def log_brought_in() -> None:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

        for step in (last_event, log_brought_in):
            try:
                step()
            except (StoreError, apsw.Error):
                self.release_reserve()  # now there may be room
                with suppress(StoreError, apsw.Error):
                    step()

    def abandon(self) -> None:
        """Let go of the file without writing anything more; idempotent."""
        self._disconnect()
        self._keys = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _disconnect(self) -> None:
        try:
            self._connection.close(True)
        except apsw.Error:
            self._must_reopen = True
        self._vfs.main = None
        self._vfs.unregister()

    def _check_undisturbed(self) -> None:
        if self._must_reopen:
            self._reopen()
        state = file_state(self.path)
        if not state:
            raise StoreError("case.gone", file=self.path.name)
        if state != self._state:
            raise StoreError("case.changed_outside", file=self.path.name)

    def _reopen(self) -> None:
        """After an I/O error: a fresh connection, and the chain must still hold what it held."""
        keys = self._open_keys()
        self._disconnect()
        vfs = PageVfs(self.options.base_vfs)
        vfs.key = keys.pages
        try:
            self._connection = connect(self.path, vfs, create=False)
            self._vfs, self._reader = vfs, Reader(self._connection, keys)
            start_writing(self._connection, self._journal, self.options)
            self._connection.set_wal_hook(self._on_log)
            self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)
            tail = tail_matches(self._reader)
            held = self._reader.row(self._count)
        except apsw.Error as error:
            raise StoreError("case.io_error", file=self.path.name, why=str(error)) from error
        if tail is None or held is None or held.stored_hash != self._last:
            raise StoreError("case.changed_outside", file=self.path.name)
        self._count, self._last = tail
        self._state = file_state(self.path)
        self._must_reopen = False

    def _need_open(self) -> None:
        if self._keys is None:
            raise StoreError("case.closed")

    def _open_keys(self) -> Keys:
        if self._keys is None:
            raise StoreError("case.closed")
        return self._keys

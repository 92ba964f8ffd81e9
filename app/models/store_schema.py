"""The tables of a case file, and one connection to them with the settings the promise rests on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import apsw

from app.models.errors import BadInput
from app.models.seal import KdfParameters
from app.models.store_base import StoreError
from app.models.store_pages import PAGE_BYTES, STAMP_BYTES, PageVfs

APPLICATION_ID = 0x50504331  # "PPC1"
SQLITE_FLOOR = 3_051_003  # before it: the WAL-reset bug
HEADER_LIMIT = 64 << 10

TABLES = (
    "CREATE TABLE header (id INTEGER PRIMARY KEY CHECK (id = 1), body BLOB NOT NULL,"
    " sha256 BLOB NOT NULL)",
    "CREATE TABLE event (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, actor TEXT NOT NULL,"
    " wall TEXT NOT NULL, monotonic_ns INTEGER NOT NULL, previous BLOB NOT NULL,"
    " sealed BLOB NOT NULL, hash BLOB NOT NULL)",
    "CREATE TABLE picture (name BLOB PRIMARY KEY, sealed BLOB NOT NULL)",
    "CREATE TABLE trailer (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL)",
)
_REFUSED = "SELECT RAISE(ABORT, 'a case file is only ever added to')"
TRIGGERS = (
    *(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN {_REFUSED}; END"
        for table in ("header", "event", "picture")
        for verb in ("UPDATE", "DELETE")
    ),
    f"CREATE TRIGGER trailer_no_delete BEFORE DELETE ON trailer BEGIN {_REFUSED}; END",
    "CREATE TRIGGER event_in_order BEFORE INSERT ON event"
    " WHEN NEW.seq IS NOT (SELECT COALESCE(MAX(seq), 0) + 1 FROM event)"
    f" BEGIN {_REFUSED}; END",
    "CREATE TRIGGER picture_once BEFORE INSERT ON picture"
    f" WHEN EXISTS (SELECT 1 FROM picture WHERE name = NEW.name) BEGIN {_REFUSED}; END",
)


@dataclass(frozen=True)
class StoreOptions:
    """How a case is kept. The defaults are the promise; tests and removable media differ.

    ``journal``: ``wal``, ``delete`` or "" for what the medium wants. ``synchronous``: "" for FULL
    with wal and EXTRA with delete; the power-cut test lowers it to show that the test can fail.
    ``base_vfs``: the SQLite VFS below ours. ``reserve_bytes``: room kept for closing.
    ``checkpoint_pages``: length at which the log is brought into the file.
    """

    journal: str = ""
    synchronous: str = ""
    base_vfs: str = ""
    reserve_bytes: int = 16 << 20
    backups: bool = True
    checkpoint_pages: int = 1000


@dataclass(frozen=True)
class Header:
    """What must be readable before the key is known; its SHA-256 tells damage from a wrong key."""

    case_id: str
    kdf: KdfParameters
    salt: bytes
    wrapped: bytes  # case key under the passphrase key
    recovery_name: str = ""  # SHA-256 of the recovery public key
    recovery_wrapped: bytes = b""

    def to_bytes(self) -> bytes:
        """JSON."""
        body: dict[str, Any] = {
            "format": 1,
            "case": self.case_id,
            "kdf": self.kdf.to_json(),
            "salt": self.salt.hex(),
            "wrapped": self.wrapped.hex(),
        }
        if self.recovery_wrapped:
            wrapped = self.recovery_wrapped.hex()
            body["recovery"] = {"key_sha256": self.recovery_name, "wrapped": wrapped}
        return json.dumps(body, sort_keys=True).encode()

    @staticmethod
    def from_bytes(data: bytes) -> Header:
        """Read what ``to_bytes`` wrote; ValueError on anything else, BadInput on a greedy KDF."""
        try:
            body = json.loads(data)
            kdf, recovery = body["kdf"], body.get("recovery", {})
            if body["format"] != 1 or kdf["name"] != "argon2id":
                raise ValueError("format")
            cost = KdfParameters(kdf["memory_kib"], kdf["passes"], kdf["lanes"])
            if not all(type(n) is int for n in (cost.memory_kib, cost.passes, cost.lanes)):
                raise ValueError("kdf")
            return Header(
                str(body["case"]),
                cost.checked(),
                bytes.fromhex(body["salt"]),
                bytes.fromhex(body["wrapped"]),
                str(recovery.get("key_sha256", "")),
                bytes.fromhex(recovery.get("wrapped", "")),
            )
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(str(error)) from error


def connect(path: Path, vfs: PageVfs, *, create: bool) -> apsw.Connection:
    """One exclusive connection that leaves the file alone until ``start_writing``."""
    if _sqlite_number() < SQLITE_FLOOR:
        raise StoreError("case.sqlite_too_old", found=apsw.sqlite_lib_version())
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
    connection = apsw.Connection(str(path), flags=flags, vfs=vfs.vfs_name)
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    for pragma in (
        "locking_mode=EXCLUSIVE",
        "cell_size_check=ON",
        "mmap_size=0",
        "temp_store=MEMORY",
        "busy_timeout=0",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection


def _sqlite_number() -> int:
    major, minor, patch = (int(n) for n in apsw.sqlite_lib_version().split(".")[:3])
    return major * 1_000_000 + minor * 1_000 + patch


def lay_out(connection: apsw.Connection, header: Header) -> None:
    """Tables, triggers and header of a new file, in one transaction after the page settings."""
    connection.execute(f"PRAGMA page_size={PAGE_BYTES}").fetchall()
    connection.execute("PRAGMA auto_vacuum=NONE").fetchall()
    connection.reserve_bytes(reserve=STAMP_BYTES)
    body = header.to_bytes()
    with connection:
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}").fetchall()
        for statement in (*TABLES, *TRIGGERS):
            connection.execute(statement)
        row = (body, hashlib.sha256(body).digest())
        connection.execute("INSERT INTO header VALUES (1, ?, ?)", row)


def start_writing(connection: apsw.Connection, journal: str, options: StoreOptions) -> None:
    """Set journal and durability; called once the page key is known."""
    mode = connection.execute(f"PRAGMA journal_mode={journal}").fetchall()[0][0]
    if mode != journal:
        raise StoreError("case.io_error", why=f"journal mode {mode}")
    wanted = options.synchronous or ("FULL" if journal == "wal" else "EXTRA")
    connection.execute(f"PRAGMA synchronous={wanted}").fetchall()
    connection.execute("PRAGMA wal_autocheckpoint=0").fetchall()  # the case does it by itself


def read_header(path: Path, base_vfs: str) -> Header:
    """The header, checked; StoreError ``case.not_a_case`` or ``case.unreadable``.

    Read before anything a crash left is rolled back, because the key is needed for that. The
    header's page is written once, and page 1 changes in its counters only, so this works on a
    file in any state that a power cut leaves.
    """
    try:
        with _immutable(path, base_vfs) as connection:
            found = connection.execute("PRAGMA application_id").fetchall()[0][0]
            if found != APPLICATION_ID:
                raise StoreError("case.not_a_case", file=path.name)
            query = "SELECT body, sha256 FROM header WHERE id = 1 AND length(body) < ?"
            body, digest = connection.execute(query, (HEADER_LIMIT,)).fetchall()[0]
        if hashlib.sha256(body).digest() != digest:
            raise StoreError("case.unreadable", file=path.name, why="its header was changed")
        return Header.from_bytes(body)
    except (BadInput, StoreError):
        raise
    except apsw.NotADBError as error:
        raise StoreError("case.not_a_case", file=path.name) from error
    except (apsw.Error, ValueError, TypeError, IndexError) as error:
        raise StoreError("case.unreadable", file=path.name, why=str(error)) from error


@contextmanager
def _immutable(path: Path, base_vfs: str) -> Iterator[apsw.Connection]:
    """A look at the file alone, without its log, that takes no lock and writes nothing."""
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    uri = f"file:{quote(str(path))}?immutable=1"
    connection = apsw.Connection(uri, flags=flags, vfs=base_vfs or None)
    try:
        connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
        # page 1 may already tell of pages that the crash kept from the file
        connection.execute("PRAGMA writable_schema=ON").fetchall()
        yield connection
    finally:
        connection.close(True)


def schema_problems(connection: apsw.Connection) -> list[str]:
    """Every table, trigger or view that is not exactly as this program writes it."""
    query = "SELECT CAST(sql AS BLOB) FROM sqlite_schema WHERE sql IS NOT NULL"
    rows = connection.execute(query).fetchall()
    found, wanted = {sql.decode(errors="replace") for (sql,) in rows}, {*TABLES, *TRIGGERS}
    changed = [f"schema: unexpected {sql[:60]!r}" for sql in sorted(found - wanted)]
    return changed + [f"schema: missing {sql[:60]!r}" for sql in sorted(wanted - found)]

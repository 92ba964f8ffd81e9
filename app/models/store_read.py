"""Reading a case file back: rows to events and pictures, and the check that names what is wrong."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import apsw

from app.models.chain import Place, genesis, read_event
from app.models.events import Event, original_of
from app.models.seal import derived, seal, unseal
from app.models.store_base import BODY_LIMIT, ORIGINAL_LIMIT, StoreError
from app.models.store_pages import PageVfs
from app.models.store_schema import schema_problems

# read as what they are meant to be: a value of another type, or text that is no UTF-8, is then one
# damaged event and not the end of reading
COLUMNS = (
    "seq, CAST(kind AS BLOB), CAST(actor AS BLOB), CAST(wall AS BLOB),"
    " CAST(monotonic_ns AS INTEGER), CAST(previous AS BLOB), CAST(sealed AS BLOB),"
    " CAST(hash AS BLOB)"
)
FRUITLESS = 200  # lookups without an answer after which a broken tree is given up
NAMED_PROBLEMS = 50  # enough to see the pattern; the rest is counted


class Keys:
    """The three keys of one case, from the case key, which is kept to open the file again."""

    def __init__(self, case_key: bytes, case_id: str, header: bytes) -> None:
        self.case_id = case_id
        self.header = (
            header  # the one that was opened; a log left beside the file may bring another
        )
        self.case_key = case_key
        self.payload = derived(case_key, "payload")
        self.pages = derived(case_key, "pages")
        self._names = derived(case_key, "picture names")

    def picture_name(self, sha256: str) -> bytes:
        """The name under which a picture is kept; says nothing about it without the key."""
        name = hashlib.blake2b(bytes.fromhex(sha256), key=self._names, digest_size=32)
        return name.digest()

    def seal_picture(self, sha256: str, png: bytes) -> bytes:
        """A picture sealed to this case and its own hash."""
        return seal(self.payload, png, self._picture_bound(sha256))

    def open_picture(self, sha256: str, sealed: bytes) -> bytes | None:
        """The picture, or None when it was changed or belongs elsewhere."""
        png = unseal(self.payload, sealed, self._picture_bound(sha256))
        return png if png is not None and hashlib.sha256(png).hexdigest() == sha256 else None

    def seal_trailer(self, events: int, head: str) -> bytes:
        """Count and head of the chain, sealed."""
        return seal(self.payload, json.dumps([events, head]).encode(), self._trailer_bound())

    def open_trailer(self, sealed: bytes) -> tuple[int, str] | None:
        """Count and head, or None when the trailer was changed."""
        plain = unseal(self.payload, sealed, self._trailer_bound())
        if plain is None:
            return None
        events, head = json.loads(plain)
        return int(events), str(head)

    def _picture_bound(self, sha256: str) -> bytes:
        return f"portrait-parle picture 1 {self.case_id} {sha256}".encode()

    def _trailer_bound(self) -> bytes:
        return f"portrait-parle trailer 1 {self.case_id}".encode()


@dataclass(frozen=True)
class Row:
    """One row of the event table, opened or not."""

    place: Place
    body: bytes | None
    stored_hash: str

    @property
    def name(self) -> str:
        """How a damaged event is named to people."""
        return f"event {self.place.seq} ({self.place.kind}, {self.place.wall})"

    def event(self) -> Event | None:
        """The event, or None when its body does not open or reads wrong."""
        try:
            event = read_event(self.place, self.body) if self.body is not None else None
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        return event if event is not None and event.hash == self.stored_hash else None


class Reader:
    """Reads one open connection with the keys of its case."""

    def __init__(self, connection: apsw.Connection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys

    def rows(self) -> Iterator[Row]:
        """Rows in order; where the tree is broken, whatever can still be looked up singly."""
        seen = 0
        try:
            query = f"SELECT {COLUMNS} FROM event WHERE length(sealed) < ? ORDER BY seq"
            for fields in self._connection.execute(query, (BODY_LIMIT + 64,)):
                row = self._row(fields)
                if row is not None:
                    seen = row.place.seq
                    yield row
        except apsw.Error:
            yield from self._rows_singly(seen + 1)

    def _rows_singly(self, first: int) -> Iterator[Row]:
        trailer = self.trailer()
        fruitless = 0
        for seq in count(first):
            if fruitless > FRUITLESS or (trailer is not None and seq > trailer[0]):
                return
            fruitless += 1
            try:
                row = self.row(seq)
            except apsw.Error:
                continue
            if row is not None:
                fruitless = 0
                yield row

    def row(self, seq: int) -> Row | None:
        """One row, None where there is none; apsw.Error where the tree is broken."""
        query = f"SELECT {COLUMNS} FROM event WHERE seq = ?"
        found = self._connection.execute(query, (seq,)).fetchall()
        return self._row(found[0]) if found else None

    def _row(self, fields: tuple[Any, ...]) -> Row | None:
        seq, kind, actor, wall, monotonic_ns, previous, sealed, stored = fields
        if type(seq) is not int:  # a damaged schema may make it anything; then it is missing
            return None
        try:
            texts = (kind.decode(), actor.decode(), wall.decode())
            place = Place(self._keys.case_id, seq, *texts, monotonic_ns, previous.hex())
            return Row(place, unseal(self._keys.payload, sealed, place.bound()), stored.hex())
        except (TypeError, AttributeError, ValueError):  # wrong types, text that is no text
            blank = Place(self._keys.case_id, int(seq), "unreadable", "app", "", 0, "")
            return Row(blank, None, "")

    def picture(self, sha256: str) -> bytes | None:
        """A picture, None when it is missing or damaged."""
        try:
            found = self._connection.execute(
                "SELECT CAST(sealed AS BLOB) FROM picture WHERE name = ? AND length(sealed) < ?",
                (self._keys.picture_name(sha256), ORIGINAL_LIMIT + 64),
            ).fetchall()
            return self._keys.open_picture(sha256, found[0][0]) if found else None
        except (apsw.Error, TypeError, ValueError):
            return None

    def has_picture(self, sha256: str) -> bool:
        """Whether a picture of that hash is kept."""
        name = self._keys.picture_name(sha256)
        query = "SELECT 1 FROM picture WHERE name = ?"
        return bool(self._connection.execute(query, (name,)).fetchall())

    def trailer(self) -> tuple[int, str] | None:
        """Count and head as sealed at the last commit, None when missing or changed."""
        try:
            found = self._connection.execute(
                "SELECT CAST(sealed AS BLOB) FROM trailer WHERE id = 1"
            ).fetchall()
            return self._keys.open_trailer(found[0][0]) if found else None
        except (apsw.Error, TypeError, ValueError):
            return None

    def picture_count(self) -> int:
        """How many pictures the file holds."""
        counted = self._connection.execute("SELECT COUNT(*) FROM picture").fetchall()
        return int(counted[0][0])


def tail_matches(reader: Reader) -> tuple[int, str] | None:
    """Count and head if the trailer and the last event agree, else None; quick."""
    trailer = reader.trailer()
    if trailer is None:
        return None
    last = reader.row(trailer[0]) if trailer[0] else None
    beyond = reader.row(trailer[0] + 1)
    agrees = last is not None and last.event() is not None and last.stored_hash == trailer[1]
    return trailer if agrees and beyond is None else None


def find_problems(
    connection: apsw.Connection, reader: Reader, vfs: PageVfs | None, keys: Keys
) -> tuple[str, ...]:
    """Everything that is wrong with an open case file, events by name; empty when all is well."""
    found: list[str] = []
    try:
        found += schema_problems(connection)
        if connection.execute("SELECT CAST(body AS BLOB) FROM header").fetchall() != [
            (keys.header,)
        ]:
            found.append("header: changed")
    except apsw.Error as error:
        found.append(f"schema: {error}")
    found += _chain_problems(reader, keys)
    pages = list(vfs.bad_pages()) if vfs is not None else []
    if pages:
        named = ", ".join(str(p) for p in pages[:NAMED_PROBLEMS])
        whom = "" if found else "; no event or picture is affected"
        found.append(f"file: page {named} was changed outside this program{whom}")
    more = len(found) - NAMED_PROBLEMS
    return tuple(found[:NAMED_PROBLEMS] + ([f"and {more} more"] if more > 0 else []))


def _chain_problems(reader: Reader, keys: Keys) -> list[str]:
    found: list[str] = []
    expected, previous = 1, genesis(keys.case_id)
    pictures: set[str] = set()
    for row in reader.rows():
        found += _missing(expected, row.place.seq)
        event = row.event()
        if event is None:
            found.append(f"{row.name}: changed")
        elif row.place.seq == expected and row.place.previous != previous:
            found.append(f"{row.name}: does not follow the event before it")
        elif event is not None:
            found += _picture_problems(reader, row, event, pictures)
        expected, previous = row.place.seq + 1, row.stored_hash
    trailer = reader.trailer()
    if trailer is None:
        found.append("trailer: missing or changed; events at the end may be missing")
    elif trailer != (expected - 1, previous):
        found += _missing(expected, trailer[0] + 1)
        found.append(f"trailer: says {trailer[0]} events, found {expected - 1}")
    return found + _stray_pictures(reader, len(pictures), bool(found))


def _missing(first: int, beyond: int) -> list[str]:
    return [f"event {seq}: missing" for seq in range(first, min(beyond, first + NAMED_PROBLEMS))]


def _picture_problems(reader: Reader, row: Row, event: Event, seen: set[str]) -> list[str]:
    original = original_of(event.data)
    named = event.pictures if original is None else (*event.pictures, original)
    new = [p for p in named if p not in seen]
    seen.update(new)
    return [
        f"{row.name}: picture {p[:12]} missing or changed" for p in new if reader.picture(p) is None
    ]


def _stray_pictures(reader: Reader, referenced: int, already_damaged: bool) -> list[str]:
    try:
        stray = reader.picture_count() - referenced
    except apsw.Error as error:
        return [f"pictures: {error}"]
    return [f"pictures: {stray} that no event names"] if stray > 0 and not already_damaged else []


def picture_of(reader: Reader, sha256: str) -> bytes:
    """A picture, or StoreError."""
    png = reader.picture(sha256)
    if png is None:
        raise StoreError("case.no_such_picture", picture=sha256)
    return png

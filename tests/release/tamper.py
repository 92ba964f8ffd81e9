"""Tampering with a closed case file: bytes flipped, rows edited, files mutated."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from app.models.errors import PortraitError
from app.models.store_schema import TRIGGERS
from tests.release import sitting

HANG_S = 5.0
READ_AS_IT_LIES = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI


@dataclass
class Figures:
    """What a run of changes came to. ``named``: an event, picture or page was named."""

    changes: int = 0
    noticed: int = 0
    named: int = 0
    refused: int = 0
    crashed: int = 0
    hung: int = 0
    slowest_s: float = 0.0
    missed: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Everything noticed, no crash, no hang."""
        return self.changes > 0 and self.noticed == self.changes and not self.crashed + self.hung


def small_case(folder: Path, name: str = "a.ppcase", seed: int = 0) -> Path:
    """A closed case with a few events and pictures, about ten pages."""
    path = folder / name
    facts_first = list(sitting.opening())[:2]
    case = sitting.made(path, iter(facts_first))
    case.append("round.shown", "model", {"round": 1, "seed": seed}, [sitting.png(seed, 8)])
    case.append("round.answered", "witness", {"round": 1, "answer": "none", "picks": []})
    case.close()
    return path


def look(figures: Figures, path: Path, what: str) -> None:
    """Open the changed file and count what came of it."""
    figures.changes += 1
    started = time.perf_counter()
    try:
        case = sitting.opened(path)
        problems = case.problems
        case.close()
        if problems:
            figures.noticed += 1
            figures.named += any(p.startswith(("event", "file: page", "pic")) for p in problems)
        else:
            figures.missed.append(what)
    except PortraitError:
        figures.noticed += 1
        figures.refused += 1
    except Exception as error:
        figures.crashed += 1
        figures.missed.append(f"{what}: {error!r}")
    took = time.perf_counter() - started
    figures.slowest_s = max(figures.slowest_s, took)
    figures.hung += took > HANG_S


def flips(stride: int = 1, seed: int = 1, first: int = 0, last: int | None = None) -> Figures:
    """One bit of every ``stride``-th byte from ``first`` to ``last`` flipped, each on its own."""
    assert not unchanged_is_noticed()
    figures, rng = Figures(), random.Random(seed)
    with _desk() as folder:
        original = small_case(folder).read_bytes()
        target = folder / "b.ppcase"
        for offset in range(first + rng.randrange(stride), last or len(original), stride):
            changed = bytearray(original)
            changed[offset] ^= 1 << rng.randrange(8)
            target.write_bytes(changed)
            look(figures, target, f"byte {offset}")
    return figures


def mutations(count: int, seed: int = 1) -> Figures:
    """``count`` files with random damage: bytes, runs, cuts, insertions, swapped pages."""
    assert not unchanged_is_noticed()
    figures = Figures()
    with _desk() as folder:
        original = small_case(folder).read_bytes()
        target = folder / "b.ppcase"
        for number in itertools.count():
            if figures.changes >= count:
                break
            changed = mutated(original, random.Random(f"{seed}-{number}"))
            if changed == original:
                continue
            target.write_bytes(changed)
            look(figures, target, f"mutation {number}")
            for left in folder.glob("b.ppcase-*"):
                left.unlink()
    return figures


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The data after one to four random changes."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        _mutate(changed, rng)
    return bytes(changed)


def _mutate(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data) or 1)
    size = rng.choice((1, 1, 2, 4, 16, 100, 512, 4096))
    kind = rng.randrange(7)
    if kind == 0:
        data[at : at + 1] = bytes([rng.randrange(256)])
    elif kind == 1:
        data[at : at + size] = rng.randbytes(len(data[at : at + size]))
    elif kind == 2:
        del data[at:]
    elif kind == 3:
        del data[at : at + size]
    elif kind == 4:
        data[at:at] = rng.randbytes(size)
    elif kind == 5:
        data[at : at + size] = bytes(len(data[at : at + size]))
    else:
        other = rng.randrange(len(data) or 1)
        data[at : at + size] = data[other : other + len(data[at : at + size])]


# ------------------------------------------------------------------ edits that know the format


def edits(count: int, seed: int = 1) -> Figures:
    """``count`` edits by someone with SQLite and the format, but without the key."""
    assert not unchanged_is_noticed()
    figures = Figures()
    with _desk() as folder:
        one, two = folder / "one.ppcase", folder / "two.ppcase"
        for path, number in ((one, 1), (two, 2)):
            case = sitting.made(path, sitting.whole(2, 3))
            case.append("read", "officer", {"what": f"case {number}"})
            case.close()
        target = folder / "b.ppcase"
        kinds = list(_edits().items())
        for number in range(count):
            rng = random.Random(f"{seed}-{number}")
            shutil.copyfile(one, target)
            name, edit = kinds[number % len(kinds)]
            connection = apsw.Connection(str(target))
            connection.execute("PRAGMA journal_mode=DELETE").fetchall()
            with connection:
                _drop_triggers(connection)
                edit(connection, rng, two)
                for trigger in TRIGGERS:
                    connection.execute(trigger)
            connection.close()
            look(figures, target, f"{name} {number}")
    return figures


def _drop_triggers(connection: apsw.Connection) -> None:
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type='trigger'").fetchall()
    for (name,) in names:
        connection.execute(f"DROP TRIGGER {name}")


Edit = Callable[[apsw.Connection, random.Random, Path], None]


def _edits() -> dict[str, Edit]:
    return {
        "drop": _drop, "duplicate": _duplicate, "reorder": _reorder, "splice": _splice,
        "truncate": _truncate, "retime": _retime, "rename": _rename, "forge": _forge,
        "swap pictures": _swap_pictures, "drop picture": _drop_picture, "trailer": _trailer,
        "stray picture": _stray_picture,
    }  # fmt: skip


def _pick(connection: apsw.Connection, rng: random.Random) -> int:
    return rng.randint(1, connection.execute("SELECT MAX(seq) FROM event").fetchall()[0][0])


def _drop(connection: apsw.Connection, rng: random.Random, other: Path) -> None:
    seq = _pick(connection, rng)
    connection.execute("DELETE FROM event WHERE seq = ?", (seq,))
    if rng.random() < 0.5:  # close the gap
        connection.execute("UPDATE event SET seq = -seq WHERE seq > ?", (seq,))
        connection.execute("UPDATE event SET seq = -seq - 1 WHERE seq < 0")


def _duplicate(connection: apsw.Connection, rng: random.Random, other: Path) -> None:
    connection.execute(
        "INSERT INTO event SELECT (SELECT MAX(seq) + 1 FROM event), kind, actor, wall,"
        " monotonic_ns, previous, sealed, hash FROM event WHERE seq = ?", (_pick(connection, rng),)
    )  # fmt: skip


def _reorder(connection: apsw.Connection, rng: random.Random, other: Path) -> None:
    last = connection.execute("SELECT MAX(seq) FROM event").fetchall()[0][0]
    one, two = rng.sample(range(1, last + 1), 2)
    for a, b in ((one, -1), (two, one), (-1, two)):
        connection.execute("UPDATE event SET seq = ? WHERE seq = ?", (b, a))


def _splice(connection: apsw.Connection, rng: random.Random, other: Path) -> None:
    source = apsw.Connection(f"file:{other}?immutable=1", flags=READ_AS_IT_LIES)
    row = rng.choice(source.execute("SELECT * FROM event").fetchall())
    source.close()
    connection.execute("DELETE FROM event WHERE seq = ?", (row[0],))
    connection.execute("INSERT INTO event VALUES (?,?,?,?,?,?,?,?)", row)


def _truncate(connection: apsw.Connection, rng: random.Random, other: Path) -> None:
    connection.execute("DELETE FROM event WHERE seq >= ?", (_pick(connection, rng),))


def _retime(connection: apsw.Connection, rng: random.Random, other: Path) -> None:
    field = rng.choice(("wall = '2020-01-01T00:00:00.000+00:00'", "monotonic_ns = 1"))
    connection.execute(f"UPDATE event SET {field} WHERE seq = ?", (_pick(connection, rng),))


def _rename(connection: apsw.Connection, rng: random.Random, other: Path) -> None:
    field = rng.choice(("kind = 'read'", "actor = 'model'", "previous = zeroblob(32)"))
    seq = _pick(connection, rng)
    connection.execute(f"UPDATE event SET {field} WHERE seq = ?", (seq,))
    if field.startswith("kind"):
        connection.execute("UPDATE event SET kind = 'paused' WHERE seq = ?", (seq,))


def _forge(connection: apsw.Connection, rng: random.Random, other: Path) -> None:
    field = rng.choice(("sealed", "hash"))
    connection.execute(
        f"UPDATE event SET {field} = randomblob(length({field})) WHERE seq = ?",
        (_pick(connection, rng),),
    )


def _pictures(connection: apsw.Connection) -> list[Any]:
    return connection.execute("SELECT name, sealed FROM picture").fetchall()


def _swap_pictures(connection: apsw.Connection, rng: random.Random, other: Path) -> None:
    (one, sealed_one), (two, sealed_two) = rng.sample(_pictures(connection), 2)
    connection.execute("UPDATE picture SET sealed = ? WHERE name = ?", (sealed_two, one))
    connection.execute("UPDATE picture SET sealed = ? WHERE name = ?", (sealed_one, two))


def _drop_picture(connection: apsw.Connection, rng: random.Random, other: Path) -> None:
    name, _ = rng.choice(_pictures(connection))
    connection.execute("DELETE FROM picture WHERE name = ?", (name,))


def _stray_picture(connection: apsw.Connection, rng: random.Random, other: Path) -> None:
    row = (rng.randbytes(32), rng.randbytes(400))
    connection.execute("INSERT INTO picture VALUES (?, ?)", row)


def _trailer(connection: apsw.Connection, rng: random.Random, other: Path) -> None:
    if rng.random() < 0.5:
        connection.execute("DELETE FROM trailer")
    else:
        connection.execute("UPDATE trailer SET sealed = randomblob(60)")


def rolled_back() -> tuple[bool, bool]:
    """An older copy of the whole file: (noticed on opening, noticed against a noted head)."""
    with _desk() as folder:
        path = small_case(folder)
        older = path.read_bytes()
        case = sitting.opened(path)
        case.append("portrait.rated", "witness", {"rating": 1, "remark": "not him"})
        noted = case.head().hash_hex
        case.close()
        path.write_bytes(older)
        case = sitting.opened(path)
        on_opening = bool(case.problems)
        against_head = noted not in {event.hash for event in case.events()}
        case.close()
        return on_opening, against_head


def _desk() -> Any:
    place = "/dev/shm" if os.path.isdir("/dev/shm") else None
    return _Desk(dir=place)


class _Desk(tempfile.TemporaryDirectory[str]):
    def __enter__(self) -> Path:  # type: ignore[override]
        return Path(self.name)


def unchanged_is_noticed() -> bool:
    """Whether ``look`` cries wolf: it must not find anything in a file that nobody touched."""
    figures = Figures()
    with _desk() as folder:
        look(figures, small_case(folder), "unchanged")
    return figures.noticed > 0

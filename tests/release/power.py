"""Simulated power cuts: a SQLite VFS that forgets, keeps or tears what was never synced.

Modelled on SQLite's own test6.c: writes reach the real file, so the program sees them, and a
shadow of what a disk would hold. A sync makes them durable. At the cut, every later operation
fails, and each 512-byte sector written since the last sync is kept or dropped on its own. A file
deleted without a sync of its folder may be back. Not modelled: a file's creation getting lost
after its first sync, and drives that lie.
"""

from __future__ import annotations

import contextlib
import random
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import apsw

from app.models.errors import PortraitError
from app.models.store import StoreOptions
from tests.release import sitting

SECTOR = 512


@dataclass
class Shadow:
    """One file: what is on the disk for sure, and what came after, in order."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[str, int, bytes]] = field(default_factory=list)
    gone: bool = False  # deleted, and the folder not synced since

    def sync(self) -> None:
        """Everything written so far is on the disk."""
        for step in self.pending:
            _apply(self.durable, step)
        self.pending.clear()

    def after_cut(self, keep: Callable[[], bool]) -> bytes | None:
        """What a reader finds after the cut; None when the file is not there."""
        if self.gone and keep():
            return None
        found = bytearray(self.durable)
        for kind, offset, data in self.pending:
            for piece in _sectors(kind, offset, data):
                if keep():
                    _apply(found, piece)
        return bytes(found)


def _sectors(kind: str, offset: int, data: bytes) -> Iterable[tuple[str, int, bytes]]:
    if kind == "truncate":
        return [(kind, offset, data)]
    ends = range(offset - offset % SECTOR + SECTOR, offset + len(data) + SECTOR, SECTOR)
    pieces, at = [], offset
    for end in ends:
        end = min(end, offset + len(data))
        pieces.append((kind, at, data[at - offset : end - offset]))
        at = end
    return [p for p in pieces if p[2]]


def _apply(content: bytearray, step: tuple[str, int, bytes]) -> None:
    kind, offset, data = step
    if kind == "truncate":
        del content[offset:]
        return
    if len(content) < offset + len(data):
        content.extend(bytes(offset + len(data) - len(content)))
    content[offset : offset + len(data)] = data


class PowerVfs(apsw.VFS):
    """The disk that loses power after ``cut_at`` operations (None: never)."""

    def __init__(self) -> None:
        self.name = f"power-{secrets.token_hex(6)}"
        self.cut_at: int | None = None
        self.operations = 0
        self.shadows: dict[str, Shadow] = {}
        super().__init__(self.name, "")

    def step(self) -> None:
        """Count one operation; fail from the cut on."""
        self.operations += 1
        if self.cut_at is not None and self.operations > self.cut_at:
            raise apsw.IOError("the power is gone")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        return PowerFile(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self.step()
        super().xDelete(filename, syncdir)
        shadow = self.shadows.get(filename)
        if shadow is not None:
            shadow.gone = True
            if syncdir:
                del self.shadows[filename]

    def excepthook(self, etype: Any, evalue: Any, etraceback: Any) -> None:
        """The cut is no news."""


class PowerFile(apsw.VFSFile):
    """One file on that disk."""

    def __init__(self, vfs: PowerVfs, name: Any, flags: list[int]) -> None:
        filename = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._vfs = vfs
        self._shadow = Shadow()
        if filename:
            known = vfs.shadows.get(filename)
            if known is None or known.gone:
                known = vfs.shadows[filename] = Shadow(_content(filename))
            self._shadow = known
        super().__init__("", name, flags)

    def xWrite(self, data: Any, offset: int) -> None:
        self._vfs.step()
        super().xWrite(data, offset)
        self._shadow.pending.append(("write", offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:
        self._vfs.step()
        super().xTruncate(newsize)
        self._shadow.pending.append(("truncate", newsize, b""))

    def xSync(self, flags: int) -> None:
        self._vfs.step()
        self._shadow.sync()

    def xDeviceCharacteristics(self) -> int:
        return 0  # no promise of any kind: not even that a write leaves its neighbours alone

    def xSectorSize(self) -> int:
        return SECTOR

    def excepthook(self, etype: Any, evalue: Any, etraceback: Any) -> None:
        """The cut is no news."""


def _content(filename: str) -> bytearray:
    path = Path(filename)
    return bytearray(path.read_bytes()) if path.exists() else bytearray()


# ------------------------------------------------------------------ trials


@dataclass
class Figures:
    """What a run of cuts came to; ``lost``: cuts after which an acknowledged event was missing."""

    cuts: int = 0
    acknowledged: int = 0
    lost: int = 0
    corrupt: int = 0
    out_of_order: int = 0

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing corrupt, order kept."""
        return self.cuts > 0 and not (self.lost or self.corrupt or self.out_of_order)


def random_cuts(
    count: int, seed: int = 1, journal: str = "wal", synchronous: str = "", until: int | None = None
) -> Figures:
    """``count`` sittings, each cut at a random operation; stops early after ``until`` losses."""
    figures = Figures()
    for number in range(count):
        rng = random.Random(f"{seed}-{number}")
        _one_cut(figures, rng, journal, synchronous)
        if until is not None and figures.lost + figures.corrupt >= until:
            break
    return figures


def _one_cut(figures: Figures, rng: random.Random, journal: str, synchronous: str) -> None:
    entries = list(sitting.random_entries(rng, rng.randint(2, 14)))
    with _desk() as folder:
        total = _operations(folder / "dry", entries, journal, synchronous, rng.random() < 0.5)
        cut = rng.randrange(total) + 1
        _cut_and_check(figures, folder / "wet", entries, journal, synchronous, cut, rng)


def one_save(seed: int = 1, journal: str = "wal", patterns: int = 4) -> Figures:
    """Every operation of one save (with a checkpoint in it), each with several loss patterns."""
    figures = Figures()
    entries = list(sitting.rounds(2, 4))
    with _desk() as folder:
        total = _operations(folder / "dry", entries, journal, "", True)
    for cut in range(1, total + 1):
        for pattern in range(patterns):
            rng = random.Random(f"{seed}-{cut}-{pattern}")
            with _desk() as folder:
                _cut_and_check(figures, folder / "wet", entries, journal, "", cut, rng, pattern)
    return figures


def _desk() -> tempfile.TemporaryDirectory[str] | Any:
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None
    return _PathDirectory(dir=place)


class _PathDirectory(tempfile.TemporaryDirectory[str]):
    def __enter__(self) -> Path:  # type: ignore[override]
        return Path(self.name)


def _session(
    folder: Path, vfs: PowerVfs, entries: Sequence[sitting.Entry], journal: str, synchronous: str
) -> tuple[Any, StoreOptions]:
    folder.mkdir()
    options = replace(
        sitting.SMALL, base_vfs=vfs.name, journal=journal, synchronous=synchronous,
        checkpoint_pages=12,
    )  # fmt: skip
    return sitting.made(folder / "a.ppcase", iter(()), options), options


def _operations(
    folder: Path, entries: Sequence[sitting.Entry], journal: str, synchronous: str, close: bool
) -> int:
    """How many operations the sitting takes after the case was made."""
    vfs = PowerVfs()
    case, _ = _session(folder, vfs, entries, journal, synchronous)
    start = vfs.operations
    for entry in entries:
        case.append(*entry)
    if close:
        case.close()
    total = vfs.operations - start
    case.abandon()
    vfs.unregister()
    return total


def _cut_and_check(
    figures: Figures, folder: Path, entries: Sequence[sitting.Entry], journal: str,
    synchronous: str, cut: int, rng: random.Random, pattern: int = 3,
) -> None:  # fmt: skip
    vfs = PowerVfs()
    case, _ = _session(folder, vfs, entries, journal, synchronous)
    for name, shadow in list(vfs.shadows.items()):  # made some time ago, and create_case synced
        shadow.sync()  # the folder, which this VFS does not see
        if shadow.gone:
            del vfs.shadows[name]
    vfs.cut_at = vfs.operations + cut
    acknowledged = [event.hash for event in case.events()]
    with contextlib.suppress(PortraitError, apsw.Error):
        for entry in entries:
            event = case.append(*entry)
            acknowledged.append(event.hash)
        case.close()
    case.abandon()
    vfs.unregister()
    keep = _pattern(rng, pattern)
    after = folder.with_name("after")
    shutil.rmtree(after, ignore_errors=True)
    after.mkdir()
    for name, shadow in vfs.shadows.items():
        content = shadow.after_cut(keep)
        if content is not None:
            (after / Path(name).name).write_bytes(content)
    _check(figures, after / "a.ppcase", acknowledged)


def _pattern(rng: random.Random, pattern: int) -> Callable[[], bool]:
    share = (0.0, 1.0, 0.5)[pattern] if pattern < 3 else rng.choice((0.1, 0.5, 0.9))
    return lambda: rng.random() < share


def _check(figures: Figures, path: Path, acknowledged: Sequence[str]) -> None:
    figures.cuts += 1
    figures.acknowledged += len(acknowledged)
    try:
        case = sitting.opened(path)
    except PortraitError:
        figures.corrupt += 1
        return
    found = [event.hash for event in case.events()]
    if case.problems:
        figures.corrupt += 1
    elif not set(acknowledged) <= set(found):
        figures.lost += 1
    elif found[: len(acknowledged)] != list(acknowledged):
        figures.out_of_order += 1
    case.close()

"""Damage inside a log that a crash left, which SQLite would silently take for the log's end.

SQLite replays frames up to the first whose checksum fails. A torn last write ends that way, and
nothing acknowledged is lost, because each commit is synced before the next begins. But a changed
byte in the middle looks the same to it, and what follows would be dropped. Here frames of a later
transaction are looked for behind the break: they carry this log's salts and check out against the
frame before them, and they were written only after everything before was synced. (A byte changed
in the very last transaction cannot be told from a torn write.)
Format: sqlite.org/fileformat.html, section 4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HEADER, FRAME_HEADER = 32, 24
MAGICS = {0x377F0682: "<u4", 0x377F0683: ">u4"}  # byte order of the checksum's words


@dataclass(frozen=True)
class Frame:
    """One page in the log. ``intact``: of this generation, and it follows from the one before."""

    number: int
    page: int
    commits: bool
    intact: bool


def log_problems(log: Path) -> tuple[str, ...]:
    """What is wrong inside a leftover log, empty when it is absent, whole, or torn at its end."""
    try:
        data = log.read_bytes()
    except FileNotFoundError:
        return ()
    if len(data) < HEADER + FRAME_HEADER:
        return ()
    magic, _, page_bytes, _, salt1, salt2, sum1, sum2 = struct.unpack(">8I", data[:HEADER])
    order = MAGICS.get(magic, "")
    if not order or _sums(data[: HEADER - 8], order, (0, 0)) != (sum1, sum2):
        return ("log: its header was changed; events at the end may be missing",)
    broken = _broken_inside(list(_frames(data, page_bytes, (salt1, salt2), order, (sum1, sum2))))
    if broken is None:
        return ()
    return (f"log: frame {broken} was changed; events at the end may be missing",)


def _broken_inside(frames: list[Frame]) -> int | None:
    """The first broken frame, if a later transaction was certainly begun after its sync.

    SQLite fills the disk sector behind a transaction with copies of its last frame. These are
    synced with the transaction that follows, so they count to it, and prove nothing themselves.
    """
    broken, transactions, finished = 0, 0, 0
    before = Frame(0, 0, False, True)
    for frame in frames:
        is_padding = frame.commits and before.commits and frame.page == before.page
        if broken and frame.intact and not is_padding and finished > transactions:
            return broken
        if not broken and not frame.intact:
            broken, transactions = frame.number, finished
        finished += frame.commits and not is_padding
        before = frame
    return None


def _frames(
    data: bytes, page_bytes: int, salts: tuple[int, int], order: str, sums: tuple[int, int]
) -> Iterator[Frame]:
    """Each whole frame of the file, from 1."""
    size = FRAME_HEADER + page_bytes
    for number in range(1, (len(data) - HEADER) // size + 1):
        start = HEADER + (number - 1) * size
        fields = struct.unpack(">6I", data[start : start + FRAME_HEADER])
        page_number, truncate, salt1, salt2, sum1, sum2 = fields
        page = data[start + FRAME_HEADER : start + size]
        expected = _sums(page, order, _sums(data[start : start + 8], order, sums))
        current = (salt1, salt2) == salts
        commits = current and truncate != 0  # one of an older generation says nothing of this one
        yield Frame(number, page_number, commits, current and expected == (sum1, sum2))
        sums = (sum1, sum2)


def _sums(data: bytes, order: str, start: tuple[int, int]) -> tuple[int, int]:
    """SQLite's log checksum over whole 8-byte groups, going on from ``start``.

    Per pair of words: s0 += x0 + s1; s1 += x1 + s0 (mod 2**32).
    """
    s0, s1 = start
    for x0, x1 in np.frombuffer(data, order).reshape(-1, 2).tolist():
        s0 = (s0 + x0 + s1) & 0xFFFFFFFF
        s1 = (s1 + x1 + s0) & 0xFFFFFFFF
    return s0, s1

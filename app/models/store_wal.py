"""Damage inside a log that a crash left, which SQLite would silently take for the log's end.

SQLite replays frames up to the first whose checksum fails. A torn last write ends that way, and
nothing acknowledged is lost, because each commit is synced before the next begins. But a changed
byte in the middle looks the same to it, and what follows would be dropped. Here frames behind the
break are looked for: they carry this log's salts and check out against the frame before them.
Format: sqlite.org/fileformat.html, section 4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

HEADER, FRAME_HEADER = 32, 24
MAGICS = {0x377F0682: "<u4", 0x377F0683: ">u4"}  # byte order of the checksum's words


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
    broken = None
    for number, intact in _frames(data, page_bytes, (salt1, salt2), order, (sum1, sum2)):
        if not intact and broken is None:
            broken = number
        elif intact and broken is not None:
            return (f"log: frame {broken} was changed; events at the end may be missing",)
    return ()


def _frames(
    data: bytes, page_bytes: int, salts: tuple[int, int], order: str, sums: tuple[int, int]
) -> Iterator[tuple[int, bool]]:
    """Each frame of this log's generation from 1: does it follow from the one before it?"""
    size = FRAME_HEADER + page_bytes
    for number in range(1, (len(data) - HEADER) // size + 1):
        start = HEADER + (number - 1) * size
        _, _, salt1, salt2, sum1, sum2 = struct.unpack(">6I", data[start : start + FRAME_HEADER])
        page = data[start + FRAME_HEADER : start + size]
        expected = _sums(page, order, _sums(data[start : start + 8], order, sums))
        yield number, (salt1, salt2) == salts and expected == (sum1, sum2)
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

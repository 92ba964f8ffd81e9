"""A SQLite VFS that stamps every page of the case file with a keyed check, and can check them all.

SQLite's own checks see almost nothing of a flipped byte, and sealed rows leave free space and tree
structure uncovered; so the last 16 bytes of each page (SQLite's reserved bytes, as its cksumvfs
uses them) hold BLAKE2b over the page and its number under a key derived from the case key. Only
the main file is stamped: the log's frames carry SQLite's checksums and end up here anyway.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from typing import Any

import apsw

PAGE_BYTES = 4096
STAMP_BYTES = 16


class PageVfs(apsw.VFS):
    """Passes everything on to ``base`` ("" is the system's own); stamps once ``key`` is set."""

    def __init__(self, base: str = "") -> None:
        self.vfs_name = f"portrait-{secrets.token_hex(8)}"
        self.base_name = base
        self.key: bytes | None = None
        self.main: _PageFile | None = None
        super().__init__(self.vfs_name, base)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 (SQLite's name)
        """Open a file; the case file itself gets stamped pages."""
        if not flags[0] & apsw.SQLITE_OPEN_MAIN_DB:
            return _QuietFile(self.base_name, name, flags)
        self.main = _PageFile(self, name, flags)
        return self.main

    def bad_pages(self) -> Iterator[int]:
        """Numbers (from 1) of pages whose stamp is wrong, and of a last page that is not whole."""
        assert self.main is not None
        assert self.key is not None
        size = self.main.xFileSize()
        for number in range(1, -(-size // PAGE_BYTES) + 1):
            offset = (number - 1) * PAGE_BYTES
            page = self.main.xRead(min(PAGE_BYTES, size - offset), offset)
            if len(page) < PAGE_BYTES or page[-STAMP_BYTES:] != _stamp(self.key, page, number):
                yield number

    def excepthook(self, etype: Any, evalue: Any, etraceback: Any) -> None:
        """Errors reach the caller as apsw exceptions; none is printed."""


class _QuietFile(apsw.VFSFile):
    def excepthook(self, etype: Any, evalue: Any, etraceback: Any) -> None:
        """Errors reach the caller as apsw exceptions; none is printed."""


class _PageFile(_QuietFile):
    def __init__(self, vfs: PageVfs, name: Any, flags: list[int]) -> None:
        self._vfs = vfs
        super().__init__(vfs.base_name, name, flags)

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802 (SQLite's name)
        """Whole pages are stamped; SQLite writes nothing else to the main file."""
        if self._vfs.key is not None and len(data) == PAGE_BYTES and offset % PAGE_BYTES == 0:
            page = bytes(data)
            stamp = _stamp(self._vfs.key, page, offset // PAGE_BYTES + 1)
            data = page[:-STAMP_BYTES] + stamp
        super().xWrite(data, offset)


def _stamp(key: bytes, page: bytes, number: int) -> bytes:
    check = hashlib.blake2b(page[:-STAMP_BYTES], key=key, digest_size=STAMP_BYTES)
    check.update(number.to_bytes(8, "big"))
    return check.digest()

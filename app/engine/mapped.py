"""A file mapped into memory: hashed where it lies, read without a copy, noticed when it changes.

The mapping is private (copy on write): writing into a tensor that looks at it changes this
process's page and never the file. A file that is *replaced* (written beside and renamed, as this
program does) leaves the mapping as it was. One that is cut short in place would end the program
with SIGBUS at the next look, one overwritten in place would show through: so ``unchanged`` is asked
before anything looks again, and what draws holds memory of its own and never looks. Left over is
the moment between asking and looking. Windows refuses to replace a mapped file: there the file is
read into memory, once.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import mmap
import os
import sys
import weakref
from pathlib import Path

from app.engine.tensorfile import FILE_LIMIT, inside
from app.models.errors import ModelError

MAPS = sys.platform != "win32"


class MappedFile:
    """The bytes of a file. ModelError ``model.file_missing``, ``too_large``, ``leaves_folder``."""

    def __init__(self, path: Path) -> None:
        inside(path)
        self.path = path
        self._descriptor = -1
        self.data: mmap.mmap | bytearray
        try:
            if not path.is_file():
                raise ModelError("model.file_missing", file=str(path))
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size > FILE_LIMIT:
                    raise ModelError("model.too_large", file=str(path), limit=FILE_LIMIT)
                if MAPS and size:  # an empty file cannot be mapped
                    self._descriptor = os.dup(file.fileno())
                    weakref.finalize(self, os.close, self._descriptor)
                    self._seen = self._now()
                    self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
                else:
                    self.data = bytearray(file.read())
        except OSError as error:
            raise ModelError("model.file_missing", file=str(path), why=str(error)) from error

    def sha256(self) -> str:
        """Hash of the bytes as they are mapped: what is hashed is what is looked at."""
        return hashlib.sha256(self.data).hexdigest()

    def unchanged(self) -> bool:
        """Whether the file that is mapped (not: the one now of its name) was not written since."""
        return self._descriptor < 0 or self._now() == self._seen

    def forget(self) -> None:
        """Give the pages back to the system, which reads them again when they are looked at."""
        if isinstance(self.data, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            self.data.madvise(mmap.MADV_DONTNEED)

    def _now(self) -> tuple[int, int]:
        found = os.fstat(self._descriptor)
        return found.st_size, found.st_mtime_ns


def verified(path: Path, digest: str) -> MappedFile:
    """The file, when its SHA-256 is ``digest``; else ModelError ``model.hash_mismatch``."""
    file = MappedFile(path)
    found = file.sha256()
    if found != digest:
        raise ModelError("model.hash_mismatch", file=str(path), expected=digest, found=found)
    return file


def give_back() -> None:
    """Return memory that was freed to the system: glibc keeps blocks below a limit that grows with
    every large one freed (200 MB after a 1,024 px model). Elsewhere nothing happens."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)

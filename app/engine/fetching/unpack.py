"""A zip that came from outside, unpacked into an empty folder and nowhere else."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from app.models.errors import BadInput

MOST_FILES = 2000
BLOCK = 1 << 16
FORBIDDEN = frozenset('\\:*?"<>|') | {chr(code) for code in range(32)}


def unpack(archive: Path, folder: Path, limit: int) -> None:
    """Unpack into ``folder``, writing at most ``limit`` bytes whatever the archive claims.

    BadInput ``fetch.bad_archive`` for what is no zip, leaves the folder, holds links, devices or
    encrypted files, or is larger than that. OSError is left to the caller.
    """
    try:
        with zipfile.ZipFile(archive) as file:
            entries = file.infolist()
            _check(entries, limit)
            left = limit
            for entry in entries:
                if not entry.is_dir():
                    left -= _write(file, entry, folder, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise refused(archive, str(error)) from error
    except ValueError as error:
        raise refused(archive, str(error)) from error


def refused(archive: Path, why: str) -> BadInput:
    """The refusal of an archive, with its reason."""
    return BadInput("fetch.bad_archive", file=archive.name, why=why)


def _check(entries: list[zipfile.ZipInfo], limit: int) -> None:
    if len(entries) > MOST_FILES:
        raise ValueError(f"{len(entries)} files")
    if sum(entry.file_size for entry in entries) > limit:
        raise ValueError("it unpacks to more than it should")
    for entry in entries:
        name = PurePosixPath(entry.filename)
        mode = entry.external_attr >> 16
        if name.is_absolute() or ".." in name.parts or not name.parts:
            raise ValueError(f"{entry.filename!r} leads out of the folder")
        if FORBIDDEN & set(entry.filename):
            raise ValueError(f"{entry.filename!r} is no plain name")
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ValueError(f"{entry.filename!r} is no plain file")
        if entry.flag_bits & 1:
            raise ValueError(f"{entry.filename!r} is encrypted")


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, left: int) -> int:
    target = folder.joinpath(*PurePosixPath(entry.filename).parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, open(target, "xb") as file:
        return _copy(source, file, left, entry.filename)


def _copy(source: IO[bytes], file: IO[bytes], left: int, name: str) -> int:
    done = 0
    while block := source.read(BLOCK):
        done += len(block)
        if done > left:
            raise ValueError(f"{name!r} unpacks to more than it says")
        file.write(block)
    return done

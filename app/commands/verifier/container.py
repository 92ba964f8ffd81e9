"""Reads a bundle, folder or zip, into memory; nothing is unpacked, followed or trusted."""

from __future__ import annotations

import io
import os
import re
import stat
import zipfile
from pathlib import Path

FILES_LIMIT = 20_000
FILE_BYTES_LIMIT = 64 << 20
TOTAL_BYTES_LIMIT = 1 << 30
PATH = re.compile(r"[a-z0-9_-][a-z0-9._-]*(/[a-z0-9_-][a-z0-9._-]*)?")


class Unreadable(Exception):
    """The bundle cannot be read at all; the text says why, in one line."""


def read_bundle(path: Path) -> tuple[dict[str, bytes], list[str]]:
    """Files by path, and what is wrong with the container itself. Raises Unreadable."""
    if path.is_dir():
        return _read_folder(path)
    if path.is_file():
        return _read_zip(path)
    raise Unreadable("there is no such folder or file")


def _read_folder(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    files: dict[str, bytes] = {}
    wrong: list[str] = []
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            found = Path(where) / name
            relative = found.relative_to(folder).as_posix()
            state = found.lstat()
            if not stat.S_ISREG(state.st_mode):
                wrong.append(f"{_plain(relative)}: not a plain file")
                continue
            total = _within_limits(len(files) + len(wrong), state.st_size, total)
            if PATH.fullmatch(relative):
                files[relative] = found.read_bytes()
            else:
                wrong.append(f"{_plain(relative)}: not a name that a bundle has")
        wrong += [f"{_plain(d)}: a link" for d in _linked(Path(where))]
    return files, wrong


def _linked(folder: Path) -> list[str]:
    return [entry.name for entry in os.scandir(folder) if entry.is_symlink() and entry.is_dir()]


def _read_zip(path: Path) -> tuple[dict[str, bytes], list[str]]:
    if path.stat().st_size > TOTAL_BYTES_LIMIT:
        raise Unreadable("the zip file is larger than 1 GiB")
    raw = path.read_bytes()
    files: dict[str, bytes] = {}
    wrong: list[str] = []
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as bundle:
            for entry in bundle.infolist():
                total = _within_limits(len(files) + len(wrong), entry.file_size, total)
                if not PATH.fullmatch(entry.filename) or entry.filename in files:
                    wrong.append(
                        f"{_plain(entry.filename)}: not a name that a bundle has, or twice"
                    )
                elif entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
                    wrong.append(f"{_plain(entry.filename)}: compressed or encrypted")
                else:
                    files[entry.filename] = bundle.read(entry)
    except Unreadable:
        raise
    except Exception as error:  # zipfile raises many kinds on damaged files
        raise Unreadable(f"the zip file is damaged ({type(error).__name__}: {error})") from error
    if not wrong and _zipped(files) != raw:
        wrong.append("the zip file itself was changed, or was not written by the program")
    return files, wrong


def _zipped(files: dict[str, bytes]) -> bytes:
    """The only zip file that holds these files in this order, by the format's page."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as bundle:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path)
            entry.create_system = 3
            entry.external_attr = 0o600 << 16
            bundle.writestr(entry, data, zipfile.ZIP_STORED)
    return buffer.getvalue()


def _within_limits(count: int, size: int, total: int) -> int:
    if count >= FILES_LIMIT:
        raise Unreadable(f"more than {FILES_LIMIT} files")
    if size > FILE_BYTES_LIMIT or total + size > TOTAL_BYTES_LIMIT:
        raise Unreadable("files larger than a bundle has")
    return total + size


def _plain(name: str) -> str:
    return ascii(name)[:80]

"""Which files are let in at all: told by their first bytes, never by their names."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from app.models.errors import BadInput

IMAGE_BYTES = 64 * 2**20
AUDIO_BYTES = 4 * 2**30
VIDEO_BYTES = 8 * 2**30
HEAD = 16
FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def image_kind(head: bytes) -> str | None:
    """``jpeg`` or ``png`` from a file's first bytes, else None."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    return "png" if head.startswith(b"\x89PNG\r\n\x1a\n") else None


def audio_kind(head: bytes) -> str | None:
    """``wav`` or ``flac`` from a file's first bytes, else None."""
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    return "flac" if head.startswith(b"fLaC") else None


def video_kind(head: bytes) -> str | None:
    """The demuxer for a file's first bytes (``mov`` reads MP4, too), else None."""
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "mov"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    return "matroska" if head.startswith(b"\x1aE\xdf\xa3") else None


def open_foreign(path: Path | str, max_bytes: int) -> tuple[BinaryIO, bytes]:
    """The open file and its first bytes; refuses what is no regular file, empty or too big.

    BadInput ``media.missing``, ``media.no_file``, ``media.unreadable``, ``media.empty`` or
    ``media.too_big``, each naming the file.
    """
    name = str(path)
    try:
        # not blocking: a named pipe must not hold the program up
        number = os.open(name, FLAGS)
    except FileNotFoundError as error:
        raise BadInput("media.missing", file=name) from error
    except IsADirectoryError as error:
        raise BadInput("media.no_file", file=name) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise BadInput("media.unreadable", file=name, why=why) from error
    info = os.fstat(number)
    if not stat.S_ISREG(info.st_mode):
        os.close(number)
        raise BadInput("media.no_file", file=name)
    file = os.fdopen(number, "rb", buffering=0)
    try:
        _check_size(name, info.st_size, max_bytes)
        head = file.read(HEAD)
        file.seek(0)
    except BadInput:
        file.close()
        raise
    except OSError as error:
        file.close()
        raise BadInput("media.unreadable", file=name, why=error.strerror or str(error)) from error
    return file, head  # type: ignore[return-value]


def _check_size(name: str, size: int, max_bytes: int) -> None:
    if size == 0:
        raise BadInput("media.empty", file=name)
    if size > max_bytes:
        raise BadInput(
            "media.too_big", file=name, megabytes=-(-size // 2**20), limit=max_bytes // 2**20
        )

"""What every command prints, and where: results to stdout, progress and refusals to stderr."""

from __future__ import annotations

import argparse
import dataclasses
import enum
import json
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.commands.sentences import sentence
from app.models.errors import Cancelled, PortraitError

EXIT_OK = 0
EXIT_INTERNAL = 1
EXIT_USAGE = 2
EXIT_REFUSED = 3
EXIT_INTERRUPTED = 130

_last_progress = {"stage": "", "at": 0.0}


def add_json(parser: argparse.ArgumentParser) -> None:
    """Give a command's parser the ``--json`` switch that ``emit`` reads."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON on stdout")


def emit(args: argparse.Namespace, data: Any, lines: Iterable[str] = ()) -> int:
    """Print ``data`` as JSON with ``--json``, else ``lines``; returns exit code 0.

    Frozen values, paths, enums and numpy values are turned into plain JSON; NaN becomes null.
    """
    if getattr(args, "json", False):
        print(json.dumps(plain(data), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        for line in lines:
            print(line)
    sys.stdout.flush()
    return EXIT_OK


def plain(value: Any) -> Any:
    """The same value in JSON's own types."""
    if value is None or isinstance(value, str | bool | int):
        return value.value if isinstance(value, enum.Enum) else value
    if isinstance(value, float):
        return value if value - value == 0 else None  # NaN and infinity are not JSON
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):  # numpy scalars and arrays, without importing numpy here
        return plain(value.tolist())
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def progress(stage: str, done: int = 0, total: int = 0) -> None:
    """One line of progress on stderr: redrawn in place on a terminal, else at most every 2 s."""
    now = time.monotonic()
    finished = total > 0 and done >= total
    changed = stage != _last_progress["stage"]
    text = f"{stage} {done}/{total}" if total else stage
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="\n" if finished else "", file=sys.stderr, flush=True)
    elif changed or finished or now - float(str(_last_progress["at"])) >= 2.0:
        print(text, file=sys.stderr, flush=True)
    else:
        return
    _last_progress.update(stage=stage, at=now)


def refuse(error: BaseException) -> int:
    """Say in one line on stderr what was refused and what to do; returns the exit code."""
    if isinstance(error, Cancelled | KeyboardInterrupt):
        _complain("stopped on request")
        return EXIT_INTERRUPTED
    if isinstance(error, PortraitError):
        _complain(sentence(error))
        return EXIT_REFUSED
    if isinstance(error, OSError):
        _complain(_os_sentence(error))
        return EXIT_REFUSED
    if isinstance(error, MemoryError):
        _complain("there is not enough memory for this; close other programs or ask for less")
        return EXIT_REFUSED
    if os.environ.get("PORTRAIT_PARLE_DEBUG"):
        raise error
    _complain(
        f"internal error, please report it: {type(error).__name__}: {error} "
        "(PORTRAIT_PARLE_DEBUG=1 shows where)"
    )
    return EXIT_INTERNAL


def silence_stdout() -> None:
    """After a broken pipe: point stdout nowhere, so that closing it cannot complain again."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _complain(text: str) -> None:
    one_line = " ".join(text.split())
    print(f"portrait-parle: {one_line}", file=sys.stderr, flush=True)


def _os_sentence(error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {reason}" if error.filename else reason

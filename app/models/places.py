"""Where the program keeps its own files: as the system expects, or beside itself on a stick.

A folder named ``portable`` beside the program makes it portable: settings, models, caches, reports
of crashes and new cases all lie in it, and nothing is written to the computer it runs on.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.models.errors import BadInput
from app.models.resources import resources_folder

PORTABLE_VARIABLE = "PORTRAIT_PARLE_PORTABLE"  # names the folder, wherever it lies
PORTABLE = "portable"
NAME = "portrait-parle"


def program_folder() -> Path:
    """The folder that the program was copied with: of the frozen program, or of its resources."""
    if getattr(sys, "frozen", False):
        return Path(sys.executable).resolve().parent
    return resources_folder().resolve().parent


def portable_folder() -> Path | None:
    """The folder of a portable program; None where it keeps its files as the system expects."""
    named = os.environ.get(PORTABLE_VARIABLE)
    folder = Path(named) if named else program_folder() / PORTABLE
    return folder if folder.is_dir() else None


def make_portable() -> Path:
    """Make the folder that makes the program portable; BadInput ``portable.not_made``."""
    named = os.environ.get(PORTABLE_VARIABLE)
    folder = Path(named) if named else program_folder() / PORTABLE
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise BadInput("portable.not_made", folder=str(folder), why=str(error)) from error
    return folder


def config_folder() -> Path:
    """Settings."""
    return _place("config")


def data_folder() -> Path:
    """Models that were imported or fetched."""
    return _place("data")


def cache_folder() -> Path:
    """What can be built again."""
    return _place("cache")


def log_folder() -> Path:
    """Reports of crashes."""
    return _place("log")


def cases_folder(chosen: str = "") -> Path | None:
    """Where new cases go: the chosen folder if it is there, else that of a portable program."""
    if chosen and Path(chosen).is_dir():
        return Path(chosen)
    portable = portable_folder()
    if portable is None:
        return None
    (portable / "cases").mkdir(exist_ok=True)
    return portable / "cases"


def _place(kind: str) -> Path:
    portable = portable_folder()
    if portable is not None:
        return portable / kind
    import platformdirs

    return Path({
        "config": platformdirs.user_config_dir, "data": platformdirs.user_data_dir,
        "cache": platformdirs.user_cache_dir, "log": platformdirs.user_log_dir,
    }[kind](NAME, appauthor=False))

"""Where the files lie that ship with the program."""

from __future__ import annotations

import os
from pathlib import Path

from app.models.errors import BadInput

ENVIRONMENT_NAME = "PORTRAIT_PARLE_RESOURCES"


def resources_folder() -> Path:
    """The folder of shipped files.

    The environment variable ``PORTRAIT_PARLE_RESOURCES`` wins; then ``resources/`` of a checkout;
    then ``app/resources/``, where an installed wheel has them.
    """
    override = os.environ.get(ENVIRONMENT_NAME)
    if override:
        return Path(override)
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent / "resources"
    return checkout if (package.parent / "pyproject.toml").is_file() else package / "resources"


def resource(*parts: str) -> Path:
    """The path of a shipped file or folder; raises ``BadInput("resource.missing")`` without it."""
    path = resources_folder().joinpath(*parts)
    if not path.exists():
        raise BadInput("resource.missing", file=str(path), variable=ENVIRONMENT_NAME)
    return path

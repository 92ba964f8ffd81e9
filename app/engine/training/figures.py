"""Reads the figures that earlier steps left beside their results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_json(path: Path) -> dict[str, Any]:
    """A figures file of an earlier step, or nothing when the step was not run."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

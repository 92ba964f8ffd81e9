"""Small checks of values from outside: JSON that is canonical, hashes, times, and their types."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

HEX64 = re.compile(r"[0-9a-f]{64}")
HEX32 = re.compile(r"[0-9a-f]{32}")

Check = Callable[[Any], bool]


def sha256(data: bytes) -> str:
    """Lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def canonical(value: Any) -> bytes:
    """Canonical JSON as the format's page has it; empty for what cannot be written so."""
    try:
        text = json.dumps(
            value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        return text.encode()
    except (ValueError, RecursionError):  # NaN, lone surrogates, nested too deep
        return b""


def parsed(data: bytes) -> Any:
    """JSON; ValueError for anything else, however it is broken."""
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_once)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key twice")
    return dict(pairs)


def is_text(value: Any) -> bool:
    """A string."""
    return isinstance(value, str)


def is_count(value: Any) -> bool:
    """A whole number from 0."""
    return type(value) is int and value >= 0


def is_hash(value: Any) -> bool:
    """64 hex digits."""
    return isinstance(value, str) and HEX64.fullmatch(value) is not None


def is_hash_or_empty(value: Any) -> bool:
    """64 hex digits, or the empty string."""
    return value == "" or is_hash(value)


def is_id(value: Any) -> bool:
    """32 hex digits."""
    return isinstance(value, str) and HEX32.fullmatch(value) is not None


def is_time(value: Any) -> bool:
    """ISO 8601 with offset."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def list_of(check: Check) -> Check:
    """A list whose every item passes."""
    return lambda value: isinstance(value, list) and all(check(item) for item in value)


def one_of(*values: str) -> Check:
    """One of these strings."""
    return lambda value: isinstance(value, str) and value in values


def record(**fields: Check) -> Check:
    """An object with exactly these fields, each passing."""

    def check(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and set(value) == set(fields)
            and all(fields[name](item) for name, item in value.items())
        )

    return check


def is_object(value: Any) -> bool:
    """Any object."""
    return isinstance(value, dict)

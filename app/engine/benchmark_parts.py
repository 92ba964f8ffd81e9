"""Runs the parts of a benchmark in turn within a time; whatever ends it, what was found stays."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Report = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """One part: about how many ``seconds`` it takes on two idle cores, and what measures it.

    A part that can do less is still begun with ``least`` seconds. ``measure`` gets the seconds that
    are left for it and returns what it adds to the report: tables of one name are joined.
    """

    name: str
    seconds: float
    measure: Callable[[float], Report]
    least: float = math.inf


def run_parts(
    parts: Sequence[Part], limit: float, progress: Callable[[str], None] = lambda text: None,
    keep: Callable[[Report], None] = lambda report: None,
    clock: Callable[[], float] = time.monotonic,
) -> Report:  # fmt: skip
    """All that the parts measure in ``limit`` seconds.

    A part whose time would not fit any more is left out and named in ``skipped``. Ctrl+C ends the
    run: ``stopped`` names the part that it met (else None), and everything before it is there.
    ``keep`` gets the report after every part; an error of a part goes on after that.
    """
    begun = clock()
    report: Report = {"skipped": [], "stopped": None, "part_seconds": {}}
    for number, part in enumerate(parts, 1):
        left = limit - (clock() - begun)
        if left < min(part.seconds, part.least):
            report["skipped"].append(part.name)
            continue
        rest = sum(p.seconds for p in parts[number - 1 :])
        progress(f"{part.name} ({number}/{len(parts)}, about {_spoken(min(rest, left))} to go)")
        start = clock()
        try:
            joined(report, part.measure(min(left, 2 * part.seconds)))
        except KeyboardInterrupt:
            report["stopped"] = part.name
            break
        finally:
            report["part_seconds"][part.name] = round(clock() - start, 1)
            keep(report)
    report["seconds"] = round(clock() - begun, 1)
    keep(report)
    return report


def joined(report: Report, more: Mapping[str, Any]) -> None:
    """Add what a part found; tables of one name become one."""
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(report.get(key), dict):
            joined(report[key], value)
        else:
            report[key] = value


def expected(parts: Sequence[Part], limit: float) -> str:
    """How long the parts take on two idle cores, and at most, in words."""
    return f"{_spoken(sum(p.seconds for p in parts))} on two idle cores, at most {_spoken(limit)}"


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"

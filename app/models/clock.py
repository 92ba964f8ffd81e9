"""Two clocks side by side: the wall clock can be set, the machine's own cannot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

TOLERANCE_S = 2.0


@dataclass(frozen=True)
class ClockReading:
    """Wall clock (ISO 8601 with offset) and nanoseconds since the machine started, same moment."""

    wall: str
    monotonic_ns: int
    boot: str = ""


def clock_flag(before: ClockReading | None, now: ClockReading) -> dict[str, Any] | None:
    """Data of a ``clock.flagged`` event when the wall clock moved other than time did, else None.

    Within one run of the machine both clocks are compared; across a restart only a wall clock
    that went backwards can be told.
    """
    if before is None:
        return None
    elapsed = _seconds(now.wall) - _seconds(before.wall)
    same_run = now.boot == before.boot != "" and now.monotonic_ns >= before.monotonic_ns
    if same_run:
        jump = elapsed - (now.monotonic_ns - before.monotonic_ns) / 1e9
        what = "forward" if jump > 0 else "backward"
    else:
        jump, what = min(elapsed, 0.0), "backward"
    if abs(jump) <= TOLERANCE_S:
        return None
    return {"what": what, "from": before.wall, "to": now.wall, "jump_s": round(jump, 3)}


def _seconds(wall: str) -> float:
    try:
        return datetime.fromisoformat(wall).timestamp()
    except ValueError:
        return 0.0

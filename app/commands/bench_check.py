"""``bench --check``: ratios of this machine against the last accepted ones of its kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TOLERANCE = 0.8  # a ratio below this share of the accepted one fails
SECONDS = 8.0


def accepted_file() -> Path:
    """The last accepted ratios, shipped with the program: by kind of machine, then by name."""
    from app.models.resources import resource

    return resource("bench", "accepted.json")


def measured() -> tuple[str, dict[str, float]]:
    """The kind of this machine, and its ratios on the bundled model."""
    from app.engine.benchmark_ratios import machine_kind, ratios
    from app.engine.runtime import Runtime

    return machine_kind(), ratios(Runtime(device="cpu").load().model.generator.synthesis, SECONDS)


def read_accepted(file: Path) -> dict[str, dict[str, float]]:
    """Accepted ratios; BadInput ``bench.unreadable`` when the file is not one."""
    from app.models.errors import BadInput

    try:
        machines = json.loads(file.read_text(encoding="utf-8"))["machines"]
        return {
            str(kind): {str(n): float(v) for n, v in table.items()}
            for kind, table in machines.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput("bench.unreadable", file=str(file), why=str(error)) from error


def compared(kind: str, found: dict[str, float], file: Path) -> dict[str, Any]:
    """``losses``: one line per ratio that fell by a fifth; ``known``: whether this kind was ever
    accepted; ``unmeasured``: accepted ratios that this machine has no way to reach."""
    wanted = read_accepted(file).get(kind)
    losses = [
        f"{name} {found[name]} fell below {TOLERANCE} x {value}"
        for name, value in (wanted or {}).items()
        if name in found and found[name] < TOLERANCE * value
    ]
    missing = sorted(set(wanted or {}) - set(found))
    return {
        "kind": kind, "ratios": found, "accepted": wanted or {}, "known": wanted is not None,
        "losses": losses, "unmeasured": missing,
    }  # fmt: skip


def better(first: dict[str, float], second: dict[str, float]) -> dict[str, float]:
    """The larger of two measurements of each ratio."""
    return {name: max(value, second.get(name, value)) for name, value in first.items()}


def accept(kind: str, found: dict[str, float], file: Path) -> None:
    """Write ``found`` as the accepted ratios of ``kind``; other kinds stay."""
    whole = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    whole.setdefault("machines", {})[kind] = found
    file.write_text(json.dumps(whole, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def lines(report: dict[str, Any]) -> list[str]:
    """For people."""
    out = [f"machine       {report['kind']}"]
    for name, value in report["ratios"].items():
        wanted = report["accepted"].get(name)
        out.append(f"{name:14}{value:8.2f}   accepted {wanted if wanted is not None else 'never'}")
    if not report["known"]:
        out.append("no ratios were ever accepted for this kind of machine: nothing was compared")
    if report["unmeasured"]:
        out.append(f"not measured here: {', '.join(report['unmeasured'])} (no C compiler?)")
    return out

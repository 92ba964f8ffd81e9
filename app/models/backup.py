"""Last-good copies of a case file: one at the end of each sitting, thinned as they grow old."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from app.models.store_files import beside, safe_copy

STAMP = "%Y%m%dT%H%M%S%fZ"
NEWEST = 3  # always kept, whatever their dates
DAILY, WEEKLY, MONTHLY = 12, 10, 9  # as Anki keeps them


def folder_of(case_path: Path) -> Path:
    """Where the copies of a case lie."""
    return beside(case_path, ".backups")


def backups(case_path: Path) -> tuple[Path, ...]:
    """The copies of a case, newest first."""
    found = [p for p in folder_of(case_path).glob(f"*{case_path.suffix}") if _when(p) is not None]
    return tuple(sorted(found, reverse=True))


def back_up(case_path: Path) -> Path:
    """Copy a closed, verified case file; OSError when there is no room (older copies stay)."""
    folder = folder_of(case_path)
    folder.mkdir(mode=0o700, exist_ok=True)
    for left in folder.glob("*.part"):  # of a copy that a crash cut short
        left.unlink()
    target = folder / f"{datetime.now(UTC).strftime(STAMP)}{case_path.suffix}"
    safe_copy(case_path, target)
    for old in thinned_out(backups(case_path)):
        old.unlink()
    return target


def thinned_out(newest_first: Sequence[Path]) -> tuple[Path, ...]:
    """Copies that are no longer needed: beyond the newest, one a day, a week, a month is kept."""
    keep = set(newest_first[:NEWEST])
    rules: tuple[tuple[Callable[[datetime], object], int], ...] = (
        (lambda t: t.date(), DAILY),
        (lambda t: t.isocalendar()[:2], WEEKLY),
        (lambda t: (t.year, t.month), MONTHLY),
    )
    for period, limit in rules:
        newest: dict[object, Path] = {}
        for path in newest_first:
            when = _when(path)
            if when is not None:
                newest.setdefault(period(when), path)
        keep.update(list(newest.values())[:limit])
    return tuple(p for p in newest_first if p not in keep)


def _when(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.stem, STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None

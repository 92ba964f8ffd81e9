"""A full disk: a small tmpfs with a ballast file, so that room runs out at a random moment."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from app.commands.verifier.report import verify
from app.models.errors import PortraitError
from app.models.export import export_bundle, portrait_record
from app.models.store import CaseFile, StoreError, open_copy_read_only
from tests.release import sitting

DISK_KIB = 2048
OPTIONS = replace(sitting.SMALL, reserve_bytes=64 << 10, backups=True, checkpoint_pages=30)


@dataclass
class Figures:
    """What a run came to. ``full``: trials in which the disk did fill up while appending."""

    trials: int = 0
    full: int = 0
    exports_full: int = 0
    sticks_full: int = 0
    closed_when_full: int = 0
    lost: int = 0
    stuck: int = 0
    bundles_hurt: int = 0
    leftovers: int = 0
    wrong_error: int = 0

    @property
    def clean(self) -> bool:
        """Nothing lost, the sitting went on, older exports whole."""
        wrong = self.lost + self.stuck + self.bundles_hurt + self.leftovers + self.wrong_error
        return self.trials > 0 and self.full > 0 and wrong == 0


def can_mount() -> bool:
    """Whether a tmpfs of our own can be had here (needs root)."""
    if os.geteuid() != 0:
        return False
    with contextlib.suppress(OSError, subprocess.CalledProcessError), small_disk():
        return True
    return False


@contextlib.contextmanager
def small_disk() -> Iterator[Path]:
    """A folder on a tmpfs of 2 MiB."""
    with tempfile.TemporaryDirectory() as folder:
        options = f"size={DISK_KIB}k"
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder],
            check=True, capture_output=True,
        )  # fmt: skip
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True, capture_output=True)


def trials(count: int, seed: int = 1) -> Figures:
    """``count`` sittings on a disk that fills up."""
    figures = Figures()
    for number in range(count):
        with small_disk() as disk, tempfile.TemporaryDirectory() as elsewhere:
            rng = random.Random(f"{seed}-{number}")
            _trial(figures, disk, rng)
            _full_stick(figures, disk, Path(elsewhere), rng)
    return figures


def _trial(figures: Figures, disk: Path, rng: random.Random) -> None:
    figures.trials += 1
    case = sitting.made(disk / "a.ppcase", sitting.whole(1, 2), OPTIONS)
    _export(case, disk / "first")
    acknowledged = [event.hash for event in case.events()]
    ballast = disk / "ballast"
    _fill(ballast, disk, rng.randint(0, 300_000))
    _append_until_full(figures, case, acknowledged, rng)
    _export_when_full(figures, case, disk)
    acknowledged = [event.hash for event in case.events()]
    figures.bundles_hurt += not verify(disk / "first").good
    ballast.unlink()
    figures.stuck += not _goes_on(case, acknowledged)
    if rng.random() < 0.5:
        _closes_when_full(figures, case, disk)
        (disk / "ballast").unlink()
    else:
        case.close()
    _reopened(figures, disk, acknowledged)


def _fill(ballast: Path, disk: Path, leave: int) -> None:
    state = os.statvfs(disk)
    free = state.f_bavail * state.f_bsize
    with open(ballast, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(free - leave, 4096))


def _append_until_full(
    figures: Figures, case: CaseFile, acknowledged: list[str], rng: random.Random
) -> None:
    for entry in sitting.random_entries(rng, 400):
        try:
            acknowledged.append(case.append(*entry).hash)
        except StoreError as error:
            figures.full += 1
            figures.wrong_error += error.code != "case.disk_full"
            break
    found = [event.hash for event in case.events()]
    figures.lost += found != acknowledged


def _export(case: CaseFile, destination: Path) -> None:
    export_bundle(case, destination, "full", portrait_record(case), sitting.PlainPainter())


def _export_when_full(figures: Figures, case: CaseFile, disk: Path) -> None:
    """Nothing may be left of it; if there was room after all, it must be whole."""
    second = disk / "second"
    try:
        _export(case, second)
    except StoreError as error:
        figures.exports_full += 1
        known = ("export.disk_full", "case.disk_full")
        figures.wrong_error += error.code not in known
    if second.exists():
        figures.bundles_hurt += not verify(second).good
    figures.leftovers += any(p.name.endswith(".part") for p in disk.iterdir())


def _closes_when_full(figures: Figures, case: CaseFile, disk: Path) -> None:
    """The reserve makes room for the last event; there may be none left for a backup."""
    _fill(disk / "ballast", disk, 0)
    case.close()
    copy = open_copy_read_only(disk / "a.ppcase", sitting.PASSPHRASE)
    figures.closed_when_full += [e.kind for e in copy.events()][-1] == "case.closed"
    figures.lost += bool(copy.problems)
    copy.close()


def _full_stick(figures: Figures, disk: Path, elsewhere: Path, rng: random.Random) -> None:
    """The case has room, the stick that the bundle goes to has not."""
    case = sitting.made(elsewhere / "b.ppcase", sitting.whole(2, 4))
    _fill(disk / "ballast", disk, rng.randint(0, 40_000))
    figures.bundles_hurt += not verify(disk / "first").good
    codes = []
    try:
        _export(case, disk / "third")
    except StoreError as error:
        codes = [error.code, *(e.data["code"] for e in case.events() if e.kind == "export.failed")]
    figures.sticks_full += codes == ["export.disk_full"] * 2
    figures.leftovers += (disk / "third").exists() or (disk / ".third.part").exists()
    figures.stuck += not _goes_on(case, [event.hash for event in case.events()])
    case.close()


def _goes_on(case: CaseFile, acknowledged: list[str]) -> bool:
    try:
        for entry in sitting.rounds(1, 2, first=90):
            acknowledged.append(case.append(*entry).hash)  # noqa: PERF401
    except PortraitError:
        return False
    return [event.hash for event in case.events()] == acknowledged


def _reopened(figures: Figures, disk: Path, acknowledged: list[str]) -> None:
    case = sitting.opened(disk / "a.ppcase", OPTIONS)
    found = [event.hash for event in case.events()]
    figures.lost += found[: len(acknowledged)] != acknowledged or bool(case.problems)
    case.close()
    left = {p.name for p in disk.iterdir()} - {"a.ppcase", "a.ppcase.backups", "first", "second"}
    figures.leftovers += bool(left)

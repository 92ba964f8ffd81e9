"""kill -9 at random moments: the parent keeps the record of acknowledged events and compares."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from app.commands.verifier.report import verify
from app.models.errors import PortraitError
from app.models.store import open_case
from tests.release import sitting
from tests.release.kill_driver import OPTIONS

REPOSITORY = Path(__file__).resolve().parents[2]
STORE, WINDOW = "tests.release.kill_driver", "tests.release.app_driver"
REAL = "tests.release.app_driver engine"  # the window on the real engine and the bundled model
LONGEST_S = {STORE: 0.6, WINDOW: 2.0, REAL: 12.0}
FILES = {"a.ppcase", "a.ppcase.backups"}


@dataclass
class Figures:
    """What a run of kills came to."""

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    out_of_order: int = 0
    unreadable: int = 0
    left_behind: int = 0
    bad_bundles: int = 0
    slowest_reopen_s: float = 0.0

    @property
    def clean(self) -> bool:
        """Every acknowledged event there, in order, nothing left, each bundle whole."""
        wrong = self.lost + self.out_of_order + self.unreadable + self.left_behind
        return self.kills > 0 and wrong + self.bad_bundles == 0 and self.slowest_reopen_s < 3.0


def kills(count: int, seed: int = 1, per_case: int = 10, driver: str = STORE) -> Figures:
    """Kill the driver ``count`` times; a new case every ``per_case`` kills."""
    figures = Figures()
    for number in range(0, count, per_case):
        with tempfile.TemporaryDirectory() as folder:
            acknowledged: list[str] = []
            if driver != STORE:
                sitting.made(Path(folder) / "a.ppcase", iter(()), OPTIONS).close()
            for again in range(min(per_case, count - number)):
                chance = seed * 10_000 + number + again
                _kill_once(figures, Path(folder), acknowledged, chance, driver)
    return figures


def _kill_once(
    figures: Figures, folder: Path, acknowledged: list[str], seed: int, driver_name: str
) -> None:
    path = folder / "a.ppcase"
    module, *engine = driver_name.split()
    command = [sys.executable, "-m", module, str(path), str(seed), *engine]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=REPOSITORY, env=environment, start_new_session=True
    ) as driver:
        assert driver.stdout is not None
        # wait for its first word, so that kills fall into work and not into imports
        # (the real engine is still being loaded at its first one)
        said = [driver.stdout.readline() for _ in range(4 if engine else 1)]
        time.sleep(random.Random(seed).uniform(0, LONGEST_S[driver_name]))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(driver.pid, signal.SIGKILL)
        said += driver.stdout.readlines()
    acknowledged += [line.decode().strip() for line in said if line.endswith(b"\n")]
    assert said[0], "the driver ended by itself"
    figures.kills += 1
    figures.acknowledged = figures.acknowledged + len(said)
    _check(figures, path, acknowledged)


def _check(figures: Figures, path: Path, acknowledged: list[str]) -> None:
    started = time.perf_counter()
    try:
        case = open_case(path, sitting.PASSPHRASE, options=OPTIONS)
    except PortraitError:
        figures.unreadable += 1
        return
    figures.slowest_reopen_s = max(figures.slowest_reopen_s, time.perf_counter() - started)
    found = [event.hash for event in case.events()]
    figures.unreadable += bool(case.problems)
    figures.lost += not set(acknowledged) <= set(found)
    places = [found.index(a) for a in acknowledged if a in found]
    figures.out_of_order += places != sorted(places)
    case.close()
    bundles = [p for p in path.parent.iterdir() if p.name.startswith("bundle")]
    figures.bad_bundles += sum(not verify(bundle).good for bundle in bundles)
    left = {p.name for p in path.parent.iterdir()} - FILES - {b.name for b in bundles}
    figures.left_behind += bool({name for name in left if not name.startswith(".bundle")})

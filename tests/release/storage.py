"""Storage, at release length: python tests/release/storage.py [--count N] [--only NAME ...].

Prints one line of figures per test and exits 1 when any is not clean. ``--count 1`` takes some
minutes; the figures of a release are made with the default.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from tests.release import bundles, diskfull, kill, power, speed, tamper


def tests(count: int) -> dict[str, Callable[[], Any]]:
    """Every test with its length: ``count`` times ten is the release's."""
    return {
        "kill -9 of the window": lambda: kill.kills(20 * count, driver=kill.WINDOW),
        "kill -9 of the window on the real engine": lambda: kill.kills(
            20 * count, driver=kill.REAL
        ),
        "kill -9 of the store": lambda: kill.kills(20 * count),
        "power cut, every operation of one save": lambda: power.one_save(),
        "power cut, every operation of one save, rollback journal": lambda: power.one_save(
            journal="delete"
        ),
        "power cut, random": lambda: power.random_cuts(100 * count),
        "power cut, random, rollback journal": lambda: power.random_cuts(
            100 * count, journal="delete"
        ),
        "power cut, synchronous=NORMAL (must not be clean)": lambda: power.random_cuts(
            10 * count, synchronous="NORMAL"
        ),
        "tamper, every byte": lambda: tamper.flips(max(1, 10 // count)),
        "tamper, edits": lambda: tamper.edits(100 * count),
        "tamper, mutated case files": lambda: tamper.mutations(1000 * count),
        "bundles, mutated manifests": lambda: bundles.run(1000 * count, only="manifest"),
        "bundles, mutated": lambda: bundles.run(1000 * count),
        "disk full": lambda: diskfull.trials(20 * count) if diskfull.can_mount() else "skipped",
        "speed": lambda: speed.long_sitting(),
    }


def main() -> int:
    """Run them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10, help="10: release length (default)")
    parser.add_argument("--only", nargs="*", default=[], help="words of the names to run")
    args = parser.parse_args()
    if Path("/dev/shm").is_dir() and os.access("/dev/shm", os.W_OK):
        tempfile.tempdir = "/dev/shm"
    failed = False
    for name, test in tests(args.count).items():
        if args.only and not any(word in name for word in args.only):
            continue
        started = time.perf_counter()
        figures = test()
        clean = getattr(figures, "clean", True) is not ("must not" in name)
        failed = failed or not clean
        took = time.perf_counter() - started
        print(f"{'ok  ' if clean else 'FAIL'} {name}: {figures} [{took:.0f} s]", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

"""Memory over hundreds of refinement rounds with the real engine; leftover threads and timers.

    QT_QPA_PLATFORM=offscreen python tests/release/refinement_memory.py [--rounds 500] [--json]

Each round moves a slider, draws the portrait, stores it in a sealed case and shows it. Resident
memory is read after every round; growth counts from the 50th on. Measured, not gated.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np

from tests.release.real_window import RealWindow

WARM = 50
NAMES = 4  # sliders that are moved in turn


def resident_mb() -> float:
    """Resident memory of this process (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(rounds: int) -> dict[str, object]:
    """Refine ``rounds`` times; memory in MB, and what was left running afterwards."""
    memory = []
    with tempfile.TemporaryDirectory(dir=ROOT) as folder, RealWindow(Path(folder)) as real:
        controller = real.window.controller
        real.begin_sitting()
        real.array()
        real.refine()
        assert controller.model_info is not None
        moved = [d for d in controller.model_info.directions if d.unit == "sd"][:NAMES]
        threads_before = threading.active_count()
        for number in range(rounds):
            direction = moved[number % NAMES]
            share = 0.3 * np.sin(number)
            controller.set_edit(direction.name, float(share * direction.high), final=True)
            real.wait(lambda: not controller.jobs.is_busy("portrait"))
            real.settle(5)
            memory.append(resident_mb())
            if number + 1 == WARM:
                gc.collect()
        threads_after, steps = threading.active_count(), len(controller.history.nodes)
    warm, last = float(np.median(memory[WARM - 5 : WARM + 5])), float(np.median(memory[-10:]))
    return {
        "rounds": rounds, "steps": steps, "warm_mb": round(warm, 1), "last_mb": round(last, 1),
        "growth_mb": round(last - warm, 1), "growth_percent": round(100 * (last / warm - 1), 2),
        "every_50_mb": [round(m, 1) for m in memory[WARM - 1 :: 50]],
        "threads_before": threads_before, "threads_after": threads_after,
        "threads_at_the_end": [t.name for t in threading.enumerate()],
    }


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found = measure(args.rounds)
    print(json.dumps(found, indent=1) if args.json else "\n".join(
        f"{name}: {value}" for name, value in found.items()
    ))
    return 0


if __name__ == "__main__":
    sys.exit(main())

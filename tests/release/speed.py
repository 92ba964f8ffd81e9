"""How long a long sitting takes to open, what a commit adds to a choice. Measured, not gated."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from app.models.seal import calibrated
from app.models.store import StoreOptions, create_case, open_case
from tests.release import sitting


@dataclass
class Figures:
    """Seconds and milliseconds on this machine, with its own calibrated passphrase cost."""

    events: int
    pictures: int
    megabytes: float
    passphrase_s: float
    open_s: float
    open_processor_s: float
    commit_median_ms: float
    commit_p95_ms: float
    array_commit_median_ms: float


def long_sitting(events: int = 2000, side: int = 64) -> Figures:
    """A sitting of ``events`` events, every fifth an array of nine pictures, on the real disk."""
    cost = calibrated()
    plain, arrays = [], []
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        path = Path(folder) / "a.ppcase"
        options = StoreOptions(reserve_bytes=0, backups=False)
        case = create_case(path, sitting.PASSPHRASE, sitting.FACTS, kdf=cost, options=options)
        number = 0
        while case.head().count < events:
            number += 1
            for entry in list(sitting.rounds(1, 9, side, number)):
                started = time.perf_counter()
                case.append(*entry)
                took = (time.perf_counter() - started) * 1000
                (arrays if entry[3] else plain).append(took)
        case.close()
        opened, processor = [], []
        for _ in range(3):  # the best of three: other programs only ever add to it
            started, used = time.perf_counter(), time.process_time()
            case = open_case(path, sitting.PASSPHRASE, options=options)
            opened.append(time.perf_counter() - started)
            processor.append(time.process_time() - used)
            assert not case.problems
            case.close()
        size = path.stat().st_size / 1e6
    return Figures(
        events=events, pictures=number * 9, megabytes=round(size, 1),
        passphrase_s=round(_passphrase_s(cost), 3), open_s=round(min(opened), 3),
        open_processor_s=round(min(processor), 3),
        commit_median_ms=round(statistics.median(plain), 2),
        commit_p95_ms=round(statistics.quantiles(plain, n=20)[-1], 2),
        array_commit_median_ms=round(statistics.median(arrays), 2),
    )  # fmt: skip


def _passphrase_s(cost: object) -> float:
    from app.models.seal import KdfParameters, passphrase_key

    assert isinstance(cost, KdfParameters)
    started = time.perf_counter()
    passphrase_key("measured", b"0" * 16, cost)
    return time.perf_counter() - started

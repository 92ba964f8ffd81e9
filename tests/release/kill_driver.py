"""The process that gets killed: works on one case, tells its parent each acknowledged event."""

from __future__ import annotations

import contextlib
import os
import random
import sys
from pathlib import Path

from app.models.errors import PortraitError
from app.models.export import export_bundle, portrait_record
from app.models.store import CaseFile, StoreOptions, create_case, open_case
from tests.release import sitting

OPTIONS = StoreOptions(reserve_bytes=1 << 20, journal="wal", checkpoint_pages=60)


def main(path: Path, seed: int) -> None:
    """Open or make the case, then append, undo, export and reopen until killed."""
    rng = random.Random(seed)
    case = _start(path)
    number = case.head().count
    while True:
        number += 1
        for entry in sitting.random_entries(rng, rng.randint(1, 6)):
            _say(case.append(*entry).hash)
        if rng.random() < 0.05:
            _export(case, path.with_name(f"bundle-{seed}-{number}"))
        if rng.random() < 0.05:  # the end of a sitting: checkpoint, backup, lock and key gone
            case.close()
            case = _start(path)


def _start(path: Path) -> CaseFile:
    if path.exists():
        return open_case(path, sitting.PASSPHRASE, options=OPTIONS)
    case = create_case(path, sitting.PASSPHRASE, sitting.FACTS, kdf=sitting.CHEAP, options=OPTIONS)
    for entry in sitting.whole(1, 2):
        _say(case.append(*entry).hash)
    return case


def _export(case: CaseFile, destination: Path) -> None:
    with contextlib.suppress(PortraitError):
        export_bundle(case, destination, "media", portrait_record(case), sitting.PlainPainter())


def _say(text: str) -> None:
    os.write(1, f"{text}\n".encode())  # one write, no buffer: it is out before the next step


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

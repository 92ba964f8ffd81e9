"""A small share of tests/release/refusals.py: bombs and mutants are refused, memory is limited."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.engine.media.decode import end_worker, read_exactly, start_worker
from app.engine.media.worker import JOB, PICTURE
from app.models.errors import BadInput
from tests.engine.pictures.clips import wall, write_clip
from tests.release.refusals import BOMBS, mutated, read_video

REFUSED = {"media.too_many_pixels", "media.damaged", "media.kind", "media.false_size"}


@pytest.mark.parametrize(("name", "made", "read"), BOMBS, ids=[b[0] for b in BOMBS])
def test_a_file_that_promises_too_much_is_refused(
    tmp_path: Path, name: str, made: Callable[[Path], bytes], read: Callable[[Path], Any]
) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(made(tmp_path))
    with pytest.raises(BadInput) as error:
        read(path)
    assert error.value.code in REFUSED
    assert error.value.facts["file"] == str(path)


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "mp4v"), ("a.avi", "MJPG")])
def test_mutated_videos_are_read_or_refused(tmp_path: Path, name: str, codec: str) -> None:
    frames = [np.roll(wall(160, 96), 5 * i, axis=1) for i in range(6)]
    whole = write_clip(tmp_path / name, frames, 10.0, codec=codec).read_bytes()
    rng, outcomes = np.random.default_rng(4), set()
    for _ in range(3):
        (tmp_path / "mutant").write_bytes(mutated(whole, rng))
        try:
            read_video(tmp_path / "mutant")
            outcomes.add("read")
        except BadInput as error:
            outcomes.add(error.code)
    assert outcomes <= {"read", "media.damaged", "media.kind", "media.worker_died"}


@pytest.mark.skipif(sys.platform != "linux", reason="resource limits differ elsewhere")
def test_no_decoding_process_can_hold_600_mb() -> None:
    process = start_worker("images", subprocess.PIPE)
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(JOB.pack(1) + b"x")  # answered: it has confined itself
        process.stdin.flush()
        read_exactly(process.stdout, PICTURE.size)
        place = Path(f"/proc/{process.pid}")
        limit = next(x for x in (place / "limits").read_text().splitlines() if "address" in x)
        status = dict(x.split(":") for x in (place / "status").read_text().splitlines())
        size, held = (int(status[k].split()[0]) * 1024 for k in ("VmSize", "VmHWM"))
        assert int(limit.split()[3]) - size + held < 600 * 2**20
    finally:
        end_worker(process)

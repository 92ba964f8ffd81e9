"""A video looked through with the bundled models: hard cuts, and stopping in the middle."""

from __future__ import annotations

import subprocess

import pytest

from app.engine.api import Progress, ScanVideo
from app.engine.media import video
from app.engine.runtime import Runtime
from app.models.errors import Cancelled
from tests.engine.pictures.clips import Actor, frame_at, wall, write_clip

pytestmark = pytest.mark.bundled_model


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    return Runtime(device="cpu")


@pytest.fixture(scope="module")
def clip(runtime: Runtime, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two seconds of one face, then a hard cut to another in the same place, before one wall."""
    painter = runtime.load()
    first, second = (painter.pixels_of(painter.wide(painter.sample(s))) for s in (1, 4))
    actors = [
        Actor(first, lambda t: (160, 120, 160) if t < 1 else None),
        Actor(second, lambda t: (160, 120, 160) if t >= 1 else None),
    ]
    back = wall(320, 240)
    path = tmp_path_factory.mktemp("clip") / "cut.mp4"
    return str(write_clip(path, lambda t: frame_at(t, back, actors), 10.0, 2.0))


def test_two_faces_in_one_place_around_a_cut_are_two_persons(runtime: Runtime, clip: str) -> None:
    read = runtime.answer(ScanVideo(clip), lambda event: None, lambda: None)
    assert [(p.first_s < 0.5, p.last_s > 1.5) for p in read.persons] == [
        (True, False), (False, True),
    ]  # fmt: skip


def test_a_scan_that_is_stopped_ends_and_takes_its_decoder_with_it(
    runtime: Runtime, clip: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    start = video.start_worker

    def noted(*args: object, **more: object) -> subprocess.Popen[bytes]:
        started.append(start(*args, **more))  # type: ignore[arg-type]
        return started[-1]

    monkeypatch.setattr(video, "start_worker", noted)
    told: list[Progress] = []

    def check() -> None:
        if told:
            raise Cancelled

    with pytest.raises(Cancelled):
        runtime.answer(ScanVideo(clip), told.append, check)  # type: ignore[arg-type]
    assert len(told) == 1
    assert len(started) == 2  # one look at the length, one at the frames
    assert all(process.poll() is not None for process in started)

"""Foreign videos: four containers are read, everything else is refused by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.engine.media.video import open_video
from app.models.errors import BadInput
from tests.engine.pictures.clips import write_clip

FPS = 10.0


def shade(index: int) -> int:
    return 20 + 10 * index


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 grey frames, each brighter than the one before."""
    frames = [np.full((96, 128, 3), shade(i), np.uint8) for i in range(20)]
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", frames, FPS)


def refused(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(BadInput) as error, open_video(path) as video:
        list(video.frames())
    assert error.value.facts["file"] == str(path)
    return error.value.code


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "mp4v"), ("a.mov", "mp4v"), ("a.avi", "MJPG"), ("a.mkv", "VP90")]
)
def test_the_four_containers_are_read(tmp_path: Path, name: str, codec: str) -> None:
    frames = [np.full((96, 128, 3), shade(i), np.uint8) for i in range(8)]
    path = write_clip(tmp_path / name, frames, FPS, codec=codec)
    with open_video(path) as video:
        seen = list(video.frames())
    assert (video.width, video.height, video.complete) == (128, 96, True)
    assert [f.index for f in seen] == list(range(8))
    for frame in seen:
        assert float(frame.pixels.mean()) == pytest.approx(shade(frame.index), abs=6)
        assert frame.seconds == pytest.approx(frame.index / FPS, abs=0.06)


def test_frames_are_sampled_by_time_and_listed_by_number(clip: Path) -> None:
    with open_video(clip, every_s=0.5) as video:
        assert [f.index for f in video.frames()] == [0, 5, 10, 15]
        assert video.seconds == pytest.approx(2.0)
    with open_video(clip, frames=(17, 3, 500)) as video:
        seen = list(video.frames())
    assert [f.index for f in seen] == [3, 17]
    assert float(seen[1].pixels.mean()) == pytest.approx(shade(17), abs=6)


def test_a_playlist_is_no_video_whatever_it_is_called(clip: Path, tmp_path: Path) -> None:
    playlist = f"#EXTM3U\n#EXTINF:1,\nfile://{clip}\n".encode()
    assert refused(tmp_path / "list.mp4", playlist) == "media.kind"
    assert refused(tmp_path / "list.mkv", b"ffconcat version 1.0\nfile clip.mp4\n") == "media.kind"


def test_a_playlist_behind_a_videos_first_bytes_opens_nothing(clip: Path, tmp_path: Path) -> None:
    for head in (b"\0\0\0\x10ftypisom\0\0\0\0", b"\x1aE\xdf\xa3", b"RIFF\0\0\0\0AVI "):
        posing = head + f"\n#EXTM3U\n#EXTINF:1,\nfile://{clip}\n".encode() * 20
        assert refused(tmp_path / "posing.mp4", posing) in ("media.damaged", "media.worker_died")


def test_a_video_that_breaks_off_is_refused_or_said_to_be_short(clip: Path, tmp_path: Path) -> None:
    frames = [np.random.default_rng(i).integers(0, 255, (96, 128, 3), np.uint8) for i in range(30)]
    whole = write_clip(tmp_path / "whole.avi", frames, FPS, codec="MJPG").read_bytes()
    cut = tmp_path / "cut.avi"
    cut.write_bytes(whole[: len(whole) // 2])
    with open_video(cut) as video:
        seen = list(video.frames())
    assert 3 < len(seen) < 25
    assert not video.complete
    assert refused(tmp_path / "cut.mp4", clip.read_bytes()[:600]) == "media.damaged"


def test_frames_that_cannot_be_meant_are_refused(clip: Path) -> None:
    with pytest.raises(BadInput, match="video.bad_frames"):
        open_video(clip, frames=(-1,))
    with pytest.raises(BadInput, match="video.bad_frames"):
        open_video(clip, frames=tuple(range(1000)))

"""The video page: scanned with progress, persons apart, frames chosen and fused into one face."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.engine.api import EncodeFrames, EnhanceFace
from app.models.session import Stage
from app.views.video_page import VideoPage
from app.views.window import Window
from tests.views.conftest import Wait
from tests.views.fakes import FakeEngine
from tests.views.picture_files import VIDEO, kinds, told, video

Left = Qt.MouseButton.LeftButton


@pytest.fixture
def sitting(window: Window, wait: Wait) -> Window:
    made = told(window, wait)
    made.show_starts()
    made.starts.show_kind("video")
    return made


@pytest.fixture
def page(sitting: Window) -> VideoPage:
    return sitting.starts.video


@pytest.fixture
def scanned(sitting: Window, page: VideoPage, wait: Wait, tmp_path: Path) -> VideoPage:
    sitting.desk.open_video(str(video(tmp_path)))
    wait(lambda: page.tiles)
    return page


def test_a_scan_shows_its_progress_and_can_be_stopped(
    sitting: Window, page: VideoPage, wait: Wait, engine: FakeEngine, tmp_path: Path
) -> None:
    engine.gate.clear()
    sitting.desk.open_video(str(video(tmp_path)))
    wait(lambda: page.progress.isVisible() and page.progress.maximum() == 5)
    assert page.progress.value() >= 1
    page.cancel.click()
    engine.gate.set()
    assert not page.progress.isVisible()
    assert "Stopped" in page.status.text()
    assert "video.added" not in kinds(sitting)
    assert page.tiles == []


def test_the_video_is_kept_and_its_persons_stand_apart(
    sitting: Window, scanned: VideoPage
) -> None:
    assert [len(tiles) for tiles in scanned.tiles] == [3, 3]
    assert scanned.tiles[1][0].accessibleName() == "Person 2 at 0:02.5"
    assert "look at every face" in scanned.status.text()
    case = sitting.controller.case
    assert case is not None
    assert case.original(hashlib.sha256(VIDEO).hexdigest()) == VIDEO
    assert kinds(sitting)[-2:] == ["video.added", "video.read"]


def test_a_large_video_leaves_only_its_hash(
    sitting: Window, page: VideoPage, wait: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.views.picture_keeping.ORIGINAL_LIMIT", 100)
    sitting.desk.open_video(str(video(tmp_path)))
    wait(lambda: page.tiles)
    assert sitting.controller.case is not None
    added = next(e for e in sitting.controller.case.events() if e.kind == "video.added")
    assert added.data["sha256"] == hashlib.sha256(VIDEO).hexdigest()
    assert added.data["bytes"] == len(VIDEO)
    assert "original" not in added.data
    assert page.source.kept.count() == 1  # nothing to open again
    assert not page.source.save.isEnabled()


def test_frames_of_one_person_only_are_fused(
    sitting: Window, scanned: VideoPage, wait: Wait, engine: FakeEngine, qtbot: QtBot
) -> None:
    assert not scanned.use.isEnabled()
    scanned.tiles[0][0].click()
    assert "One frame" in scanned.choice.text()
    scanned.tiles[1][0].click()  # another person: the first one is let go
    scanned.tiles[1][2].click()
    assert scanned.taken == (1, (0, 2))
    assert "fused into one face" in scanned.choice.text()
    qtbot.keyClick(scanned.tiles[1][1], Qt.Key.Key_Space)
    assert scanned.taken == (1, (0, 1, 2))
    scanned.use.click()
    wait(lambda: sitting.desk.result is not None)
    asked = next(r for r in engine.asked if isinstance(r, EncodeFrames))
    assert [frame for frame, _ in asked.frames] == [30, 55, 80]
    photo = sitting.starts.photo
    assert photo.isVisible()
    assert "clip.mkv, at 0:02.5, 0:03.5, 0:04.5" in photo.status.text()
    photo.enhance.click()
    wait(lambda: photo.possible.faces)
    enhanced = next(r for r in engine.asked if isinstance(r, EnhanceFace))
    assert enhanced.frames == asked.frames
    photo.back.click()
    photo.start.click()
    session = sitting.controller.session
    assert session.stage is Stage.refine
    assert session.sources == (hashlib.sha256(VIDEO).hexdigest(),)
    assert sitting.controller.history.current.detail == "video"


def test_the_time_line_chooses_as_the_thumbnails_do(scanned: VideoPage, qtbot: QtBot) -> None:
    qtbot.mouseClick(scanned.line, Left, pos=scanned.line.mark(1, 1).toPoint())
    assert scanned.taken == (1, (1,))
    qtbot.mouseClick(scanned.line, Left, pos=scanned.line.mark(1, 1).toPoint())
    assert scanned.taken == (0, ())
    scanned.tiles[0][2].click()
    scanned.none.click()
    assert not scanned.use.isEnabled()


def test_what_is_no_video_is_refused_by_name(
    sitting: Window, page: VideoPage, wait: Wait, tmp_path: Path
) -> None:
    path = tmp_path / "list.m3u8"
    path.write_text("#EXTM3U\n/etc/passwd\n")
    page.source.take_file(str(path))
    wait(lambda: "list.m3u8" in sitting.messages.text)
    assert not page.progress.isVisible()
    assert "video.added" not in kinds(sitting)

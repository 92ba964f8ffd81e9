"""The photo page on the real engine: a generated face on a photo comes back as itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.engine.api import FaceReady, ProposeFaces
from app.models.session import Stage
from app.models.settings import Settings
from app.views.images import resized
from app.views.launch import make_window
from app.views.png import png_of
from app.views.window import Window
from tests.views.conftest import do_interview
from tests.views.test_whole_loop import MODEL

pytestmark = [
    pytest.mark.bundled_model,
    pytest.mark.needs_torch,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not MODEL.is_file(), reason="no bundled model"),
]
PATIENCE_MS = 120_000


@pytest.fixture
def real(qapp: QApplication, qtbot: QtBot) -> Iterator[Window]:
    """The window as the program builds it, in a practice case whose witness has told."""
    from app.engine.service import EngineService

    window = make_window(qapp, EngineService, Settings(language="en", theme="light"), None)
    window.resize(1366, 768)
    window.show()
    window.controller.start_engine()
    window.controller.start_practice()
    qtbot.waitUntil(lambda: window.controller.model_ready, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: window.controller.case is not None, timeout=PATIENCE_MS)
    do_interview(window.controller)
    qtbot.waitUntil(lambda: bool(window.controller.session.description.attributes))
    window.controller.confirm_all()
    yield window
    window.controller.close_case()
    window.close()
    window.controller.shut_down()
    window.deleteLater()
    qapp.setStyleSheet("")


def generated(window: Window, qtbot: QtBot, count: int = 2) -> list[FaceReady]:
    """Generated faces, no real ones."""
    faces: list[FaceReady] = []
    done: list[object] = []
    window.controller.jobs.start(
        ProposeFaces(count=count, seed=12), done.append, lambda error: pytest.fail(str(error)),
        lambda event: faces.append(event) if isinstance(event, FaceReady) else None,
    )  # fmt: skip
    qtbot.waitUntil(lambda: bool(done), timeout=PATIENCE_MS)
    return sorted(faces, key=lambda face: face.index)


def as_photo(face: FaceReady, path: Path) -> Path:
    """The face as a phone would have it: larger, in the middle of something grey."""
    large = resized(face.pixels, 320, 320)
    picture = np.full((520, 700, 3), 120, np.uint8)
    picture[100:420, 190:510] = large
    path.write_bytes(png_of(picture))
    return path


def test_a_generated_face_on_a_photo_is_found_read_drawn_and_started_from(
    real: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    problems: list[str] = []
    real.controller.problem.connect(lambda error: problems.append(str(error)))
    shown, other = generated(real, qtbot)
    path = as_photo(shown, tmp_path / "phone.png")
    real.show_starts()
    real.desk.open_picture(str(path))
    page, desk = real.starts.photo, real.desk
    qtbot.waitUntil(lambda: desk.result is not None or bool(problems), timeout=PATIENCE_MS)
    assert not problems
    assert desk.subject is not None
    assert "One face." in page.status.text()
    assert page.read.rows  # attributes were read
    assert page.read.says.text().startswith("The picture seems to show")
    desk.refine(4.0)
    qtbot.waitUntil(
        lambda: desk.result is not None and desk.result.steps > 0, timeout=PATIENCE_MS
    )
    assert desk.result is not None
    drawn, aligned = desk.result.pixels.astype(float), desk.result.aligned.astype(float)
    stranger = resized(other.pixels, *aligned.shape[1::-1]).astype(float)
    assert np.abs(drawn - aligned).mean() < 0.6 * np.abs(stranger - aligned).mean()
    page.start.click()
    session = real.controller.session
    assert session.stage is Stage.refine
    assert session.portrait == desk.result.recipe
    assert session.portrait.origin == "photo"
    qtbot.waitUntil(
        lambda: real.controller.was_shown(desk.result.recipe), timeout=PATIENCE_MS
    )  # fmt: skip
    the_loop_goes_on(real, qtbot)
    assert not problems


def the_loop_goes_on(real: Window, qtbot: QtBot) -> None:
    """A slider moves the face, the next array is searched from it, and its picture stays named."""
    controller = real.controller
    started, sources = controller.session.portrait, controller.session.sources
    assert len(sources) == 1
    controller.set_edit("age", 10.0, final=True)
    moved = controller.session.portrait
    assert moved is not None
    qtbot.waitUntil(lambda: controller.was_shown(moved), timeout=PATIENCE_MS)
    assert not np.array_equal(controller.known_face(moved), controller.known_face(started))
    controller.go(Stage.round)
    controller.offer_round(6)
    qtbot.waitUntil(lambda: controller.session.open_round is not None, timeout=PATIENCE_MS)
    controller.use_portrait(1)
    assert controller.session.sources == sources
    qtbot.waitUntil(
        lambda: controller.was_shown(controller.session.portrait), timeout=PATIENCE_MS
    )  # fmt: skip

"""Getting a better recogniser from the window: licence first, progress, cancel, resume."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.models.offers import find_offer
from app.models.resources import ENVIRONMENT_NAME, resources_folder
from app.views.controller import Controller
from app.views.dictation_settings import DictationSettings
from app.views.fetch_dialog import FetchDialog, Fetching, fetch_sentence
from tests.engine.fetching.serving import NAME, Serving, model_files, serving, zipped
from tests.engine.fetching.test_fetch import offered

LONG_MS = 60_000  # a busy machine may take long to start a process


@dataclass
class Listed:
    """A list whose English recogniser is the archive that the server has."""

    server: Serving
    archive: bytes
    folder: Path


@pytest.fixture
def listed(own_folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listed]:
    archive, offer = zipped(model_files()), find_offer(NAME)
    for part in ("fetch", "i18n", "themes", "lexicon"):
        shutil.copytree(resources_folder() / part, tmp_path / part)
    path = tmp_path / "fetch" / "models.toml"
    text = path.read_text(encoding="utf-8").replace(offer.sha256, offered(archive).sha256)
    path.write_text(text.replace(str(offer.size), str(len(archive))), encoding="utf-8")
    monkeypatch.setenv(ENVIRONMENT_NAME, str(tmp_path))
    with serving(archive) as server:
        yield Listed(server, archive, tmp_path)


@pytest.fixture
def dialog(listed: Listed, qtbot: QtBot) -> Iterator[FetchDialog]:
    made = FetchDialog("en", arguments=("--url", listed.server.url))
    qtbot.addWidget(made)
    made.show()
    yield made
    made.fetching.stop()


def test_nothing_can_be_fetched_before_the_licence_is_accepted(
    dialog: FetchDialog, listed: Listed
) -> None:
    assert "Apache License" in dialog.licence.toPlainText()
    assert not dialog.go.isEnabled()
    assert not dialog.given.isEnabled()
    dialog.accept_box.setChecked(True)
    assert dialog.go.isEnabled()
    dialog.which.setCurrentIndex(1)  # another model, another licence to read
    assert not dialog.accept_box.isChecked()
    assert not dialog.go.isEnabled()
    assert listed.server.asked == []


def test_it_is_stopped_and_goes_on_from_there(
    dialog: FetchDialog, listed: Listed, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    listed.server.pause = (9000, gate)
    dialog.accept_box.setChecked(True)
    dialog.go.click()
    assert dialog.bar.isVisible()
    qtbot.waitUntil(lambda: "of" in dialog.status.text(), timeout=LONG_MS)
    dialog.leave.click()
    assert not dialog.fetching.is_running
    assert "Stopped" in dialog.status.text()
    assert dialog.isVisible()
    gate.set()
    listed.server.pause = None
    with qtbot.waitSignal(dialog.fetched, timeout=LONG_MS):
        dialog.go.click()
    assert listed.server.asked[-1].startswith("bytes=")
    assert "in place" in dialog.status.text()


def test_a_file_from_a_stick_is_checked_and_refused_calmly(
    dialog: FetchDialog, listed: Listed, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = listed.folder / "stick.zip"
    given.write_bytes(listed.archive + b"x")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(given), ""))
    dialog.accept_box.setChecked(True)
    with qtbot.waitSignal(dialog.fetching.ended, timeout=LONG_MS):
        dialog.given.click()
    assert dialog.status.text() == fetch_sentence("fetch.wrong_size")
    assert listed.server.asked == []


def test_the_settings_of_dictation_hold_on_ok_and_name_a_lost_microphone(
    controller: Controller, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.views.microphone.input_names", lambda: ("Desk microphone",))
    controller.change_settings(microphone="Old headset")
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(Fetching, "start", lambda self, *arguments: asked.append(arguments))
    page = DictationSettings(controller)
    qtbot.addWidget(page)
    names = [page.device.itemText(i) for i in range(page.device.count())]
    assert names == ["As the system", "Desk microphone", "Old headset (not connected)"]
    assert page.device.currentData() == "Old headset"
    page.device.setCurrentIndex(1)
    page.mode.setCurrentIndex(1)
    page.folder.setText("/models/vosk")
    page.keep.setChecked(True)
    page._on_present({"event": "list", "installed": [], "speech": {"en": "vosk-model-x"}})
    assert "vosk-model-x" in page.present.text()
    page._on_present({"event": "list", "installed": [], "speech": {"en": ""}})
    assert "weaker" in page.present.text()
    assert asked == [("--list",)]
    page.accept()
    settings = controller.settings
    assert (settings.microphone, settings.any_words) == ("Desk microphone", True)
    assert (settings.speech_model, settings.keep_audio) == ("/models/vosk", True)

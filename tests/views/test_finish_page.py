"""The witness's judgement, and the export: choices, progress, cancel, result."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from app.models.export import bundle
from app.models.session import Stage
from app.views.controller import Controller
from app.views.finish_page import FinishPage

PATIENCE_MS = 20_000


@pytest.fixture
def page(refining: Controller, qtbot: QtBot) -> Iterator[FinishPage]:
    """The page on screen, the portrait accepted, not judged yet."""
    refining.accept_portrait()
    shown = FinishPage(refining)
    qtbot.addWidget(shown)
    refining.session_changed.connect(lambda old, new: shown.show_session(new))
    shown.resize(1190, 620)
    with qtbot.waitExposed(shown):
        shown.show()
    yield shown
    shown.hide()


def export(page: FinishPage, qtbot: QtBot, to: Path, profile: str = "full") -> None:
    """Choose and press the button; wait for the end."""
    page._controller.go(Stage.export)
    page.export.profiles[profile].setChecked(True)
    page.export.destination.setText(str(to))
    with qtbot.waitSignal(page._controller.exporter.ended, timeout=PATIENCE_MS):
        page.export.go.click()
    qtbot.waitUntil(lambda: page.export.go.isEnabled())


def test_nothing_is_chosen_beforehand(page: FinishPage) -> None:
    assert page.rating.isVisible()
    assert page.rating.rating is None
    assert not page.rating.keep.isEnabled()
    assert len(page.rating.choices) == 5
    assert not any("%" in c.text() for c in page.rating.choices.values())


def test_the_judgement_and_the_words_are_kept_as_given(page: FinishPage) -> None:
    page.rating.choices[4].click()
    page.rating.remark.setPlainText("His chin was  broader, I'd say.")
    page.rating.keep.click()
    session = page._controller.session
    assert (session.rating, session.remark) == (4, "His chin was  broader, I'd say.")
    assert session.stage is Stage.export
    assert page.export.isVisible()
    assert not page.rating.isVisible()
    rated = [e for e in page._controller.case.events() if e.kind == "portrait.rated"]  # type: ignore[union-attr]
    assert rated[-1].actor == "witness"


def test_not_like_him_leads_back_to_the_faces_not_to_the_export(page: FinishPage) -> None:
    page.rating.choices[1].click()
    assert page.rating.comfort.isVisible()
    page.rating.keep.click()
    assert page._controller.session.rating == 1
    assert page._controller.session.stage is Stage.validation
    page.rating.to_faces.click()
    assert page._controller.session.stage is Stage.round
    assert page._controller.session.portrait is not None


def test_a_changed_portrait_has_to_be_judged_again(page: FinishPage) -> None:
    page.rating.choices[5].click()
    page.rating.keep.click()
    page._controller.go(Stage.refine)
    page._controller.set_edit("lips", 1.0, final=True)
    page._controller.go(Stage.validation)
    assert page.rating.rating is None
    assert not page.rating.keep.isEnabled()


def test_a_bundle_is_written_and_its_words_are_shown(
    page: FinishPage, qtbot: QtBot, tmp_path: Path
) -> None:
    page.rating.choices[4].click()
    page.rating.keep.click()
    export(page, qtbot, tmp_path / "bundle.zip")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        names = set(archive.namelist())
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.read("report.pdf").startswith(b"%PDF")
    assert {"portrait-512.png", "sketch.png", "record.json", "recipe.json"} <= names
    assert page.export.card.isVisible()
    assert page.export.words.text().split() == list(manifest["events"]["words"])
    assert page.export.hexadecimal.text().replace(" ", "") == manifest["events"]["head"]
    assert str(tmp_path / "bundle.zip") in page.export.where.text()


def test_the_public_gets_neither_record_nor_report(
    page: FinishPage, qtbot: QtBot, tmp_path: Path
) -> None:
    export(page, qtbot, tmp_path / "media.zip", "media")
    with zipfile.ZipFile(tmp_path / "media.zip") as archive:
        names = set(archive.namelist())
    assert "portrait-512.png" in names
    assert not {"report.pdf", "record.json"} & names


def test_the_folder_can_be_opened(
    page: FinishPage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: bool(opened.append(url)))
    export(page, qtbot, tmp_path / "b.zip", "media")
    page.export.open_button.click()
    assert [url.toLocalFile() for url in opened] == [str(tmp_path)]


def test_a_file_that_is_there_already_is_never_touched(
    page: FinishPage, qtbot: QtBot, tmp_path: Path, problems: list[str]
) -> None:
    (tmp_path / "b.zip").write_text("mine")
    export(page, qtbot, tmp_path / "b.zip", "media")
    assert problems[-1] == "export.exists"
    assert (tmp_path / "b.zip").read_text() == "mine"
    assert not page.export.card.isVisible()


def test_a_portrait_changed_after_acceptance_is_not_exported(
    page: FinishPage, qtbot: QtBot, tmp_path: Path, problems: list[str]
) -> None:
    page._controller.set_edit("lips", 2.0, final=True)
    export(page, qtbot, tmp_path / "b.zip")
    assert problems[-1] == "export.not_accepted"
    assert not list(tmp_path.iterdir())


def test_while_it_runs_nothing_else_is_written_and_it_can_be_cancelled(
    page: FinishPage, qtbot: QtBot, tmp_path: Path, problems: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    reached, go_on = threading.Event(), threading.Event()
    original = bundle._Maker._add_record

    def slow(maker: Any, record: Any) -> None:
        reached.set()
        go_on.wait(10)
        original(maker, record)

    monkeypatch.setattr(bundle._Maker, "_add_record", slow)
    page._controller.go(Stage.export)
    page.export.destination.setText(str(tmp_path / "b.zip"))
    page.export.go.click()
    qtbot.waitUntil(reached.is_set, timeout=PATIENCE_MS)
    assert page.export.bar.isVisible()
    assert not page.export.go.isEnabled()
    assert not page.export.destination.isEnabled()
    head = page._controller.history.head
    page._controller.undo()
    assert problems[-1] == "export.running"
    assert page._controller.history.head == head
    with qtbot.waitSignal(page._controller.exporter.ended, timeout=PATIENCE_MS):
        page.export.cancel.click()
        go_on.set()
    assert not list(tmp_path.iterdir())
    assert page.export.go.isEnabled()
    assert not page.export.bar.isVisible()
    assert problems == ["export.running"]


def test_a_case_closed_during_the_sketch_leaves_nothing_stuck(
    page: FinishPage, qtbot: QtBot, tmp_path: Path
) -> None:
    controller = page._controller
    controller.go(Stage.export)
    page.export.destination.setText(str(tmp_path / "b.zip"))
    page.export.go.click()
    assert controller.exporter.is_running
    controller.close_case()  # before the sketch can have come back
    qtbot.waitUntil(lambda: not controller.exporter.is_running)
    controller.start_practice()
    qtbot.waitUntil(lambda: controller.case is not None)
    controller.set_recall("words")
    assert controller.session.recall == "words"
    assert not list(tmp_path.iterdir())


def test_what_is_left_out_is_said_for_every_profile(page: FinishPage) -> None:
    page._controller.go(Stage.export)
    said = {n: c.accessibleDescription() for n, c in page.export.profiles.items()}
    assert set(said) == {"full", "defence", "media"}
    assert "No names" in said["media"]
    assert "without" in said["defence"]


def test_the_suggested_name_holds_no_odd_letters() -> None:
    from datetime import datetime

    from app.models.case import CaseFacts
    from app.views.export_panel import suggested_name

    name = suggested_name(CaseFacts("AB/12: x?"), datetime(2026, 1, 2, 3, 4))
    assert name == "portrait-AB-12--x-20260102-0304.zip"
    assert suggested_name(None, datetime(2026, 1, 2, 3, 4)) == "portrait-20260102-0304.zip"


def test_a_portrait_changed_after_acceptance_is_accepted_from_the_export_page(
    page: FinishPage, qtbot: QtBot, tmp_path: Path
) -> None:
    controller = page._controller
    controller.go(Stage.export)
    assert not page.export.accept.isVisible()
    controller.set_edit("age", 5.0, final=True)
    qtbot.waitUntil(lambda: controller.was_shown(controller.session.portrait))
    controller.go(Stage.export)
    page.show_session(controller.session)
    assert page.export.accept.isVisible()
    page.export.accept.click()
    assert controller.session.stage is Stage.validation
    export(page, qtbot, tmp_path / "out.zip")
    assert (tmp_path / "out.zip").is_file()
    assert not page.export.accept.isVisible()

"""The dialog for several witnesses' morph: it asks for what is needed and says what came of it."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from app.views.morph_dialog import MorphDialog
from tests.views.conftest import Wait


def test_it_waits_for_two_bundles_a_name_and_a_folder(qtbot: QtBot) -> None:
    dialog = MorphDialog()
    dialog.add(["/a.zip", "/b.zip", "/a.zip"])
    assert dialog.chosen() == ["/a.zip", "/b.zip"]
    assert not dialog.go.isEnabled()
    dialog.by.setText("PC 1")
    dialog.folder.setText("/tmp/out")
    assert dialog.go.isEnabled()
    dialog.bundles.setCurrentRow(0)
    dialog.remove.click()
    assert not dialog.go.isEnabled()
    dialog.deleteLater()


def test_a_bundle_that_is_none_is_named(qtbot: QtBot, wait: Wait, tmp_path: Path) -> None:
    dialog = MorphDialog("PC 1")
    for name in ("a.zip", "b.zip"):
        (tmp_path / name).write_bytes(b"nothing")
    dialog.add([str(tmp_path / "a.zip"), str(tmp_path / "b.zip")])
    dialog.folder.setText(str(tmp_path / "out"))
    dialog.make()
    assert not dialog.go.isEnabled()
    wait(lambda: not dialog.is_running, timeout=40_000)
    assert "a.zip" in dialog.answer.text()
    assert not (tmp_path / "out").exists()
    dialog.deleteLater()

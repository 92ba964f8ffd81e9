"""Settings: in force on OK, forgotten on Cancel; the model's card; the lock of an idle case."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.engine.api import ModelInfo
from app.models.session import Stage
from app.models.settings import ARRAY_SIZES, Settings, load_settings
from app.views import terms
from app.views.card_words import card_rows
from app.views.controller import Controller
from app.views.dialogs import keys_dialog, model_card_dialog
from app.views.idle import IdleWatch
from app.views.launch import _choose_machine, settings_path
from app.views.settings_dialog import SettingsDialog
from app.views.window import Window
from tests.views.fakes import INFO


def combo(dialog: SettingsDialog, name: str) -> QComboBox:
    return next(c for c in dialog.findChildren(QComboBox) if c.accessibleName() == name)


def test_ok_puts_everything_in_force_at_once(controller: Controller, qtbot: QtBot) -> None:
    dialog = SettingsDialog(controller)
    qtbot.addWidget(dialog)
    box = combo(dialog, "Faces shown together")
    assert [box.itemData(i) for i in range(box.count())] == list(ARRAY_SIZES)
    box.setCurrentIndex(box.findData(12))
    combo(dialog, "Colours").setCurrentIndex(2)
    changed: list[object] = []
    controller.settings_changed.connect(changed.append)
    dialog.accept()
    assert controller.settings.array_size == 12
    assert controller.settings.theme == "dark"
    assert len(changed) == 1


def line(dialog: SettingsDialog, name: str) -> QLineEdit:
    return next(c for c in dialog.findChildren(QLineEdit) if c.accessibleName() == name)


def test_the_sitting_and_the_computer_are_chosen_there(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = window.show_settings()
    assert isinstance(dialog, SettingsDialog)
    for name, value in (
        ("Colours", "evening"), ("Monitor of the witness's screen", "same"),
        ("Codes for ethnic appearance", "ic"), ("Export is usually", "defence"),
        ("Faces are drawn by", "cpu"),
    ):  # fmt: skip
        box = combo(dialog, name)
        box.setCurrentIndex(box.findData(value))
    line(dialog, "Name of the force").setText(" Force of Nowhere ")
    line(dialog, "Reference numbers begin with").setText("NP/")
    line(dialog, "Folder of new cases").setText(str(tmp_path))
    dialog.accept()
    settings = window.controller.settings
    assert (settings.theme, settings.witness_screen, settings.device) == ("evening", "same", "cpu")
    assert terms.value_label("ethnicity", "black") == "black (IC3)"
    assert terms.value_label("ethnicity", "latino") == "Latino"
    window.start_page.show_new()
    form = window.start_page.new_form
    assert (form.reference.text(), form.organisation.text()) == ("NP/", "Force of Nowhere")
    form.reference.setText("NP/7")
    assert Path(form.file.line.text()).parent == tmp_path
    finish = window.pages[Stage.export]
    assert finish.export.profile == "defence"  # type: ignore[attr-defined]
    window.controller.change_settings(codes="none", theme="light")
    assert terms.value_label("ethnicity", "black") == "black"


def test_the_program_is_made_portable_and_says_where(window: Window) -> None:
    said: list[str] = []
    window.controller.notice.connect(lambda code, facts: said.append(code))
    window.controller.change_settings(array_size=12)
    dialog = window.show_settings()
    assert isinstance(dialog, SettingsDialog)
    dialog.make_portable()
    assert said == ["portable.made"]
    assert settings_path().is_file()
    assert load_settings(settings_path()).array_size == 12
    dialog.close()
    again = window.show_settings()
    assert any("Portable" in label.text() for label in again.findChildren(QLabel))
    again.close()


def test_the_device_and_threads_are_told_to_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORTRAIT_PARLE_DEVICE", "PORTRAIT_PARLE_THREADS"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    _choose_machine(Settings())
    assert not {"PORTRAIT_PARLE_DEVICE", "PORTRAIT_PARLE_THREADS"} & set(os.environ)
    _choose_machine(Settings(device="cpu", threads=3))
    assert os.environ["PORTRAIT_PARLE_DEVICE"] == "cpu"
    assert os.environ["PORTRAIT_PARLE_THREADS"] == "3"


def test_cancel_changes_nothing(controller: Controller, qtbot: QtBot) -> None:
    dialog = SettingsDialog(controller)
    qtbot.addWidget(dialog)
    before = controller.settings
    combo(dialog, "Faces shown together").setCurrentIndex(3)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert controller.settings == before


def test_another_model_folder_is_loaded_and_a_bad_one_is_explained(
    controller: Controller, problems: list[str], qtbot: QtBot
) -> None:
    controller.change_settings(model_folder="/nowhere")
    qtbot.waitUntil(lambda: controller.model_state == "failed")
    assert problems == ["model.missing"]
    controller.change_settings(model_folder="fake")
    qtbot.waitUntil(lambda: controller.model_ready)


def test_an_idle_case_is_locked_once(qapp: QApplication, qtbot: QtBot) -> None:
    watch = IdleWatch(qapp, 0.001)
    said: list[bool] = []
    watch.idle.connect(lambda: said.append(True))
    qtbot.wait(200)
    assert said == [True]
    watch.set_minutes(0)
    qtbot.wait(100)
    assert said == [True]
    qapp.removeEventFilter(watch)


def test_using_the_keyboard_puts_the_lock_off(qapp: QApplication, qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    watch = IdleWatch(qapp, 0.15 / 60 * 2)
    said: list[bool] = []
    watch.idle.connect(lambda: said.append(True))
    for _ in range(8):
        qtbot.wait(50)
        qtbot.keyClick(widget, Qt.Key.Key_A)
    assert not said
    qtbot.waitUntil(lambda: bool(said))
    qapp.removeEventFilter(watch)


def test_a_locked_practice_case_would_be_lost_so_it_stays(window: Window, qtbot: QtBot) -> None:
    window.ask_practice()
    qtbot.waitUntil(lambda: window.controller.case is not None)
    window.lock("idle")
    assert window.controller.case is not None


def test_the_card_says_what_the_model_is_and_is_weak_at(qtbot: QtBot) -> None:
    info = ModelInfo(
        "m", "a" * 64, 128, 12, 256, "cpu", INFO.directions,
        card=(("limits", "Hats cannot be shown."), ("training.data", "drawings"),
              ("bias.sex.male", "0.98"), ("files.x", "hash")),
    )  # fmt: skip
    sections = dict(card_rows(info))
    told = [text for pairs in sections.values() for _, text in pairs]
    assert "Hats cannot be shown." in [t for _, t in sections["What it is weak at"]]
    assert "drawings" in told
    assert "0.98" in told
    assert "hash" not in told
    parent = QWidget()
    qtbot.addWidget(parent)
    assert model_card_dialog(None, parent)


def test_the_card_shows_faces_of_the_model_where_its_folder_has_them(
    qtbot: QtBot, tmp_path: Path
) -> None:
    info = ModelInfo("m", "a" * 64, 128, 12, 256, "cpu", (), folder=str(tmp_path))
    parent = QWidget()
    qtbot.addWidget(parent)
    assert not _pictures(model_card_dialog(info, parent))
    grid = QImage(64, 64, QImage.Format.Format_RGB888)
    grid.fill(QColor("gray"))
    assert grid.save(str(tmp_path / "samples.jpg"))
    (picture,) = _pictures(model_card_dialog(info, parent))
    assert picture.accessibleName()


def _pictures(dialog: QWidget) -> list[QLabel]:
    return [label for label in dialog.findChildren(QLabel) if not label.pixmap().isNull()]


def test_every_key_of_the_menus_is_on_the_page_of_keys(window: Window) -> None:
    dialog = keys_dialog(list(window._actions.values()), window)
    shown = {label.text() for label in dialog.findChildren(QLabel)}
    keys = {a.shortcut().toString() for a in window._actions.values()} - {""}
    assert len(keys) >= 15
    assert keys <= shown

"""Settings: in force on OK, forgotten on Cancel; the model's card; the lock of an idle case."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from app.engine.api import ModelInfo
from app.models.settings import ARRAY_SIZES
from app.views.card_words import card_rows
from app.views.controller import Controller
from app.views.dialogs import keys_dialog, model_card_dialog
from app.views.idle import IdleWatch
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


def test_every_key_of_the_menus_is_on_the_page_of_keys(window: Window) -> None:
    from PySide6.QtWidgets import QLabel

    dialog = keys_dialog(list(window._actions.values()), window)
    shown = {label.text() for label in dialog.findChildren(QLabel)}
    keys = {a.shortcut().toString() for a in window._actions.values()} - {""}
    assert len(keys) >= 15
    assert keys <= shown

"""The tour walked by somebody new, and every other page beside it, as pictures to be looked at.

    PORTRAIT_PARLE_WALK_OUT=/tmp/walk python -m pytest -q -p no:cacheprovider \
        tests/release/walk_pictures.py

Four themes, two sizes, two languages: {language}_{stop}_{width}_{theme}.png, and one sheet of four
for each stop and language: sheet_{language}_{stop}.png. PORTRAIT_PARLE_WALK_REAL=1 takes the real
engine and its bundled model. Without a folder only the walk is walked.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from app.engine.api import Engine
from app.models.interview import QUESTIONS
from app.models.session import Stage
from app.models.settings import THEMES, Settings
from app.views.crash import CrashDialog
from app.views.launch import make_window
from app.views.origins_dialog import origins_dialog
from app.views.refine_page import ON_TOP, PART, WHOLE
from app.views.region_bar import PARTS
from app.views.window import Window
from tests.views.fakes import FakeEngine
from tests.views.tour_walk import Novice

OUT = os.environ.get("PORTRAIT_PARLE_WALK_OUT", "")
REAL = bool(os.environ.get("PORTRAIT_PARLE_WALK_REAL"))
LANGUAGES = ("en", "fr")
SIZES = ((1366, 768), (1920, 1080))
SHOWN = tuple(theme for theme in THEMES if theme != "system")
PATIENCE_MS = 120_000 if REAL else 10_000

pytestmark = [pytest.mark.timeout(3000), pytest.mark.qt_log_ignore("This plugin does not support")]


class Camera:
    """Takes one stop in both sizes; remembers which stops there were."""

    def __init__(self, window: Window, qtbot: QtBot) -> None:
        self.window, self.qtbot = window, qtbot
        self.stops: list[str] = []

    def take(self, name: str, shown: QWidget | None = None) -> None:
        """Everything of one stop; ``shown``: a dialog or the witness's screen instead."""
        self.stops.append(name)
        if not OUT:
            return
        settings = self.window.controller.settings
        for width, height in SIZES:
            if not isinstance(shown, QDialog):
                (shown or self.window).showNormal()  # the witness's screen fills its monitor
                (shown or self.window).resize(width, height)
            self.qtbot.wait(40)
            file = f"{OUT}/{settings.language}_{name}_{width}_{settings.theme}.png"
            (shown or self.window).grab().save(file)
        self.window.resize(*SIZES[0])


def make_sheets() -> None:
    """One sheet for each stop and language: every theme once, each size for two of them."""
    corners = [(SIZES[0][0], SHOWN[0]), (SIZES[0][0], SHOWN[1]), (SIZES[1][0], SHOWN[2]),
               (SIZES[1][0], SHOWN[3])]  # fmt: skip
    for file in sorted(Path(OUT).glob(f"*_{SIZES[0][0]}_{SHOWN[0]}.png")):
        stop = file.name.removesuffix(f"_{SIZES[0][0]}_{SHOWN[0]}.png")
        sheet = QImage(1920, 1080, QImage.Format.Format_RGB32)
        sheet.fill(Qt.GlobalColor.darkGray)
        painter = QPainter(sheet)
        for place, (width, theme) in enumerate(corners):
            fitted = QImage(f"{OUT}/{stop}_{width}_{theme}.png").scaled(
                950, 530, Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )  # fmt: skip
            at = QRect(place % 2 * 960 + 5, place // 2 * 540 + 5, fitted.width(), fitted.height())
            painter.drawImage(at, fitted)
        painter.end()
        sheet.save(f"{OUT}/sheet_{stop}.png")


def _engine() -> Engine:
    if not REAL:
        return FakeEngine()
    from app.engine.service import EngineService

    return EngineService()


@pytest.fixture(params=itertools.product(LANGUAGES, SHOWN), ids="-".join)
def camera(qapp: QApplication, qtbot: QtBot, request: pytest.FixtureRequest) -> Iterator[Camera]:
    """The window in one language and theme, on the fake or the real engine."""
    language, theme = request.param
    if OUT:
        Path(OUT).mkdir(parents=True, exist_ok=True)
    window = make_window(qapp, _engine, Settings(language=language, theme=theme), None)
    window.resize(*SIZES[0])
    window.show()
    window.controller.start_engine()
    qtbot.waitUntil(lambda: window.controller.model_ready, timeout=PATIENCE_MS)
    yield Camera(window, qtbot)
    window.controller.close_case()
    window.close()
    window.controller.shut_down()
    window.deleteLater()
    qapp.setStyleSheet("")
    if OUT and (language, theme) == (LANGUAGES[-1], SHOWN[-1]):
        make_sheets()


def test_the_walk(camera: Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    window = camera.window
    window.controller.change_settings(look_longer_s=0)
    monkeypatch.setattr(window, "_asked", lambda text: True)  # practice may be lost here
    _start(camera)
    _interview(camera)
    Novice(window, camera.qtbot, lambda key: camera.take(f"tour_{key}"), PATIENCE_MS).finish()
    _faces(camera)
    _refinement(camera)
    _end(camera)
    _dialogs(camera)
    assert len(set(camera.stops)) == len(camera.stops) > 35


def _start(camera: Camera) -> None:
    start = camera.window.start_page
    camera.take("start")
    for name, turn in (
        ("new", start.show_new), ("open", start.show_open), ("recover", start.show_recover),
    ):  # fmt: skip
        turn()
        camera.take(f"start_{name}")
    start.show_welcome()


def _interview(camera: Camera) -> None:
    window, controller = camera.window, camera.window.controller
    controller.start_practice()
    camera.qtbot.waitUntil(lambda: controller.case is not None)
    for question in QUESTIONS:
        controller.set_eligibility(question.key, question.values[0])
    controller.set_eligibility("photos_shown", "yes")
    camera.take("interview_gate")
    controller.set_authority("-", "-")
    window.pages[Stage.interview].questions.go_on.click()  # type: ignore[attr-defined]
    recall = window.recall
    for step in ("welcome", "scene", "questions", "order", "character", "close"):
        recall.turn_to(step)
        if step == "questions":
            recall.question.line.setText("Avait-il un gros nez ?" if controller.language == "fr"
                                         else "Was his nose big?")
            recall.question.show_hint()
            recall.guide._clock.start()
        camera.take(f"interview_{step}")
    controller.close_case()


def _faces(camera: Camera) -> None:
    window, controller = camera.window, camera.window.controller
    window.go(Stage.round)
    page = window.pages[Stage.round]
    if controller.session.open_round is None:
        controller.offer_round()
        camera.qtbot.waitUntil(
            lambda: controller.session.open_round is not None, timeout=PATIENCE_MS
        )
    page.options.ranked.setChecked(True)  # type: ignore[attr-defined]
    page.options.blur_on.setChecked(True)  # type: ignore[attr-defined]
    for index in (1, 5):
        page.gallery.toggle(index)  # type: ignore[attr-defined]
    page.gallery.toggle_held(4)  # type: ignore[attr-defined]
    camera.take("faces_ranked_blurred_held")
    page.options.blur_on.setChecked(False)  # type: ignore[attr-defined]
    page.options.simplified.setChecked(True)  # type: ignore[attr-defined]
    camera.take("faces_simplified")
    page.options.simplified.setChecked(False)  # type: ignore[attr-defined]
    window.toggle_witness()
    screen = window.witness.screen
    assert screen is not None
    camera.take("witness_array", screen)
    controller.take_break("witness")
    camera.take("witness_rest", screen)
    camera.take("break")
    controller.resume()
    window.go(Stage.refine)
    camera.take("witness_portrait", screen)
    window.toggle_witness()


def _refinement(camera: Camera) -> None:
    window, controller = camera.window, camera.window.controller
    page = window.pages[Stage.refine]
    page.side_by_side.setChecked(True)  # type: ignore[attr-defined]
    name = next(iter(page.rows))  # type: ignore[attr-defined]
    page.rows[name].star.click()  # type: ignore[attr-defined]
    controller.set_hold(name, True)
    camera.qtbot.wait(300)
    camera.take("refine_compared")
    page.side_by_side.setChecked(False)  # type: ignore[attr-defined]
    page.set_mode(PART)  # type: ignore[attr-defined]
    controller.overlays.paint_region(PARTS["mouth"])
    camera.take("refine_part")
    page.set_mode(ON_TOP)  # type: ignore[attr-defined]
    controller.overlays.add("cap")
    camera.qtbot.wait(500)
    camera.take("refine_layers")
    page.set_mode(WHOLE)  # type: ignore[attr-defined]


def _end(camera: Camera) -> None:
    window = camera.window
    window.go(Stage.validation)
    camera.take("confirm")
    window.go(Stage.export)
    camera.take("export")
    window.show_starts()
    camera.take("starts")
    window.leave_starts()


def _dialogs(camera: Camera) -> None:
    window = camera.window
    dialogs = {
        "settings": window.show_settings, "keys": window.help.show_keys,
        "page_help": window.help.show_page, "glossary": window.help.show_glossary,
        "model_card": window.help.show_model_card, "about": window.help.show_about,
    }
    for name, opening in dialogs.items():
        dialog = opening()
        camera.take(f"dialog_{name}", dialog)
        dialog.close()
    origins = origins_dialog(window.controller, window)
    origins.show()
    camera.take("dialog_origins", origins)
    origins.close()
    crash = CrashDialog(True, Path("/tmp") / "crash-20260101-120000.txt", window)
    crash.show()
    camera.take("dialog_crash", crash)
    crash.close()

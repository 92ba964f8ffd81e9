"""The whole loop on the real window, the real engine and the bundled model, by hand and key."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.models.case import CaseFacts
from app.models.interview import QUESTIONS
from app.models.round import Answer
from app.models.session import Stage
from app.models.settings import Settings
from app.views.forms import ChoiceRow
from app.views.launch import make_window
from app.views.slider_row import SliderRow
from app.views.window import Window

MODEL = Path(__file__).resolve().parents[2] / "resources/models/default/model.toml"
WORDS = "He was a man of about fifty with grey hair and a big nose, maybe a beard."
PASSPHRASE = "seven quiet owls look at the moon"
PATIENCE_MS = 60_000

pytestmark = [
    pytest.mark.bundled_model,
    pytest.mark.needs_torch,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not MODEL.is_file(), reason="no bundled model"),
]


class Hand:
    """What two people at the laptop do: press what they can see, type, wait for faces."""

    def __init__(self, window: Window, qtbot: QtBot) -> None:
        self.window, self.qtbot = window, qtbot
        self.problems: list[str] = []
        window.controller.problem.connect(lambda error: self.problems.append(str(error)))

    def wait(self, holds: Callable[[], object]) -> None:
        """Until something holds; a problem said meanwhile fails at once."""

        def check() -> bool:
            assert not self.problems, self.problems
            return bool(holds())

        self.qtbot.waitUntil(check, timeout=PATIENCE_MS)

    def press(self, text: str, within: QWidget | None = None) -> None:
        """Click the one visible, usable button of that text."""
        found = [
            b for b in (within or self.window).findChildren(QAbstractButton)
            if b.text() == text and b.isVisible() and b.isEnabled()
        ]
        assert len(found) == 1, f"{text!r}: {len(found)} buttons"
        self.qtbot.mouseClick(found[0], Qt.MouseButton.LeftButton)

    def key(self, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
        """A key, to whatever has the focus."""
        self.qtbot.keyClick(QApplication.focusWidget() or self.window, key, *modifiers)

    def move(self, row: SliderRow, presses: int) -> None:
        """Arrow keys on a slider, and the wait until the portrait with it was shown."""
        row.slider.setFocus()
        key = Qt.Key.Key_Right if presses > 0 else Qt.Key.Key_Left
        for _ in range(abs(presses)):
            QTest.keyPress(row.slider, key)
        QTest.keyRelease(row.slider, key)
        controller = self.window.controller
        self.wait(lambda: controller.was_shown(controller.session.portrait))  # type: ignore[arg-type]


@pytest.fixture
def hand(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Hand]:
    """The window as the program builds it, a sealed case open, the bundled model loaded."""
    from app.engine.service import EngineService

    window = make_window(qapp, EngineService, Settings(language="en", theme="light"), None)
    window.resize(1366, 768)
    window.show()
    window.activateWindow()
    made = Hand(window, qtbot)
    window.controller.start_engine()
    window.controller.new_case(tmp_path / "loop.ppcase", PASSPHRASE, CaseFacts("LOOP/1"))
    made.wait(lambda: window.controller.case is not None)
    made.wait(lambda: window.controller.model_ready)
    yield made
    window.controller.close_case()
    window.close()
    window.controller.shut_down()
    window.deleteLater()
    qapp.setStyleSheet("")


def interview(hand: Hand) -> None:
    """Answer each question by a click, then give the witness's words."""
    page = hand.window.current_page
    rows = [row for row in page.findChildren(ChoiceRow) if row.isVisible()]
    assert len(rows) == len(QUESTIONS)
    for row, question in zip(rows, QUESTIONS, strict=True):
        good = next(v for v in question.values if v not in question.against)
        hand.qtbot.mouseClick(row._buttons[good], Qt.MouseButton.LeftButton)
    assert hand.window.controller.session.eligibility.may_proceed
    hand.press("Go on to the interview")
    text = page.recall.text  # type: ignore[attr-defined]
    text.setFocus()
    hand.qtbot.keyClicks(text, WORDS)
    hand.press("This is what was said")
    hand.wait(lambda: hand.window.controller.session.description.attributes)


def confirm(hand: Hand) -> None:
    """The chips hold what was said; all are confirmed."""
    read = {a.name: a for a in hand.window.controller.session.description.attributes}
    assert read["sex"].value == "male"
    assert read["hair_color"].value == "grey"
    assert read["nose_size"].value == "big"
    assert read["beard"].certainty == "doubtful"
    hand.press("Confirm all")
    assert all(a.confirmed for a in hand.window.controller.session.description.attributes)
    hand.press("Show faces")


def array(hand: Hand, number: int) -> list[np.ndarray]:
    """Wait for an array; nine different faces are on screen and in the case."""
    session = hand.window.controller.session
    hand.wait(lambda: len(hand.window.controller.session.rounds) == number)
    hand.wait(lambda: hand.window.controller.session.open_round)
    session = hand.window.controller.session
    tiles = hand.window.current_page.gallery.tiles  # type: ignore[attr-defined]
    pixels = [tile.pixels for tile in tiles]
    assert len(pixels) == 9
    assert len({p.tobytes() for p in pixels}) == 9
    assert all(hand.window.controller.was_shown(face) for face in session.rounds[-1].faces)
    return pixels


def refine(hand: Hand) -> None:
    """Three sliders change the picture; undo takes the last one back, pixels and slider."""
    window = hand.window
    page, controller = window.current_page, window.controller
    rows = list(page.rows.values())  # type: ignore[attr-defined]
    assert len(rows) >= 20
    chosen = [r for r in rows if r.direction.unit == "sd"][:3]
    pictures = []
    for row, presses in zip(chosen, (8, -8, 6), strict=True):
        hand.move(row, presses)
        assert controller.session.portrait.edit(row.direction.name) != 0  # type: ignore[union-attr]
        pictures.append(page.compare.now)  # type: ignore[attr-defined]
        hand.qtbot.wait(1100)  # longer than what merges two moves into one step
    assert not np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[1], pictures[2])
    window.activateWindow()
    hand.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert chosen[2].amount == 0.0
    hand.wait(lambda: np.array_equal(page.compare.now, pictures[1]))  # type: ignore[attr-defined]
    assert len(controller.session.portrait.edits) == 2  # type: ignore[union-attr]


def judge_and_export(hand: Hand, bundle: Path) -> None:
    """The witness's judgement, then the bundle."""
    hand.press("Use this portrait")
    assert hand.window.controller.session.stage is Stage.validation
    hand.press("Quite like")
    hand.qtbot.keyClicks(hand.window.current_page.rating.remark, "The eyes are right.")  # type: ignore[attr-defined]
    hand.press("Keep this answer")
    assert hand.window.controller.session.stage is Stage.export
    panel = hand.window.current_page.export  # type: ignore[attr-defined]
    panel.destination.setText(str(bundle))
    hand.press("Write the export")
    hand.wait(lambda: bundle.exists() and panel.card.isVisible())


def check_bundle(bundle: Path) -> None:
    """PNG, JSON and PDF say what was done, and that a computer made the face."""
    from pypdf import PdfReader

    with zipfile.ZipFile(bundle) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    portrait = QImage.fromData(files["portrait-512.png"], "PNG")
    assert portrait.width() == 512
    assert b"trainedAlgorithmicMedia" in files["portrait-512.png"]
    record = json.loads(files["record.json"])
    assert record["description_first"]["text"] == WORDS
    answers = [r["answer"] for r in record["rounds"]]
    assert answers[0] == "picked"
    assert record["rounds"][0]["picks"] == [1, 4]
    assert len(json.loads(files["recipe.json"])["edits"]) == 2
    text = "\n".join(p.extract_text() for p in PdfReader(io.BytesIO(files["report.pdf"])).pages)
    assert "LOOP/1" in text
    assert "not a photograph" in " ".join(text.split())
    checked = subprocess.run(
        [sys.executable, "-m", "app.main", "verify", str(bundle)], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_from_words_to_a_sealed_export_and_back_after_reopening(hand: Hand, tmp_path: Path) -> None:
    window, controller = hand.window, hand.window.controller
    interview(hand)
    confirm(hand)
    first = array(hand, 1)
    for key in (Qt.Key.Key_2, Qt.Key.Key_5):
        hand.key(key)
    assert window.current_page.gallery.picks == (1, 4)  # type: ignore[attr-defined]
    hand.key(Qt.Key.Key_Return)
    second = array(hand, 2)
    assert {p.tobytes() for p in first}.isdisjoint(p.tobytes() for p in second)
    answered = controller.session.rounds[0]
    assert (answered.answer, answered.picks) == (Answer.picked, (1, 4))
    hand.key(Qt.Key.Key_1)
    hand.press("Work on this face")
    hand.wait(lambda: controller.session.stage is Stage.refine)
    hand.wait(lambda: window.current_page.compare.now is not None)  # type: ignore[attr-defined]
    refine(hand)
    judge_and_export(hand, tmp_path / "bundle.zip")
    check_bundle(tmp_path / "bundle.zip")
    left = controller.session
    controller.close_case()
    controller.open_case(tmp_path / "loop.ppcase", PASSPHRASE)
    hand.wait(lambda: controller.case is not None)
    assert controller.session == left
    assert window.current_page.face.now is not None  # type: ignore[attr-defined]
    assert not hand.problems

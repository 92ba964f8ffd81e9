"""Help where it is needed: purposes, glossary, the witness's sheet, and the tour to its end."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from app.models.errors import BadInput
from app.models.session import Stage
from app.views import tour_steps
from app.views.help_words import PAGES, advice, glossary, page_label, purpose
from app.views.window import Window
from app.views.witness_sheet import instructions, save_sheet, sheet_pdf
from tests.views.conftest import Wait


def test_every_page_says_what_it_is_for_in_the_window(window: Window, wait: Wait) -> None:
    assert {*(s.value for s in Stage)} < set(PAGES)
    for page in PAGES:
        assert purpose(page)
        assert advice(page)
        assert page_label(page)
    window.ask_practice()
    wait(lambda: window.controller.case is not None)
    assert window.rail.purpose.isVisible()
    assert window.rail.purpose.text() == purpose("interview")
    assert window.current_page.accessibleDescription() == purpose("interview")


def test_the_purpose_makes_room_where_type_is_large(window: Window, wait: Wait) -> None:
    window.ask_practice()
    wait(lambda: window.rail.purpose.isVisible())
    window.rail.setFixedHeight(window.rail.minimumSizeHint().height() - 4)
    wait(lambda: not window.rail.purpose.isVisible())


def test_the_glossary_is_sorted_and_says_something_of_each_word() -> None:
    words = [word for word, _ in glossary()]
    assert words == sorted(words, key=str.casefold)
    assert len(set(words)) == len(words) > 15
    assert all(len(meaning) > 20 for _, meaning in glossary())


def test_the_witness_s_sheet_is_one_page_that_can_be_read(window: Window) -> None:
    reader = PdfReader(io.BytesIO(sheet_pdf("Force of <Nowhere>")))
    text = " ".join(unicodedata.normalize("NFKC", reader.pages[0].extract_text()).split())
    assert len(reader.pages) == 1
    assert "Force of <Nowhere>" in text
    for heading, sentences in instructions():
        assert heading in text
        assert all(sentence in text for sentence in sentences)


def test_the_sheet_is_written_where_it_was_asked_for(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    window.controller.problem.connect(lambda error: said.append(error.code))
    for chosen, kept in (("", None), (str(tmp_path / "a.pdf"), tmp_path / "a.pdf"),
                         (str(tmp_path / "no" / "b.pdf"), None)):
        monkeypatch.setattr(
            QFileDialog, "getSaveFileName", staticmethod(lambda *args, c=chosen: (c, ""))
        )
        assert window.help.save_witness_sheet() == kept
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    assert said == ["sheet.not_saved"]
    with pytest.raises(BadInput):
        save_sheet(tmp_path / "no" / "b.pdf")


# ---- the tour: only what it says, by hand


def press(window: Window, text: str, qtbot: QtBot) -> None:
    """The one visible button of that text, which must be the one that the tour points at."""

    def found() -> list[QAbstractButton]:
        return [b for b in window.findChildren(QAbstractButton)
                if b.text() == text and b.isVisible() and b.isEnabled()]

    qtbot.waitUntil(lambda: len(found()) == 1)
    qtbot.mouseClick(found()[0], Qt.MouseButton.LeftButton)


def quoted(window: Window) -> str:
    """The button that the tour names."""
    line = window.tour.line.text()
    return line[line.rindex("\u201c") + 1 : line.rindex("\u201d")]


def at_step(window: Window, key: str) -> bool:
    window.tour.look()
    return window.tour.step == key


def is_around(window: Window, target: QWidget) -> bool:
    ring, place = window.tour.ring, target.mapTo(window, target.rect().center())
    return ring.isVisible() and ring.geometry().contains(place)


def test_the_practice_case_is_finished_from_the_tour_alone(
    window: Window, wait: Wait, qtbot: QtBot
) -> None:
    qtbot.mouseClick(window.start_page.tour, Qt.MouseButton.LeftButton)
    wait(lambda: window.controller.case is not None)
    assert window.controller.settings.tour_seen
    for row in window.pages[Stage.interview].questions.rows.values():  # type: ignore[attr-defined]
        assert at_step(window, "questions")
        assert is_around(window, row)
        qtbot.mouseClick(next(iter(row._buttons.values())), Qt.MouseButton.LeftButton)
    for key in ("begin", "tell", "keep", "confirm", "faces"):
        wait(lambda k=key: at_step(window, k))
        press(window, "Type an example" if key == "tell" else quoted(window), qtbot)
    wait(lambda: at_step(window, "pick") and window.controller.session.open_round)
    gallery = window.pages[Stage.round].gallery  # type: ignore[attr-defined]
    for key in ("pick", "work"):
        wait(lambda k=key: at_step(window, k) and gallery.tiles and gallery.tiles[2].isEnabled())
        qtbot.mouseClick(gallery.tiles[2], Qt.MouseButton.LeftButton)
        window.tour.look()
        press(window, quoted(window), qtbot)
        wait(lambda: not window.controller.jobs.is_busy("round"))
    wait(lambda: at_step(window, "change"))
    slider = next(iter(window.pages[Stage.refine].rows.values())).slider  # type: ignore[attr-defined]
    assert is_around(window, slider)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    wait(lambda: at_step(window, "accept"))
    wait(lambda: window.controller.was_shown(window.controller.session.portrait))
    press(window, quoted(window), qtbot)
    wait(lambda: at_step(window, "judge"))
    qtbot.mouseClick(
        window.pages[Stage.validation].rating.choices[4], Qt.MouseButton.LeftButton  # type: ignore[attr-defined]
    )
    press(window, quoted(window), qtbot)
    wait(lambda: at_step(window, "end"))
    assert window.controller.session.stage is Stage.export
    assert not window.tour.ring.isVisible()
    press(window, "End the tour", qtbot)
    assert not window.tour.isVisible()
    assert window.controller.case is not None


def test_the_tour_outlives_another_language_and_ends_with_its_case(
    window: Window, wait: Wait
) -> None:
    window.begin_tour()
    wait(lambda: window.controller.case is not None)
    window.controller.change_settings(language="fr")
    wait(lambda: window.tour.isVisible())
    assert "sept questions" in window.tour.line.text()
    window.controller.change_settings(language="en")
    window.controller.close_case()
    window.tour.look()
    assert not window.tour.isVisible()


def test_every_step_of_the_tour_has_words(window: Window) -> None:
    assert all(tour_steps.words(step.key) for step in tour_steps.steps())

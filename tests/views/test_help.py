"""Help where it is needed: purposes, glossary, the witness's sheet, and the tour to its end."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.models.errors import BadInput
from app.models.session import Stage
from app.views import tour_steps
from app.views.help_words import PAGES, advice, glossary, page_label, purpose
from app.views.window import Window
from app.views.witness_sheet import instructions, save_sheet, sheet_pdf
from tests.views.conftest import Wait
from tests.views.tour_walk import STEPS, Novice


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


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_practice_case_is_finished_from_the_tour_alone(
    window: Window, qtbot: QtBot, language: str
) -> None:
    window.controller.change_settings(language=language, look_longer_s=0)
    stops: list[str] = []
    Novice(window, qtbot, stops.append).finish()
    # the fake engine reads no French, so that there is nothing to confirm
    expected = [s for s in STEPS if language == "en" or s != "confirm"]
    assert [s for s in stops if not s.endswith("_faces")] == expected
    assert tuple(step.key for step in tour_steps.steps()) == STEPS
    assert window.controller.settings.tour_seen
    assert window.controller.case is not None
    window.controller.change_settings(language="en")


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


def test_the_tour_goes_on_in_no_case_that_is_kept(
    window: Window, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.begin_tour()
    wait(lambda: window.controller.case is not None)
    monkeypatch.setattr(type(window.controller.case), "kept", True)
    window.tour.look()
    assert not window.tour.isVisible()


def test_every_step_of_the_tour_has_words(window: Window) -> None:
    assert all(tour_steps.words(step.key) for step in tour_steps.steps())

"""The lineup's window on the fake engine: suspect, array, mock witnesses, the witness, export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.commands.verifier.report import verify
from app.models.case import CaseFacts
from app.models.lineup_record import SUFFIX, LineupRecord
from app.models.store import open_case
from app.views.lineup_show import LineupShow
from app.views.lineup_window import LineupWindow
from app.views.png import png_of
from app.views.window import Window
from tests.views.conftest import Wait
from tests.views.fakes import FakeEngine
from tests.views.test_accessibility import said_name, shown_controls


@pytest.fixture
def lineup(window: Window, wait: Wait) -> Iterator[LineupWindow]:
    """The window as the start page opens it, a practice lineup on the table."""
    window.start_page.open_lineup()
    made = window.controller.lineup
    assert isinstance(made, LineupWindow)
    made.desk.practise()
    wait(lambda: made.desk.record is not None)
    yield made
    made.close()
    made.deleteLater()
    window.controller.lineup = None


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "suspect.png"
    path.write_bytes(png_of(np.full((40, 40, 3), 90, np.uint8)))
    return path


@pytest.fixture
def array(lineup: LineupWindow, photo: Path, wait: Wait) -> LineupWindow:
    """A described and photographed suspect with five fillers."""
    desk = lineup.desk
    lineup.seed.text.setPlainText("A man with a full beard")
    lineup.seed.take.click()
    wait(lambda: desk.lineup.description)
    desk.add_photo(str(photo))
    wait(lambda: desk.suspect)
    lineup.tabs.setCurrentIndex(1)
    lineup.array.make.click()
    wait(lambda: desk.assessment)
    return lineup


def opened(lineup: LineupWindow) -> LineupShow:
    shown = lineup.trials.shown
    assert shown is not None
    return shown


def test_an_array_is_made_with_warnings_and_a_table(array: LineupWindow) -> None:
    page = array.array
    assert len(page.gallery.tiles) == 6
    assert page.concerns.count() == 1
    assert "beard" in page.concerns.item(0).text().lower()
    assert (page.table.rowCount(), page.table.columnCount()) == (2, 6)
    assert page.table.horizontalHeaderItem(0).text() == "Suspect"
    assert page.table.item(1, 1).text().startswith("!")


def test_a_filler_is_replaced_changed_undone_and_redone(array: LineupWindow, wait: Wait) -> None:
    page, desk = array.array, array.desk
    first = desk.lineup.members
    page.gallery.toggle(1)
    page.changes["replace"].click()
    wait(lambda: desk.lineup.members != first and desk.assessment)
    assert desk.lineup.members[0] == first[0]
    second = desk.lineup.members
    assert second[1] != first[1]
    page.changes["variant"].click()
    wait(lambda: desk.lineup.members != second and desk.assessment)
    page.undo.click()
    assert desk.lineup.members == second
    QTest.keyClick(array, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait(lambda: desk.lineup.members == first)
    page.redo.click()
    assert desk.lineup.members == second


def test_the_suspect_is_not_changed_like_a_filler(array: LineupWindow) -> None:
    array.array.gallery.toggle(0)
    assert not any(made.isEnabled() for made in array.array.changes.values())


def test_what_is_long_can_be_stopped_and_leaves_the_array_as_it_was(
    array: LineupWindow, engine: FakeEngine, wait: Wait
) -> None:
    before = array.desk.lineup.members
    engine.gate.clear()
    array.array.make.click()
    wait(lambda: array.working.isVisible())
    array.stop.click()
    engine.gate.set()
    wait(lambda: not array.working.isVisible())
    assert array.desk.lineup.members == before
    assert len(array.array.gallery.tiles) == 6


def test_a_bad_photo_says_what_to_do(lineup: LineupWindow, tmp_path: Path, wait: Wait) -> None:
    bad = tmp_path / "none.png"
    bad.write_bytes(png_of(np.zeros((9, 9, 3), np.uint8)))
    lineup.desk.add_photo(str(bad))
    wait(lambda: lineup.messages.isVisible())
    assert lineup.desk.suspect is None


def test_fine_tuned_weights_belong_to_the_lineup(array: LineupWindow, wait: Wait) -> None:
    array.seed.tune.click()
    wait(lambda: array.desk.lineup.tuned)
    assert array.desk.record is not None
    assert array.desk.record.tuned_weights() is not None


def test_mock_witnesses_choose_by_the_words_and_the_figures_are_counted(
    array: LineupWindow, wait: Wait
) -> None:
    for key in (Qt.Key.Key_1, Qt.Key.Key_2):
        array.trials.mock.click()
        shown = opened(array)
        shown.begin.click()
        QTest.keyClick(shown, key)
        shown.this_one.click()
        shown.close()
    found = array.desk.lineup.figures()
    assert found is not None
    assert found.choices == 2
    assert array.trials._figures.rowCount() >= 4


@pytest.mark.parametrize("mode", ["simultaneous", "sequential"])
def test_the_witness_answers_alone_and_says_how_sure(array: LineupWindow, mode: str) -> None:
    trials = array.trials
    trials.who.setText("W1")
    trials.mode.setCurrentIndex(trials.mode.findData(mode))
    trials.witness.click()
    shown = opened(array)
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert shown.isVisible()  # a stray key ends nothing
    shown.begin.click()
    if mode == "sequential":
        shown.unsure.click()
        for _ in range(5):
            shown.no.click()
    else:
        QTest.keyClick(shown, Qt.Key.Key_N)
    assert shown.pages.currentIndex() == 3
    assert not shown.said.isEnabled()
    shown.words.setPlainText("None looked right.")
    shown.said.click()
    shown.close()
    showing = array.desk.lineup.showings[-1]
    assert showing.ended
    assert showing.answer is not None
    assert showing.answer.answer == ("not_sure" if mode == "sequential" else "none")
    assert showing.answer.statement == "None looked right."
    assert showing.seen == (tuple(range(6)) if mode == "sequential" else ())
    assert not array.array.make.isEnabled()  # seen is seen


def test_a_showing_that_is_closed_early_is_noted(array: LineupWindow) -> None:
    array.trials.who.setText("W1")
    array.trials.witness.click()
    opened(array).close()
    showing = array.desk.lineup.showings[-1]
    assert showing.ended
    assert showing.answer is None


def test_the_sealed_bundle_is_accepted_and_a_changed_one_is_not(
    array: LineupWindow, tmp_path: Path, wait: Wait
) -> None:
    array.trials.who.setText("W1")
    array.trials.witness.click()
    shown = opened(array)
    shown.begin.click()
    QTest.keyClick(shown, Qt.Key.Key_2)
    shown.this_one.click()
    shown.words.setPlainText("Fairly sure")
    shown.said.click()
    shown.close()
    target = tmp_path / "bundle"
    array.desk.export(target)
    wait(lambda: target.is_dir() and not array.desk.is_working, timeout=20000)
    answer = verify(target)
    assert answer.problems == []
    assert answer.profile == "lineup"
    assert not list(target.rglob("*suspect*"))  # the photograph stays in the lineup's file
    text = (target / "lineup.json").read_bytes()
    (target / "lineup.json").write_bytes(text.replace(b"Fairly sure", b"Wholly sure"))
    assert any("lineup.json" in problem for problem in verify(target).problems)


def test_a_kept_lineup_goes_on_where_it_was_left(
    window: Window, photo: Path, tmp_path: Path, wait: Wait
) -> None:
    window.start_page.open_lineup()
    made = window.controller.lineup
    assert isinstance(made, LineupWindow)
    path = tmp_path / f"one{SUFFIX}"
    try:
        made.desk.create(path, "a long passphrase", CaseFacts("L-1"))
        wait(lambda: made.desk.record)
        made.desk.add_photo(str(photo))
        wait(lambda: made.desk.suspect)
        made.desk.make()
        wait(lambda: made.desk.assessment)
        members = made.desk.lineup.members
        made.desk.close_file()
        wait(lambda: not made.desk.jobs.is_busy("closing"))
        made.desk.open(path, "a long passphrase")
        wait(lambda: made.desk.assessment)
        assert made.desk.lineup.members == members
        assert [f.source for f in made.desk.faces] == [m.source for m in members]
        assert made.desk.suspect is not None
    finally:
        made.close()
        made.deleteLater()
        window.controller.lineup = None
    record = LineupRecord(open_case(path, "a long passphrase"))
    try:
        assert record.original_photo() == photo.read_bytes()
    finally:
        record.case.close()


def test_every_control_of_the_lineup_has_a_name(array: LineupWindow) -> None:
    for tab in range(3):
        array.tabs.setCurrentIndex(tab)
        nameless = [type(w).__name__ for w in shown_controls(array) if not said_name(w)]
        assert nameless == []


def test_no_lineup_opens_beside_a_case(window: Window, wait: Wait) -> None:
    window.controller.start_practice()
    wait(lambda: window.controller.case is not None)
    window.start_page.open_lineup()
    assert window.controller.lineup is None

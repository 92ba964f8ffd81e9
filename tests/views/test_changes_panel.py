"""Changes in words, parts of other faces, more like one face, and how far all that went."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.engine.api import DirectionInfo, ProposeFaces, SwapRegion, WordedChange
from app.models.round import Answer
from app.models.session import Stage
from app.views.changes_panel import ChangesPanel
from app.views.controller import Controller
from app.views.drift_bar import drift_words
from app.views.effects_dialog import effects_dialog, effects_text
from app.views.mix_dialog import MixDialog, faces_shown
from app.views.round_page import RoundPage
from app.views.words_panel import chips_of
from tests.views.fakes import DIRECTIONS, FakeEngine

Wait = Callable[..., None]


@pytest.fixture
def panel(refining: Controller, qtbot: QtBot) -> ChangesPanel:
    shown = ChangesPanel(refining)
    qtbot.addWidget(shown)
    refining.session_changed.connect(lambda old, new: shown.show_session(new))
    shown.show_session(refining.session)
    return shown


def say(panel: ChangesPanel, text: str, wait: Wait) -> None:
    panel.words.line.setText(text)
    panel.words.read()
    wait(lambda: panel.words.chips or panel.words.said.text())


def test_words_become_chips_and_move_the_sliders_in_one_step(
    panel: ChangesPanel, refining: Controller, wait: Wait
) -> None:
    before = refining.session.portrait
    assert before is not None
    say(panel, "a bit older, bigger nose, keep the eyes", wait)
    labels = [box.text() for box, _ in panel.words.chips]
    assert any("Age" in label for label in labels)
    assert any("Keep" in label for label in labels)
    steps = len(refining.history.path())
    panel.words.make.click()
    wait(lambda: refining.session.portrait != before)
    after = refining.session.portrait
    assert after is not None
    assert after.edit("age") > 0
    assert after.edit("nose_size") > 0
    assert refining.session.held == ("eye_size",)
    assert len(refining.history.path()) == steps + 1
    refining.undo()
    assert refining.session.portrait == before
    assert refining.session.held == ()


def test_what_is_unticked_is_not_done(
    panel: ChangesPanel, refining: Controller, wait: Wait
) -> None:
    say(panel, "older, bigger nose", wait)
    panel.words.chips[0][0].setChecked(False)
    before = refining.session.portrait
    panel.words.make.click()
    wait(lambda: refining.session.portrait != before)
    assert refining.session.portrait is not None
    assert refining.session.portrait.edit("age") == 0
    assert refining.session.portrait.edit("nose_size") > 0


def test_what_the_model_cannot_do_is_said_and_cannot_be_ticked(
    panel: ChangesPanel, wait: Wait
) -> None:
    say(panel, "with glasses", wait)
    box, chip = panel.words.chips[0]
    assert not chip.possible
    assert not box.isEnabled()
    assert "cannot show" in box.text()
    assert not panel.words.make.isEnabled()


def test_words_that_say_nothing_are_answered(panel: ChangesPanel, wait: Wait) -> None:
    say(panel, "hm", wait)
    assert panel.words.said.text()


def test_all_that_one_phrase_keeps_is_one_chip() -> None:
    kept = tuple(
        WordedChange(n, hold=True, span=(0, 4)) for n in ("eye_size", "eye_color", "eye_shape")
    )
    (chip,) = chips_of(kept, DIRECTIONS)
    assert chip.possible
    assert [c.name for c in chip.changes] == ["eye_size"]  # what the model can hold


def test_the_bar_says_how_far_the_face_has_gone(
    panel: ChangesPanel, refining: Controller, wait: Wait
) -> None:
    assert panel.drift.bar.value() == 0
    refining.set_edit("face_width", 3.0, final=True)
    wait(lambda: panel.drift.bar.value() > 0)
    assert len({drift_words(d) for d in (0.0, 0.5, 0.9)}) == 3


def test_a_part_of_another_face_is_taken_and_undone(
    panel: ChangesPanel, refining: Controller, qtbot: QtBot, wait: Wait, engine: FakeEngine
) -> None:
    dialog = MixDialog(refining, panel)
    before = refining.session.portrait
    assert len(dialog.recipes) == len(faces_shown(refining.session)) > 0
    assert not dialog.take.isEnabled()
    dialog.faces.item(0).setSelected(True)
    dialog.region.setCurrentIndex(dialog.region.findData("nose"))
    dialog.take.click()
    wait(lambda: refining.session.portrait != before)
    asked = [r for r in engine.asked if isinstance(r, SwapRegion)]
    assert (asked[-1].region, asked[-1].donor) == ("nose", dialog.recipes[0])
    assert refining.history.current.label == "mix"
    after = refining.session.portrait
    dialog.faces.item(1).setSelected(True)
    assert not dialog.take.isEnabled()
    dialog.blend.click()
    wait(lambda: refining.session.portrait != after)
    refining.undo()
    assert refining.session.portrait == after
    dialog.close()


def test_more_like_one_face_asks_for_an_array_around_it(
    offered: Controller, qtbot: QtBot, wait: Wait, engine: FakeEngine
) -> None:
    page = RoundPage(offered)
    qtbot.addWidget(page)
    offered.session_changed.connect(lambda old, new: page.show_session(new))
    face = offered.session.rounds[-1].faces[2]
    assert not page.extras.alike.isEnabled()
    page.gallery.toggle(2)
    page.extras.alike.click()
    wait(lambda: len(offered.session.rounds) == 2 and offered.session.open_round)
    asked = [r for r in engine.asked if isinstance(r, ProposeFaces)]
    assert asked[-1].like == face
    assert offered.session.rounds[0].answer is Answer.picked
    page.gallery.toggle(0)
    page.gallery.toggle(1)
    page.extras.blend.click()
    wait(lambda: offered.session.stage is Stage.refine)
    assert offered.session.portrait is not None
    assert offered.session.portrait.origin == "blend"


def test_the_table_of_side_effects_shows_both_measures(qtbot: QtBot, panel: ChangesPanel) -> None:
    info = DirectionInfo(
        "age", "age", "whole", -30, 40, "years",
        side_effects=(("lips", 0.31), ("landmark:nose_width", 0.2)),
        side_effects_before=(("lips", 1.12),), measured_faces=500,
    )  # fmt: skip
    text = effects_text(info, (info, *DIRECTIONS[1:]))
    assert "0.31" in text
    assert "1.12" in text
    assert "by points" in text
    made: Any = effects_dialog((info,), panel)
    qtbot.addWidget(made)
    assert "500" in made.column.itemAt(1).widget().text()

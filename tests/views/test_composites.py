"""A second portrait by the same witness, the morph of both, and where features come from."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.models.export.record import portrait_record, session_record
from app.models.origins import origins_of
from app.models.overlay import Stroke
from app.models.session import Stage
from app.views.composites_dialog import CompositesDialog
from app.views.controller import Controller
from app.views.finish_page import FinishPage
from app.views.origins_dialog import origins_dialog
from tests.views.conftest import Wait

LINE = Stroke(0.2, ((0.3, 0.7), (0.7, 0.7)))


def finish(controller: Controller, wait: Wait, rating: int) -> None:
    wait(lambda: controller.was_shown(controller.session.portrait))
    controller.accept_portrait()
    assert controller.session.stage is Stage.validation
    controller.rate(rating, "near")


def second(controller: Controller, wait: Wait) -> None:
    """A first portrait with a cap, judged; then a second one, accepted and judged."""
    controller.overlays.add("cap")
    wait(lambda: controller.session.overlays)
    finish(controller, wait, 3)
    controller.composites.begin_again()
    wait(lambda: controller.session.open_round)
    controller.use_portrait(1)
    finish(controller, wait, 4)


def test_a_second_portrait_waits_for_the_first_judgement(
    refining: Controller, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(refining.notice) as said:
        refining.composites.begin_again()
    assert said.args[0] == "composite.judge_first"
    assert refining.session.composites == ()


def test_the_second_begins_at_the_first_faces_without_the_first_portrait(
    refining: Controller, wait: Wait
) -> None:
    first = refining.session.portrait
    numbers = [r.number for r in refining.session.rounds]
    finish(refining, wait, 3)
    refining.composites.begin_again()
    wait(lambda: refining.session.open_round)
    session = refining.session
    assert session.composites == (first,)
    assert session.portrait is None
    assert session.rating is None
    assert session.answered_rounds == ()
    assert session.open_round.number > max(numbers)
    kept = next(e for e in refining.case.events() if e.kind == "composite.kept")
    assert (kept.actor, kept.data["rating"]) == ("officer", 3)


def test_the_witness_chooses_the_morph_and_it_is_the_one_that_is_released(
    refining: Controller, wait: Wait, qtbot: QtBot
) -> None:
    second(refining, wait)
    with qtbot.waitSignal(refining.composites.morph_ready) as ready:
        refining.composites.ask_morph()
    morph = ready.args[0].recipe
    assert morph.origin == "blend"
    assert [o.name for o in morph.overlays] == ["cap"]
    refining.composites.choose("morph", morph)
    assert refining.session.portrait == morph
    assert refining.session.stage is Stage.validation
    assert refining.session.rating is None  # the morph is judged by itself
    chosen = next(e for e in refining.case.events() if e.kind == "composite.chosen")
    assert chosen.actor == "witness"
    record = session_record(refining.case, portrait_record(refining.case), True)
    assert record["portrait"]["recipe"] == morph.to_json()
    kinds = [entry["kind"] for entry in record["composites"]]
    assert kinds == ["composite.kept", "composite.morphed", "composite.chosen"]
    assert record["attributes"]["added"][0]["value"] == "cap"
    assert "hat" not in record["attributes"]["invented"]


def test_undo_leads_back_to_the_first_portrait(refining: Controller, wait: Wait) -> None:
    first = refining.session.portrait
    finish(refining, wait, 3)
    at = refining.history.head
    refining.composites.begin_again()
    wait(lambda: refining.session.open_round)
    refining.jump(at)
    assert refining.session.portrait == first
    assert refining.session.composites == ()


def test_the_page_offers_it_after_the_judgement_only(
    refining: Controller, wait: Wait, qtbot: QtBot
) -> None:
    page = FinishPage(refining)
    qtbot.addWidget(page)
    refining.session_changed.connect(lambda old, new: page.show_session(new))
    page.show()
    assert not page.again.isEnabled()
    finish(refining, wait, 3)
    assert page.again.isEnabled()
    assert not page.best.isVisible()
    page.again.click()
    wait(lambda: refining.session.open_round)
    refining.use_portrait(1)
    finish(refining, wait, 4)
    assert page.best.isVisible()


def test_the_dialog_shows_both_and_the_morph_without_numbers_of_merit(
    refining: Controller, wait: Wait, qtbot: QtBot
) -> None:
    second(refining, wait)
    dialog = CompositesDialog(refining)  # deletes itself when it closes
    dialog.show()
    wait(lambda: "morph" in dialog.tiles)
    assert list(dialog.tiles) == ["1", "2", "morph"]
    wait(lambda: all(not face.pixmap().isNull() for _, face in dialog.tiles.values()))
    first = dialog.tiles["1"][0]
    dialog._choose("1")
    assert refining.session.portrait == first


def test_said_chosen_and_made_up_are_kept_apart(
    refining: Controller, wait: Wait, qtbot: QtBot
) -> None:
    refining.set_edit("mouth", 1.0, final=True)
    refining.overlays.paint_region((LINE,))
    refining.overlays.set_local(0, "lips", 2.0, final=True)
    refining.overlays.add("cap")
    wait(lambda: refining.session.overlays)
    found = origins_of(refining.session, ("age", "nose_size", "mouth", "lips", "hat", "ears"), {})
    assert {a.name for a in found.said} >= {"age", "nose_size"}
    assert found.moved == (("mouth", 1.0),)
    assert found.local[0].edits == (("lips", 2.0),)
    assert [o.name for o in found.put_on] == ["cap"]
    assert found.invented == ("ears",)
    assert (found.picks, found.arrays) == (1, 1)
    dialog = origins_dialog(refining)
    qtbot.addWidget(dialog)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "Cap" in words
    assert "Ears" in words

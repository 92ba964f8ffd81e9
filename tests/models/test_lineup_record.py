"""A lineup's own file: what is recorded is what is read back, and the wall to composites holds."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from app.models.case import CaseFacts
from app.models.errors import BadInput
from app.models.journal import Journal
from app.models.lineup import SUSPECT, Concern, Measurement, Member, drawn_order
from app.models.lineup_record import SUFFIX, LineupRecord, is_lineup, unseal
from app.models.store import CaseFile, KdfParameters, create_case, open_case, practice_case

CHEAP = KdfParameters(64 << 10, 1, 1)
PNG = b"\x89PNG\r\n\x1a\n"


def picture(number: int) -> bytes:
    return PNG + bytes([number]) * 8


def members(count: int = 6, first: int = 0) -> tuple[list[Member], list[bytes]]:
    pictures = [picture(first + n) for n in range(count)]
    made = [
        Member(
            SUSPECT if n == 0 else "filler", "rendered" if n == 0 else "generated",
            hashlib.sha256(p).hexdigest(), "", (Measurement("sex", "male", 0.9),),
        )
        for n, p in enumerate(pictures)
    ]  # fmt: skip
    return made, pictures


def with_array(case: CaseFile) -> LineupRecord:
    record = LineupRecord(case)
    record.describe("a man of about 40", [{"name": "sex", "value": "male"}])
    record.add_photo("suspect.jpg", b"the original", picture(99), {"fidelity": "fair"})
    record.set_members(*members(), "made", {"policy": "matched"})
    record.note_concerns([Concern("stands_out", 0, "beard", "full")], {})
    return record


def facts(reference: str = "L-1") -> CaseFacts:
    return CaseFacts(reference, officer="PC 1")


def test_what_was_recorded_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / f"one{SUFFIX}"
    record = with_array(create_case(path, "a passphrase", facts(), kdf=CHEAP))
    record.keep_tuned(b"weights", {"seconds": 15})
    shown = record.show("mock", "simultaneous", 7)
    record.answer("picked", 2)
    record.end()
    record.case.close()
    again = LineupRecord(open_case(path, "a passphrase"))
    try:
        assert again.lineup == record.lineup
        assert again.lineup.policy == "matched"
        assert again.original_photo() == b"the original"
        assert again.tuned_weights() == b"weights"
        assert again.lineup.concerns == (Concern("stands_out", 0, "beard", "full"),)
        assert again.lineup.mock_choices() == (shown.order[2] + 1,)
    finally:
        again.case.close()


def test_the_order_is_drawn_by_lot_and_can_be_drawn_again() -> None:
    assert drawn_order(6, 5) == drawn_order(6, 5)
    assert sorted(drawn_order(9, 1)) == list(range(9))
    first = [drawn_order(6, seed).index(0) for seed in range(600)]
    assert all(70 < first.count(place) < 130 for place in range(6))  # no place is favoured


def test_arrays_can_be_taken_back_until_a_witness_has_looked() -> None:
    record = with_array(practice_case(facts()))
    old = record.lineup.members
    record.set_members(*members(6, 20), "replaced", {})
    new = record.lineup.members
    record.undo()
    assert record.lineup.members == old
    record.redo()
    assert record.lineup.members == new
    record.show("witness", "sequential", 3, "W1")
    for change in (record.undo, lambda: record.set_members(*members(6, 40), "replaced", {})):
        with pytest.raises(BadInput):
            change()
    assert record.lineup.members == new


def test_a_witness_answers_once_says_how_sure_and_sees_it_once() -> None:
    record = with_array(practice_case(facts()))
    record.show("witness", "sequential", 3, "W1")
    record.seen(0)
    with pytest.raises(BadInput, match="not_answered"):
        record.state("sure")
    record.answer("not_sure")
    with pytest.raises(BadInput, match="answered_already"):
        record.answer("picked", 1)
    record.state("It could be one of two.")
    record.end()
    showing = record.lineup.showings[-1]
    assert showing.answer is not None
    assert (showing.answer.answer, showing.seen) == ("not_sure", (0,))
    assert showing.answer.statement == "It could be one of two."
    with pytest.raises(BadInput, match="shown_to_witness"):
        record.show("witness", "simultaneous", 4, "W1")
    record.show("witness", "simultaneous", 4, "W2")
    assert record.lineup.mock_choices() == ()  # a witness's choice is no mock witness's


def test_mock_choices_give_the_figures_of_the_array() -> None:
    record = with_array(practice_case(facts()))
    assert record.lineup.figures() is None
    for seed, number in enumerate([3, 2, 5, 6, 1, 3, 3, 5, 6, 4]):
        order = record.show("mock", "simultaneous", seed).order
        record.answer("picked", order.index(number - 1))
        record.end()
    found = record.lineup.figures()
    assert found is not None
    assert found.effective == pytest.approx(5.0)
    assert found.suspect == 1
    record.set_members(*members(6, 50), "replaced", {})
    assert record.lineup.figures() is None  # they chose from another array


def test_neither_part_of_the_program_opens_the_file_of_the_other() -> None:
    lineup = with_array(practice_case(facts()))
    with pytest.raises(BadInput, match="is_lineup"):
        Journal(lineup.case)
    composite = practice_case(facts("C-1"))
    Journal(composite).record("session.started", "app", {"session": "s", "app_version": "1"})
    with pytest.raises(BadInput, match="is_composite"):
        LineupRecord(composite)


def test_only_a_description_passes_the_wall_with_a_reason_and_both_files_say_so() -> None:
    lineup, composite = with_array(practice_case(facts())), practice_case(facts("C-1"))
    composite.append("description.first", "witness", {"text": "A tall man", "how": "typed"})
    with pytest.raises(BadInput, match="no_reason"):
        unseal(composite, lineup, "description", " ", "PC 1")
    with pytest.raises(BadInput, match="never_unsealed"):
        unseal(composite, lineup, "portrait", "because", "PC 1")
    assert not [e for e in composite.events() if e.kind == "unsealed"]
    assert unseal(composite, lineup, "description", "same incident", "PC 1") == "A tall man"
    out = next(e for e in composite.events() if e.kind == "unsealed")
    into = next(e for e in lineup.case.events() if e.kind == "composite.unsealed")
    assert out.data["to"] == lineup.case.case_id
    assert into.data["from"] == composite.case_id
    assert lineup.lineup.unsealed == 1
    assert is_lineup(lineup.case)
    assert not is_lineup(composite)

"""Foreign pictures in a case: kept unaltered, named to the end, apart from what was said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.commands.verifier.report import verify
from app.models.errors import BadInput
from app.models.export import export_bundle, portrait_record
from app.models.export.marking import FROM_PHOTO, GENERATED
from app.models.export.record import session_record
from app.models.journal import Journal
from app.models.replay import replay
from app.models.round import Answer, Round
from app.models.session import Session, Stage
from app.models.store import CaseFile, practice_case
from tests.release import sitting

ORIGINAL = b"\xff\xd8\xff" + bytes(range(256)) * 300  # no PNG, and no picture that we could read
SHA256 = hashlib.sha256(ORIGINAL).hexdigest()
ADDED = {
    "what": "photo", "sha256": SHA256, "name": "phone.jpg", "bytes": len(ORIGINAL),
    "original": SHA256,
}  # fmt: skip
START = {"recipe": sitting.recipe(5).to_json(), "sources": [SHA256], "how": "photo"}


def started() -> Iterator[tuple[object, ...]]:
    """A sitting that was started from a photograph."""
    yield from sitting.opening()
    yield ("picture.added", "officer", ADDED, (), ORIGINAL)
    chips = [
        {"name": "sex", "value": "male", "source": "words"},
        {"name": "beard", "value": "none", "source": "picture", "text": "phone.jpg"},
    ]
    yield ("attributes.confirmed", "officer", {"attributes": chips}, ())
    yield ("portrait.from_picture", "officer", START, ())
    final = sitting.recipe(5).with_edit("age", 0.5)
    data = {"recipe": final.to_json(), "sources": [SHA256]}
    yield ("portrait.accepted", "witness", data, [sitting.png(7, 64)])


def test_an_original_is_kept_unaltered_and_the_case_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.ppcase"
    entry = ("picture.added", "officer", ADDED, (), ORIGINAL)
    case = sitting.made(path, iter([entry]))  # type: ignore[list-item]
    case.close()
    assert ORIGINAL not in path.read_bytes()  # sealed
    case = sitting.opened(path)
    assert case.problems == ()
    assert case.original(SHA256) == ORIGINAL
    assert dict(Journal(case).foreign) == {SHA256: ADDED}
    case.close()


@pytest.mark.parametrize("kept", [True, False])
def test_an_original_that_is_not_the_one_named_is_refused(tmp_path: Path, kept: bool) -> None:
    case: CaseFile = (
        sitting.made(tmp_path / "a.ppcase", iter(())) if kept else practice_case(sitting.FACTS)
    )
    before = case.head()
    for data in ({**ADDED, "original": "0" * 64}, {k: v for k, v in ADDED.items()
                                                   if k != "original"}):  # fmt: skip
        with pytest.raises(BadInput) as refused:
            case.append("picture.added", "officer", data, (), ORIGINAL)
        assert refused.value.code == "event.bad_original"
    assert case.head() == before
    case.append("picture.added", "officer", ADDED, (), ORIGINAL)
    assert case.original(SHA256) == ORIGINAL
    case.close()


def test_the_bundle_says_that_a_picture_went_in(tmp_path: Path) -> None:
    case = sitting.made(tmp_path / "a.ppcase", started())  # type: ignore[arg-type]
    record = portrait_record(case, ("sex", "age", "beard", "mouth"))
    assert [a["name"] for a in record.said] == ["sex"]
    assert [a["name"] for a in record.from_picture] == ["beard"]
    assert record.invented == ("mouth",)
    assert record.sources[0]["name"] == "phone.jpg"
    for profile in ("full", "defence", "media"):
        info = export_bundle(case, tmp_path / profile, profile, record, sitting.PlainPainter())
        answer = verify(info.path)
        assert answer.good, answer.problems
        manifest = json.loads((info.path / "manifest.json").read_bytes())
        assert manifest["final_image"]["source_type"] == FROM_PHOTO
        assert {"what": "original of event 6", "sha256": SHA256} in manifest["left_out"]
    whole = json.loads((tmp_path / "full/record.json").read_bytes())
    assert whole["attributes"]["from_picture"][0]["value"] == "none"
    assert [p["sha256"] for p in whole["pictures"]] == [SHA256]
    assert whole["pictures"][0]["kept"] is True
    assert [s["how"] for s in whole["starts"]] == ["photo"]
    case.close()


def test_a_sitting_without_pictures_says_so(tmp_path: Path) -> None:
    case = sitting.made(tmp_path / "a.ppcase", sitting.whole())
    record = portrait_record(case)
    assert (record.sources, record.from_picture) == ((), ())
    assert session_record(case, record, with_notes=False)["pictures"] == []
    info = export_bundle(case, tmp_path / "b", "full", record, sitting.PlainPainter())
    manifest = json.loads((info.path / "manifest.json").read_bytes())
    assert manifest["final_image"]["source_type"] == GENERATED
    case.close()


def test_a_picture_stays_named_through_moves_and_later_arrays() -> None:
    session = Session().with_start(sitting.recipe(5), (SHA256,)).at(Stage.refine)
    assert session.with_edit("age", 1.0).sources == (SHA256,)
    array = Round(1, tuple(sitting.recipe(n) for n in range(3)), seed=1)
    picked = session.with_round(array).with_answer(Answer.picked, (2,))
    assert picked.sources == (SHA256,)
    later = picked.with_round(Round(2, array.faces, seed=2)).with_answer(Answer.picked, (0,))
    assert later.sources == (SHA256,)


def test_a_portrait_mixed_with_faces_of_arrays_names_the_pictures_of_both() -> None:
    other = "e" * 64
    array = Round(1, tuple(sitting.recipe(n) for n in range(3)), seed=1)
    session = Session().with_start(sitting.recipe(5), (SHA256,)).with_round(array)
    mixed = session.with_start(sitting.recipe(6), (other,)).with_mixture(sitting.recipe(7))
    assert set(mixed.sources) == {SHA256, other}


def test_a_face_of_an_array_from_before_the_picture_is_free_of_it() -> None:
    array = Round(1, tuple(sitting.recipe(n) for n in range(3)), seed=1)
    before = Session().with_round(array).with_answer(Answer.picked, (0,))
    started_anew = before.with_start(sitting.recipe(5), (SHA256,))
    assert started_anew.with_chosen(array.faces[1]).sources == ()


def test_of_several_composites_each_keeps_its_own_pictures() -> None:
    first = Session().with_start(sitting.recipe(5), (SHA256,))
    array = Round(1, tuple(sitting.recipe(n) for n in range(3)), seed=1)
    second = first.begun_again().with_round(array).with_answer(Answer.picked, (0,))
    assert second.sources == ()
    assert second.with_settled(sitting.recipe(5), "1").sources == (SHA256,)
    assert second.with_settled(array.faces[0], "2").sources == ()
    assert second.with_settled(sitting.recipe(9), "morph").sources == (SHA256,)


def test_undo_takes_the_picture_out_again() -> None:
    case = practice_case(sitting.FACTS)
    case.append("picture.added", "officer", ADDED, (), ORIGINAL)
    case.append("portrait.from_picture", "officer", START)
    history = replay(case.events())
    assert history.current.label == "from_picture"
    assert history.state.sources == (SHA256,)
    assert history.state.stage is Stage.refine
    assert history.undo().state.sources == ()
    case.close()

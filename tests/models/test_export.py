"""What leaves the machine: whole, marked, bound to the chain, and nothing that was withheld."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest

from app.commands.verifier.report import look_for_noted, verify
from app.models.errors import BadInput, Cancelled
from app.models.export import PROFILES, BundleInfo, export_bundle, portrait_record
from app.models.export.marking import FROM_PHOTO, GENERATED, marked, source_type, xmp_packet
from app.models.recordings import sound_data
from app.models.resources import resource
from app.models.store import CaseFile, StoreError, practice_case
from tests.release import bundles, sitting

VOCABULARY = ("sex", "age", "beard", "nose_size")


def exported(case: CaseFile, destination: Path, profile: str = "full") -> BundleInfo:
    record = portrait_record(case, VOCABULARY, [("name", "tiny"), ("licence", "CC0-1.0")])
    return export_bundle(case, destination, profile, record, sitting.PlainPainter())


def manifest_of(bundle: Path) -> dict[str, object]:
    if bundle.is_dir():
        return json.loads((bundle / "manifest.json").read_bytes())  # type: ignore[no-any-return]
    with zipfile.ZipFile(bundle) as file:
        return json.loads(file.read("manifest.json"))  # type: ignore[no-any-return]


@pytest.fixture
def case(tmp_path: Path) -> CaseFile:
    made = sitting.made(tmp_path / "a.ppcase", sitting.whole(2, 4))
    yield made
    made.close()


@pytest.mark.parametrize("profile", list(PROFILES))
@pytest.mark.parametrize("name", ["bundle", "bundle.zip"])
def test_a_bundle_of_any_profile_verifies_and_fits_the_schema(
    case: CaseFile, tmp_path: Path, profile: str, name: str
) -> None:
    info = exported(case, tmp_path / name, profile)
    answer = verify(info.path)
    assert answer.good, answer.problems
    schema = json.loads(resource("schemas", "manifest.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(manifest_of(info.path), schema)


def test_the_media_bundle_names_nobody_and_says_nothing(case: CaseFile, tmp_path: Path) -> None:
    info = exported(case, tmp_path / "media", "media")
    everything = b"".join(p.read_bytes() for p in info.path.rglob("*") if p.is_file())
    for secret in (b"PC 1234", b"W1", b"R/2026/17", b"grey beard", b"seen at dusk"):
        assert secret not in everything
    left_out = manifest_of(info.path)["left_out"]
    assert isinstance(left_out, list)
    bodies = [entry for entry in left_out if entry["what"].startswith("body of event")]
    assert len(bodies) == info.head.count - 2


def test_the_defence_bundle_leaves_out_the_notes_and_names_them_by_hash(
    case: CaseFile, tmp_path: Path
) -> None:
    info = exported(case, tmp_path / "defence", "defence")
    everything = b"".join(p.read_bytes() for p in info.path.rglob("*") if p.is_file())
    assert b"seen at dusk" not in everything
    assert b"grey beard" in everything
    assert not (info.path / "shown").exists()
    left_out = manifest_of(info.path)["left_out"]
    assert {"body of event 1", "picture as shown"} == {e["what"] for e in left_out}  # type: ignore[attr-defined]


@pytest.mark.parametrize("profile", list(PROFILES))
def test_a_voice_never_leaves_and_its_place_is_named_by_hash(
    case: CaseFile, tmp_path: Path, profile: str
) -> None:
    data = sound_data(b"fLaC the witness's voice", 1.0)
    seq = case.append("dictation.sound", "witness", data).seq
    info = exported(case, tmp_path / "bundle", profile)
    everything = b"".join(p.read_bytes() for p in info.path.rglob("*") if p.is_file())
    assert data["flac"].encode() not in everything
    assert f"body of event {seq}" in {e["what"] for e in manifest_of(info.path)["left_out"]}  # type: ignore[attr-defined]
    assert verify(info.path).good


def test_the_record_keeps_said_chosen_and_invented_apart(case: CaseFile, tmp_path: Path) -> None:
    info = exported(case, tmp_path / "full")
    record = json.loads((info.path / "record.json").read_bytes())
    assert [a["name"] for a in record["attributes"]["said"]] == ["sex"]
    assert record["attributes"]["chosen"] == [{"direction": "age", "amount": 0.5}]
    assert record["attributes"]["invented"] == ["beard", "nose_size"]
    first = next(e for e in case.events() if e.kind == "description.first")
    assert record["description_first"]["text"] == first.data["text"]
    assert [r["answer"] for r in record["rounds"]] == ["picked", "picked"]
    assert record["portrait"]["rating"] == 4


def test_an_export_is_in_the_chain_and_names_the_one_before(case: CaseFile, tmp_path: Path) -> None:
    one = exported(case, tmp_path / "one")
    two = exported(case, tmp_path / "two", "media")
    assert manifest_of(two.path)["previous_export_root"] == one.root_sha256
    last = list(case.events())[-1]
    assert last.kind == "exported"
    assert last.data["manifest_sha256"] == two.manifest_sha256


def test_a_head_noted_at_the_end_of_the_sitting_is_found_in_the_bundle(
    case: CaseFile, tmp_path: Path
) -> None:
    noted = case.head()
    info = exported(case, tmp_path / "full")
    answer = verify(info.path)
    look_for_noted(answer, words=" ".join(noted.words))
    assert answer.good
    assert answer.noted == {"event": noted.count, "events_after": info.head.count - noted.count}
    look_for_noted(answer, head="00" * 32)
    assert not answer.good


def test_a_chain_rebuilt_with_the_key_passes_by_itself_but_not_against_the_noted_head(
    case: CaseFile, tmp_path: Path
) -> None:
    noted = case.head()
    forged = sitting.made(tmp_path / "forged.ppcase", sitting.whole(2, 4))
    info = exported(forged, tmp_path / "full")
    forged.close()
    answer = verify(info.path)
    assert answer.good
    look_for_noted(answer, head=noted.hash_hex)
    assert not answer.good


def test_an_existing_destination_is_left_alone(case: CaseFile, tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    with pytest.raises(BadInput, match=r"export\.exists"):
        exported(case, tmp_path / "bundle")
    with pytest.raises(BadInput, match=r"export\.no_folder"):
        exported(case, tmp_path / "no" / "bundle")
    with pytest.raises(BadInput, match=r"export\.unknown_profile"):
        exported(case, tmp_path / "other", "press")
    assert list((tmp_path / "bundle").iterdir()) == []


def test_a_cancelled_export_leaves_nothing_and_says_so(case: CaseFile, tmp_path: Path) -> None:
    calls = iter(range(100))

    def cancel() -> None:
        if next(calls) == 5:
            raise Cancelled

    record = portrait_record(case)
    with pytest.raises(Cancelled):
        export_bundle(
            case, tmp_path / "b", "full", record, sitting.PlainPainter(), check_cancel=cancel
        )
    assert {p.name for p in tmp_path.iterdir()} == {"a.ppcase", "a.ppcase-wal", "a.ppcase.lock"}
    assert list(case.events())[-1].data == {"profile": "full", "code": "cancelled"}


def test_a_case_without_an_accepted_portrait_is_refused(tmp_path: Path) -> None:
    case = sitting.made(tmp_path / "a.ppcase", sitting.opening())
    with pytest.raises(BadInput, match=r"export\.no_portrait"):
        portrait_record(case)
    case.close()


def test_a_practice_session_exports_as_practice(tmp_path: Path) -> None:
    case = practice_case(sitting.FACTS)
    for entry in sitting.whole():
        case.append(*entry)
    info = exported(case, tmp_path / "b")
    assert manifest_of(info.path)["practice"] is True
    assert verify(info.path).good


def test_a_read_only_copy_exports_nothing(case: CaseFile, tmp_path: Path) -> None:
    from app.models.store import open_copy_read_only

    copy = open_copy_read_only(tmp_path / "a.ppcase", sitting.PASSPHRASE)
    with pytest.raises(StoreError, match=r"case\.read_only"):
        exported(copy, tmp_path / "b")
    copy.close()


def test_the_mark_names_the_source_and_comes_out_again() -> None:
    png = sitting.png(3)
    packet = xmp_packet(source_type("photo"), "A & <B>")
    with_mark = marked(png, packet)
    assert FROM_PHOTO.encode() in with_mark
    assert source_type("sampled") == GENERATED
    extra = len(with_mark) - len(png)
    assert with_mark[:33] + with_mark[33 + extra :] == png


def test_mutated_bundles_are_refused_and_good_ones_accepted() -> None:
    figures = bundles.run(400, good=12)
    assert figures.clean, figures
    assert figures.good_accepted == 12


def test_the_verifier_shares_no_code_with_the_exporter() -> None:
    code = (
        "import sys, app.commands.verifier.report\n"
        "print([m for m in sys.modules if m.startswith(('app.models', 'app.views', 'app.engine'))])"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True
    )
    assert done.stdout.strip() == "[]"

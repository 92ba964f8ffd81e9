"""The case file: what is appended is there, in order, sealed, and for one writer only."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from app.models import store_sealed
from app.models.errors import BadInput
from app.models.events import Event
from app.models.seal import KdfParameters
from app.models.store import (
    CaseFile,
    StoreError,
    StoreOptions,
    create_case,
    open_case,
    open_copy_read_only,
    practice_case,
)
from tests.release import sitting

KEPT = replace(sitting.SMALL, reserve_bytes=64 << 10, backups=True)


def names_beside(path: Path) -> set[str]:
    return {p.name for p in path.parent.iterdir()}


def test_events_read_back_as_they_were_appended(tmp_path: Path) -> None:
    case = sitting.made(tmp_path / "a.ppcase", iter(()))
    said = [case.append(*entry) for entry in sitting.whole()]
    case.close()
    again = sitting.opened(tmp_path / "a.ppcase")
    kinds = [e.kind for e in again.events()]
    assert [e for e in again.events() if e.kind in {s.kind for s in said}] == said
    assert kinds[0] == "case.created"
    assert kinds[-2:] == ["case.closed", "case.opened"]
    assert [e.seq for e in again.events()] == list(range(1, len(kinds) + 1))
    again.close()


def test_the_facts_come_back_with_the_case(tmp_path: Path) -> None:
    sitting.made(tmp_path / "a.ppcase", iter(())).close()
    case = sitting.opened(tmp_path / "a.ppcase")
    assert case.facts == sitting.FACTS
    case.close()


def test_a_picture_comes_back_bit_for_bit(tmp_path: Path) -> None:
    case = sitting.made(tmp_path / "a.ppcase", iter(()))
    event = case.append(
        "round.shown", "model", {}, [sitting.png(1), sitting.png(2), sitting.png(1)]
    )
    assert [case.picture(p) for p in event.pictures] == [
        sitting.png(1), sitting.png(2), sitting.png(1)
    ]  # fmt: skip
    with pytest.raises(StoreError, match=r"case\.no_such_picture"):
        case.picture("00" * 32)
    case.close()


def test_nothing_that_was_said_or_shown_lies_open_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.ppcase"
    sitting.made(path, sitting.whole(), KEPT).close()
    for file in (p for p in tmp_path.rglob("*") if p.is_file()):
        data = file.read_bytes()
        for secret in (b"grey beard", b"PC 1234", b"seen at dusk", sitting.png(7, 64)[40:200]):
            assert secret not in data


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_the_settings_the_promise_rests_on_are_in_force(tmp_path: Path, journal: str) -> None:
    options = replace(sitting.SMALL, journal=journal)
    case = sitting.made(tmp_path / "a.ppcase", iter(()), options)
    assert isinstance(case, store_sealed.SealedCase)

    def pragma(name: str) -> object:
        return case._connection.execute(f"PRAGMA {name}").fetchall()[0][0]

    assert pragma("journal_mode") == journal
    assert pragma("synchronous") == (2 if journal == "wal" else 3)  # FULL, EXTRA
    assert pragma("locking_mode") == "exclusive"
    assert pragma("trusted_schema") == 0
    case.close()
    assert names_beside(tmp_path / "a.ppcase") == {"a.ppcase"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET kind = 'x'",
        "DELETE FROM event",
        "DELETE FROM picture",
        "UPDATE picture SET sealed = x'00'",
        "UPDATE header SET body = x'00'",
        "DELETE FROM trailer",
        "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 1",
        "INSERT INTO event SELECT 99, kind, actor, wall, 0, previous, sealed, hash FROM event",
        "INSERT OR REPLACE INTO picture SELECT name, x'00' FROM picture",
    ],
)
def test_the_tables_refuse_to_take_anything_back(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "a.ppcase"
    sitting.made(path, sitting.whole()).close()
    connection = apsw.Connection(str(path))
    with pytest.raises(apsw.ConstraintError):
        connection.execute(statement)
    connection.close()


def test_a_second_opener_is_told_who_holds_it_and_reads_a_copy(tmp_path: Path) -> None:
    path = tmp_path / "a.ppcase"
    case = sitting.made(path, sitting.opening())
    with pytest.raises(StoreError, match=r"case\.held") as held:
        sitting.opened(path)
    assert all(held.value.facts[key] for key in ("who", "since", "where"))
    copy = open_copy_read_only(path, sitting.PASSPHRASE)
    assert copy.read_only
    assert copy.problems == ()
    assert copy.facts == sitting.FACTS
    assert list(copy.events()) == list(case.events())
    with pytest.raises(StoreError, match=r"case\.read_only"):
        copy.append("read", "officer", {"what": "x"})
    copy.close()
    case.append("paused", "officer", {})
    case.close()


def test_another_process_is_told_too_and_its_death_frees_the_case(tmp_path: Path) -> None:
    path = tmp_path / "a.ppcase"
    sitting.made(path, sitting.opening()).close()
    code = (
        "import sys, time; from pathlib import Path; from tests.release import sitting\n"
        f"case = sitting.opened(Path({str(path)!r})); print('open', flush=True); time.sleep(60)"
    )
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(StoreError, match=r"case\.held"):
            sitting.opened(path)
        holder.kill()
    case = sitting.opened(path)
    opened = [e for e in case.events() if e.kind == "case.opened"]
    assert [e.data["after"] for e in opened] == ["close", "interruption"]
    case.close()


def test_of_two_openers_in_the_same_moment_exactly_one_writes(tmp_path: Path) -> None:
    path = tmp_path / "a.ppcase"
    sitting.made(path, sitting.opening()).close()

    def opened(start: threading.Barrier) -> CaseFile | StoreError:
        start.wait()
        try:
            return sitting.opened(path)
        except StoreError as error:
            return error

    with ThreadPoolExecutor(4) as pool:
        for _ in range(25):
            start = threading.Barrier(4)
            found = list(pool.map(opened, [start] * 4))
            cases = [case for case in found if isinstance(case, CaseFile)]
            assert len(cases) == 1
            assert {e.code for e in found if isinstance(e, StoreError)} == {"case.held"}
            cases[0].append("paused", "officer", {})
            cases[0].close()
    case = sitting.opened(path)
    assert [e.kind for e in case.events()].count("paused") == 25
    assert case.problems == ()
    case.close()


def test_a_wrong_passphrase_opens_nothing_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.ppcase"
    sitting.made(path, sitting.opening()).close()
    before = path.read_bytes()
    for wrong in ("", "a passphrase for test", "a passphrase for tests ", "\N{SNOWMAN}"):
        with pytest.raises(StoreError, match=r"case\.wrong_passphrase"):
            open_case(path, wrong)
    assert path.read_bytes() == before
    assert names_beside(path) == {"a.ppcase"}


def test_a_passphrase_is_the_same_however_its_accents_are_typed(tmp_path: Path) -> None:
    path = tmp_path / "a.ppcase"
    create_case(path, "café crème", sitting.FACTS, kdf=sitting.CHEAP, options=sitting.SMALL).close()
    open_case(path, "café crème", options=sitting.SMALL).close()


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.ppcase"
    path.write_text("something else")
    with pytest.raises(StoreError, match=r"case\.exists"):
        sitting.made(path, iter(()))
    assert path.read_text() == "something else"
    assert names_beside(path) == {"a.ppcase"}


@pytest.mark.parametrize("content", [b"", b"x" * 5000, b"SQLite format 3\0" + b"\0" * 5000])
def test_what_is_no_case_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.ppcase"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"case\.(not_a_case|unreadable)"):
        sitting.opened(path)
    assert path.read_bytes() == content
    assert names_beside(path) == {"a.ppcase"}


def test_another_sqlite_file_is_no_case(tmp_path: Path) -> None:
    path = tmp_path / "a.ppcase"
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE header (id, body, sha256)")
    connection.close()
    with pytest.raises(StoreError, match=r"case\.not_a_case"):
        sitting.opened(path)


@pytest.mark.parametrize(
    ("kind", "actor", "data"),
    [
        ("round.shown", "model", {"x": float("nan")}),
        ("round.shown", "model", {"x": object()}),
        ("round.shown", "model", {1: {2, 3}}),
        ("round.shown", "burglar", {}),
        ("", "model", {}),
        ("a b", "model", {}),
    ],
)
def test_an_event_that_is_no_event_is_refused(
    tmp_path: Path, kind: str, actor: str, data: dict[str, object]
) -> None:
    case = sitting.made(tmp_path / "a.ppcase", iter(()))
    before = case.head()
    with pytest.raises(BadInput):
        case.append(kind, actor, data)
    assert case.head() == before
    case.append("paused", "officer", {})
    case.close()


def test_a_picture_that_is_no_png_is_refused(tmp_path: Path) -> None:
    case = sitting.made(tmp_path / "a.ppcase", iter(()))
    with pytest.raises(BadInput, match=r"event\.bad_picture"):
        case.append("face.shown", "model", {}, [b"\xff\xd8\xff\xe0 no png"])
    case.close()


def test_closing_leaves_the_file_and_its_backup_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.ppcase"
    case = sitting.made(path, sitting.opening(), KEPT)
    assert {"a.ppcase.lock", "a.ppcase.reserve"} <= names_beside(path)
    case.close()
    case.close()  # twice does no harm
    assert names_beside(path) == {"a.ppcase", "a.ppcase.backups"}
    (copy,) = (tmp_path / "a.ppcase.backups").iterdir()
    assert copy.read_bytes() == path.read_bytes()
    again = open_case(copy, sitting.PASSPHRASE, options=sitting.SMALL)
    assert again.problems == ()
    again.close()
    with pytest.raises(StoreError, match=r"case\.closed"):
        case.append("paused", "officer", {})


def test_a_file_that_somebody_else_changed_is_not_written_on(tmp_path: Path) -> None:
    path = tmp_path / "a.ppcase"
    case = sitting.made(path, sitting.opening())
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1_000_000))
    with pytest.raises(StoreError, match=r"case\.changed_outside"):
        case.append("paused", "officer", {})
    path.rename(tmp_path / "b.ppcase")
    with pytest.raises(StoreError, match=r"case\.gone"):
        case.append("paused", "officer", {})
    case.close()


def test_a_folder_without_write_permission_gives_a_reading_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.ppcase"
    sitting.made(path, sitting.opening()).close()

    def refused(*args: object) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr("app.models.store_open.Lock", refused)  # root may write anywhere
    case = sitting.opened(path)
    assert case.read_only
    assert case.problems == ()
    case.close()


def test_a_damaged_case_opens_read_only_names_the_event_and_stays_as_found(tmp_path: Path) -> None:
    path = tmp_path / "a.ppcase"
    case = sitting.made(path, sitting.whole())
    damaged = next(e for e in case.events() if e.kind == "portrait.rated")
    case.close()
    connection = apsw.Connection(str(path))
    connection.execute("DROP TRIGGER event_no_update")
    connection.execute("UPDATE event SET sealed = randomblob(90) WHERE seq = ?", (damaged.seq,))
    connection.close()
    before = path.read_bytes()
    case = sitting.opened(path)
    assert case.read_only
    assert any(p.startswith(f"event {damaged.seq} (portrait.rated") for p in case.problems)
    assert damaged.seq not in [e.seq for e in case.events()]
    assert "description.first" in [e.kind for e in case.events()]
    case.close()
    assert path.read_bytes() == before


def test_an_unreadable_case_points_to_its_newest_backup(tmp_path: Path) -> None:
    path = tmp_path / "a.ppcase"
    sitting.made(path, sitting.opening(), KEPT).close()
    damaged = bytearray(path.read_bytes())
    damaged[:4096] = bytes(4096)
    path.write_bytes(damaged)
    with pytest.raises(StoreError, match=r"case\.unreadable") as refused:
        sitting.opened(path)
    assert path.read_bytes() == damaged
    copy = open_copy_read_only(str(refused.value.facts["backup"]), sitting.PASSPHRASE)
    assert copy.problems == ()
    assert "description.first" in [e.kind for e in copy.events()]
    copy.close()


def test_a_recovery_key_opens_the_case_too(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import x25519

    private, other = x25519.X25519PrivateKey.generate(), x25519.X25519PrivateKey.generate()
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    def pem(key: x25519.X25519PrivateKey) -> bytes:
        return key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    path = tmp_path / "a.ppcase"
    create_case(
        path, sitting.PASSPHRASE, sitting.FACTS, public, sitting.CHEAP, sitting.SMALL
    ).close()
    case = open_case(path, recovery_private_key=pem(private), options=sitting.SMALL)
    assert case.facts == sitting.FACTS
    case.close()
    with pytest.raises(StoreError, match=r"case\.wrong_recovery_key"):
        open_case(path, recovery_private_key=pem(other))
    with pytest.raises(BadInput, match=r"case\.bad_recovery_key"):
        open_case(path, recovery_private_key=b"no key")


def test_a_case_that_asks_for_too_much_memory_is_refused_before_it_is_spent(tmp_path: Path) -> None:
    path = tmp_path / "a.ppcase"
    sitting.made(path, iter(())).close()
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode=DELETE").fetchall()
    body = json.loads(connection.execute("SELECT body FROM header").fetchall()[0][0])
    connection.execute("DROP TRIGGER header_no_update")
    for memory, passes, lanes in ((64 << 20, 3, 4), (65536, 10**6, 4), (65536, 3, 64), (1, 1, 1)):
        body["kdf"].update(memory_kib=memory, passes=passes, lanes=lanes)
        data = json.dumps(body).encode()
        row = (data, hashlib.sha256(data).digest())
        connection.execute("UPDATE header SET body = ?, sha256 = ?", row)
        with pytest.raises(BadInput, match=r"case\.kdf_out_of_bounds"):
            sitting.opened(path)
    connection.close()
    with pytest.raises(BadInput):
        KdfParameters(2 << 20, 3, 4).checked()


def test_a_clock_that_jumps_is_flagged_before_the_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = sitting.made(tmp_path / "a.ppcase", iter(()))
    monkeypatch.setattr(store_sealed, "wall_now", lambda: "2020-01-01T12:00:00.000+00:00")
    case.append("paused", "officer", {})
    case.append("resumed", "officer", {})
    *_, flagged, paused, resumed = case.events()
    assert [e.kind for e in (flagged, paused, resumed)] == ["clock.flagged", "paused", "resumed"]
    assert flagged.data["what"] == "backward"
    assert flagged.data["jump_s"] < -3600
    monkeypatch.undo()
    case.close()


def test_a_restart_between_two_sittings_is_no_jump_of_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sitting.made(tmp_path / "a.ppcase", iter(())).close()
    now = store_sealed.monotonic_now()
    monkeypatch.setattr(store_sealed, "monotonic_now", lambda: now + 10**15)
    case = sitting.opened(tmp_path / "a.ppcase")
    assert "clock.flagged" not in [e.kind for e in case.events()]
    case.close()
    monkeypatch.setattr(store_sealed, "wall_now", lambda: "2020-01-01T12:00:00.000+00:00")
    case = sitting.opened(tmp_path / "a.ppcase")
    assert "clock.flagged" in [e.kind for e in case.events()]
    case.close()


def test_an_io_error_is_said_and_the_case_goes_on_once_it_is_gone(tmp_path: Path) -> None:
    from tests.release.power import PowerVfs

    vfs = PowerVfs()
    options = replace(sitting.SMALL, base_vfs=vfs.name)
    case = sitting.made(tmp_path / "a.ppcase", sitting.opening(), options)
    before = [e.hash for e in case.events()]
    vfs.cut_at = vfs.operations + 2  # in the middle of the next commit
    with pytest.raises(StoreError, match=r"case\.io_error"):
        case.append("portrait.rated", "witness", {"rating": 3, "remark": "x" * 9000})
    vfs.cut_at = None
    case.append("portrait.rated", "witness", {"rating": 3, "remark": "y"})
    assert [e.hash for e in case.events()][: len(before)] == before
    case.close()
    vfs.unregister()
    again = sitting.opened(tmp_path / "a.ppcase")
    assert again.problems == ()
    again.close()


def test_practice_has_the_same_chain_and_leaves_nothing(tmp_path: Path) -> None:
    case = practice_case(sitting.FACTS)
    events: list[Event] = [case.append(*entry) for entry in sitting.whole()]
    assert not case.kept
    assert case.path is None
    assert list(case.events())[1:] == events
    assert case.head().hash_hex == events[-1].hash
    assert case.picture(events[-2].pictures[0]) == sitting.png(7, 64)
    case.close()
    with pytest.raises(StoreError):
        case.append("paused", "officer", {})
    assert list(tmp_path.iterdir()) == []


def test_the_options_of_the_product_are_the_safe_ones() -> None:
    assert StoreOptions() == StoreOptions(
        journal="", synchronous="", base_vfs="", reserve_bytes=16 << 20, backups=True,
        checkpoint_pages=1000,
    )  # fmt: skip

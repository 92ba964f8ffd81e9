"""The chain, its words, the clocks beside it and the thinning of backups."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.models.backup import STAMP, thinned_out
from app.models.chain import Place, genesis, head_of
from app.models.clock import ClockReading, clock_flag
from app.models.words import word_list, words_of
from tests.release import sitting


def test_the_word_list_is_the_published_one() -> None:
    text = "".join(f"{word}\n" for word in word_list())
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert digest == "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
    assert len({word[:4] for word in word_list()}) == 2048


def test_eight_words_carry_the_first_88_bits() -> None:
    assert words_of(bytes(32)) == ("abandon",) * 8
    assert words_of(b"\xff" * 32) == ("zoo",) * 8
    assert words_of(b"\x00\x20" + bytes(30))[0:2] == ("ability", "abandon")
    assert words_of(bytes(10) + b"\x01" + bytes(21)) == (*("abandon",) * 7, "ability")
    assert words_of(bytes(11) + b"\xff" * 21) == ("abandon",) * 8


@pytest.mark.parametrize(
    "change",
    [
        {"case_id": "00" * 16}, {"seq": 2}, {"kind": "read"}, {"actor": "model"},
        {"wall": "2026-01-01T00:00:00.000+01:00"}, {"monotonic_ns": 8}, {"previous": "11" * 32},
    ],
)  # fmt: skip
def test_every_field_of_an_event_is_in_its_hash(change: dict[str, object]) -> None:
    fields = {
        "case_id": "ab" * 16, "seq": 1, "kind": "paused", "actor": "officer",
        "wall": "2026-01-01T00:00:00.000+00:00", "monotonic_ns": 7, "previous": genesis("ab" * 16),
    }  # fmt: skip
    place, other = Place(**fields), Place(**{**fields, **change})  # type: ignore[arg-type]
    assert place.hash(b"{}") != other.hash(b"{}")
    assert place.bound() != other.bound()
    assert place.hash(b"{}") != place.hash(b"{ }")


def test_two_equal_events_have_different_hashes_and_the_head_follows(tmp_path: Path) -> None:
    case = sitting.made(tmp_path / "a.ppcase", iter(()))
    one, two = case.append("paused", "officer", {}), case.append("paused", "officer", {})
    assert one.hash != two.hash
    assert case.head() == head_of(3, two.hash)
    case.close()


START = ClockReading("2026-03-01T10:00:00.000+00:00", 10_000_000_000, "boot")


@pytest.mark.parametrize(
    ("wall", "elapsed_s", "boot", "what"),
    [
        ("2026-03-01T10:00:05.000+00:00", 5, "boot", None),
        ("2026-03-01T11:00:05.000+01:00", 5, "boot", None),  # the same moment elsewhere
        ("2026-03-01T09:00:05.000+00:00", 5, "boot", "backward"),
        ("2026-03-01T10:00:09.000+00:00", 5, "boot", "forward"),
        ("2026-03-01T10:00:06.000+00:00", 5, "boot", None),  # within tolerance
        ("2026-03-04T10:00:00.000+00:00", -9, "another", None),  # restarted: days may pass
        ("2026-02-28T10:00:00.000+00:00", -9, "another", "backward"),
    ],
)
def test_a_clock_is_flagged_when_it_moves_other_than_time(
    wall: str, elapsed_s: int, boot: str, what: str | None
) -> None:
    now = ClockReading(wall, START.monotonic_ns + elapsed_s * 1_000_000_000, boot)
    flag = clock_flag(START, now)
    assert (flag["what"] if flag else None) == what


def test_backups_are_kept_by_day_week_and_month() -> None:
    now = datetime(2026, 11, 20, 18, tzinfo=UTC)
    walls = [now - timedelta(hours=7 * n) for n in range(1500)]  # more than a year, 3 or 4 a day
    paths = [Path(f"{wall.strftime(STAMP)}.ppcase") for wall in walls]
    dropped = set(thinned_out(paths))
    kept = [p for p in paths if p not in dropped]
    assert kept[:3] == paths[:3]
    assert len({p.stem[:8] for p in kept}) >= 12
    assert 12 + 9 <= len(kept) <= 3 + 12 + 10 + 9
    assert thinned_out(paths[:3]) == ()

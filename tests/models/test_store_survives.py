"""The case file under kills, power cuts, tampering and a full disk; release length is in
tests/release/storage.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.models.store_wal import log_problems
from tests.release import diskfull, kill, power, sitting, tamper


@pytest.mark.slow
def test_every_acknowledged_event_survives_kill_9() -> None:
    figures = kill.kills(10)
    assert figures.clean, figures


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_power_cut_at_any_operation_of_one_save_loses_nothing(journal: str) -> None:
    figures = power.one_save(journal=journal, patterns=3)
    assert figures.clean, figures


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_power_cuts_at_random_lose_nothing(journal: str) -> None:
    figures = power.random_cuts(120, journal=journal)
    assert figures.clean, figures


def test_the_power_cut_test_can_fail() -> None:
    figures = power.random_cuts(200, synchronous="NORMAL", until=3)
    assert figures.lost > 0


def test_flipped_bits_are_noticed() -> None:
    figures = tamper.flips(stride=151)
    assert figures.clean, figures
    assert figures.named + figures.refused == figures.changes


def test_flipped_bits_in_the_first_page_are_noticed() -> None:
    figures = tamper.flips(stride=1, first=0, last=160)
    assert figures.clean, figures
    figures = tamper.flips(stride=2, first=3700, last=3860)
    assert figures.clean, figures


def test_edits_without_the_key_are_noticed_and_named() -> None:
    figures = tamper.edits(60)
    assert figures.clean, figures
    assert figures.named == figures.changes


def test_mutated_files_neither_crash_nor_hang() -> None:
    figures = tamper.mutations(250)
    assert figures.clean, figures


def test_an_older_copy_of_the_file_is_noticed_against_the_noted_head_only() -> None:
    assert tamper.rolled_back() == (False, True)


@pytest.mark.skipif(not diskfull.can_mount(), reason="needs root to mount a small tmpfs")
def test_a_full_disk_loses_nothing_and_the_sitting_goes_on() -> None:
    figures = diskfull.trials(12)
    assert figures.clean, figures
    assert figures.sticks_full > 0
    assert figures.closed_when_full > 0


def test_a_changed_byte_inside_a_leftover_log_is_damage_and_not_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.ppcase"
    case = sitting.made(path, sitting.whole(3, 2))
    log = (tmp_path / "a.ppcase-wal").read_bytes()
    main = path.read_bytes()
    case.close()
    frame = 24 + 4096
    path.write_bytes(main)
    changed = bytearray(log)
    changed[32 + 6 * frame + 500] ^= 1
    (tmp_path / "a.ppcase-wal").write_bytes(changed)
    assert log_problems(tmp_path / "a.ppcase-wal")
    again = sitting.opened(path)
    assert again.read_only
    assert again.problems[0].startswith("log: frame 7")
    again.close()
    assert (tmp_path / "a.ppcase-wal").read_bytes() == changed  # left as found
    (tmp_path / "a.ppcase-wal").write_bytes(log[:-2000])  # a torn end is no damage
    assert log_problems(tmp_path / "a.ppcase-wal") == ()

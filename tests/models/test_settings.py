"""Settings survive bad files, newer programs and failed writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.models.errors import BadInput
from app.models.settings import Settings, load_settings, save_settings


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "settings.json"
    settings = Settings().changed(
        theme="dark", array_size=12, keep_recent=True, recent=("a", "b"), threads=3
    )
    save_settings(settings, path)
    assert load_settings(path) == settings


def test_keys_of_a_newer_program_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"theme": "light", "hologram": {"depth": 3}}))
    save_settings(load_settings(path).changed(theme="dark"), path)
    written = json.loads(path.read_text())
    assert written["hologram"] == {"depth": 3}
    assert written["theme"] == "dark"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\x00\xff", '{"theme": 7}'])
def test_a_file_that_cannot_be_used_gives_the_defaults(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text, encoding="utf-8")
    assert load_settings(path) == Settings()


def test_one_bad_value_does_not_spoil_the_others(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    values = {"array_size": 10, "blur": -4, "threads": True, "theme": "dark", "recent": [3]}
    path.write_text(json.dumps(values))
    assert load_settings(path) == Settings(theme="dark")


@pytest.mark.parametrize(
    ("name", "value"),
    [("theme", "pink"), ("array_size", 7), ("blur", 101), ("idle_lock_minutes", -1),
     ("threads", 1.5), ("keep_recent", 1), ("language", "de")],
)  # fmt: skip
def test_values_outside_their_choices_are_refused(name: str, value: object) -> None:
    with pytest.raises(BadInput):
        Settings().changed(**{name: value})


def test_recent_cases_are_kept_only_if_wanted() -> None:
    assert Settings().with_recent("a").recent == ()
    wanted = Settings().changed(keep_recent=True)
    for name in ("a", "b", "a", *map(str, range(20))):
        wanted = wanted.with_recent(name)
    assert wanted.recent == tuple(str(n) for n in range(19, 11, -1))
    assert wanted.changed(keep_recent=False).recent == ()


def test_a_failed_write_says_so_and_leaves_the_old_file(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    with pytest.raises(BadInput, match="settings.not_saved"):
        save_settings(Settings(), blocked / "settings.json")

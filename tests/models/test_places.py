"""Files of the program: where the system expects them, or all of them on the stick."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.models import places
from app.models.errors import BadInput

PLACES = (places.config_folder, places.data_folder, places.cache_folder, places.log_folder)


@pytest.fixture
def stick() -> Path:
    """Where the portable folder would be; the test's own (see tests/conftest.py)."""
    return Path(os.environ[places.PORTABLE_VARIABLE])


def test_without_the_folder_the_system_s_places_are_used(own_folders: Path, stick: Path) -> None:
    assert places.portable_folder() is None
    assert places.cases_folder() is None
    for place in PLACES:
        assert own_folders in place().parents
        assert "portrait-parle" in place().parts


def test_a_portable_program_keeps_everything_beside_itself(stick: Path) -> None:
    assert places.make_portable() == stick
    assert places.make_portable() == stick  # once more does no harm
    assert {place().parent for place in PLACES} == {stick}
    assert len({place() for place in PLACES}) == len(PLACES)
    assert places.cases_folder() == stick / "cases"
    assert (stick / "cases").is_dir()


def test_the_folder_lies_beside_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(places.PORTABLE_VARIABLE)
    assert (places.program_folder() / "resources").is_dir()


def test_a_chosen_folder_for_cases_wins_while_it_is_there(stick: Path, tmp_path: Path) -> None:
    assert places.cases_folder(str(tmp_path)) == tmp_path
    assert places.cases_folder(str(tmp_path / "gone")) is None
    places.make_portable()
    assert places.cases_folder(str(tmp_path / "gone")) == stick / "cases"


def test_a_folder_that_cannot_be_made_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(places.PORTABLE_VARIABLE, str(tmp_path / "no" / "portable"))
    with pytest.raises(BadInput, match="portable.not_made"):
        places.make_portable()

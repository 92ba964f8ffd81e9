"""Where shipped files are found, and what is said when they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.models.errors import BadInput
from app.models.resources import ENVIRONMENT_NAME, resource, resources_folder


def test_a_checkout_finds_its_own_files() -> None:
    assert resource("attributes.toml").is_file()


def test_the_variable_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "words.txt").write_text("one", encoding="utf-8")
    monkeypatch.setenv(ENVIRONMENT_NAME, str(tmp_path))
    assert resources_folder() == tmp_path
    assert resource("words.txt").read_text(encoding="utf-8") == "one"


def test_an_installed_package_finds_the_files_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ENVIRONMENT_NAME, raising=False)
    installed = tmp_path / "site-packages/app/models/resources.py"
    monkeypatch.setattr("app.models.resources.__file__", str(installed))
    assert resources_folder() == tmp_path.resolve() / "site-packages/app/resources"


def test_a_file_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT_NAME, str(tmp_path))
    with pytest.raises(BadInput) as refused:
        resource("models", "default")
    assert refused.value.code == "resource.missing"
    assert refused.value.facts["file"] == str(tmp_path / "models" / "default")

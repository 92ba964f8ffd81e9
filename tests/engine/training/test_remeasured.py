"""What else a slider moves is measured again on the finished model, and kept in its files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("torch")

from app.engine.directions import write_directions
from app.engine.weights import find_model, load_model, rewrite_card
from app.main import main

pytestmark = [pytest.mark.needs_torch, pytest.mark.bundled_model]
NAMES = ("lips", "eye_size")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The bundled model with two sliders."""
    folder = tmp_path / "two"
    shutil.copytree(find_model(), folder)
    found = load_model(folder).directions
    write_directions(folder, [found.find(n) for n in NAMES])
    rewrite_card(folder)
    return folder


def test_effects_are_measured_on_the_faces_asked_for_and_kept(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = load_model(folder).directions
    assert main(["models", "measure", str(folder), "--effects", "20"]) == 0
    assert "2 sliders measured on 20 faces" in capsys.readouterr().out
    assert main(["models", "verify", str(folder)]) == 0
    for old, new in zip(known.items, load_model(folder).directions.items, strict=True):
        assert new.info.measured_faces == 20
        assert (new.vector == old.vector).all()
        assert new.info.side_effects_before == old.info.side_effects_before
        now, before = dict(new.info.side_effects), dict(old.info.side_effects)
        other = next(n for n in NAMES if n != new.name)
        assert set(now) == {n for n in before if n == other or n.startswith("landmark:")}
        assert now[other] == pytest.approx(before[other], abs=0.35)  # 20 faces against 500
        effects = [v for _, v in new.info.side_effects]
        assert effects == sorted(effects, reverse=True)


@pytest.mark.parametrize("faces", ["3", "100000"])
def test_too_few_or_many_faces_are_refused(
    folder: Path, faces: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "measure", str(folder), "--effects", faces]) == 3
    assert "give 20 to 10000" in capsys.readouterr().err

"""Putting things on with ``edit``, and one face of several witnesses' sealed bundles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("PySide6")

from app.commands.case_replay import Pixels, replay_faces, with_overlays
from app.main import main
from app.models.case import CaseFacts
from app.models.export import export_bundle, portrait_record
from app.models.overlay_catalogue import entry_named, placed
from app.models.portrait import Recipe
from app.models.store import KdfParameters, create_case, practice_case
from app.views.overlay_paint import composed
from app.views.png import png_of
from tests.engine.tiny import ARCH, model_folder
from tests.release import sitting
from tests.release.sitting import PlainPainter, png

pytestmark = [pytest.mark.needs_torch, pytest.mark.needs_qt]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def model(qapp: object) -> str:
    """A tiny model where the user's own models lie; and the one application of the tests."""
    from app.engine.weights import user_models_folder

    return str(model_folder(user_models_folder() / "tiny"))


def said(capsys: Capture, *arguments: object) -> dict[str, Any]:
    code = main([*map(str, arguments), "--json"])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    answer: dict[str, Any] = json.loads(captured.out)
    return answer


def test_edit_puts_things_on_and_keeps_them(model: str, tmp_path: Path, capsys: Capture) -> None:
    said(capsys, "generate", "--count", 1, "--seed", 1, "--model", model, "--out", tmp_path / "g")
    made = said(
        capsys, "edit", tmp_path / "g" / "recipes.json", "--layer", "hat=cap",
        "--layer", "mark=scar:chin", "--model", model, "--out", tmp_path / "e",
    )  # fmt: skip
    assert [layer["name"] for layer in made["layers"]] == ["cap", "scar"]
    recipe = Recipe.from_json(json.loads((tmp_path / "e" / "recipe.json").read_text()))
    assert [o.name for o in recipe.overlays] == ["cap", "scar"]
    assert (recipe.overlays[1].x, recipe.overlays[1].y) == (0.494, 0.89)
    before, after = ((tmp_path / "e" / n).read_bytes() for n in ("before.png", "edited.png"))
    assert len(after) > len(before)
    again = said(
        capsys, "edit", tmp_path / "e" / "recipe.json", "--set", "nose_width=1",
        "--model", model, "--out", tmp_path / "f",
    )  # fmt: skip
    assert [layer["name"] for layer in again["layers"]] == ["cap", "scar"]


def test_edit_names_the_drawings_there_are(model: str, tmp_path: Path, capsys: Capture) -> None:
    said(capsys, "generate", "--count", 1, "--model", model, "--out", tmp_path / "g")
    recipes = tmp_path / "g" / "recipes.json"
    for layer in ("hat=crown", "crown"):
        arguments = ["edit", recipes, "--layer", layer, "--model", model, "--out", tmp_path]
        assert main([*map(str, arguments)]) == 3
        assert "cap" in capsys.readouterr().err


def bundle(folder: Path, witness: str, recipe: Recipe) -> Path:
    case = create_case(
        folder / f"{witness}.ppcase", "correct horse", CaseFacts("R-1", witness_code=witness),
        kdf=KdfParameters(),
    )  # fmt: skip
    case.append("session.started", "officer", {"session": witness, "app_version": "0"})
    case.append(
        "portrait.accepted", "witness", {"recipe": recipe.to_json()}, (png(int(witness[1:])),)
    )
    path = folder / f"{witness}.zip"
    export_bundle(case, path, "full", portrait_record(case), PlainPainter())
    case.close()
    return path


def test_a_morph_takes_sealed_bundles_of_different_witnesses_only(
    model: str, tmp_path: Path, capsys: Capture
) -> None:
    from app.engine.weights import read_card

    sha256 = read_card(Path(model)).sha256
    w = np.random.default_rng(2).standard_normal((2, ARCH.w_dim))
    first = bundle(tmp_path, "w1", Recipe.from_array(sha256, w[0]))
    second = bundle(tmp_path, "w2", Recipe.from_array(sha256, w[1]))
    out = tmp_path / "morph"
    made = said(capsys, "morph", first, second, "--by", "PC 1", "--out", out)
    assert made["made_by"] == "PC 1"
    assert [b["witness_code"] for b in made["bundles"]] == ["w1", "w2"]
    blend = Recipe.from_json(json.loads((out / "recipe.json").read_text()))
    assert blend.origin == "blend"
    assert np.allclose(blend.array(), w.mean(axis=0), atol=1e-5)
    assert b"trainedAlgorithmicMedia" in (out / "morph.png").read_bytes()
    broken = tmp_path / "broken.zip"
    broken.write_bytes(second.read_bytes()[:-9])
    for wrong, why in (((first, first), "one witness"), ((first, broken), "sealed"),
                       ((first,), "2 to")):
        assert main(["morph", *map(str, wrong), "--out", str(tmp_path / "no")]) == 3
        assert why in capsys.readouterr().err

def test_a_face_with_a_hat_is_drawn_again_as_it_was_shown(qapp: object) -> None:
    """The engine's face and what lies on it together give the stored picture."""
    recipe = sitting.recipe(3).with_overlays((placed(entry_named("cap")),))
    face = np.random.default_rng(3).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    shown = png_of(composed(face, recipe.overlays))
    case = practice_case(CaseFacts("R"))
    case.append("portrait.shown", "model", {"recipe": recipe.to_json()}, (shown,))
    asked = []

    def engine(bare: Recipe) -> Pixels:
        asked.append(bare)
        return face

    answer = replay_faces(case, render=with_overlays(engine))
    assert (answer.compared, answer.exact) == (1, 1)
    assert asked == [recipe.bare()]

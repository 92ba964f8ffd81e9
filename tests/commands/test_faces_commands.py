"""generate, render, edit, sketch, models and simulate as commands, on a tiny real model."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from app.main import main
from tests.engine.tiny import ARCH, model_folder

pytestmark = pytest.mark.needs_torch


@pytest.fixture(autouse=True)
def same_umask_afterwards() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(model_folder(tmp_path_factory.mktemp("models") / "tiny"))


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    """The JSON of a command that succeeds."""
    code = main([*map(str, arguments), "--json"])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    answer: dict[str, Any] = json.loads(captured.out)
    return answer


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line of a command that refuses."""
    assert main([*map(str, arguments)]) == 3
    captured = capsys.readouterr()
    lines = [x for x in captured.err.splitlines() if x.startswith("portrait-parle: ")]
    assert len(lines) == 1
    assert "Traceback" not in captured.err
    return lines[0]


Capture = pytest.CaptureFixture[str]


def test_generate_writes_faces_and_recipes(model: str, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "a"
    answer = said(capsys, "generate", "--count", 3, "--seed", 5, "--model", model, "--out", out)
    assert sorted(p.name for p in out.iterdir()) == [
        "face_000.png", "face_001.png", "face_002.png", "recipes.json",
    ]  # fmt: skip
    recipes = json.loads((out / "recipes.json").read_text())
    assert [r["file"] for r in recipes] == [f["file"] for f in answer["faces"]]
    assert b"trainedAlgorithmicMedia" in (out / "face_000.png").read_bytes()
    said(capsys, "generate", "--count", 2, "--seed", 5, "--model", model, "--out", tmp_path / "b")
    for name in ("face_000.png", "face_001.png"):
        assert (out / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_generate_obeys_a_text_and_says_what_it_cannot(
    model: str, tmp_path: Path, capsys: Capture
) -> None:
    text = "a man of fifty with a wide nose and a red cap"
    answer = said(capsys, "generate", "--text", text, "--model", model, "--out", tmp_path)
    assert len(answer["faces"]) == 9
    assert {a["name"] for a in answer["attributes"]} >= {"sex", "age", "nose_width"}
    assert "no_direction" in {s["reason"] for s in answer["shortfalls"]}


@pytest.mark.bundled_model
@pytest.mark.slow
def test_generate_obeys_sex_age_and_hair_colour_in_most_faces(
    tmp_path: Path, capsys: Capture
) -> None:
    told = {"sex": [0, 0], "age": [0, 0], "hair_color": [0, 0]}
    for seed, (text, sex, years, hair) in enumerate([
        ("a woman in her thirties with brown hair", "female", (30, 39), {"brown"}),
        ("a man about fifty with grey hair", "male", (45, 55), {"grey", "white"}),
        ("a young man with black hair", "male", (16, 30), {"black"}),
    ]):  # fmt: skip
        answer = said(
            capsys,
            "generate",
            "--text",
            text,
            "--seed",
            seed,
            "--count",
            6,
            "--out",
            tmp_path / str(seed),
        )
        for face in answer["faces"]:
            read = face["measured"]
            told["sex"][read["sex"] == sex] += 1
            told["age"][years[0] <= int(read["age"]) <= years[1]] += 1
            told["hair_color"][read["hair_color"] in hair] += 1
    for name, (wrong, right) in told.items():
        assert right / (right + wrong) >= 0.8, (name, wrong, right)


def test_render_draws_latents_as_pictures_or_floats(
    model: str, tmp_path: Path, capsys: Capture
) -> None:
    w = np.random.default_rng(0).standard_normal((2, ARCH.w_dim)).astype(np.float32)
    np.save(tmp_path / "w.npy", w)
    np.save(tmp_path / "wplus.npy", np.repeat(w[:, None], ARCH.num_ws, 1))
    said(capsys, "render", tmp_path / "w.npy", "--model", model, "--out", tmp_path / "png")
    assert len(list((tmp_path / "png").glob("*.png"))) == 2
    for name in ("w", "wplus"):
        answer = said(
            capsys,
            "render",
            tmp_path / f"{name}.npy",
            "--model",
            model,
            "--raw",
            "--out",
            tmp_path / name,
        )
        assert (answer["count"], answer["noise"]) == (2, "const")
    images = [np.load(tmp_path / n / "images.npy") for n in ("w", "wplus")]
    assert images[0].shape == (2, 3, ARCH.resolution, ARCH.resolution)
    assert images[0].dtype == np.float32
    np.testing.assert_array_equal(*images)


@pytest.mark.parametrize("shape", [(2, 5), (0, 24), (2, 3, 24), (1, 1, 1, 1), ()])
def test_render_refuses_other_shapes(
    model: str, tmp_path: Path, capsys: Capture, shape: tuple[int, ...]
) -> None:
    np.save(tmp_path / "w.npy", np.zeros(shape))
    assert "w.npy" in refused(
        capsys, "render", tmp_path / "w.npy", "--model", model, "--out", tmp_path
    )


def test_render_refuses_pickled_and_infinite_arrays(
    model: str, tmp_path: Path, capsys: Capture
) -> None:
    np.save(tmp_path / "o.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save(tmp_path / "i.npy", np.full((1, ARCH.w_dim), np.inf))
    for name in ("o.npy", "i.npy"):
        assert name in refused(
            capsys, "render", tmp_path / name, "--model", model, "--out", tmp_path
        )


@pytest.fixture
def recipes(model: str, tmp_path: Path, capsys: Capture) -> Path:
    said(capsys, "generate", "--count", 2, "--model", model, "--out", tmp_path / "faces")
    return tmp_path / "faces" / "recipes.json"


def test_edit_moves_and_holds(model: str, recipes: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "edited"
    answer = said(
        capsys, "edit", f"{recipes}#1", "--set", "nose_width=1.5", "--set", "age=60", "--hold",
        "hair_color", "--model", model, "--out", out,
    )  # fmt: skip
    assert answer["edits"]["nose_width"] == 1.5
    assert "hair_color_blond" in answer["held"]
    assert json.loads((out / "recipe.json").read_text()) == answer["recipe"]
    assert (out / "before.png").read_bytes() != (out / "edited.png").read_bytes()
    again = said(
        capsys, "edit", out / "recipe.json", "--set", "nose_width=0", "--model", model, "--out", out
    )
    assert "nose_width" not in again["edits"]


@pytest.mark.parametrize("setting", ["ears=big", "nose_width=99", "age=old", "novalue"])
def test_edit_refuses_what_it_does_not_understand(
    model: str, recipes: Path, tmp_path: Path, capsys: Capture, setting: str
) -> None:
    line = refused(capsys, "edit", recipes, "--set", setting, "--model", model, "--out", tmp_path)
    assert setting.partition("=")[0] in line


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 1}', "[1]", '{"recipe": 3}', "[" * 100_000, "nul"]
)
def test_edit_refuses_files_that_hold_no_recipe(
    model: str, tmp_path: Path, capsys: Capture, text: str
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    assert "bad.json" in refused(capsys, "edit", path, "--model", model, "--out", tmp_path)


def test_edit_refuses_a_recipe_of_another_model(
    model: str, recipes: Path, tmp_path: Path, capsys: Capture
) -> None:
    data = json.loads(recipes.read_text())[0]
    data["model"] = "0" * 64
    (tmp_path / "r.json").write_text(json.dumps(data))
    refused(capsys, "edit", tmp_path / "r.json", "--model", model, "--out", tmp_path)
    refused(capsys, "edit", tmp_path / "r.json", "--out", tmp_path)


def test_edit_refuses_a_face_that_is_not_there(
    model: str, recipes: Path, tmp_path: Path, capsys: Capture
) -> None:
    refused(capsys, "edit", f"{recipes}#7", "--model", model, "--out", tmp_path)


def test_sketch_draws_pictures(recipes: Path, tmp_path: Path, capsys: Capture) -> None:
    face = recipes.parent / "face_000.png"
    for style in ("pencil", "ink"):
        answer = said(
            capsys,
            "sketch",
            face,
            "--style",
            style,
            "--size",
            96,
            "--out",
            tmp_path / f"{style}.png",
        )
        assert (answer["width"], answer["height"]) == (96, 96)
    assert (tmp_path / "pencil.png").read_bytes() != (tmp_path / "ink.png").read_bytes()


def test_models_are_listed_shown_verified_and_imported(
    model: str, tmp_path: Path, capsys: Capture
) -> None:
    import torch

    from tests.engine.test_importing import rosinality_state

    torch.save(rosinality_state(), tmp_path / "mine.pt")
    imported = said(capsys, "models", "import", tmp_path / "mine.pt", "--licence", "mine")
    assert imported["id"] == "mine"
    listed = said(capsys, "models", "list")["models"]
    assert "mine" in {m["id"] for m in listed}
    assert all(m["ok"] for m in listed)
    assert said(capsys, "models", "info", "mine")["card"]["licence"] == "mine"
    assert said(capsys, "models", "info", model)["directions"][0]["name"] == "age"
    assert said(capsys, "models", "verify", "mine")["ok"]
    assert "mine" in refused(capsys, "models", "import", tmp_path / "mine.pt")
    (Path(imported["folder"]) / "model.safetensors").write_bytes(b"broken")
    assert "model.safetensors" in refused(capsys, "models", "verify", "mine")


def test_simulate_reports_by_round(model: str, tmp_path: Path, capsys: Capture) -> None:
    plot = tmp_path / "plot.png"
    answer = said(
        capsys, "simulate", "--witnesses", 2, "--rounds", 3, "--crowd", 20,
        "--strategy", "posterior", "--strategy", "evolution", "--model", model, "--plot", plot,
    )  # fmt: skip
    assert set(answer["strategies"]) == {"posterior", "evolution"}
    for figures in answer["strategies"].values():
        assert len(figures["likeness_mean"]) == len(figures["distance_mean"]) == 3
    assert plot.read_bytes().startswith(b"\x89PNG")
    again = said(
        capsys, "simulate", "--witnesses", 2, "--rounds", 3, "--crowd", 20,
        "--strategy", "posterior", "--model", model,
    )  # fmt: skip
    timeless = {**again["strategies"]["posterior"], "thinking_ms": 0}
    assert timeless == {**answer["strategies"]["posterior"], "thinking_ms": 0}


def test_a_stopped_simulation_goes_on_where_it_was(
    model: str, tmp_path: Path, capsys: Capture
) -> None:
    ledger = tmp_path / "sittings.jsonl"
    line = ["simulate", "--rounds", 2, "--crowd", 20, "--strategy", "posterior", "--model", model,
            "--resume", ledger, "--delay", 48]  # fmt: skip
    said(capsys, *line, "--witnesses", 1)
    first = ledger.read_text()
    whole = said(capsys, *line, "--witnesses", 2)
    assert ledger.read_text().startswith(first)
    assert len(ledger.read_text().splitlines()) == 2
    assert whole["strategies"]["posterior"]["witnesses"] == 2
    ledger.write_text(first + "not a sitting\n")
    assert "line 2" in refused(capsys, *line, "--witnesses", 1)


@pytest.mark.parametrize(
    "line",
    ["generate --out x --count 0", "generate", "simulate --describe 9", "render", "models", "edit"],
)
def test_bad_usage_is_exit_code_two(line: str, capsys: Capture) -> None:
    assert main(line.split()) == 2

"""The set-up command: what it asks of the machine, and what it says when that is not there."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.project_source import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture
def run_py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """run.py as a module, looking at an empty checkout of its own."""
    spec = importlib.util.spec_from_file_location("run_py", REPOSITORY / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv/bin/python")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv/set-up.json")
    return module


def locked(name: str) -> dict[str, list[tuple[str, str, int]]]:
    """Package -> (version, marker, number of hashes) for each line of a lock."""
    text = (REPOSITORY / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    found: dict[str, list[tuple[str, str, int]]] = {}
    for block in re.split(r"\n(?=[a-zA-Z0-9])", text):
        head = re.match(r"([\w.-]+)==(\S+)(?: ; ([^\\]*))?", block)
        if head:
            entry = (head[2], (head[3] or "").strip(), block.count("--hash=sha256:"))
            found.setdefault(canonicalize_name(head[1]), []).append(entry)
    return found


@pytest.mark.parametrize(
    ("lock", "declared"),
    [
        ("app", PROJECT["dependencies"]),
        ("test", PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]),
    ],
)
def test_the_lock_holds_every_declared_package(lock: str, declared: list[str]) -> None:
    entries = locked(lock)
    for text in declared:
        wanted = Requirement(text)
        if wanted.name == "torch":  # installed by exact version, see run.py
            assert "torch" not in entries
            continue
        versions = [version for version, _, _ in entries.get(canonicalize_name(wanted.name), [])]
        assert any(wanted.specifier.contains(v) for v in versions), f"{text}: python3 run.py lock"


@pytest.mark.parametrize("lock", ["app", "test", "build"])
def test_every_locked_package_has_a_hash(lock: str) -> None:
    entries = locked(lock)
    assert entries
    assert [name for name, rows in entries.items() for row in rows if row[2] == 0] == []


def test_the_lock_pulls_in_no_package_that_is_known_to_do_harm() -> None:
    harmful = {"torchvision", "lpips", "timm", "mediapipe", "spacy", "triton"}
    names = locked("test").keys()
    assert {n for n in names if n in harmful or n.startswith("nvidia-")} == set()


def test_torch_is_one_version_everywhere(run_py: ModuleType) -> None:
    assert f"torch=={run_py.TORCH}" in PROJECT["dependencies"]


def test_without_a_card_linux_never_gets_the_cuda_build(
    run_py: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_py.shutil, "which", lambda name: None)
    monkeypatch.setattr(run_py.sys, "platform", "linux")
    choices = run_py.torch_choices()
    assert all("--no-deps" in choice for choice in choices)
    assert all("+cpu" in choice[-1] or run_py.TORCH_CPU_INDEX in choice for choice in choices)


def test_an_old_python_is_told_so(run_py: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_py.sys, "version_info", (3, 9, 2))
    with pytest.raises(run_py.SetupError, match=r"Python 3\.11 or newer is needed"):
        run_py.set_up("app")


def test_an_index_that_does_not_answer_is_a_sentence(run_py: ModuleType, tmp_path: Path) -> None:
    run_py.PYTHON = Path(sys.executable)
    nowhere = ["--target", str(tmp_path), "--index-url", "http://127.0.0.1:9/simple", "--no-deps"]
    with pytest.raises(run_py.SetupError, match="the package index does not answer"):
        run_py.pip("nothing", [*nowhere, "--retries", "1", "--isolated", "no-such-package-here"])


def test_missing_libraries_without_root_name_the_command_to_run(
    run_py: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_py.sys, "platform", "linux")
    monkeypatch.setattr(run_py, "missing_packages", lambda: ["libegl1", "libgl1"])
    monkeypatch.setattr(run_py.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(run_py.os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(run_py, "sudo", lambda: None)
    with pytest.raises(run_py.SetupError, match="as root, run: apt-get install -y libegl1 libgl1"):
        run_py.install_system_libraries()


def test_a_set_up_that_is_current_does_nothing(
    run_py: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_py.PYTHON.parent.mkdir(parents=True)
    run_py.PYTHON.write_text("", encoding="utf-8")
    run_py.STAMP.write_text(f'{{"app": "{run_py.fingerprint("app")}"}}', encoding="utf-8")
    monkeypatch.setattr(run_py, "pip", lambda *_: pytest.fail("installed something"))
    run_py.set_up("app")


def test_a_damaged_stamp_counts_as_no_stamp(run_py: ModuleType) -> None:
    run_py.STAMP.parent.mkdir(parents=True)
    run_py.STAMP.write_bytes(b"\x00[not json")
    assert run_py.read_stamp() == {}


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="there is no bash here")
def test_what_ci_runs_is_the_command_of_the_readme() -> None:
    script = (REPOSITORY / ".ci/run").read_text(encoding="utf-8")
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert "python3 run.py test" in script
    assert "python3 run.py test" in readme
    assert os.access(REPOSITORY / ".ci/run", os.X_OK)
    assert subprocess.call(["bash", "-n", str(REPOSITORY / ".ci/run")]) == 0

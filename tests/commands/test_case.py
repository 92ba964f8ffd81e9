"""portrait-parle case and verify, as typed: exit codes, one line for refusals, JSON."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import x25519

from app.commands.case_replay import replay_faces
from app.commands.passphrase import add_passphrase, read_passphrase
from app.commands.sentences import sentence
from app.models.errors import BadInput, PortraitError
from app.models.portrait import Recipe
from app.models.store import CaseFile
from tests.release import sitting

ROOT = Path(__file__).resolve().parents[2]
CHEAP = ("--kdf", "64,1,1")


def run(
    *words: object, passphrase: str | None = sitting.PASSPHRASE
) -> subprocess.CompletedProcess[str]:
    given = ("--passphrase-fd", "0") if passphrase is not None else ()
    return subprocess.run(
        [sys.executable, "-m", "app.main", *map(str, words), *given],
        input=None if passphrase is None else f"{passphrase}\n",
        capture_output=True, text=True, cwd=ROOT, timeout=60,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def case_file(tmp_path: Path) -> Path:
    path = tmp_path / "a.ppcase"
    sitting.made(path, sitting.whole(2, 3)).close()
    return path


def test_a_new_case_is_made_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a.ppcase"
    facts = ("--reference", "R/1", "--officer", "PC 7", "--witness-code", "W2")
    made = answer(run("case", "new", path, *facts, *CHEAP, "--json"))
    info = answer(run("case", "info", path, "--json"))
    assert info["case_id"] == made["case_id"]
    assert info["facts"]["officer"] == "PC 7"
    assert info["kinds"]["read"] == 1
    assert info["problems"] == []
    again = run("case", "new", path, "--reference", "R/1", *CHEAP)
    assert again.returncode == 3
    assert again.stderr.count("\n") == 1


def test_a_recovery_key_opens_what_was_made_for_it(tmp_path: Path) -> None:
    private, public, path = tmp_path / "s.pem", tmp_path / "p.pem", tmp_path / "a.ppcase"
    key = x25519.X25519PrivateKey.generate()
    encoding, nothing = serialization.Encoding.PEM, serialization.NoEncryption()
    private.write_bytes(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, nothing))
    public.write_bytes(
        key.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    made = run("case", "new", path, "--reference", "R/1", *CHEAP, "--recovery-key", public)
    assert made.returncode == 0
    found = run("case", "info", path, "--recovery-private-key", private, "--json", passphrase=None)
    assert answer(found)["facts"]["reference"] == "R/1"
    wrong = run("case", "info", path, "--recovery-private-key", public, passphrase=None)
    assert wrong.returncode == 3


def test_a_passphrase_on_the_command_line_is_no_option(case_file: Path) -> None:
    done = run("case", "info", case_file, "--passphrase", "x", passphrase=None)
    assert done.returncode == 2


@pytest.mark.parametrize("verb", ["info", "verify", "replay"])
def test_a_wrong_passphrase_is_refused_in_one_line(case_file: Path, verb: str) -> None:
    done = run("case", verb, case_file, passphrase="not the one")
    assert done.returncode == 3
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_good_case_verifies_and_a_damaged_one_is_named(case_file: Path) -> None:
    assert answer(run("case", "verify", case_file, "--json"))["good"] is True
    damaged = bytearray(case_file.read_bytes())
    damaged[-5000] ^= 4
    case_file.write_bytes(damaged)
    done = run("case", "verify", case_file, "--json")
    assert done.returncode == 3
    found = json.loads(done.stdout)
    assert found["good"] is False
    assert found["problems"]
    assert len(done.stderr.splitlines()) == 1


def test_an_exported_bundle_verifies_and_a_changed_one_does_not(
    case_file: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    info = answer(run("case", "export", case_file, "--out", bundle, "--json"))
    good = answer(run("verify", bundle, "--json", passphrase=None))
    assert good["good"] is True
    assert good["events"]["head"] == info["head"]["hash_hex"]
    assert set(good["files"].values()) == {"good"}
    words = " ".join(good["printed"]["words"])
    assert run("verify", bundle, "--words", words, passphrase=None).returncode == 0
    assert run("verify", bundle, "--head", "0" * 64, passphrase=None).returncode == 3
    (bundle / "report.pdf").write_bytes(b"%PDF-1.6 another")
    bad = run("verify", bundle, passphrase=None)
    assert bad.returncode == 3
    assert "report.pdf" in bad.stdout
    assert len(bad.stderr.splitlines()) == 1


@pytest.mark.parametrize("what", ["missing", "empty folder", "text", "image"])
def test_verify_refuses_what_is_no_bundle(tmp_path: Path, what: str) -> None:
    path = tmp_path / "bundle"
    if what == "empty folder":
        path.mkdir()
    elif what != "missing":
        path.write_bytes(b"hello" if what == "text" else sitting.png(1))
    done = run("verify", path, passphrase=None)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_the_steps_of_a_sitting_are_listed_without_drawing(case_file: Path) -> None:
    found = answer(run("case", "replay", case_file, "--steps", "--no-faces", "--json"))
    kinds = [step["kind"] for step in found["steps"]]
    assert kinds[:3] == ["case.created", "session.started", "eligibility"]
    assert kinds.count("round.shown") == 2


def _pixels(seed: int, side: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(0, 255, (side, side, 3), dtype=np.uint8)


def test_replay_tells_exact_near_and_different_apart(case_file: Path) -> None:
    def draw(recipe: Recipe) -> np.ndarray[Any, np.dtype[np.uint8]]:
        seed = recipe.seed or 0
        if recipe.edits:
            return _pixels(7, 64)  # the accepted portrait
        pixels = _pixels(seed, 16)
        if seed == 101:
            pixels = np.where(pixels < 255, pixels + 1, pixels).astype(np.uint8)
        if seed == 102:
            pixels = np.where(pixels < 250, pixels + 3, pixels).astype(np.uint8)
        if seed == 200:
            pixels = pixels[:8]
        if seed == 201:
            raise PortraitError("model.not_installed", sha256=recipe.model)
        return pixels

    case: CaseFile = sitting.opened(case_file)
    found = replay_faces(case, render=draw)
    case.close()
    assert (found.compared, found.exact, found.within) == (6, 3, 1)
    assert [d.split(": ")[1] for d in found.different] == ["3", "another size"]
    assert len(found.not_drawn) == 1
    assert found.not_drawn[0].startswith("event")


@pytest.mark.parametrize(
    "code",
    [
        "case.passphrases_differ", "case.bad_descriptor", "case.passphrase_not_text",
        "case.bad_kdf", "case.held", "case.exists", "case.missing", "case.wrong_passphrase",
        "case.not_a_case", "case.unreadable", "case.disk_full", "case.io_error",
        "case.read_only", "case.no_passphrase", "export.no_portrait", "export.exists",
        "export.unknown_profile", "export.disk_full", "export.io_error", "export.no_picture",
    ],
)  # fmt: skip
def test_every_refusal_has_its_words(code: str) -> None:
    text = sentence(PortraitError(code, file="a.ppcase"))
    assert code not in text


def test_a_process_that_dies_leaves_no_memory_behind() -> None:
    code = (
        "import resource, app.main\n"
        "app.main.main(['--version'])\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.splitlines()[-1] == "(0, 0)"


def test_a_program_is_warned_of_a_passphrase_that_is_easy_to_guess(tmp_path: Path) -> None:
    new = ("case", "new", tmp_path / "a.ppcase", "--reference", "Operation Nightjar", *CHEAP)
    done = run(*new, passphrase="operation nightjar 1")
    assert done.returncode == 0
    assert "stands on the file's cover" in done.stderr


def test_an_easy_passphrase_is_refused_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = "short one"
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: typed)
    parser = argparse.ArgumentParser()
    add_passphrase(parser)
    args = parser.parse_args([])
    with pytest.raises(BadInput, match=r"case\.weak_passphrase") as refused:
        read_passphrase(args, new=True)
    assert "easy to guess" in sentence(refused.value)
    typed = "one that is long enough"
    assert read_passphrase(args, new=True) == typed
    typed = "short one"
    assert read_passphrase(args) == typed  # an old case opens with what it was made with

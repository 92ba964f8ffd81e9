"""The entry point: which command runs, and what a person sees when something is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from app import main as program
from app.commands import display
from app.models.errors import BadInput, Cancelled, ModelError

COMMANDS = [name for name in program.COMMANDS if program.command_module(name)]


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A command of the table named ``bench`` that raises what a test puts into ``probe.error``."""
    module = ModuleType("app.commands.bench")

    def run(args: object) -> int:
        raise module.error

    def register(subparsers: object) -> None:
        parser = subparsers.add_parser("bench")  # type: ignore[attr-defined]
        parser.set_defaults(run=run)

    module.register = register
    monkeypatch.setitem(sys.modules, "app.commands.bench", module)
    monkeypatch.setattr(program, "command_module", lambda name: "app.commands.bench")
    return module


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_answers_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main([name, "--help"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith(f"usage: portrait-parle {name}")
    assert shown.err == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_option_is_bad_usage(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main([name, "--no-such-option"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_help_lists_every_command_that_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert [name for name in COMMANDS if f"  {name} " not in shown] == []


def test_a_mistyped_command_is_bad_usage_and_names_the_nearest(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "command_module", lambda name: "app.commands.output")
    monkeypatch.setattr(program, "_run_command", lambda module, arguments: pytest.fail("ran"))
    monkeypatch.setattr(program, "_run", lambda arguments: program._case_path(arguments[0]) and 0)
    assert program.main(["descrbe"]) == 2
    assert "did you mean describe?" in capsys.readouterr().err


def test_a_case_file_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["nowhere/robbery.case"]) == 3
    assert "nowhere/robbery.case: there is no such case file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadInput("resource.missing", file="x.toml", variable="V"), 3),
        (ModelError("some.new_code", file="m"), 3),
        (FileNotFoundError(2, "No such file or directory", "photo.png"), 3),
        (MemoryError(), 3),
        (Cancelled(), 130),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError("a bug"), 1),
        (BrokenPipeError(), 141),
    ],
)
def test_an_error_becomes_one_line_and_an_exit_code(
    probe: ModuleType, error: BaseException, code: int, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("app.commands.output.silence_stdout", lambda: None)
    probe.error = error
    assert program.main(["bench"]) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == (0 if code == 141 else 1)
    assert "Traceback" not in shown.err


def test_a_fact_that_the_sentence_needs_but_was_not_given_does_no_harm(
    probe: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    probe.error = BadInput("resource.missing")
    assert program.main(["bench"]) == 3
    assert "?: a file that ships with the program is missing" in capsys.readouterr().err


def test_no_screen_is_a_sentence_and_not_an_abort() -> None:
    bare = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    bare.pop("QT_QPA_PLATFORM", None)
    done = subprocess.run(
        [sys.executable, "-m", "app.main"], env=bare, capture_output=True, text=True, check=False,
        cwd=Path(program.__file__).parent.parent,
    )  # fmt: skip
    if sys.platform.startswith("linux"):
        assert done.returncode == 3
        assert "no screen was found" in done.stderr
        assert done.stderr.count("\n") == 1


def test_a_missing_system_library_is_named_with_its_package() -> None:
    with pytest.raises(BadInput) as refused:
        display.require_libraries({"libnowhere.so.9": "libnowhere9", "libc.so.6": "libc6"})
    assert refused.value.code == "display.libraries"
    assert refused.value.facts == {"missing": "libnowhere.so.9", "packages": "libnowhere9"}


def test_a_closed_pipe_ends_quietly() -> None:
    command = f"{sys.executable} -m app.main --help | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=False,
        cwd=Path(program.__file__).parent.parent,
    )  # fmt: skip
    assert done.stderr == ""

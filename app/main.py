"""The entry point: a command of the table runs, or the window opens."""

from __future__ import annotations

import argparse
import difflib
import faulthandler
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app import __version__
from app.models.errors import BadInput

if TYPE_CHECKING:
    from app.engine.api import Engine

PROGRAM = "portrait-parle"

# One line each, said here so that --help imports no command.
COMMANDS: dict[str, str] = {
    "describe": "words -> attributes, with spans, negation and certainty",
    "generate": "words -> faces and their recipes",
    "render": "latents in an .npy file -> pictures",
    "edit": "move a recipe along named directions",
    "morph": "one face of several witnesses' sealed portraits",
    "encode": "photo -> recipe of the nearest generated face",
    "attributes": "photo -> attributes",
    "faces": "find faces in a photo or video",
    "transcribe": "speech in a WAV file -> text",
    "read-note": "photographed handwriting or print -> text",
    "sketch": "face -> sketch, or sketch -> face",
    "lineup": "suspect and fillers, with fairness figures",
    "case": "case files: new, info, verify, export, replay",
    "verify": "check a sealed export independently",
    "models": "model folders: list, info, import, fetch, verify, measure",
    "simulate": "simulated witnesses: rounds to likeness",
    "train": "the training pipeline of the bundled models",
    "bench": "measure start-up, arrays, sliders and memory",
    "self-test": "drive one loop end to end without a screen",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit code and never shows a traceback for bad input."""
    os.umask(0o077)  # whatever is written belongs to a case until someone decides otherwise
    _leave_no_memory_behind()
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(arguments)
    except SystemExit as stop:  # argparse has already said what it had to say
        return stop.code if isinstance(stop.code, int) else 2
    except BrokenPipeError:
        from app.commands.output import silence_stdout

        silence_stdout()
        return 141  # what a shell reports for SIGPIPE
    except (Exception, KeyboardInterrupt) as error:
        from app.commands.output import refuse

        return refuse(error)


def _leave_no_memory_behind() -> None:
    """No core file when the process dies: it would hold the key and the witness's words."""
    try:
        import resource
    except ImportError:  # Windows, which writes none by itself
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def command_module(name: str) -> str | None:
    """The module of a command of the table, or None where it is not part of this build."""
    if name not in COMMANDS:
        return None
    module = f"app.commands.{name.replace('-', '_')}"
    return module if importlib.util.find_spec(module) else None


def _run(arguments: list[str]) -> int:
    if arguments and (module := command_module(arguments[0])):
        return _run_command(module, arguments)
    args = _window_parser().parse_args(arguments)
    return _open_window(_case_path(args.case) if args.case else None)


def _run_command(module: str, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog=PROGRAM)
    subparsers = parser.add_subparsers(dest="command", required=True)
    importlib.import_module(module).register(subparsers)
    args = parser.parse_args(arguments)
    return int(args.run(args))


def _window_parser() -> argparse.ArgumentParser:
    rows = [f"  {name:<12}{COMMANDS[name]}" for name in COMMANDS if command_module(name)]
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        usage=f"{PROGRAM} [CASE]\n       {PROGRAM} COMMAND ...",
        description="Open the window, or run one command without it.",
        epilog="commands (each takes --help):\n" + "\n".join(rows),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("case", nargs="?", metavar="CASE", help="the case file to open")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    return parser


def _case_path(text: str) -> Path:
    path = Path(text)
    if path.is_file():
        return path
    if path.suffix or len(path.parts) != 1:
        raise BadInput("case.missing", file=text)
    near = difflib.get_close_matches(text, [n for n in COMMANDS if command_module(n)], 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise _usage_error(f"{text} is neither a command nor a case file{hint}")


def _usage_error(complaint: str) -> SystemExit:
    parser = _window_parser()
    parser.print_usage(sys.stderr)
    print(f"{PROGRAM}: {complaint}", file=sys.stderr)
    return SystemExit(2)


def _open_window(case: Path | None) -> int:
    from app.commands.display import require_window

    require_window()
    if sys.stderr is not None and not faulthandler.is_enabled():
        faulthandler.enable()  # a crash inside Qt or torch leaves at least a trace
    # the window's small matrices never wait for a core that is busy drawing faces
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from app.views.launch import run

    return run(_new_engine, str(case) if case else None)


def _new_engine() -> Engine:
    """Built by the window once it is on screen; torch is imported by its worker, later still."""
    from app.engine.service import EngineService

    return EngineService(builds=True)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Sets everything up on a bare machine, then opens the program or runs its tests.

    python3 run.py                 set up what is missing, then open the window
    python3 run.py COMMAND ...     the same, then run a command (describe, generate, bench, ...)
    python3 run.py test [...]      the same, then every check and test (or pytest with arguments)
    python3 run.py setup           set up only
    python3 run.py lock            bring requirements/*.txt up to date (--upgrade: to the newest)

Standard library only. Packages come from requirements/*.txt, each file checked against its hash.
The exception is torch: its CPU build lies in other places, with other hashes, than the registry's,
so it is installed by its exact version; see ``torch_choices``.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "set-up.json"
REQUIREMENTS = ROOT / "requirements"
TORCH = "2.13.0"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
NEEDED_GB = 4
NETWORK_WORDS = (
    "NewConnectionError", "name resolution", "ConnectTimeout", "Network is unreachable",
    "ProxyError", "Max retries exceeded", "Connection refused", "Could not resolve",
)  # fmt: skip


class SetupError(Exception):
    """Why the set-up cannot go on, and what to do; printed as one paragraph."""


def main() -> int:
    arguments = sys.argv[1:]
    try:
        if arguments[:1] in (["-h"], ["--help"]):
            print(__doc__)
            return 0
        if arguments[:1] == ["lock"]:
            return write_lock(upgrade="--upgrade" in arguments)
        testing = arguments[:1] == ["test"]
        set_up("test" if testing else "app")
        if testing:
            return run_pytest(arguments[1:]) if arguments[1:] else run_checks()
        if arguments == ["setup"]:
            return 0
        return subprocess.call([str(PYTHON), "-m", "app.main", *arguments], env=environment())
    except SetupError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def environment(**extra: str) -> dict[str, str]:
    """This process's environment, with the checkout importable from any working folder."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **extra}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# ---------------------------------------------------------------- set-up


def set_up(profile: str) -> None:
    """Make ``.venv`` hold what ``requirements/PROFILE.txt`` says; at once when it already does."""
    wanted = fingerprint(profile)
    if read_stamp().get(profile) == wanted and PYTHON.exists():
        return
    if sys.version_info < (3, 11):  # noqa: UP036 - started by whatever python3 there is
        raise SetupError(
            f"Python 3.11 or newer is needed, this is {platform.python_version()}. "
            "Start run.py with a newer one, for example: python3.11 run.py"
        )
    say("Setting up (once; about two minutes and 2 GB, with a network connection).")
    started = time.monotonic()
    install_system_libraries()
    check_disk()
    make_venv()
    hashed = ["--require-hashes", "--no-deps", "--no-build-isolation"]
    pip("build tools", [*hashed, "-r", str(REQUIREMENTS / "build.txt")])
    install_torch()
    pip("packages", [*hashed, "-r", str(REQUIREMENTS / f"{profile}.txt")])
    pip("portrait-parle", ["--no-deps", "--no-build-isolation", "-e", str(ROOT)])
    call([str(PYTHON), "-m", "app.engine.native"], {})  # draws quicker, where there is a compiler
    stamp = {"app": fingerprint("app"), profile: wanted}  # the test set holds the app's
    STAMP.write_text(json.dumps(stamp), encoding="utf-8")
    say(f"Ready after {time.monotonic() - started:.0f} s.")


def fingerprint(profile: str) -> str:
    digest = hashlib.sha256(f"{TORCH} {ROOT}".encode())
    for name in ("pyproject.toml", "requirements/build.txt", f"requirements/{profile}.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def read_stamp() -> dict[str, str]:
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def check_disk() -> None:
    free_gb = shutil.disk_usage(ROOT).free / 1e9
    if free_gb < NEEDED_GB and not PYTHON.exists():
        raise SetupError(f"{NEEDED_GB} GB of free disk are needed, {ROOT} has {free_gb:.1f}.")


def make_venv() -> None:
    if PYTHON.exists() and succeeds([str(PYTHON), "-c", "import pip"]):
        return
    say(f"  environment in {VENV}")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupError(f"the environment {VENV} could not be made: {last_line(done.stdout)}")


# ---------------------------------------------------------------- system libraries


def install_system_libraries() -> None:
    """Install with apt-get what Qt, the microphone and venv need, or say what is missing."""
    if not sys.platform.startswith("linux"):
        return
    packages = missing_packages()
    if not packages:
        return
    command = f"apt-get install -y {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        say(f"  These system libraries seem to be missing (Debian's names): {' '.join(packages)}")
        return
    prefix = [] if os.geteuid() == 0 else sudo()
    if prefix is None:
        raise SetupError(f"system libraries are missing; as root, run: {command}")
    say(f"  system libraries: {' '.join(packages)}")
    install = [*prefix, "apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    run_apt([*prefix, "apt-get", "update", "-q"], command)
    run_apt(install, command)


def missing_packages() -> list[str]:
    from app.commands import display

    tables = {**display.BASE_LIBRARIES, **display.XCB_LIBRARIES, **display.WAYLAND_LIBRARIES}
    tables |= display.AUDIO_LIBRARIES
    packages = [package for name, package in tables.items() if not display.loads(name)]
    if not succeeds([sys.executable, "-c", "import ensurepip, venv"]):
        packages.append("python3-venv")
    return packages


def sudo() -> list[str] | None:
    """The prefix that makes a command run as root, or None where there is no such way."""
    if shutil.which("sudo") and succeeds(["sudo", "-n", "true"]):
        return ["sudo", "-n"]
    asks = shutil.which("sudo") and sys.stdin is not None and sys.stdin.isatty()
    return ["sudo"] if asks else None


def succeeds(command: list[str]) -> bool:
    quiet = subprocess.DEVNULL
    return subprocess.call(command, stdin=quiet, stdout=quiet, stderr=quiet) == 0


def run_apt(command: list[str], by_hand: str) -> None:
    done = subprocess.run(
        command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, text=True, check=False,
        stdin=None if command[0] == "sudo" else subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        raise SetupError(
            f"{' '.join(command[:3])} failed: {last_line(done.stdout)}\n"
            f"Is the machine connected? By hand, as root: {by_hand}"
        )


# ---------------------------------------------------------------- packages


def torch_choices() -> list[list[str]]:
    """Ways to get torch, tried in order; the first that works wins.

    Linux without an NVIDIA card must not get the registry's default build, which pulls gigabytes
    of CUDA: a ``+cpu`` wheel from a folder or index that pip already knows, then PyTorch's own CPU
    index. Elsewhere, and with a card, the registry's build is right.
    """
    exact = f"torch=={TORCH}"
    if shutil.which("nvidia-smi"):
        return [[exact]]
    if sys.platform.startswith("linux"):
        return [["--no-deps", f"{exact}+cpu"], ["--no-deps", "--index-url", TORCH_CPU_INDEX, exact]]
    return [["--no-deps", exact]]


def install_torch() -> None:
    *first, last = torch_choices()
    for choice in first:
        try:
            return pip("torch", choice)
        except SetupError:
            continue
    source = "torch from PyTorch's CPU index" if TORCH_CPU_INDEX in last else "torch"
    return pip(source, last)


def pip(label: str, arguments: list[str]) -> None:
    """Run pip install, one progress line per package; raise SetupError with its last words."""
    say(f"  {label}")
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    heard: list[str] = []
    with subprocess.Popen(
        [*command, *arguments], cwd=ROOT, text=True, errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        for line in process.stdout or ():
            heard.append(line.rstrip())
            if line.startswith(("Collecting", "Installing collected")):
                show_step(heard[-1])
    if process.returncode == 0:
        return
    if any(word in line for line in heard for word in NETWORK_WORDS):
        raise SetupError(
            f"{label} could not be downloaded: the package index does not answer. Connect this "
            "machine once and start again; afterwards the program needs no network."
        )
    errors = [line for line in heard if line.startswith("ERROR")] or heard[-3:]
    raise SetupError(f"{label} could not be installed:\n" + "\n".join(errors))


def show_step(line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K    {line[:70]}", end="", file=sys.stderr, flush=True)
        if line.startswith("Installing"):
            say("")


def last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason was given"


def write_lock(upgrade: bool) -> int:
    """Resolve the requirements with uv, for every system and Python from 3.11 on."""
    make_venv()
    pip("uv", ["uv>=0.9"])
    compiler = [
        str(PYTHON), "-m", "uv", "pip", "compile", "--universal", "--python-version", "3.11",
        "--generate-hashes", "--no-emit-package", "torch", "--no-header", "--quiet",
        *(["--upgrade"] if upgrade else []),
    ]  # fmt: skip
    base = ["-c", "requirements/app.txt"]
    for source, output in (
        (["pyproject.toml"], "app"),
        (["pyproject.toml", "--extra", "test", *base], "test"),
        (["requirements/build.in", *base], "build"),
    ):
        target = ["-o", f"requirements/{output}.txt"]
        subprocess.run([*compiler, *source, *target], cwd=ROOT, check=True)
    return 0


# ---------------------------------------------------------------- tests

PLAIN = ["-q", "-rs", "-p", "no:cacheprovider"]
WITHOUT_QT = "not slow and not needs_qt"
WITHOUT_TORCH = "not slow and not bundled_model and not needs_torch"


def checks() -> list[tuple[str, list[str], dict[str, str]]]:
    """Everything that ``run.py test`` runs, in order; no test runs twice."""
    module = [str(PYTHON), "-m"]
    pytest, slowest = [*module, "pytest", *PLAIN], "--durations=10"
    inner, views = folders("models", "engine"), folders("views")
    rest = ["tests", *(f"--ignore={folder}" for folder in (*inner, *views))]
    no_qt = {"PORTRAIT_PARLE_WITHOUT": "PySide6,shiboken6"}
    no_torch = {"PORTRAIT_PARLE_WITHOUT": "torch"}
    return [
        ("lint", [*module, "ruff", "check", "--quiet", "."], {}),
        ("types", [*module, "mypy", "--no-error-summary"], {}),
        ("layers", [str(PYTHON.parent / "lint-imports"), "--no-logo", "--no-cache"], {}),
        ("models and engine without Qt",
         [*pytest, "-p", "no:pytest-qt", "-m", WITHOUT_QT, *inner], no_qt),
        ("views without torch", [*pytest, "-m", WITHOUT_TORCH, *views], no_torch),
        ("self-test", [*module, "app.main", "self-test"], {}),
        ("speed", [*module, "app.main", "bench", "--check"], {}),
        ("models and engine with Qt", [*pytest, slowest, "-m", f"not ({WITHOUT_QT})", *inner], {}),
        ("views with torch", [*pytest, slowest, "-m", f"not ({WITHOUT_TORCH})", *views], {}),
        ("commands and project", [*pytest, slowest, *rest], {}),
    ]  # fmt: skip


def folders(*names: str) -> list[str]:
    return [f"tests/{name}" for name in names if (ROOT / "tests" / name).is_dir()]


def run_checks() -> int:
    """Run every check to its end, however the others went; 0 only when all passed."""
    failed = []
    for name, command, extra in checks():
        started = time.monotonic()
        print(f"== {name}", flush=True)
        code = call(command, extra)
        if code:
            failed.append(name)
        verdict = "ok" if code == 0 else f"FAILED (exit code {code})"
        print(f"== {name}: {verdict}, {time.monotonic() - started:.0f} s", flush=True)
    if failed:
        print(f"run.py test: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def run_pytest(arguments: Sequence[str]) -> int:
    return call([str(PYTHON), "-m", "pytest", *arguments], {})


def call(command: Sequence[str], extra: dict[str, str]) -> int:
    offscreen = {"QT_QPA_PLATFORM": "offscreen", "PYTHONUNBUFFERED": "1", **extra}
    try:
        return subprocess.call(command, cwd=ROOT, env=environment(**offscreen), timeout=1500)
    except subprocess.TimeoutExpired:
        print(f"run.py: {command[2]} did not end within 25 minutes", file=sys.stderr)
        return 124


if __name__ == "__main__":
    sys.exit(main())

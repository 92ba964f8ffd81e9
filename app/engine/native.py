"""Builds and loads the C kernels that draw faces, where the machine has a C compiler.

``python -m app.engine.native`` builds them into the user's cache folder, once per machine and
source: at set-up, by ``bench``, or in the background for the next start. Nothing ever waits for
it: without the file, or where its pictures are not those of ``packed.py``, torch draws.
``PORTRAIT_PARLE_NATIVE`` may be ``0`` (never) or a file that was built elsewhere.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import os
import platform
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

from app.models.places import cache_folder

KERNELS = Path(__file__).with_name("kernels")
COMPILERS = ("cc", "gcc", "clang")
COMMON = ("-O3", "-fno-math-errno", "-shared", "-fPIC")
TRIES = (("-march=native", "-fopenmp"), ("-march=native",), ("-mcpu=native",), ())
BUILD_SECONDS = 60
P = ctypes.c_void_p


class Layer(ctypes.Structure):
    """``Layer`` of common.h."""

    _fields_ = (
        *((name, ctypes.c_int) for name in (
            "inputs", "outputs", "side", "up", "winograd", "w_dim",
        )),
        ("clamp", ctypes.c_float),
        *((name, P) for name in ("affine", "affine_bias", "energy", "weight", "bias")),
    )  # fmt: skip


class ToRGB(ctypes.Structure):
    """``ToRGB`` of common.h."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("inputs", "side", "w_dim")),
        ("clamp", ctypes.c_float),
        *((name, P) for name in ("affine", "affine_bias", "weight", "bias")),
    )


def sources() -> list[Path]:
    """The C files, the one to compile first."""
    return [KERNELS / "synthesis.c", *sorted(KERNELS.glob("*.h"))]


def built_file() -> Path:
    """Where this source, built for this machine, lies or would lie."""
    digest = hashlib.sha256(f"{_processor()} {COMMON} {TRIES}".encode())
    for path in sources():
        digest.update(path.read_bytes())
    return cache_folder() / "native" / f"synthesis-{digest.hexdigest()[:24]}.so"


def _processor() -> str:
    """What ``-march=native`` depends on: the cache may be shared by several machines."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(("flags", "Features")):
                return line
    return f"{platform.system()} {platform.machine()} {platform.processor()}"


def compiler() -> str | None:
    """A C compiler, or None; on Windows none is looked for."""
    if sys.platform == "win32":
        return None
    return next(filter(None, map(shutil.which, COMPILERS)), None)


def build(target: Path | None = None) -> Path | None:
    """Compile (seconds), check, and put in place; None where that cannot be done."""
    target, program = target or built_file(), compiler()
    if program is None:
        return None
    with contextlib.suppress(OSError):  # a full or read-only disk: torch draws
        return _build(program, target)
    return None


def _build(program: str, target: Path) -> Path | None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        part = Path(folder) / "synthesis.so"
        for flags in TRIES:
            command = [program, *COMMON, *flags, "-o", str(part), str(sources()[0]), "-lm"]
            if _succeeds(command):
                break
        else:
            return None
        from app.engine.native_synthesis import passes_self_check

        if not passes_self_check(load(part)):
            return None
        part.chmod(0o700)  # a umask of 002 lets the group write it: it would not be loaded
        os.replace(part, target)
    return target


def _succeeds(command: list[str]) -> bool:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=BUILD_SECONDS,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def load(path: Path) -> ctypes.CDLL:
    """The library of a file; OSError where it is none."""
    library = ctypes.CDLL(str(path))
    library.pp_space.restype = ctypes.c_long
    library.pp_space.argtypes = (P, ctypes.c_int, ctypes.c_int)
    library.pp_layer.restype = library.pp_rgb.restype = library.pp_last.restype = None
    library.pp_layer.argtypes = (
        P, ctypes.c_int, P, ctypes.c_long, P, ctypes.c_long, P, P, P, ctypes.c_int,
    )  # fmt: skip
    library.pp_last.argtypes = (P, P, P, P, ctypes.c_long, P, P, P, P, ctypes.c_int)
    library.pp_rgb.argtypes = (P, ctypes.c_int, P, P, ctypes.c_long, P, P, P, ctypes.c_int)
    return library


@functools.cache
def library() -> ctypes.CDLL | None:
    """The kernels, where they were built and nobody else could have written the file."""
    named = os.environ.get("PORTRAIT_PARLE_NATIVE", "")
    if named == "0" or sys.platform == "win32":
        return None
    with contextlib.suppress(OSError):
        path = Path(named).absolute() if named else built_file()
        if _is_ours(path):
            return load(path)
    return None


def _is_ours(path: Path) -> bool:
    """Whether file and folder belong to this user (or root), who alone may write there."""
    for place in (path, path.parent):
        found = place.stat()
        if found.st_uid not in (0, os.getuid()) or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return False
    return True


def build_for_next_start() -> subprocess.Popen[bytes] | None:
    """Start building in a process of low priority where the file is missing; never waits."""
    if os.environ.get("PORTRAIT_PARLE_NATIVE") or compiler() is None:
        return None
    if getattr(sys, "frozen", False):  # sys.executable is the program itself: it would start again
        return None
    with contextlib.suppress(OSError):
        if not built_file().exists():
            return subprocess.Popen(
                [sys.executable, "-P", "-c", "import os; os.nice(15); import runpy; "
                 f"runpy.run_module({__name__!r}, run_name='__main__')"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True, cwd=KERNELS,  # nothing is imported from where we are
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )  # fmt: skip
    return None


if __name__ == "__main__":
    sys.exit(0 if built_file().exists() or build() is not None else 1)

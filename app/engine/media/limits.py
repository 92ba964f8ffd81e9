"""How little the decoding process may do: memory, processor time, no new file, no connection."""

from __future__ import annotations

import os
from pathlib import Path

MAX_PIXELS = 50_000_000
MAX_SIDE = 20_000
HEADROOM = 480 * 2**20  # address space beyond what the libraries take once loaded
IMAGE_CPU_S = 20
AUDIO_CPU_S = 900
VARIABLES = {
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(MAX_PIXELS),
    "OPENCV_IO_MAX_IMAGE_WIDTH": str(MAX_SIDE),
    "OPENCV_IO_MAX_IMAGE_HEIGHT": str(MAX_SIDE),
    "OPENCV_LOG_LEVEL": "SILENT",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
KEPT = ("PATH", "PYTHONPATH", "PYTHONHOME", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG", "LC_ALL")


def worker_environment() -> dict[str, str]:
    """The few variables that the worker is given; read by OpenCV when it is imported."""
    return {**{k: os.environ[k] for k in KEPT if k in os.environ}, **VARIABLES}


def confine(cpu_s: int, headroom: int = HEADROOM, files: int = 3) -> None:
    """Called in the worker after its imports: from here on it can only compute.

    ``files`` 3 leaves stdin, stdout and stderr: every further open() or socket() fails, so that
    decoder code taken over by a file finds no case, no network and no disk. Systems without
    resource limits (Windows) keep the time limit that the parent enforces.
    """
    try:
        import resource
    except ImportError:
        return
    _limit(resource.RLIMIT_CPU, used_cpu_s() + cpu_s)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    memory = _address_space()
    if memory:
        _limit(resource.RLIMIT_AS, memory + headroom)
    _limit(resource.RLIMIT_NOFILE, files)


def allow_cpu(seconds: int) -> None:
    """Grant the next job of the same worker its own processor time."""
    try:
        import resource
    except ImportError:
        return
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    wanted = used_cpu_s() + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (min(wanted, hard) if hard >= 0 else wanted, hard))


def used_cpu_s() -> int:
    """Seconds of processor time this process has used, rounded up."""
    import time

    return int(time.process_time()) + 1


def _limit(kind: int, value: int) -> None:
    import resource

    hard = resource.getrlimit(kind)[1]
    value = value if hard < 0 else min(value, hard)
    keep_hard = kind == resource.RLIMIT_CPU  # a later job is granted more by allow_cpu
    resource.setrlimit(kind, (value, hard if keep_hard else value))


def _address_space() -> int:
    statm = Path("/proc/self/statm")
    if not statm.is_file():
        return 0
    return int(statm.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")

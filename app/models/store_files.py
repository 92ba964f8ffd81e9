"""The files around a case file: its lock, the reserve for a full disk, safe copies, its medium."""

from __future__ import annotations

import json
import os
import platform
import shutil
from pathlib import Path
from typing import IO, Any

from app.models.store_base import StoreError, user_name, wall_now

NETWORK_TYPES = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs")


def beside(path: Path, suffix: str) -> Path:
    """``case.ppcase`` and ``.lock`` give ``case.ppcase.lock``."""
    return path.with_name(path.name + suffix)


# ------------------------------------------------------------------ lock


class Lock:
    """The kernel's lock on ``<case>.lock``: gone with the process that held it, however it ended.

    The file's text says who holds it, for the one who is turned away; it carries no case data.
    """

    def __init__(self, case_path: Path) -> None:
        self._path = beside(case_path, ".lock")
        self._file: IO[str] | None = None
        while self._file is None:
            self._try_to_take()

    def _try_to_take(self) -> None:
        # "a+": never truncates what the present holder wrote
        file = open(self._path, "a+", encoding="utf-8")  # noqa: SIM115 (held for long)
        try:
            os.chmod(self._path, 0o600)
            if not _lock_now(file):
                raise StoreError("case.held", **_read_holder(file))
            if not self._is_current(file):  # the last holder removed it between open and lock
                file.close()
                return
            file.truncate(0)
            holder = {"who": user_name(), "since": wall_now(), "where": platform.node()}
            file.write(json.dumps({**holder, "pid": os.getpid()}))
            file.flush()
        except BaseException:
            file.close()
            raise
        self._file = file

    def _is_current(self, file: IO[str]) -> bool:
        try:
            return os.path.samestat(os.fstat(file.fileno()), os.stat(self._path))
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Let go and remove the file; idempotent."""
        if self._file is None:
            return
        if os.name == "posix":
            self._path.unlink(missing_ok=True)
        self._file.close()
        self._file = None
        if os.name != "posix":  # an open file cannot be removed there
            self._path.unlink(missing_ok=True)


def _lock_now(file: IO[str]) -> bool:
    try:
        if os.name == "posix":
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt

            file.seek(1 << 20)  # a byte past the text, so that the text stays readable
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return False
    return True


def _read_holder(file: IO[str]) -> dict[str, str]:
    try:
        file.seek(0)
        read = json.loads(file.read(4096))
        return {key: str(read.get(key, "")) for key in ("who", "since", "where")}
    except (OSError, ValueError, AttributeError):
        return {"who": "", "since": "", "where": ""}


# ------------------------------------------------------------------ reserve


class Reserve:
    """A file of a few megabytes that is given back when the disk is full, so that closing fits."""

    def __init__(self, case_path: Path, size: int) -> None:
        self._path = beside(case_path, ".reserve")
        self._size = size
        self.renew()

    def renew(self) -> bool:
        """Make it (again); False when there is no room for it."""
        if self._size == 0:
            return False
        if self._path.exists() and self._path.stat().st_size == self._size:
            return True
        try:
            _allocate(self._path, self._size)
        except OSError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Give the room back; idempotent."""
        self._path.unlink(missing_ok=True)


def _allocate(path: Path, size: int) -> None:
    with open(path, "wb") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)
        else:
            for _ in range(0, size, 1 << 20):
                file.write(bytes(min(size, 1 << 20)))


# ------------------------------------------------------------------ copies and media


def sync_folder(folder: Path) -> None:
    """Make a rename or removal in the folder last; a no-op where folders cannot be synced."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def safe_copy(source: Path, target: Path) -> None:
    """Copy so that ``target`` is absent or complete after any crash; private to the user."""
    part = beside(target, ".part")
    try:
        with open(source, "rb") as read, open(part, "wb") as written:
            os.chmod(part, 0o600)
            shutil.copyfileobj(read, written, 1 << 20)
            written.flush()
            os.fsync(written.fileno())
        os.replace(part, target)
        sync_folder(target.parent)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def wants_single_file(folder: Path) -> bool:
    """Whether the folder is on removable media or a network share (Linux; elsewhere False).

    There the case uses a rollback journal with ``synchronous=EXTRA``: a log beside the file can be
    left behind when a stick is pulled, and needs shared memory that a share does not give.
    """
    try:
        device = os.stat(folder).st_dev
        block = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve()
        flags = [p / "removable" for p in (block, block.parent)]
        if any(f.is_file() and f.read_text().strip() == "1" for f in flags):
            return True
        return _mount_type(folder) in NETWORK_TYPES
    except (OSError, AttributeError):
        return False


def _mount_type(folder: Path) -> str:
    real, best = str(folder.resolve()), ("", "")
    with open("/proc/self/mounts", encoding="utf-8", errors="replace") as mounts:
        for line in mounts:
            where, kind = line.split()[1:3]
            inside = real == where or real.startswith(where.rstrip("/") + "/")
            if inside and len(where) >= len(best[0]):
                best = (where, kind)
    return best[1]


def file_state(path: Path) -> tuple[Any, ...]:
    """What changes when somebody else writes or replaces the file; empty when it is gone."""
    try:
        state = os.stat(path)
    except OSError:
        return ()
    return (state.st_ino, state.st_size, state.st_mtime_ns)

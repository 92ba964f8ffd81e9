"""Opening a case file: unlock, recover what a crash left, check everything, and only then write."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import apsw

from app.models.backup import backups
from app.models.seal import passphrase_key, unseal, unwrap_recovery
from app.models.store_base import CaseFile, StoreError
from app.models.store_create import KEPT, journal_for, plain_path, wrap_bound
from app.models.store_files import Lock, beside, file_state
from app.models.store_pages import PageVfs
from app.models.store_read import Keys
from app.models.store_schema import Header, StoreOptions, connect, read_header
from app.models.store_sealed import SealedCase
from app.models.store_wal import log_problems

LEFT_BY_CRASH = ("-wal", "-journal")


def open_case(
    path: Path | str,
    passphrase: str = "",
    recovery_private_key: bytes | None = None,
    options: StoreOptions = KEPT,
) -> CaseFile:
    """Open a case for writing, at its last acknowledged event, after checking all of it.

    Where anything is wrong the answer is a read-only case, read from a private copy, with
    ``problems`` naming the events; the file itself is left as found. The same, without problems,
    where the folder cannot be written. Raises StoreError: ``case.held`` (facts who, since,
    where), ``case.wrong_passphrase``, ``case.missing``, ``case.not_a_case``,
    ``case.unreadable`` (fact ``backup``: the newest good copy, or empty).
    """
    path = _existing(path)
    try:
        lock = Lock(path)
    except PermissionError:
        return open_copy_read_only(path, passphrase, recovery_private_key)
    try:
        damage = log_problems(beside(path, "-wal"))
        if not damage:
            case = _unlocked(path, passphrase, recovery_private_key, options, lock)
            damage = _made_ready(case)
            if not damage:
                return case
    except BaseException:
        lock.release()
        raise
    lock.release()
    return open_copy_read_only(path, passphrase, recovery_private_key, damage)


def open_copy_read_only(
    path: Path | str,
    passphrase: str = "",
    recovery_private_key: bytes | None = None,
    known_problems: tuple[str, ...] = (),
) -> CaseFile:
    """Read a case from a private copy of its file: while another program holds it, or damaged.

    The copy is sealed like the file itself, and removed when the case is closed.
    """
    path = _existing(path)
    folder = Path(tempfile.mkdtemp(prefix="portrait-parle-"))
    try:
        copy = folder / path.name
        _copy_steadily(path, copy)
        options = replace(KEPT, reserve_bytes=0, backups=False)
        case = _unlocked(copy, passphrase, recovery_private_key, options, None)
        case.remove_when_closed(folder)
        case.problems = (*known_problems, *(p for p in _read_all(case) if p not in known_problems))
        return case
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _existing(path: Path | str) -> Path:
    path = plain_path(path)
    if not path.is_file():
        raise StoreError("case.missing", file=path.name)
    return path


# ------------------------------------------------------------------ unlocking


def _unlocked(
    path: Path, passphrase: str, recovery: bytes | None, options: StoreOptions, lock: Lock | None
) -> SealedCase:
    """A connection with its keys; nothing has been written and nothing checked."""
    try:
        header = read_header(path, options.base_vfs)
        case_key = _case_key(header, passphrase, recovery)
        keys = Keys(case_key, header.case_id, header.to_bytes())
        vfs = PageVfs(options.base_vfs)
        vfs.key = keys.pages
        return SealedCase(path, keys, vfs, connect(path, vfs, create=False), options, lock)
    except apsw.Error as error:
        raise _with_backup(path, str(error)) from error
    except StoreError as error:
        was_a_case = error.code == "case.not_a_case" and backups(path)
        if error.code != "case.unreadable" and not was_a_case:
            raise
        raise _with_backup(path, str(error.facts.get("why", error.code))) from error


def _case_key(header: Header, passphrase: str, recovery: bytes | None) -> bytes:
    if recovery is not None:
        key = unwrap_recovery(header.recovery_wrapped, recovery, header.case_id)
        if key is None:
            raise StoreError("case.wrong_recovery_key", made_for=header.recovery_name)
        return key
    bound = wrap_bound(header.case_id, header.kdf)
    key = unseal(passphrase_key(passphrase, header.salt, header.kdf), header.wrapped, bound)
    if key is None:
        raise StoreError("case.wrong_passphrase")
    return key


def _with_backup(path: Path, why: str) -> StoreError:
    newest = next(iter(backups(path)), None)
    return StoreError("case.unreadable", file=path.name, why=why, backup=str(newest or ""))


# ------------------------------------------------------------------ checking


def _made_ready(case: SealedCase) -> tuple[str, ...]:
    """Recover, check and start writing; or, leaving the file alone, say what is wrong."""
    crashed = any(_size(beside(case.path, s)) for s in LEFT_BY_CRASH)
    try:
        problems = _read_all(case)
        if not problems:
            case.start(journal_for(case.path, case.options))
            case.record_opening("interruption" if crashed else "close")
            return ()
    except apsw.Error as error:
        problems = (f"file: {error}",)
    except BaseException:
        case.abandon()
        raise
    case.abandon()
    _remove_empty_log(case.path)
    return problems


def _read_all(case: SealedCase) -> tuple[str, ...]:
    """Bring a crash's log into the file, check all of it, take facts and tail; what is wrong."""
    if any(_size(beside(case.path, s)) for s in LEFT_BY_CRASH):
        try:
            case.recover()
        except apsw.FullError as error:
            raise StoreError("case.disk_full", file=case.path.name) from error
        except apsw.Error as error:
            return (f"log: {error}", *case.check())
    problems = case.check()
    case.take_tail(whole=not problems)
    return problems


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _remove_empty_log(path: Path) -> None:
    log = beside(path, "-wal")
    if log.exists() and _size(log) == 0:
        log.unlink(missing_ok=True)


def _copy_steadily(path: Path, copy: Path, tries: int = 20) -> None:
    """Copy file and log as they stand together; again when a writer moved meanwhile."""
    parts = ("", *LEFT_BY_CRASH)
    for _ in range(tries):
        before = [file_state(beside(path, s)) for s in parts]
        for suffix, state in zip(parts, before, strict=True):
            beside(copy, suffix).unlink(missing_ok=True)
            if state:
                shutil.copyfile(beside(path, suffix), beside(copy, suffix))
        if before == [file_state(beside(path, s)) for s in parts]:
            return
    raise StoreError("case.busy", file=path.name)

"""Making a new case file: keys, header, tables, and the first event, or nothing at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import apsw

from app import __version__
from app.models.case import CaseFacts
from app.models.errors import BadInput
from app.models.seal import (
    KdfParameters,
    calibrated,
    passphrase_key,
    recovery_key_name,
    seal,
    wrap_for_recovery,
)
from app.models.store_base import CaseFile, StoreError
from app.models.store_files import Lock, beside, sync_folder, wants_single_file
from app.models.store_pages import PageVfs
from app.models.store_read import Keys
from app.models.store_schema import Header, StoreOptions, connect, lay_out
from app.models.store_sealed import SealedCase

KEPT = StoreOptions()


def create_case(
    path: Path | str,
    passphrase: str,
    facts: CaseFacts,
    recovery_public_key: bytes | None = None,
    kdf: KdfParameters | None = None,
    options: StoreOptions = KEPT,
) -> CaseFile:
    """A new case file, open for writing, its first event committed.

    ``recovery_public_key``: an organisation's X25519 public key (PEM, DER or 32 raw bytes) that
    opens the case too. ``kdf`` None: calibrated to about one second here, which takes two.
    Raises StoreError (``case.exists``, ``case.disk_full``, ``case.io_error``) or BadInput.
    """
    path = plain_path(path)
    if not passphrase:
        raise BadInput("case.no_passphrase")
    lock = Lock(path)
    try:
        if path.exists():
            raise StoreError("case.exists", file=path.name)
        keys, header = _new_keys(passphrase, recovery_public_key, kdf or calibrated())
        return _write_new(path, facts, keys, header, options, lock)
    except BaseException:
        lock.release()
        raise


def _new_keys(passphrase: str, recovery: bytes | None, kdf: KdfParameters) -> tuple[Keys, Header]:
    case_id, case_key, salt = (
        secrets.token_hex(16),
        secrets.token_bytes(32),
        secrets.token_bytes(16),
    )
    passphrase_seal = passphrase_key(passphrase, salt, kdf)
    wrapped = seal(passphrase_seal, case_key, wrap_bound(case_id, kdf))
    name = recovery_key_name(recovery) if recovery else ""
    for_recovery = wrap_for_recovery(case_key, recovery, case_id) if recovery else b""
    header = Header(case_id, kdf, salt, wrapped, name, for_recovery)
    return Keys(case_key, case_id, header.to_bytes()), header


def wrap_bound(case_id: str, kdf: KdfParameters) -> bytes:
    return f"portrait-parle wrap 1 {case_id} {kdf.memory_kib} {kdf.passes} {kdf.lanes}".encode()


def _write_new(
    path: Path, facts: CaseFacts, keys: Keys, header: Header, options: StoreOptions, lock: Lock
) -> CaseFile:
    vfs = PageVfs(options.base_vfs)
    vfs.key = keys.pages
    connection = None
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        connection = connect(path, vfs, create=True)
        lay_out(connection, header)
        case = SealedCase(path, keys, vfs, connection, options, lock)
        case.facts = facts
        case.start(journal_for(path, options))
        first = {"facts": facts.to_json(), "app_version": __version__}
        case.append("case.created", "app", first)
        sync_folder(path.parent)
        return case
    except (apsw.Error, OSError, StoreError) as error:
        if connection is not None:
            connection.close(True)
        for left in (path, *(beside(path, s) for s in ("-wal", "-journal", ".reserve"))):
            left.unlink(missing_ok=True)
        if isinstance(error, StoreError):
            raise
        full = isinstance(error, apsw.FullError)
        code = "case.disk_full" if full else "case.io_error"
        raise StoreError(code, file=path.name, why=str(error)) from error


def journal_for(path: Path, options: StoreOptions) -> str:
    """The journal mode asked for, or the one the medium wants."""
    return options.journal or ("delete" if wants_single_file(path.parent) else "wal")


def plain_path(path: Path | str) -> Path:
    """An absolute path; BadInput when its folder is missing."""
    path = Path(path).absolute()
    if not path.parent.is_dir():
        raise BadInput("case.no_folder", folder=str(path.parent))
    return path

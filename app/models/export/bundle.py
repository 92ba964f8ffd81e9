"""Making a bundle: everything in a temporary place, synced, renamed, read again and compared."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.models.errors import BadInput
from app.models.events import Head
from app.models.export.manifest import complete_manifest, manifest_details, manifest_files
from app.models.export.marking import marked, source_type, xmp_packet
from app.models.export.misp import facial_composite
from app.models.export.profiles import Profile, chain_lines, profile_named
from app.models.export.record import PortraitRecord, session_record
from app.models.portrait import canonical
from app.models.store_base import CaseFile, StoreError
from app.models.store_files import sync_folder

SIZES = (256, 512, 1024)  # pixels of the portrait's width


@dataclass(frozen=True)
class ReportContent:
    """What the report prints. ``pictures`` and ``sheets`` are PNG files; ``sheets`` by round."""

    record: Mapping[str, Any]
    profile: str
    head: Head
    portrait: bytes
    sketch: bytes | None
    sheets: Mapping[str, bytes]
    files: Mapping[str, str]
    xmp: str


class Painter(Protocol):
    """Draws what a bundle shows; the words on it are the painter's."""

    def portrait(self, png: bytes, width: int) -> bytes:
        """The picture at a width in pixels, with the label burnt in below or above it; PNG."""
        ...

    def sheet(self, title: str, tiles: Sequence[bytes], picked: Sequence[int]) -> bytes:
        """One array as shown, tiles numbered from 1, picks marked, with the label; PNG."""
        ...

    def report(self, content: ReportContent) -> bytes:
        """The report; PDF."""
        ...


@dataclass(frozen=True)
class BundleInfo:
    """A finished bundle: where it is, its two hashes, and how much it holds."""

    path: Path
    profile: str
    files: int
    root_sha256: str
    manifest_sha256: str
    head: Head


def export_bundle(
    case: CaseFile,
    destination: Path,
    profile: str,
    portrait: PortraitRecord,
    painter: Painter,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
    check_cancel: Callable[[], None] = lambda: None,
) -> BundleInfo:
    """Write one sealed bundle, a folder or (name ending in .zip) one file, and verify it.

    ``check_cancel`` raises Cancelled to stop. Whatever happens, the destination is absent or
    complete, an older bundle is never touched, and the case says that the export was made or
    failed. Raises BadInput (``export.*``), StoreError (``export.disk_full``,
    ``export.io_error``, ``case.*``).
    """
    chosen, destination = profile_named(profile), free_destination(destination)
    if case.read_only:
        raise StoreError("case.read_only", file=case.path.name if case.path else "")
    maker = _Maker(case, chosen, portrait, painter, progress, check_cancel)
    return written(case, destination, chosen, maker.make)


def written(
    case: CaseFile,
    destination: Path,
    profile: Profile,
    make: Callable[[], tuple[dict[str, bytes], dict[str, Any]]],
) -> BundleInfo:
    """Make the files of a bundle, write them, read them again, and note how it went in the case."""
    try:
        files, manifest = make()
        _publish(files, destination)
        _read_again(files, destination)
    except BaseException as error:
        known = _as_store_error(error, destination) if isinstance(error, OSError) else error
        _note_failure(case, profile.name, str(getattr(known, "code", type(known).__name__)))
        if known is error:
            raise
        raise known from error
    return _finished(case, destination, profile, files, manifest)


def _finished(
    case: CaseFile,
    destination: Path,
    profile: Profile,
    files: Mapping[str, bytes],
    manifest: Mapping[str, Any],
) -> BundleInfo:
    root = str(manifest["root_sha256"])
    digest = hashlib.sha256(files["manifest.json"]).hexdigest()
    case.append(
        "exported",
        "officer",
        {
            "profile": profile.name,
            "destination": destination.name,
            "root_sha256": root,
            "manifest_sha256": digest,
        },
    )
    count, head = manifest["events"]["count"], manifest["events"]["head"]
    words = tuple(manifest["events"]["words"])
    return BundleInfo(destination, profile.name, len(files), root, digest, Head(count, head, words))


class _Maker:
    """Collects the files of one bundle in memory, in the order in which they can be bound."""

    def __init__(
        self,
        case: CaseFile,
        profile: Profile,
        portrait: PortraitRecord,
        painter: Painter,
        progress: Callable[[str, int, int], None],
        check_cancel: Callable[[], None],
    ) -> None:
        self._case, self._profile, self._portrait = case, profile, portrait
        self._painter, self._progress, self._check = painter, progress, check_cancel
        self._files: dict[str, bytes] = {}
        self._roles: dict[str, str] = {}
        self._source = source_type(portrait.recipe.origin, portrait.sources)

    def make(self) -> tuple[dict[str, bytes], dict[str, Any]]:
        """All files of the bundle by path, and the manifest's content."""
        problems = self._case.check()
        self._add_portraits()
        record = session_record(self._case, self._portrait, self._profile.name == "full")
        if self._profile.record:
            self._add_record(record)
            self._add_sheets(record["rounds"])
        if self._profile.shown:
            self._add_shown()
        prepared = self._bind()
        if self._profile.record:
            self._add_report(record)
        details = self._seal(prepared, problems)
        lines, _ = chain_lines(self._case, self._profile, prepared)
        self._add("events.jsonl", lines, "chain")
        manifest = complete_manifest(details, self._case, self._files, self._roles)
        return {**self._files, **manifest_files(manifest)}, manifest

    def _add(self, path: str, data: bytes, role: str) -> None:
        self._check()
        self._files[path], self._roles[path] = data, role

    def _add_picture(self, path: str, png: bytes, role: str, title: str) -> None:
        self._add(path, marked(png, xmp_packet(self._source, title)), role)

    def _add_portraits(self) -> None:
        for number, width in enumerate(SIZES):
            self._progress("export.portrait", number, len(SIZES))
            png = self._painter.portrait(self._portrait.picture, width)
            self._add_picture(f"portrait-{width}.png", png, "portrait", "Portrait")
        if self._portrait.sketch is not None:
            png = self._painter.portrait(self._portrait.sketch, SIZES[-1])
            self._add_picture("sketch.png", png, "sketch", "Sketch of the portrait")

    def _add_record(self, record: Mapping[str, Any]) -> None:
        self._add("record.json", (canonical(record) + "\n").encode(), "record")
        recipe = canonical(self._portrait.recipe.to_json()) + "\n"
        self._add("recipe.json", recipe.encode(), "recipe")
        composite = facial_composite(
            self._files["portrait-512.png"],
            "portrait-512.png",
            record["description_first"]["text"],
            f"{self._case.case_id}:{self._portrait.recipe.id}",
        )
        self._add("misp.json", (canonical(composite) + "\n").encode(), "misp")

    def _add_sheets(self, rounds: Sequence[Mapping[str, Any]]) -> None:
        for number, shown in enumerate(rounds):
            self._progress("export.rounds", number, len(rounds))
            tiles = [self._case.picture(p) for p in shown["pictures"]]
            if tiles:
                png = self._painter.sheet(str(shown["round"]), tiles, shown["picks"])
                path = f"rounds/{number + 1:03d}.png"
                self._add_picture(path, png, "array", f"Array {shown['round']} as shown")

    def _add_shown(self) -> None:
        names = list(dict.fromkeys(p for e in self._case.events() for p in e.pictures))
        for number, name in enumerate(names):
            self._progress("export.shown", number, len(names))
            png = self._case.picture(name)
            self._add_picture(f"shown/{name}.png", png, "shown", "Picture as shown to the witness")

    def _bind(self) -> int:
        """Let the chain take in the files made so far: the printed head vouches for them."""
        data = {"profile": self._profile.name, "files": self._hashes()}
        return self._case.append("export.prepared", "officer", data).seq

    def _seal(self, prepared: int, problems: Sequence[str]) -> dict[str, Any]:
        """Let the chain take in the report and what the manifest says; returns the latter."""
        _, left_out = chain_lines(self._case, self._profile, prepared)
        details = manifest_details(self._case, self._profile, self._portrait, left_out, problems)
        report = {p: digest for p, digest in self._hashes().items() if p == "report.pdf"}
        data = {
            "profile": self._profile.name,
            "files": report,
            "details_sha256": hashlib.sha256(canonical(details).encode()).hexdigest(),
        }
        self._case.append("export.sealed", "officer", data)
        return details

    def _hashes(self) -> dict[str, str]:
        return {path: hashlib.sha256(data).hexdigest() for path, data in self._files.items()}

    def _add_report(self, record: Mapping[str, Any]) -> None:
        self._progress("export.report", 0, 1)
        head = self._case.head()
        sheets = {p: data for p, data in self._files.items() if p.startswith("rounds/")}
        content = ReportContent(
            record=record,
            profile=self._profile.name,
            head=head,
            portrait=self._files["portrait-1024.png"],
            sketch=self._files.get("sketch.png"),
            sheets=sheets,
            files=self._hashes(),
            xmp=xmp_packet(self._source, "Report on a composite portrait", head.hash_hex),
        )
        self._add("report.pdf", self._painter.report(content), "report")


# ------------------------------------------------------------------ to disk


def free_destination(destination: Path) -> Path:
    """The absolute destination; BadInput where its folder is missing or something is there."""
    destination = Path(destination).absolute()
    if not destination.parent.is_dir():
        raise BadInput("export.no_folder", folder=str(destination.parent))
    if destination.exists() or destination.is_symlink():
        raise BadInput("export.exists", path=str(destination))
    return destination


def _publish(files: Mapping[str, bytes], destination: Path) -> None:
    part = destination.with_name(f".{destination.name}.part")
    _remove(part)  # what an export left that was cut short
    try:
        if destination.suffix.lower() == ".zip":
            _write_zip(files, part)
        else:
            _write_folder(files, part)
        sync_folder(part.parent)
        os.rename(part, destination)
        sync_folder(destination.parent)
    except BaseException:
        _remove(part)
        raise


def _write_folder(files: Mapping[str, bytes], folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(mode=0o700, exist_ok=True)
        with open(target, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    for inside in (*(p for p in folder.rglob("*") if p.is_dir()), folder):
        sync_folder(inside)


def _write_zip(files: Mapping[str, bytes], part: Path) -> None:
    with open(part, "xb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as bundle:
            for path, data in files.items():
                entry = zipfile.ZipInfo(path)
                entry.create_system = 3
                entry.external_attr = 0o600 << 16
                bundle.writestr(entry, data, zipfile.ZIP_STORED)
        file.flush()
        os.fsync(file.fileno())


def _remove(part: Path) -> None:
    if part.is_dir() and not part.is_symlink():
        shutil.rmtree(part)
    else:
        part.unlink(missing_ok=True)


def _read_again(files: Mapping[str, bytes], destination: Path) -> None:
    """Compare what lies there with what was meant; take it away and raise where it differs."""
    try:
        if destination.is_dir():
            found = {
                p.relative_to(destination).as_posix(): p.read_bytes()
                for p in destination.rglob("*")
                if p.is_file()
            }
        else:
            with zipfile.ZipFile(destination) as bundle:
                found = {name: bundle.read(name) for name in bundle.namelist()}
    except (OSError, zipfile.BadZipFile) as error:
        _remove(destination)
        raise StoreError("export.io_error", path=str(destination), why=str(error)) from error
    if found != dict(files):
        _remove(destination)
        raise StoreError("export.io_error", path=str(destination), why="read back otherwise")


def _note_failure(case: CaseFile, profile: str, code: str) -> None:
    try:
        case.append("export.failed", "app", {"profile": profile, "code": code})
    except (StoreError, BadInput):
        return  # the cause is on its way to the officer already


def _as_store_error(error: OSError, destination: Path) -> StoreError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    code = "export.disk_full" if full else "export.io_error"
    return StoreError(code, path=str(destination), why=error.strerror or str(error))

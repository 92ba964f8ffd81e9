"""A lineup's sealed bundle: array, report, record and pictures as shown, bound to its chain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from app import __version__
from app.models.errors import BadInput
from app.models.events import Event, Head
from app.models.export.bundle import BundleInfo, free_destination, written
from app.models.export.manifest import complete_manifest, manifest_files, people_of
from app.models.export.marking import (
    FROM_PHOTO,
    LABEL,
    LINEUP_LABEL,
    marked,
    member_packet,
    xmp_packet,
)
from app.models.export.profiles import Profile, chain_lines
from app.models.lineup import SUSPECT, Lineup
from app.models.lineup_record import LineupRecord
from app.models.portrait import canonical
from app.models.store_base import CaseFile, StoreError

# the photograph and the fine-tuned weights stay in the lineup's file; only hashes go out
PROFILE = Profile("lineup", events="all", withheld=frozenset({"suspect.added", "suspect.tuned"}))
SCHEMA = "portrait-parle bundle 1"


@dataclass(frozen=True)
class LineupReport:
    """What the report prints. ``array``: the labelled sheet (PNG); ``files``: SHA-256 by path."""

    record: Mapping[str, Any]
    lineup: Lineup
    head: Head
    array: bytes
    files: Mapping[str, str]
    xmp: str


class LineupPainter(Protocol):
    """Draws what a lineup's bundle shows."""

    def array(self, tiles: Sequence[bytes], label: str) -> bytes:
        """The pictures in the order shown, numbered from 1, with the label; PNG."""
        ...

    def lineup_report(self, content: LineupReport) -> bytes:
        """The report; PDF."""
        ...


def export_lineup(
    record: LineupRecord,
    destination: Path,
    painter: LineupPainter,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
    check_cancel: Callable[[], None] = lambda: None,
) -> BundleInfo:
    """Write one sealed lineup bundle (folder, or .zip) and read it again; as ``export_bundle``.

    Raises BadInput ``lineup.no_array``, ``export.*``; StoreError ``export.*``, ``case.*``.
    """
    destination = free_destination(destination)
    if not record.lineup.members:
        raise BadInput("lineup.no_array")
    if record.case.read_only:
        raise StoreError("case.read_only", file=record.case.path.name if record.case.path else "")
    maker = _Maker(record, painter, progress, check_cancel)
    return written(record.case, destination, PROFILE, maker.make)


def lineup_record_json(case: CaseFile, lineup: Lineup) -> dict[str, Any]:
    """The lineup as JSON values: the machine-readable twin of the report."""
    found = lineup.figures()
    return {
        "format": 1,
        "case": {"id": case.case_id, **case.facts.to_json()},
        "practice": not case.kept,
        "description": lineup.description,
        "wanted": [dict(a) for a in lineup.wanted],
        "policy": lineup.policy,
        "tuned": lineup.tuned,
        "unsealed": lineup.unsealed,
        "order": list(shown_order(lineup)),
        "members": [m.to_json() for m in lineup.members],
        "concerns": [asdict(c) for c in lineup.concerns],
        "fairness": None if found is None else _finite(asdict(found)),
        "showings": [asdict(s) for s in lineup.showings],
    }


def shown_order(lineup: Lineup) -> tuple[int, ...]:
    """The order of the witness's presentation; else of the last mock one; else as made."""
    for kind in ("witness", "mock"):
        for showing in reversed(lineup.showings):
            if showing.kind == kind:
                return showing.order
    return tuple(range(len(lineup.members)))


def label_of(lineup: Lineup) -> str:
    """What is burnt into the array: another line where a photograph itself is in it."""
    photographs = any(m.origin in ("matched", "photo_matched") for m in lineup.members)
    return LINEUP_LABEL if photographs else LABEL


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """Infinite bounds, which JSON cannot say, as null."""

    def plain(value: Any) -> Any:
        if isinstance(value, tuple | list):
            return [plain(v) for v in value]
        return None if isinstance(value, float) and value - value != 0 else value

    return {name: plain(value) for name, value in values.items()}


class _Maker:
    """Collects the files of one bundle in memory, in the order in which they can be bound."""

    def __init__(
        self, record: LineupRecord, painter: LineupPainter,
        progress: Callable[[str, int, int], None], check: Callable[[], None],
    ) -> None:  # fmt: skip
        self._record, self._case, self._lineup = record, record.case, record.lineup
        self._painter, self._progress, self._check = painter, progress, check
        self._files: dict[str, bytes] = {}
        self._roles: dict[str, str] = {}

    def make(self) -> tuple[dict[str, bytes], dict[str, Any]]:
        """All files of the bundle by path, and the manifest's content."""
        problems = self._case.check()
        order = shown_order(self._lineup)
        members = [self._lineup.members[i] for i in order]
        label = label_of(self._lineup)
        sheet = self._painter.array([self._case.picture(m.picture) for m in members], label)
        array = marked(sheet, xmp_packet(FROM_PHOTO, "Lineup as shown", label=label))
        self._add("array.png", array, "array")
        for number, member in enumerate(members):
            self._progress("export.shown", number, len(members))
            png = marked(self._case.picture(member.picture), member_packet(member.origin, "Member"))
            self._add(f"shown/{member.picture}.png", png, "shown")
        found = lineup_record_json(self._case, self._lineup)
        self._add("lineup.json", (canonical(found) + "\n").encode(), "lineup")
        prepared = self._case.append(
            "export.prepared", "officer", {"profile": PROFILE.name, "files": self._hashes()}
        ).seq
        self._add_report(found)
        details = self._seal(prepared, problems)
        lines, _ = chain_lines(self._case, PROFILE, prepared)
        self._add("events.jsonl", lines, "chain")
        manifest = complete_manifest(details, self._case, self._files, self._roles)
        return {**self._files, **manifest_files(manifest)}, manifest

    def _add(self, path: str, data: bytes, role: str) -> None:
        self._check()
        self._files[path], self._roles[path] = data, role

    def _hashes(self) -> dict[str, str]:
        return {path: hashlib.sha256(data).hexdigest() for path, data in self._files.items()}

    def _add_report(self, found: Mapping[str, Any]) -> None:
        self._progress("export.report", 0, 1)
        head = self._case.head()
        xmp = xmp_packet(FROM_PHOTO, "Report on a lineup", head.hash_hex)
        content = LineupReport(
            found, self._lineup, head, self._files["array.png"], self._hashes(), xmp
        )
        self._add("report.pdf", self._painter.lineup_report(content), "report")

    def _seal(self, prepared: int, problems: Sequence[str]) -> dict[str, Any]:
        _, left_out = chain_lines(self._case, PROFILE, prepared)
        shown = {m.picture for m in self._lineup.members}
        left_out = [x for x in left_out if x["sha256"] not in shown]
        details = self._details(left_out, problems)
        digest = hashlib.sha256(canonical(details).encode()).hexdigest()
        report = {"report.pdf": self._hashes()["report.pdf"]}
        self._case.append("export.sealed", "officer", {
            "profile": PROFILE.name, "files": report, "details_sha256": digest,
        })  # fmt: skip
        return details

    def _details(
        self, left_out: Sequence[Mapping[str, Any]], problems: Sequence[str]
    ) -> dict[str, Any]:
        events = tuple(self._case.events())
        head = self._case.head()
        suspect = next((m.picture for m in self._lineup.members if m.role == SUSPECT), "")
        return {
            "schema": SCHEMA,
            "profile": PROFILE.name,
            "practice": not self._case.kept,
            "case_id": self._case.case_id,
            "session_id": self._case.case_id[:8],
            **people_of(self._case, events),
            "app": {"version": __version__},
            "models": _models(self._lineup),
            "started": events[0].wall,
            "clock_flags": [dict(e.data) for e in events if e.kind == "clock.flagged"],
            "description_first": _described(events),
            "printed": {"count": head.count, "head": head.hash_hex, "words": list(head.words)},
            "left_out": list(left_out),
            "final_image": {
                "shown_sha256": suspect or self._lineup.members[0].picture,
                "source_type": FROM_PHOTO, "label": LABEL,
            },
            "integrity": {
                "checked": events[-1].wall,
                "result": "damaged" if problems else "good",
                "failures": list(problems),
            },
            "previous_export_root": next(
                (str(e.data.get("root_sha256", "")) for e in reversed(events)
                 if e.kind == "exported"), ""),
        }  # fmt: skip


def _described(events: Sequence[Event]) -> dict[str, Any]:
    event = next((e for e in events if e.kind == "lineup.described"), None)
    return {"seq": event.seq, "wall": event.wall} if event else {"seq": 0, "wall": ""}


def _models(lineup: Lineup) -> list[dict[str, str]]:
    names = {
        str(json.loads(m.made).get("recipe", {}).get("model", "")): None
        for m in lineup.members if m.made
    }  # fmt: skip
    return [{"sha256": n, "name": "", "licence": ""} for n in names if n]

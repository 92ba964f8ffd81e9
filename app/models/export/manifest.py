"""The manifest of a bundle: who, when, with what, and the SHA-256 of every file in it."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from typing import Any

from app import __version__
from app.models.events import Event
from app.models.export.marking import LABEL, source_type
from app.models.export.profiles import Profile
from app.models.export.record import PortraitRecord, first_description, shown_faces
from app.models.portrait import canonical
from app.models.store_base import CaseFile

SCHEMA = "portrait-parle bundle 1"
LIBRARIES = ("numpy", "torch", "PySide6_Essentials", "apsw", "cryptography", "opencv-python")


def manifest_details(
    case: CaseFile,
    profile: Profile,
    portrait: PortraitRecord,
    left_out: Sequence[Mapping[str, Any]],
    problems: Sequence[str],
) -> dict[str, Any]:
    """What the manifest says besides the files and the chain's end; the chain takes its hash in."""
    events = tuple(case.events())
    first, head = first_description(events), case.head()
    return {
        "schema": SCHEMA,
        "profile": profile.name,
        "practice": not case.kept,
        "case_id": case.case_id,
        "session_id": _session_id(case, events),
        **(people_of(case, events) if profile.people else _nobody()),
        "app": {"version": __version__},
        "models": _models(events, portrait),
        "started": events[0].wall,
        "clock_flags": [dict(e.data) for e in events if e.kind == "clock.flagged"],
        "description_first": {"seq": first["seq"], "wall": first["wall"]},
        "printed": {"count": head.count, "head": head.hash_hex, "words": list(head.words)},
        "left_out": list(left_out),
        "final_image": {
            "shown_sha256": hashlib.sha256(portrait.picture).hexdigest(),
            "source_type": source_type(portrait.recipe.origin, portrait.sources),
            "label": LABEL,
        },
        "integrity": {
            "checked": events[-1].wall,
            "result": "damaged" if problems else "good",
            "failures": list(problems),
        },
        "previous_export_root": _previous_root(events),
    }


def complete_manifest(
    details: Mapping[str, Any],
    case: CaseFile,
    files: Mapping[str, bytes],
    roles: Mapping[str, str],
) -> dict[str, Any]:
    """All fields of resources/schemas/manifest.schema.json; ``files`` are all but the manifest."""
    head = case.head()
    last = max(case.events(), key=lambda event: event.seq)
    listed = [_entry(path, data, roles[path]) for path, data in sorted(files.items())]
    return {
        **details,
        "ended": last.wall,
        "events": {"count": head.count, "head": head.hash_hex, "words": list(head.words)},
        "files": listed,
        "root_sha256": root_of(listed),
    }


def _entry(path: str, data: bytes, role: str) -> dict[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    return {"path": path, "bytes": len(data), "sha256": digest, "role": role}


def root_of(listed: Iterable[Mapping[str, Any]]) -> str:
    """One hash over all files: SHA-256 of "sha256  path" lines in the order of the paths."""
    lines = "".join(
        f"{f['sha256']}  {f['path']}\n" for f in sorted(listed, key=lambda f: f["path"])
    )
    return hashlib.sha256(lines.encode()).hexdigest()


def manifest_files(manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """manifest.json in canonical form, and manifest.sha256 as ``sha256sum -c`` reads it."""
    text = (canonical(manifest) + "\n").encode()
    digest = hashlib.sha256(text).hexdigest()
    return {"manifest.json": text, "manifest.sha256": f"{digest}  manifest.json\n".encode()}


def people_of(case: CaseFile, events: Sequence[Event]) -> dict[str, Any]:
    """Who and with what: the manifest's fields on people, device and libraries."""
    facts = case.facts
    opened = next((e for e in reversed(events) if e.kind == "case.opened"), None)
    device = {"system": platform.platform(), "host": platform.node()}
    if opened is not None:
        device["host"] = str(opened.data.get("host", ""))
    return {
        "reference": facts.reference,
        "witness_code": facts.witness_code,
        "officers": [facts.officer] if facts.officer else [],
        "organisation": facts.organisation,
        "authority": facts.authority,
        "device": device,
        "libs": _libraries(),
    }


def _nobody() -> dict[str, Any]:
    return {
        "reference": "",
        "witness_code": "",
        "officers": [],
        "organisation": "",
        "authority": "",
        "device": {},
        "libs": {},
    }


def _libraries() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _session_id(case: CaseFile, events: Sequence[Event]) -> str:
    started = next((e for e in events if e.kind == "session.started"), None)
    named = str(started.data.get("session", "")) if started else ""
    return named or f"{case.case_id[:8]}-{started.seq if started else 1}"


def _models(events: Sequence[Event], portrait: PortraitRecord) -> list[dict[str, str]]:
    """Every model whose faces were shown; name and licence of the portrait's own, from its card."""
    card = dict(portrait.model_card)
    hashes = {portrait.recipe.model: None}
    for event in events:
        hashes.update({str(r.get("model", "")): None for r, _ in shown_faces(event)})
    return [
        {
            "sha256": sha,
            "name": card.get("name", "") if sha == portrait.recipe.model else "",
            "licence": card.get("licence", "") if sha == portrait.recipe.model else "",
        }
        for sha in hashes
    ]


def _previous_root(events: Sequence[Event]) -> str:
    exported = [e for e in events if e.kind == "exported"]
    return str(exported[-1].data.get("root_sha256", "")) if exported else ""

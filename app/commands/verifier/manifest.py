"""Checks the manifest's shape and that it lists exactly the files that are there, as they are."""

from __future__ import annotations

from typing import Any

from app.commands.verifier import values as v

ENHANCED = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced"
SOURCE_TYPES = (
    "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
    "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia",
)
LABEL = "computer-generated likeness - not a photograph"
ROLES = (
    "chain", "portrait", "sketch", "report", "record", "recipe", "misp", "array", "shown", "lineup"
)  # fmt: skip
UNLISTED = ("manifest.json", "manifest.sha256")

FIELDS: dict[str, v.Check] = {
    "schema": v.one_of("portrait-parle bundle 1"),
    "profile": v.one_of("full", "defence", "media", "lineup"),
    "practice": lambda value: isinstance(value, bool),
    "case_id": v.is_id,
    "session_id": v.is_text,
    "reference": v.is_text,
    "witness_code": v.is_text,
    "officers": v.list_of(v.is_text),
    "organisation": v.is_text,
    "authority": v.is_text,
    "device": v.is_object,
    "libs": v.is_object,
    "app": v.record(version=v.is_text),
    "models": v.list_of(v.record(sha256=v.is_text, name=v.is_text, licence=v.is_text)),
    "started": v.is_time,
    "ended": v.is_time,
    "clock_flags": v.list_of(v.is_object),
    "description_first": v.record(seq=v.is_count, wall=v.is_text),
    "events": v.record(count=v.is_count, head=v.is_hash, words=v.list_of(v.is_text)),
    "printed": v.record(count=v.is_count, head=v.is_hash, words=v.list_of(v.is_text)),
    "files": v.list_of(
        v.record(path=v.is_text, bytes=v.is_count, sha256=v.is_hash, role=v.one_of(*ROLES))
    ),
    "left_out": v.list_of(v.record(what=v.is_text, sha256=v.is_hash)),
    "final_image": v.record(
        shown_sha256=v.is_hash, source_type=v.one_of(*SOURCE_TYPES), label=v.one_of(LABEL)
    ),
    "integrity": v.record(
        checked=v.is_time, result=v.one_of("good"), failures=lambda value: value == []
    ),
    "previous_export_root": v.is_hash_or_empty,
    "root_sha256": v.is_hash,
}
NEEDED = {
    "full": ("events.jsonl", "record.json", "recipe.json", "misp.json", "report.pdf"),
    "defence": ("events.jsonl", "record.json", "recipe.json", "misp.json", "report.pdf"),
    "media": ("events.jsonl",),
    "lineup": ("events.jsonl", "lineup.json", "array.png", "report.pdf"),
}
PORTRAITS = ("portrait-256.png", "portrait-512.png", "portrait-1024.png")


def read_manifest(files: dict[str, bytes]) -> tuple[dict[str, Any], list[str]]:
    """The manifest as a checked object (empty when unusable), and what is wrong with it."""
    text = files.get("manifest.json")
    if text is None:
        return {}, ["manifest.json: missing"]
    wrong = _digest_problems(files, text)
    try:
        manifest = v.parsed(text)
    except ValueError as error:
        return {}, [*wrong, f"manifest.json: no JSON ({error})"]
    if not isinstance(manifest, dict):
        return {}, [*wrong, "manifest.json: not an object"]
    bad = [n for n in FIELDS if n not in manifest or not FIELDS[n](manifest[n])]
    extra = sorted(set(manifest) - set(FIELDS))
    wrong += [f"manifest.json: field {name!r} missing or not as the format has it" for name in bad]
    wrong += [f"manifest.json: unknown field {name[:40]!r}" for name in extra]
    if not bad and text != v.canonical(manifest) + b"\n":
        wrong.append("manifest.json: not in canonical form")
    return ({} if bad else manifest), wrong


def _digest_problems(files: dict[str, bytes], text: bytes) -> list[str]:
    expected = f"{v.sha256(text)}  manifest.json\n".encode()
    found = files.get("manifest.sha256")
    if found is None:
        return ["manifest.sha256: missing"]
    return [] if found == expected else ["manifest.sha256: does not fit manifest.json"]


def file_results(manifest: dict[str, Any], files: dict[str, bytes]) -> dict[str, str]:
    """For every file listed or found: "good", or what is wrong."""
    results = {path: "not in the manifest" for path in files if path not in UNLISTED}
    for entry in manifest["files"]:
        path, data = entry["path"], files.get(entry["path"])
        if data is None:
            results[path] = "missing"
        elif len(data) != entry["bytes"] or v.sha256(data) != entry["sha256"]:
            results[path] = "changed"
        elif entry["role"] != _role(path):
            results[path] = f"listed as {entry['role']}"
        else:
            results[path] = "good"
    return results


def _role(path: str) -> str:
    if path.startswith(("rounds/", "shown/")):
        return "array" if path.startswith("rounds/") else "shown"
    stem = path.split(".")[0]
    return {"events": "chain"}.get(stem, "portrait" if path in PORTRAITS else stem)


def list_problems(manifest: dict[str, Any]) -> list[str]:
    """What is wrong with the list of files as a whole."""
    paths = [entry["path"] for entry in manifest["files"]]
    wrong = [] if paths == sorted(set(paths)) else ["manifest.json: files not sorted, or twice"]
    lines = "".join(f"{e['sha256']}  {e['path']}\n" for e in manifest["files"])
    if v.sha256(lines.encode()) != manifest["root_sha256"]:
        wrong.append("manifest.json: root_sha256 does not fit its files")
    portraits = () if manifest["profile"] == "lineup" else PORTRAITS
    needed = (*NEEDED[manifest["profile"]], *portraits)
    wrong += [f"{path}: missing from the manifest" for path in needed if path not in paths]
    if manifest["profile"] == "media":
        named = [
            n
            for n in (
                "reference",
                "witness_code",
                "officers",
                "organisation",
                "authority",
                "device",
                "libs",
            )
            if manifest[n]
        ]
        wrong += [f"manifest.json: {name} in a media bundle" for name in named]
    return wrong

"""Follows the chain of events and what its last event says of the other files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.commands.verifier import values as v

UNBOUND = ("events.jsonl", "manifest.json", "manifest.sha256")
AFTER_SEALING = ("files", "root_sha256", "events", "ended")
PLACE = ("seq", "kind", "actor", "wall", "monotonic_ns", "previous", "hash")
PLACE_CHECKS: dict[str, v.Check] = {
    "seq": v.is_count,
    "kind": v.is_text,
    "actor": v.one_of("witness", "officer", "model", "app"),
    "wall": v.is_time,
    "monotonic_ns": v.is_count,
    "previous": v.is_hash,
    "hash": v.is_hash,
}


@dataclass
class Chain:
    """What the chain says once followed; ``bodies`` by seq, where they are not withheld."""

    problems: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    bodies: dict[int, dict[str, Any]] = field(default_factory=dict)
    withheld: dict[int, str] = field(default_factory=dict)

    def pictures(self) -> set[str]:
        """SHA-256 of every picture that a body names."""
        return {p for body in self.bodies.values() for p in body["pictures"]}


def follow(data: bytes, manifest: dict[str, Any]) -> Chain:
    """Read events.jsonl and check every hash from the start (media: the last few) to the head."""
    chain = Chain()
    if not data.endswith(b"\n"):
        chain.problems.append("events.jsonl: does not end in a line feed")
    case_id = manifest["case_id"]
    expected = manifest["printed"]["count"] if manifest["profile"] == "media" else 1
    previous = v.sha256(v.canonical({"format": 1, "case": case_id})) if expected == 1 else None
    for line in data.split(b"\n")[:-1]:
        event = _event(line, expected, chain)
        if event is None:
            return chain
        if event["seq"] != expected:
            chain.problems.append(f"event {expected}: missing, {_name(event)} stands there")
            return chain
        if previous is not None and event["previous"] != previous:
            chain.problems.append(f"{_name(event)}: does not follow the event before it")
        _check_hash(event, case_id, chain)
        chain.events.append(event)
        previous, expected = event["hash"], expected + 1
    _check_head(chain, manifest)
    return chain


def _event(line: bytes, expected: int, chain: Chain) -> dict[str, Any] | None:
    try:
        event = v.parsed(line)
    except ValueError as error:
        chain.problems.append(f"event {expected}: no JSON ({error})")
        return None
    if not isinstance(event, dict) or not all(
        name in event and check(event[name]) for name, check in PLACE_CHECKS.items()
    ):
        chain.problems.append(f"event {expected}: not as the format has it")
        return None
    rest = set(event) - set(PLACE)
    if rest not in ({"body"}, {"body_sha256"}) or v.canonical(event) != line:
        chain.problems.append(f"event {expected}: not as the format has it")
        return None
    return event


def _check_hash(event: dict[str, Any], case_id: str, chain: Chain) -> None:
    body = event.get("body")
    if "body" in event:
        if not isinstance(body, str) or not _keep_body(event, body, chain):
            chain.problems.append(f"{_name(event)}: its body is not as the format has it")
            return
        digest = v.sha256(body.encode("utf-8", "surrogatepass"))
    else:
        digest = event["body_sha256"]
        if not v.is_hash(digest):
            chain.problems.append(f"{_name(event)}: its body_sha256 is no hash")
            return
        chain.withheld[event["seq"]] = digest
    hashed = {name: event[name] for name in PLACE if name != "hash"}
    hashed |= {"format": 1, "case": case_id, "body_sha256": digest}
    if v.sha256(v.canonical(hashed)) != event["hash"]:
        chain.problems.append(f"{_name(event)}: changed")


def _keep_body(event: dict[str, Any], text: str, chain: Chain) -> bool:
    try:
        body = v.parsed(text.encode())
    except ValueError:
        return False
    is_body = v.record(data=v.is_object, pictures=v.list_of(v.is_hash), salt=v.is_id)
    if not is_body(body):
        return False
    chain.bodies[event["seq"]] = body
    return True


def _check_head(chain: Chain, manifest: dict[str, Any]) -> None:
    stated = manifest["events"]
    last = chain.events[-1] if chain.events else None
    if last is None or last["seq"] != stated["count"]:
        found = last["seq"] if last else 0
        chain.problems.append(f"chain: ends at event {found} of {stated['count']}")
    elif last["hash"] != stated["head"]:
        chain.problems.append("chain: its last hash is not the head in the manifest")
    if words_of(stated["head"]) != stated["words"]:
        chain.problems.append("manifest.json: the words are not those of the head")


def words_of(head: str) -> list[str]:
    """The first 88 bits of a hash as eight words of resources/words.txt."""
    words = _word_file().read_text(encoding="ascii").split()
    bits = int(head, 16) >> (256 - 88)
    return [words[bits >> (88 - 11 * (n + 1)) & 2047] for n in range(8)]


def _word_file() -> Path:
    here = Path(__file__).resolve()
    places = [parent / "resources" / "words.txt" for parent in here.parents[2:4]]
    return next(place for place in places if place.is_file())


def binding_problems(chain: Chain, manifest: dict[str, Any], files: dict[str, bytes]) -> list[str]:
    """Do the chain's last events vouch for exactly these files and this manifest?"""
    prepared = [e for e in chain.events if e["kind"] == "export.prepared"][-1:]
    sealed = [e for e in chain.events[-1:] if e["kind"] == "export.sealed"]
    ends = [chain.bodies.get(e["seq"], {}).get("data", {}) for e in (*prepared, *sealed)]
    if len(ends) != 2 or not all(isinstance(end.get("files"), dict) for end in ends):
        return ["chain: does not end in export.prepared and export.sealed"]
    wrong = []
    if any(end.get("profile") != manifest["profile"] for end in ends):
        wrong.append("chain: made for another profile")
    printed = {"count": prepared[0]["seq"], "head": prepared[0]["hash"]}
    printed["words"] = words_of(prepared[0]["hash"])
    if manifest["printed"] != printed:
        wrong.append("manifest.json: printed is not the head before the report")
    if manifest["ended"] != sealed[0]["wall"]:
        wrong.append("manifest.json: ended is not the last event's time")
    said = {name: value for name, value in manifest.items() if name not in AFTER_SEALING}
    if v.sha256(v.canonical(said)) != ends[1].get("details_sha256"):
        wrong.append("manifest.json: not what the chain has of it")
    return wrong + _file_binding(ends, files)


def _file_binding(ends: list[dict[str, Any]], files: dict[str, bytes]) -> list[str]:
    bound = {**ends[0]["files"], **ends[1]["files"]}
    found = {path: v.sha256(data) for path, data in files.items() if path not in UNBOUND}
    changed = [f"{p}: not as the chain has it" for p in found if bound.get(p) != found[p]]
    gone = [p for p in bound if p not in found]
    return changed + [f"{p[:80]}: the chain names it, but it is not there" for p in gone]


def _name(event: dict[str, Any]) -> str:
    return f"event {event['seq']} ({event['kind'][:40]}, {event['wall'][:32]})"

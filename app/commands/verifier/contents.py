"""Checks what the files say: marks in pictures, head in the report, names and hashes that agree."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from app.commands.verifier import values as v
from app.commands.verifier.chain import Chain
from app.commands.verifier.lineup import lineup_problems
from app.commands.verifier.manifest import ENHANCED, SOURCE_TYPES

MAGIC = b"\x89PNG\r\n\x1a\n"
XMP = b"XML:com.adobe.xmp\0\0\0\0\0"
SOURCE = re.compile(rb"<Iptc4xmpExt:DigitalSourceType>([^<]+)</Iptc4xmpExt:DigitalSourceType>")
HEAD = re.compile(rb"<ppc:chainHead>([0-9a-f]{64})</ppc:chainHead>")
FROM_FACTS = {
    "reference": "reference",
    "witness_code": "witness_code",
    "organisation": "organisation",
    "authority": "authority",
}


def content_problems(manifest: dict[str, Any], files: dict[str, bytes], chain: Chain) -> list[str]:
    """Everything that does not agree between files, manifest and chain."""
    wrong: list[str] = []
    sources = [manifest["final_image"]["source_type"].encode()]
    if manifest["profile"] == "lineup":  # its pictures have origins of their own
        sources = [s.encode() for s in (*SOURCE_TYPES, ENHANCED)]
        wrong += lineup_problems(manifest, files, chain)
    for path, data in files.items():
        if path.endswith(".png"):
            wrong += picture_problems(path, data, *sources)
    if "report.pdf" in files:
        wrong += _report_problems(files["report.pdf"], manifest)
    if "record.json" in files:
        wrong += _record_problems(files, manifest, chain)
    wrong += _fact_problems(manifest, chain)
    wrong += _left_out_problems(manifest, chain)
    return wrong + _shown_problems(manifest, files, chain)


def picture_problems(path: str, data: bytes, *sources: bytes) -> list[str]:
    """Whether a PNG is whole and carries the mark of a source in the place where it belongs."""
    try:
        chunks = list(_chunks(data))
    except (ValueError, struct.error):
        return [f"{path}: no whole PNG file"]
    kinds = [kind for kind, _, _ in chunks]
    if len(chunks) < 3 or kinds[0] != b"IHDR" or kinds[-1] != b"IEND":
        return [f"{path}: no whole PNG file"]
    kind, content, _ = chunks[1]
    found = SOURCE.findall(content) if kind == b"iTXt" and content.startswith(XMP) else []
    if len(found) == 1 and found[0] in sources:
        return []
    return [f"{path}: the mark of a generated picture is missing"]


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    if not data.startswith(MAGIC):
        raise ValueError("magic")
    at = len(MAGIC)
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        (check,) = struct.unpack(">I", data[at + 8 + size : at + 12 + size])
        if check != zlib.crc32(kind + content):
            raise ValueError("crc")
        yield kind, content, at
        at += 12 + size


def _as_shown(data: bytes) -> bytes:
    """The PNG without its second chunk, which is the mark."""
    (_, _, _), (_, content, at), *_ = _chunks(data)
    return data[:at] + data[at + 12 + len(content) :]


def _report_problems(pdf: bytes, manifest: dict[str, Any]) -> list[str]:
    if not pdf.startswith(b"%PDF-"):
        return ["report.pdf: no PDF file"]
    heads = HEAD.findall(pdf)
    stated = manifest["printed"]["head"].encode()
    return [] if heads == [stated] else ["report.pdf: made for another head of the chain"]


def _record_problems(files: dict[str, bytes], manifest: dict[str, Any], chain: Chain) -> list[str]:
    try:
        record = v.parsed(files["record.json"])
        recipe = v.parsed(files.get("recipe.json", b"null"))
        first = record["description_first"]
        case, portrait = record["case"], record["portrait"]
        agree = {
            "case": case["id"] == manifest["case_id"],
            "reference": case["reference"] == manifest["reference"],
            "witness": case["witness_code"] == manifest["witness_code"],
            "first description": (first["seq"], first["wall"])
            == (manifest["description_first"]["seq"], manifest["description_first"]["wall"]),
            "recipe": portrait["recipe"] == recipe,
        }
    except (ValueError, KeyError, TypeError):
        return ["record.json: not as the format has it"]
    wrong = [
        f"record.json: its {name} is not the manifest's" for name, ok in agree.items() if not ok
    ]
    said = chain.bodies.get(first["seq"]) if isinstance(first["seq"], int) else None
    if said is not None and said["data"].get("text") != first["text"]:
        wrong.append("record.json: the first description is not the chain's")
    return wrong


def _fact_problems(manifest: dict[str, Any], chain: Chain) -> list[str]:
    created = chain.bodies.get(1)
    if created is None:
        return []
    facts = created["data"].get("facts")
    if not isinstance(facts, dict):
        return ["event 1: names no facts of the case"]
    expected = {name: facts.get(fact, "") for name, fact in FROM_FACTS.items()}
    expected["officers"] = [facts["officer"]] if facts.get("officer") else []
    return [
        f"manifest.json: {name} is not the first event's"
        for name, value in expected.items()
        if manifest[name] != value
    ]


def _left_out_problems(manifest: dict[str, Any], chain: Chain) -> list[str]:
    if manifest["profile"] == "media":
        return []
    stated = {e["what"]: e["sha256"] for e in manifest["left_out"] if e["what"].startswith("body")}
    found = {f"body of event {seq}": digest for seq, digest in chain.withheld.items()}
    return [] if stated == found else ["manifest.json: left_out does not fit the chain"]


def _shown_problems(manifest: dict[str, Any], files: dict[str, bytes], chain: Chain) -> list[str]:
    wrong = []
    there = set()
    for path, data in files.items():
        if not path.startswith("shown/"):
            continue
        name = path.removeprefix("shown/").removesuffix(".png")
        try:
            same = v.sha256(_as_shown(data)) == name
        except (ValueError, struct.error):
            same = False
        there.add(name)
        wrong += [] if same else [f"{path}: not the picture that its name says"]
    if manifest["profile"] == "full":
        wrong += [
            f"shown/{p[:12]}...: shown to the witness, but not in the bundle"
            for p in sorted(chain.pictures() - there)
        ]
        wrong += [
            f"shown/{p[:12]}...: the chain names no such picture"
            for p in sorted(there - chain.pictures())
        ]
        if manifest["final_image"]["shown_sha256"] not in chain.pictures() | {""}:
            wrong.append("manifest.json: the final picture is not one that was shown")
    return wrong

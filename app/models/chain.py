"""The hash chain over events: each hash fixes the event, its place, and everything before it.

The chain runs over plaintext commitments, not over ciphertext, so that a stranger can follow it in
an export. What an event says goes in through ``body_sha256``; the body carries a random salt, so
a hash that stands in for a withheld body gives nothing away. The format is written down in
resources/formats/case-file.md; the verifier is written from that page.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.models.events import Event, Head
from app.models.portrait import canonical
from app.models.words import words_of

FORMAT = 1


@dataclass(frozen=True)
class Place:
    """Everything about an event but its body; what the sealed body is bound to."""

    case_id: str
    seq: int
    kind: str
    actor: str
    wall: str
    monotonic_ns: int
    previous: str

    def fields(self) -> dict[str, Any]:
        """The fields under the names they have in the hashed JSON."""
        return {
            "format": FORMAT,
            "case": self.case_id,
            "seq": self.seq,
            "kind": self.kind,
            "actor": self.actor,
            "wall": self.wall,
            "monotonic_ns": self.monotonic_ns,
            "previous": self.previous,
        }

    def bound(self) -> bytes:
        """Canonical bytes, used as associated data of the sealed body."""
        return canonical(self.fields()).encode()

    def hash(self, body: bytes) -> str:
        """The chain's value after this event, hex."""
        fields = {**self.fields(), "body_sha256": hashlib.sha256(body).hexdigest()}
        return hashlib.sha256(canonical(fields).encode()).hexdigest()


def genesis(case_id: str) -> str:
    """The value before the first event, hex."""
    return hashlib.sha256(canonical({"format": FORMAT, "case": case_id}).encode()).hexdigest()


def body_bytes(data: Mapping[str, Any], pictures: tuple[str, ...]) -> bytes:
    """The body of an event: its data, its pictures by SHA-256, and 16 random bytes of salt."""
    body = {"data": data, "pictures": list(pictures), "salt": secrets.token_hex(16)}
    return canonical(body).encode()


def head_of(count: int, hash_hex: str) -> Head:
    """The head as shown, read aloud and printed."""
    return Head(count, hash_hex, words_of(bytes.fromhex(hash_hex)))


def read_event(place: Place, body: bytes) -> Event:
    """An event from its place and its body; ValueError or KeyError when the body is not one."""
    read = json.loads(body)
    pictures = tuple(str(p) for p in read["pictures"])
    data = read["data"]
    if not isinstance(data, dict):
        raise ValueError("data")
    return Event(
        place.seq,
        place.kind,
        place.actor,
        place.wall,
        place.monotonic_ns,
        data,
        pictures,
        place.hash(body),
    )

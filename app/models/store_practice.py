"""A case for trying the app: same chain, same interface, in memory only and gone at the end."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.models.case import CaseFacts
from app.models.chain import Place, body_bytes, genesis, head_of, read_event
from app.models.events import Event, Head, plain_json
from app.models.store_base import (
    CaseFile,
    StoreError,
    checked_kind,
    checked_original,
    checked_pictures,
    monotonic_now,
    wall_now,
)


class PracticeCase(CaseFile):
    """Nothing is written anywhere."""

    def __init__(self, facts: CaseFacts) -> None:
        self.facts = facts
        self.case_id = secrets.token_hex(16)
        self._events: list[Event] = []
        self._bodies: list[bytes] = []
        self._pictures: dict[str, bytes] = {}
        self._closed = False
        self.append("case.created", "app", {"facts": facts.to_json(), "practice": True})

    def append(
        self,
        kind: str,
        actor: str,
        data: Mapping[str, Any],
        pictures: Sequence[bytes] = (),
        original: bytes | None = None,
    ) -> Event:
        if self._closed:
            raise StoreError("case.closed")
        checked_kind(kind, actor)
        shown = checked_pictures(pictures)
        plain = plain_json(data)
        kept = checked_original(plain, original)
        body = body_bytes(plain, tuple(name for name, _ in shown))
        previous = self._events[-1].hash if self._events else genesis(self.case_id)
        seq = len(self._events) + 1
        place = Place(self.case_id, seq, kind, actor, wall_now(), monotonic_now(), previous)
        event = read_event(place, body)
        self._pictures.update([*shown, *kept])
        self._bodies.append(body)
        self._events.append(event)
        return event

    def events(self) -> Iterator[Event]:
        yield from tuple(self._events)

    def body(self, seq: int) -> bytes:
        return self._bodies[seq - 1]

    def picture(self, sha256: str) -> bytes:
        try:
            return self._pictures[sha256]
        except KeyError:
            raise StoreError("case.no_such_picture", picture=sha256) from None

    def head(self) -> Head:
        last = self._events[-1].hash if self._events else genesis(self.case_id)
        return head_of(len(self._events), last)

    def close(self, reason: str = "closed") -> None:
        self._closed = True
        self._pictures.clear()

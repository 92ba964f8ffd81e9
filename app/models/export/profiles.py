"""For whom a bundle is: what each profile holds, and what it leaves out and names by hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.models.chain import genesis
from app.models.errors import BadInput
from app.models.events import Event, original_of
from app.models.portrait import canonical
from app.models.store_base import CaseFile


@dataclass(frozen=True)
class Profile:
    """``withheld`` kinds keep their place in the chain but not their body; ``events`` is ``all``
    or ``last``; ``people`` says whether names, codes and the device appear in the manifest.
    """

    name: str
    events: str
    withheld: frozenset[str] = frozenset()
    shown: bool = False  # every picture as shown, bit for bit
    record: bool = True  # report, record, recipe, sheets of the arrays
    people: bool = True


# a voice is no part of a composite: its recording stays in the case file, named here by its hash
ALWAYS_WITHHELD = frozenset({"dictation.sound"})

PROFILES: dict[str, Profile] = {
    p.name: p
    for p in (
        Profile("full", events="all", shown=True),
        # the other side gets what was shown and chosen, not the officer's notes and read log
        Profile("defence", events="all", withheld=frozenset({"case.created", "read", "error"})),
        Profile("media", events="last", record=False, people=False),
    )
}


def profile_named(name: str) -> Profile:
    """The profile, or BadInput naming those there are."""
    if name not in PROFILES:
        raise BadInput("export.unknown_profile", profile=name, known=", ".join(PROFILES))
    return PROFILES[name]


def chain_lines(
    case: CaseFile, profile: Profile, prepared: int
) -> tuple[bytes, list[dict[str, Any]]]:
    """events.jsonl for the profile, and what it leaves out: bodies and pictures by hash.

    ``prepared``: seq of the event that prepares this export; it and what follows is always there.
    """
    lines: list[str] = []
    left_out: list[dict[str, Any]] = []
    pictures: dict[str, None] = {}
    previous = genesis(case.case_id)
    for event in case.events():
        body = case.body(event.seq)
        digest = hashlib.sha256(body).hexdigest()
        listed = profile.events == "all" or event.seq >= prepared
        has_body = listed and event.kind not in profile.withheld | ALWAYS_WITHHELD
        if listed:
            lines.append(canonical(_line(event, previous, body if has_body else None, digest)))
        if not has_body:
            left_out.append({"what": f"body of event {event.seq}", "sha256": digest})
        if (original := original_of(event.data)) is not None:  # never leaves with the portrait
            left_out.append({"what": f"original of event {event.seq}", "sha256": original})
        pictures.update(dict.fromkeys(event.pictures))
        previous = event.hash
    if not profile.shown:
        left_out += [{"what": "picture as shown", "sha256": p} for p in pictures]
    return ("\n".join(lines) + "\n").encode(), left_out


def _line(event: Event, previous: str, body: bytes | None, digest: str) -> Mapping[str, Any]:
    place = {
        "seq": event.seq,
        "kind": event.kind,
        "actor": event.actor,
        "wall": event.wall,
        "monotonic_ns": event.monotonic_ns,
        "previous": previous,
        "hash": event.hash,
    }
    # the body as the exact text that was hashed: no second program has to agree on number formats
    return (
        {**place, "body": body.decode()} if body is not None else {**place, "body_sha256": digest}
    )

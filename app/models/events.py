"""What can happen in a case, as values: one event, its kinds, and the head of their chain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.models.errors import BadInput
from app.models.portrait import canonical

ACTORS = ("witness", "officer", "model", "app")

# kind -> the fields its data carries; optional ones end in "?". Kinds are free strings, so that an
# older program can keep and show what a newer one wrote; these are the ones the report reads.
KINDS: dict[str, tuple[str, ...]] = {
    # written by the store itself
    "case.created": ("facts", "app_version"),
    "case.opened": ("host", "user", "boot", "app_version", "libraries", "after"),
    "case.closed": ("reason",),
    "clock.flagged": ("what", "from", "to", "jump_s"),
    # the interview, before any face
    "session.started": ("session", "app_version", "model?", "device?", "present?", "language?"),
    "eligibility": ("answers", "reason", "authority"),
    "description.first": ("text", "how?"),  # verbatim; how: typed, dictated, note
    "description.draft": ("text", "how?"),  # while it is typed; what was crossed out is kept too
    "description.changed": ("text", "how?", "description?"),
    # words with times and confidence; wav_sha256 of the sound; sounds: of its pieces, if kept
    "dictation.heard": ("words", "wav_sha256", "recogniser?", "sounds?"),
    "dictation.sound": ("flac", "sha256", "seconds"),  # base64 of 16 kHz mono FLAC; never exported
    # the attributes as confirmed: here, or in the description (app.models.description)
    "attributes.confirmed": ("what?", "text?", "description?", "attributes?"),
    "interview.step": ("step",),  # of app.models.guide; no step of its own
    "interview.asked": ("question", "step", "leading?"),  # by the officer, word for word
    "interview.character": ("traits",),  # the witness's judgements; never given to a model
    "hint.shown": ("question", "instead?", "why?"),
    "stage.opened": ("stage",),  # which page; no step of its own
    # arrays
    "round.asked": ("round", "seed", "strategy?", "held?", "count?", "like?", "kept?"),
    # an array drawn ahead of the answer it would follow; shown to nobody unless it is asked for
    "round.prepared": ("round", "seed", "picks", "count", "shown"),
    "face.shown": ("round", "position", "recipe"),  # one picture: the PNG as shown
    "round.shown": ("round", "recipes", "order?", "wild?"),  # pictures in the order of the tiles
    "round.answered": ("round", "answer", "picks", "ranked"),  # picked, none, not_sure, break
    # refinement
    "portrait.chosen": ("recipe", "round?", "tile?"),
    "portrait.shown": ("recipe",),  # one picture
    "portrait.edited": ("name", "from", "to", "recipe?"),  # picture: the face after it, if drawn
    "portrait.held": ("name", "held"),
    "portrait.worded": ("text", "moves", "held", "recipe"),  # picture: the face after it
    "portrait.mixed": ("how", "recipe", "region?", "faces?"),  # blend or swap; picture: the face
    # on top of the face: one drawing put on, placed anew, taken off, brought forward or back
    "overlay.added": ("index", "name", "overlay", "new"),  # name: of the drawing
    "overlay.changed": ("index", "name", "overlay"),
    "overlay.removed": ("index", "name"),
    "overlay.ordered": ("index", "name", "place"),
    # within a painted part of the face
    "region.painted": ("index", "region"),
    "region.edited": ("index", "name", "from", "to"),
    "region.removed": ("index",),
    "history.moved": ("how", "from", "to"),  # undo, redo, jump; node ids of the history tree
    "paused": ("by?",),
    "resumed": (),
    # foreign pictures, seen by the officer only; ``original``: SHA-256 of the file kept unaltered
    "pictures.opened": ("described",),  # the officer said that the witness does not see the screen
    "picture.added": ("what", "sha256", "name", "bytes", "original"),  # what: photo, sketch
    "picture.read": ("sha256", "width", "height", "turned", "faces"),
    "picture.encoded": ("sha256", "recipe", "fidelity", "steps", "measured", "face?", "frames?"),
    "picture.possible": ("sha256", "how", "recipes", "wanted?", "face?"),  # sketch, enhance
    "video.added": ("what", "sha256", "name", "bytes", "original?"),  # over 64 MB only the hash
    "video.read": ("sha256", "seconds", "fps", "persons", "complete"),
    # a face that was not made from the witness's words becomes the portrait
    "portrait.from_picture": ("recipe", "sources", "how", "fidelity?", "face?", "frames?"),
    # the end
    "portrait.accepted": ("recipe", "sources?"),  # one picture: the final portrait as shown
    "portrait.rated": ("rating", "remark"),  # 1 (not like him) to 5 (very like him)
    # a second composite by the same witness, and the morph of both
    "composite.kept": ("number", "recipe", "rating", "remark"),
    "composite.morphed": ("of", "recipe"),  # recipes; one picture: the morph as shown
    "composite.chosen": ("which", "recipe"),  # which: a number from 1, or morph; one picture
    "session.ended": ("reason?",),
    # reading and releasing
    "read": ("what",),
    "export.prepared": ("profile", "files"),  # files: {path: sha256} of all made before the report
    "export.sealed": ("profile", "files", "details_sha256"),  # the report, and the manifest's say
    "exported": ("profile", "destination", "root_sha256", "manifest_sha256"),
    "export.failed": ("profile", "code"),
    "error": ("code", "facts?"),
    "unsealed": ("what", "reason", "officer", "to"),  # passed to a lineup, which says so as well
    # a lineup's own file (app.models.lineup_record)
    "lineup.started": ("lineup", "version"),
    "lineup.described": ("text", "wanted"),
    "suspect.added": ("name", "sha256", "original?"),  # one picture: the face cut out
    "suspect.tuned": ("sha256", "weights", "seconds", "losses?"),
    "composite.unsealed": ("what", "reason", "officer", "from", "head", "text"),
    "lineup.members": ("how", "members", "policy?"),  # pictures in the order of the members
    "lineup.assessed": ("concerns",),
    "lineup.undone": (),
    "lineup.redone": (),
    "showing.started": ("number", "kind", "mode", "seed", "order", "who?", "blind?"),
    "showing.seen": ("place",),
    "showing.answered": ("answer", "place"),
    "showing.stated": ("text", "how"),
    "showing.ended": ("reason",),
}


def original_of(data: Mapping[str, Any]) -> str | None:
    """The SHA-256 (hex) of the foreign file that an event's data keeps unaltered, if it does."""
    name = data.get("original")
    return name if isinstance(name, str) and len(name) == 64 else None


@dataclass(frozen=True)
class Event:
    """One event as stored. ``seq`` counts from 1; ``wall`` is ISO 8601 with offset;
    ``monotonic_ns`` counts nanoseconds since the machine started, sleep included where the system
    can tell; ``pictures`` are SHA-256 (hex) of PNG files as shown; ``hash`` (hex) is the chain's
    value after this event.
    """

    seq: int
    kind: str
    actor: str
    wall: str
    monotonic_ns: int
    data: Mapping[str, Any]
    pictures: tuple[str, ...]
    hash: str


@dataclass(frozen=True)
class Head:
    """Where the chain stands: how many events, the last hash, and its first 88 bits as words."""

    count: int
    hash_hex: str
    words: tuple[str, ...]


def plain_json(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data as it will read back from the file; BadInput unless it is JSON values only."""
    try:
        read_back = json.loads(canonical(dict(data)))
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInput("event.not_json", why=str(error)) from error
    assert isinstance(read_back, dict)
    return read_back

"""Dictation as kept in a case: its words, and its sound in sealed pieces where policy says so."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.models.errors import BadInput
from app.models.events import Event
from app.models.speech import Word, words_from_json
from app.models.store_base import CaseFile

PIECE_S = 150  # as FLAC in base64 about 4 MB: well below the limit of one event


@dataclass(frozen=True)
class Recording:
    """One dictation: ``when`` as the event says, ``sounds`` SHA-256 of its FLAC pieces in order."""

    seq: int
    when: str
    words: tuple[Word, ...]
    sounds: tuple[str, ...]

    @staticmethod
    def from_event(event: Event) -> Recording:
        """Read a ``dictation.heard``; BadInput ``speech.unreadable`` for anything else."""
        sounds = tuple(str(name) for name in event.data.get("sounds", ()))
        words = words_from_json(event.data.get("words", ()))
        return Recording(event.seq, event.wall, words, sounds)


def sound_data(flac: bytes, seconds: float) -> dict[str, Any]:
    """The data of a ``dictation.sound`` event."""
    digest = hashlib.sha256(flac).hexdigest()
    text = base64.b64encode(flac).decode("ascii")
    return {"flac": text, "sha256": digest, "seconds": round(seconds, 3)}


def recordings(case: CaseFile) -> tuple[Recording, ...]:
    """Every dictation of a case, oldest first."""
    return tuple(
        Recording.from_event(event) for event in case.events() if event.kind == "dictation.heard"
    )


def sound_of(case: CaseFile, recording: Recording) -> tuple[bytes, ...]:
    """The FLAC pieces of a recording; BadInput ``speech.no_sound`` when one is not there."""
    found = dict(
        _piece(event.data)
        for event in case.events()
        if event.kind == "dictation.sound" and event.data.get("sha256") in recording.sounds
    )
    if not recording.sounds or set(found) != set(recording.sounds):
        raise BadInput("speech.no_sound", seq=recording.seq)
    return tuple(found[name] for name in recording.sounds)


def _piece(data: Mapping[str, Any]) -> tuple[str, bytes]:
    try:
        flac = base64.b64decode(str(data["flac"]), validate=True)
    except (KeyError, binascii.Error) as error:
        raise BadInput("speech.no_sound", seq=0) from error
    return hashlib.sha256(flac).hexdigest(), flac

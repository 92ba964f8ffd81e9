"""A lineup's members between the engine (pixels), its file (PNG and JSON) and the screen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from app.engine.api import LineupFace, SuspectFace
from app.models.errors import BadInput, PortraitError
from app.models.lineup import Measurement, Member
from app.models.lineup_record import LineupRecord
from app.models.portrait import Recipe, canonical
from app.views.png import pixels_of, png_of


def members_of(faces: Sequence[LineupFace]) -> tuple[list[Member], list[bytes]]:
    """Faces as members and PNG files for the record."""
    pictures = [png_of(face.pixels) for face in faces]
    members = []
    for face, png in zip(faces, pictures, strict=True):
        made: dict[str, Any] = {"tuned": face.tuned}
        if face.recipe is not None:
            made["recipe"] = face.recipe.to_json()
        name = hashlib.sha256(png).hexdigest()
        members.append(
            Member(face.role, face.origin, name, face.source, face.read, canonical(made))
        )
    return members, pictures


def face_of(record: LineupRecord, member: Member) -> LineupFace | None:
    """A member with its picture as the file has it; None where the picture is lost."""
    try:
        pixels = pixels_of(record.case.picture(member.picture))
    except PortraitError:
        return None
    if pixels is None:
        return None
    made = json.loads(member.made or "{}")
    recipe = Recipe.from_json(made["recipe"]) if made.get("recipe") else None
    return LineupFace(
        member.role, member.origin, member.source, recipe, member.read,
        str(made.get("tuned", "")), pixels=pixels,
    )  # fmt: skip


def faces_of(record: LineupRecord, members: Sequence[Member]) -> tuple[LineupFace, ...]:
    """All members with their pictures; BadInput where one is lost."""
    found = [face_of(record, member) for member in members]
    if any(face is None for face in found):
        raise BadInput("lineup.picture_lost")
    return tuple(face for face in found if face is not None)


def suspect_json(suspect: SuspectFace) -> dict[str, Any]:
    """What the record keeps of a suspect beside the photograph."""
    return {
        "path": suspect.path, "recipe": suspect.recipe.to_json(), "fidelity": suspect.fidelity,
        "read": [[m.attribute, m.value, m.probability] for m in suspect.read],
        "problems": list(suspect.problems),
    }  # fmt: skip


def suspect_of(record: LineupRecord) -> SuspectFace | None:
    """The suspect as the file has it, fine-tuned or not; None before there is one."""
    found: SuspectFace | None = None
    for event in record.case.events():
        if event.kind == "suspect.added":
            found = _read_suspect(record, event.data, event.pictures[0])
        elif event.kind == "suspect.tuned" and found is not None:
            recipe = Recipe.from_json(event.data["recipe"])
            pixels = pixels_of(record.case.picture(event.pictures[0])) if event.pictures else None
            found = SuspectFace(
                found.path, found.sha256, recipe, found.fidelity, found.read, found.problems,
                str(event.data["sha256"]), aligned=found.aligned,
                pixels=found.pixels if pixels is None else pixels,
            )  # fmt: skip
    return found


def _read_suspect(record: LineupRecord, data: Mapping[str, Any], picture: str) -> SuspectFace:
    aligned = pixels_of(record.case.picture(picture))
    if aligned is None:
        aligned = np.zeros((128, 128, 3), np.uint8)
    read = tuple(Measurement(str(a), str(v), float(p)) for a, v, p in data.get("read", ()))
    return SuspectFace(
        str(data.get("path", data["name"])), str(data["sha256"]),
        Recipe.from_json(data["recipe"]), str(data.get("fidelity", "fair")), read,
        tuple(data.get("problems", ())), aligned=aligned, pixels=aligned,
    )  # fmt: skip

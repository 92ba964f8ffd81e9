"""The sitting as a record: what was said, shown and chosen, read out of the case's events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.models.errors import BadInput
from app.models.events import Event, original_of
from app.models.origins import added_json, touched_by
from app.models.portrait import Recipe
from app.models.store_base import CaseFile

# an array is answered by these; "break" only interrupts it
ANSWERS = ("picked", "none", "not_sure")


@dataclass(frozen=True)
class PortraitRecord:
    """The portrait that is released, and where each of its features comes from.

    ``picture``: the PNG as the witness saw and accepted it. ``said``: attributes as confirmed;
    ``from_picture``: attributes that the officer took from a foreign picture; ``chosen``:
    (direction, amount) moved with the witness; ``invented``: attribute names that nobody mentioned
    or moved, so the model made them up. ``sources``: the foreign pictures whose face went into the
    portrait (``sha256``, ``name``, ``what``, ``seq``). ``sketch``: a PNG, if one was drawn.
    """

    recipe: Recipe
    picture: bytes
    said: tuple[Mapping[str, Any], ...] = ()
    chosen: tuple[tuple[str, float], ...] = ()
    invented: tuple[str, ...] = ()
    rating: int | None = None
    remark: str = ""
    model_card: tuple[tuple[str, str], ...] = ()
    sketch: bytes | None = None
    from_picture: tuple[Mapping[str, Any], ...] = ()
    sources: tuple[Mapping[str, Any], ...] = ()


def portrait_record(
    case: CaseFile,
    vocabulary: Sequence[str] = (),
    model_card: Sequence[tuple[str, str]] = (),
    sketch: bytes | None = None,
    directions: Mapping[str, str] | None = None,
) -> PortraitRecord:
    """The accepted portrait of a case, from its events alone; BadInput when there is none.

    ``vocabulary``: all attribute names, to tell what the model invented; ``directions``: the
    attribute that each direction moves, where the names differ.
    """
    events = tuple(case.events())
    accepted = _last(events, "portrait.accepted")
    if accepted is None:
        raise BadInput("export.no_portrait", reference=case.facts.reference)
    recipe = Recipe.from_json(accepted.data["recipe"])
    rated = _last(events, "portrait.rated", after=accepted.seq)
    confirmed = attributes_said(events)
    said = tuple(a for a in confirmed if a.get("source") != "picture")
    touched = {str(a.get("name")) for a in confirmed}
    touched |= touched_by(recipe, directions or {})
    return PortraitRecord(
        recipe=recipe,
        picture=case.picture(_picture_of(recipe, events, accepted)),
        said=said,
        chosen=recipe.edits,
        invented=tuple(name for name in vocabulary if name not in touched),
        rating=int(rated.data["rating"]) if rated and rated.data.get("rating") else None,
        remark=str(rated.data.get("remark", "")) if rated else "",
        model_card=tuple((str(k), str(v)) for k, v in model_card),
        sketch=sketch,
        from_picture=tuple(a for a in confirmed if a.get("source") == "picture"),
        sources=_sources(events, accepted),
    )


def _sources(events: Sequence[Event], accepted: Event) -> tuple[Mapping[str, Any], ...]:
    known = {str(p["sha256"]): p for p in pictures_added(events)}
    named = [str(s) for s in accepted.data.get("sources", ())]
    return tuple(known.get(s, {"sha256": s, "name": "", "what": "", "seq": 0}) for s in named)


def pictures_added(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Every foreign picture or video of the case: what, name, size, hash, and where it was added;
    ``kept`` says whether the file itself lies in the case, unaltered."""
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        if event.kind in ("picture.added", "video.added"):
            data = event.data
            facts = {k: data.get(k) for k in ("sha256", "name", "what", "bytes")}
            kept = original_of(data) is not None
            place = {"seq": event.seq, "wall": event.wall, "kept": kept}
            found.setdefault(str(data.get("sha256")), {**facts, **place})
    return list(found.values())


def _picture_of(recipe: Recipe, events: Sequence[Event], accepted: Event) -> str:
    if accepted.pictures:
        return accepted.pictures[0]
    for event in reversed(events):
        for shown, picture in shown_faces(event):
            if shown == recipe.to_json():
                return picture
    raise BadInput("export.no_picture", seq=accepted.seq)


def shown_faces(event: Event) -> list[tuple[Mapping[str, Any], str]]:
    """(recipe as JSON, SHA-256 of the PNG) for every generated face that an event shows."""
    recipes = event.data.get("recipes")
    if isinstance(recipes, list):
        return list(zip(recipes, event.pictures, strict=False))
    recipe = event.data.get("recipe")
    if isinstance(recipe, dict) and len(event.pictures) == 1:
        return [(recipe, event.pictures[0])]
    return []


def attributes_said(events: Sequence[Event]) -> tuple[Mapping[str, Any], ...]:
    """The attributes of the last confirmed description."""
    confirmed = _last(events, "attributes.confirmed")
    if confirmed is None:
        return ()
    described = confirmed.data.get("description", confirmed.data)
    found = described.get("attributes", ()) if isinstance(described, dict) else ()
    return tuple(a for a in found if isinstance(a, dict) and a.get("confirmed", True))


def session_record(case: CaseFile, portrait: PortraitRecord, with_notes: bool) -> dict[str, Any]:
    """The whole sitting as JSON values: the machine-readable twin of the report."""
    events = tuple(case.events())
    facts = case.facts.to_json()
    if not with_notes:
        facts["notes"] = ""
    first = _last(events, "session.started")
    return {
        "format": 1,
        "case": {"id": case.case_id, **facts},
        "practice": not case.kept,
        "session": {
            "started": first.wall if first else events[0].wall,
            "ended": events[-1].wall,
            "details": dict(first.data) if first else {},
        },
        "eligibility": dict(_data(_last(events, "eligibility"))),
        "interview": _entries(events, "interview.asked"),
        "character": dict(_data(_last(events, "interview.character")).get("traits", {})),
        "description_first": first_description(events),
        "description_changes": _entries(events, "description.changed"),
        "attributes": {
            "said": [dict(a) for a in portrait.said],
            "from_picture": [dict(a) for a in portrait.from_picture],
            "chosen": [{"direction": n, "amount": a} for n, a in portrait.chosen],
            "local": [edit.to_json() for edit in portrait.recipe.local if edit.edits],
            "added": added_json(portrait.recipe),
            "invented": list(portrait.invented),
        },
        "composites": _entries(events, "composite.kept")
        + _entries(events, "composite.morphed")
        + _entries(events, "composite.chosen"),
        "rounds": rounds_of(events),
        "refinement": _entries(events, "portrait.edited", drop=("recipe",)),
        "additions": [
            entry
            for kind in ("overlay.added", "overlay.changed", "overlay.removed", "region.edited")
            for entry in _entries(events, kind)
        ],
        "holds": _entries(events, "portrait.held"),
        "changes_in_words": _entries(events, "portrait.worded", drop=("recipe",)),
        "mixed_faces": _entries(events, "portrait.mixed", drop=("recipe", "faces")),
        "undone": _entries(events, "history.moved"),
        "pauses": _entries(events, "paused") + _entries(events, "resumed"),
        "clock_flags": _entries(events, "clock.flagged"),
        "portrait": {
            "recipe": portrait.recipe.to_json(),
            "rating": portrait.rating,
            "remark": portrait.remark,
            "sources": [dict(s) for s in portrait.sources],
        },
        "pictures": pictures_added(events),
        "starts": _entries(events, "portrait.from_picture", drop=("recipe",)),
        "model_card": [list(line) for line in portrait.model_card],
    }


def first_description(events: Sequence[Event]) -> dict[str, Any]:
    """The description as first given, word for word, with its place in the chain."""
    for event in events:
        if event.kind == "description.first":
            text = {"text": str(event.data.get("text", "")), "how": str(event.data.get("how", ""))}
            return {**text, "seq": event.seq, "wall": event.wall}
    return {"text": "", "how": "", "seq": 0, "wall": ""}


def rounds_of(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Every array in the order shown: its pictures by tile, and what the witness answered."""
    rounds: list[dict[str, Any]] = []
    for event in events:
        if event.kind == "round.shown":
            rounds.append(_shown_round(event))
        elif event.kind == "round.answered" and event.data.get("answer") in ANSWERS:
            for shown in reversed(rounds):
                if shown["round"] == event.data.get("round"):
                    shown.update(
                        answer=event.data.get("answer"),
                        picks=list(event.data.get("picks", ())),
                        ranked=bool(event.data.get("ranked")),
                        answered=event.wall,
                    )
                    break
    return rounds


def _shown_round(event: Event) -> dict[str, Any]:
    return {
        "round": event.data.get("round"),
        "seq": event.seq,
        "shown": event.wall,
        "seed": event.data.get("seed"),
        "pictures": list(event.pictures),
        "answer": None,
        "picks": [],
        "ranked": False,
        "answered": "",
    }


def _entries(
    events: Sequence[Event], kind: str, drop: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    return [
        {
            "seq": e.seq,
            "wall": e.wall,
            "kind": kind,
            **{k: v for k, v in e.data.items() if k not in drop},
        }
        for e in events
        if e.kind == kind
    ]


def _last(events: Sequence[Event], kind: str, after: int = 0) -> Event | None:
    found = [e for e in events if e.kind == kind and e.seq > after]
    return found[-1] if found else None


def _data(event: Event | None) -> Mapping[str, Any]:
    return event.data if event else {}

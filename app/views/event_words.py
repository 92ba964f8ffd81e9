"""What happened in one event of a case, in the officer's language: a title and its details."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.models.events import Event
from app.models.session import Stage
from app.views import terms
from app.views.rating_panel import rating_label
from app.views.stages import stage_label
from app.views.translation import tr

Data = Mapping[str, Any]
HIDDEN = ("recipe", "recipes", "files", "libraries", "description", "words", "order")
LONGEST = 400
TITLE_SAYS_ALL = (
    "face.shown", "round.shown", "round.asked", "round.answered", "portrait.chosen",
    "portrait.shown", "portrait.edited", "portrait.held", "portrait.accepted", "history.moved",
    "stage.opened", "paused", "resumed",
)  # fmt: skip


def actor_label(actor: str) -> str:
    """Who started it."""
    return {
        "witness": tr("Witness"), "officer": tr("Officer"), "model": tr("Face model"),
        "app": tr("Program"),
    }.get(actor, terms.plain(actor))  # fmt: skip


def event_title(event: Event) -> str:
    """One line; the event's own name where this version does not know it."""
    say = _titles().get(event.kind)
    if say is None:
        return terms.plain(event.kind.replace(".", " ")).capitalize()
    try:
        return say(event.data) if callable(say) else say
    except (KeyError, TypeError, ValueError):  # written by another version
        return terms.plain(event.kind.replace(".", " ")).capitalize()


def event_details(event: Event) -> list[tuple[str, str]]:
    """(field, value) for everything that can be read; latents and lists of files are left out."""
    rows: list[tuple[str, str]] = []
    if event.kind in TITLE_SAYS_ALL:
        return rows
    for name, value in event.data.items():
        text = _flat(value)
        if name not in HIDDEN and text:
            rows.append((terms.plain(name).capitalize(), text[:LONGEST]))
    return rows


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{terms.plain(str(k))}: {_flat(v)}" for k, v in value.items() if v)
    if isinstance(value, list | tuple):
        return ", ".join(_flat(v) for v in value)
    return "" if value is None else str(value)


def _titles() -> dict[str, str | Callable[[Data], str]]:
    return {**_plain_titles(), **_told_titles()}


def _plain_titles() -> dict[str, str | Callable[[Data], str]]:
    return {
        "case.created": tr("The case was made"),
        "clock.flagged": tr("The clock jumped"),
        "session.started": tr("The sitting began"),
        "session.ended": tr("The sitting ended"),
        "eligibility": tr("A question before the interview was answered"),
        "description.draft": tr("What was being written down"),
        "description.first": tr("The description as first given, word for word"),
        "description.changed": tr("The description was corrected"),
        "attributes.confirmed": tr("The features were confirmed, changed or dropped"),
        "dictation.heard": tr("Dictation was heard"),
        "interview.step": tr("Another step of the interview"),
        "interview.asked": tr("A question to the witness"),
        "interview.character": tr("What sort of person it seemed to be"),
        "hint.shown": tr("The program hinted at a leading question"),
        "portrait.shown": tr("The portrait was drawn and shown"),
        "portrait.accepted": tr("The witness accepted the portrait"),
        "resumed": tr("The break ended"),
        "export.prepared": tr("An export was prepared"),
        "export.sealed": tr("An export was sealed"),
        "export.failed": tr("An export failed"),
        "error": tr("Something went wrong"),
    }


def _told_titles() -> dict[str, str | Callable[[Data], str]]:
    return {
        "case.opened": lambda d: tr("The case was opened by {user} on {host}").format(
            user=d["user"], host=d["host"]
        ),
        "case.closed": lambda d: tr("The case was closed ({reason})").format(reason=d["reason"]),
        "stage.opened": lambda d: tr("Page: {page}").format(page=_stage(d["stage"])),
        "round.prepared": lambda d: tr("Array {number} was drawn ahead, and not shown").format(
            number=d["round"]
        ),
        "round.asked": lambda d: tr("Faces {number} were asked for").format(number=d["round"]),
        "face.shown": lambda d: tr("Face {place} of array {number} arrived").format(
            place=int(d["position"]) + 1, number=d["round"]
        ),
        "round.shown": lambda d: tr("Array {number} was shown").format(number=d["round"]),
        "round.answered": _answered,
        "portrait.chosen": lambda d: tr("Face {place} was taken to be worked on").format(
            place=int(d["tile"]) + 1
        ),
        "portrait.edited": lambda d: tr("{feature}: {low} to {high}").format(
            feature=terms.attribute_label(d["name"]), low=_number(d["from"]),
            high=_number(d["to"]),
        ),
        "portrait.held": lambda d: (
            tr("Held: {feature}") if d["held"] else tr("Let go: {feature}")
        ).format(feature=terms.attribute_label(d["name"])),
        "history.moved": lambda d: {"undo": tr("Undone"), "redo": tr("Redone")}.get(
            d["how"], tr("Back to an earlier state")
        ),
        "paused": lambda d: tr("A break began ({who})").format(who=actor_label(str(d["by"]))),
        "portrait.rated": lambda d: tr("The witness's judgement: {rating}").format(
            rating=rating_label(int(d["rating"]))
        ),
        "read": lambda d: tr("The record was read ({what})").format(what=d["what"]),
        "exported": lambda d: tr("Exported to {file}").format(file=d["destination"]),
    }


def _answered(data: Data) -> str:
    picks = ", ".join(str(int(p) + 1) for p in data["picks"])
    if data["answer"] == "picked":
        template = tr("The witness ranked: {picks}") if data["ranked"] and "," in picks else tr(
            "The witness picked: {picks}"
        )
        return template.format(picks=picks)
    return {
        "none": tr("The witness: none of these"), "break": tr("The witness asked for a break"),
    }.get(data["answer"], tr("The witness: not sure"))  # fmt: skip


def _stage(value: str) -> str:
    return stage_label(Stage(value))


def _number(value: Any) -> str:
    return f"{float(value):.2f}"

"""The eligibility questions, their answers and what speaks against going on, in words."""

from __future__ import annotations

from app.views.translation import tr


def question_text(key: str) -> str:
    """The question as the officer reads it."""
    return {
        "suspect_unknown": tr("Is the person unknown: no name, no suspect?"),
        "photos_shown": tr("Was the witness shown photographs of suspects?"),
        "other_composite_seen": tr("Has the witness seen another portrait of this person?"),
        "seen_frontally": tr("Was the face seen from the front?"),
        "view": tr("How good was the view?"),
        "time_since": tr("How long ago was it?"),
        "could_recognise": tr("Would the witness recognise this person?"),
    }[key]


def value_text(key: str, value: str) -> str:
    """One answer as it stands on its button."""
    return {
        "yes": tr("Yes"), "no": tr("No"), "unsure": tr("Not sure"), "partly": tr("Partly"),
        "perhaps": tr("Perhaps"), "good": tr("Good"), "fair": tr("Fair"), "poor": tr("Poor"),
        "under_6_hours": tr("Under 6 hours"), "6_to_36_hours": tr("6 to 36 hours"),
        "2_to_7_days": tr("2 to 7 days"), "over_a_week": tr("Over a week"),
    }[value]  # fmt: skip


def concern_text(key: str) -> str:
    """Why an answer speaks against making a portrait."""
    return {
        "suspect_unknown": tr("There is a suspect: a lineup may be the right way, not a portrait."),
        "photos_shown": tr("Photographs were shown: they may have changed the memory."),
        "other_composite_seen": tr("Another portrait was seen: it may have changed the memory."),
        "seen_frontally": tr("The face was not seen from the front."),
        "could_recognise": tr("The witness would not recognise the person."),
    }[key]

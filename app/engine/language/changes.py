"""Wishes about a face already there as the values that the window and the engine exchange."""

from __future__ import annotations

from app.engine.api import WordedChange
from app.engine.language.edits import EditIntent, edits


def changes(text: str, language: str = "en") -> tuple[WordedChange, ...]:
    """All wishes of a text in order. Raises BadInput ``language.unknown``."""
    return tuple(_change(intent) for intent in edits(text, language))


def _change(intent: EditIntent) -> WordedChange:
    return WordedChange(
        intent.name, intent.value, intent.delta, intent.hold, intent.release, intent.years,
        intent.span, intent.text,
    )  # fmt: skip

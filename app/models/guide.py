"""The guided interview as values: its steps, the questions asked, and the character judgements.

The steps are those of the cognitive interview (Fisher and Geiselman 1992; NIJ guide 1999): rapport,
the scene brought back, free telling, open questions, another order, and reading back at the close.
Before the close comes the holistic or character interview (Frowd et al. 2008, J. Exp. Psychol.
Appl.): a minute of thinking about the person, then seven judgements. They help the witness
to see the face as a whole; they say nothing about the person and never reach the face model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

STEPS = ("welcome", "scene", "telling", "questions", "order", "character", "close")
TRAITS = (
    "intelligence", "friendliness", "kindness", "selfishness", "arrogance", "distinctiveness",
    "aggressiveness",
)  # fmt: skip
LEVELS = ("low", "medium", "high")


@dataclass(frozen=True)
class Guide:
    """Where the interview is: ``step`` of STEPS, and the judgements given, by trait."""

    step: str = STEPS[0]
    seen: tuple[str, ...] = (STEPS[0],)
    traits: tuple[tuple[str, str], ...] = ()

    def at(self, step: str) -> Guide:
        """The same at another step; ValueError for an unknown one."""
        if step not in STEPS:
            raise ValueError(f"{step!r} is no step of the interview")
        seen = tuple(s for s in STEPS if s in self.seen or s == step)
        return replace(self, step=step, seen=seen)

    def level(self, trait: str) -> str | None:
        """The judgement of one trait, None while there is none."""
        return dict(self.traits).get(trait)

    def with_level(self, trait: str, level: str) -> Guide:
        """The same with one judgement given or changed; ValueError for unknown ones."""
        if trait not in TRAITS or level not in LEVELS:
            raise ValueError(f"{trait!r}, {level!r}: no judgement of character")
        given = {**dict(self.traits), trait: level}
        return replace(self, traits=tuple((t, given[t]) for t in TRAITS if t in given))

    def to_json(self) -> dict[str, Any]:
        """The judgements as JSON values, for the event ``interview.character``."""
        return {"traits": dict(self.traits)}

    def with_json(self, data: Mapping[str, Any]) -> Guide:
        """The same with the judgements that ``to_json`` wrote; unknown ones are dropped."""
        given = dict(data["traits"])
        known = tuple((t, given[t]) for t in TRAITS if given.get(t) in LEVELS)
        return replace(self, traits=known)

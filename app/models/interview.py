"""The interview before the first face: eligibility questions, their answers, and the gate.

Questions follow what police procedures ask on paper (Surrey, Essex and Thames Valley E-FIT
procedures; NIJ 1999 guide): is the offender unknown, were photographs shown, how long ago, was
the face seen well, was another composite seen. The gate never refuses by itself: it says what
speaks against going on, and the officer goes on with a reason and an authority, which are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Question:
    """One question: its key, the values it can take, and those that speak against going on."""

    key: str
    values: tuple[str, ...]
    against: tuple[str, ...] = ()


QUESTIONS: tuple[Question, ...] = (
    Question("suspect_unknown", ("yes", "no", "unsure"), against=("no",)),
    Question("photos_shown", ("no", "yes", "unsure"), against=("yes",)),
    Question("other_composite_seen", ("no", "yes", "unsure"), against=("yes",)),
    Question("seen_frontally", ("yes", "partly", "no"), against=("no",)),
    Question("view", ("good", "fair", "poor")),
    Question("time_since", ("under_6_hours", "6_to_36_hours", "2_to_7_days", "over_a_week")),
    Question("could_recognise", ("yes", "perhaps", "no"), against=("no",)),
)


@dataclass(frozen=True)
class Eligibility:
    """Answers so far, and the reason and authority if the officer went on all the same."""

    answers: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    authority: str = ""

    def answer(self, key: str) -> str | None:
        """The answer to one question, None while it is open."""
        return dict(self.answers).get(key)

    def with_answer(self, key: str, value: str) -> Eligibility:
        """The same with one answer given or changed; KeyError or ValueError on unknown ones."""
        question = {q.key: q for q in QUESTIONS}[key]
        if value not in question.values:
            raise ValueError(f"{value!r} is not an answer to {key}")
        return replace(self, answers=tuple(sorted({**dict(self.answers), key: value}.items())))

    def with_authority(self, reason: str, authority: str) -> Eligibility:
        """The same with the officer's reason for going on and who authorised it."""
        return replace(self, reason=reason.strip(), authority=authority.strip())

    @property
    def is_complete(self) -> bool:
        """Whether every question has an answer."""
        return all(self.answer(q.key) is not None for q in QUESTIONS)

    @property
    def concerns(self) -> tuple[str, ...]:
        """Keys of the questions whose answers speak against making a composite."""
        return tuple(q.key for q in QUESTIONS if self.answer(q.key) in q.against)

    @property
    def may_proceed(self) -> bool:
        """Complete, and either nothing speaks against it or a reason and an authority are given."""
        return self.is_complete and (not self.concerns or bool(self.reason and self.authority))

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return {"answers": dict(self.answers), "reason": self.reason, "authority": self.authority}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Eligibility:
        """Read what ``to_json`` wrote; unknown questions are dropped."""
        known = {q.key: q for q in QUESTIONS}
        answers = {
            k: v
            for k, v in dict(data.get("answers", {})).items()
            if k in known and v in known[k].values
        }
        return Eligibility(
            tuple(sorted(answers.items())),
            str(data.get("reason", "")),
            str(data.get("authority", "")),
        )

"""A round: faces offered together, in the order shown, and what the witness said to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from app.models.errors import BadInput
from app.models.portrait import Recipe


class Answer(Enum):
    """What the witness said to an array."""

    picked = "picked"
    none = "none"
    not_sure = "not_sure"


@dataclass(frozen=True)
class Round:
    """One array. ``faces`` in the order of their tiles; ``picks`` are tile indices, best first.

    ``ranked`` says whether the order of ``picks`` means anything; ``held`` are the directions or
    attributes held while the array was proposed; ``wild`` is the tile of the wild card, if any.
    """

    number: int
    faces: tuple[Recipe, ...]
    seed: int
    answer: Answer | None = None
    picks: tuple[int, ...] = ()
    ranked: bool = False
    held: tuple[str, ...] = ()
    wild: int | None = None

    def answered(self, answer: Answer, picks: tuple[int, ...] = (), ranked: bool = False) -> Round:
        """The round with the witness's answer; picks must be distinct tiles of this array."""
        if len(set(picks)) != len(picks) or any(not 0 <= p < len(self.faces) for p in picks):
            raise BadInput("round.bad_picks", picks=picks, faces=len(self.faces))
        if (answer is Answer.picked) != bool(picks):
            raise BadInput("round.answer_without_pick", answer=answer.value, picks=picks)
        return replace(self, answer=answer, picks=tuple(picks), ranked=ranked)

    @property
    def picked_faces(self) -> tuple[Recipe, ...]:
        """The recipes picked, best first."""
        return tuple(self.faces[i] for i in self.picks)

    def to_json(self) -> dict[str, Any]:
        """JSON values of the whole round."""
        return {
            "number": self.number,
            "seed": self.seed,
            "faces": [face.to_json() for face in self.faces],
            "answer": self.answer.value if self.answer else None,
            "picks": list(self.picks),
            "ranked": self.ranked,
            "held": list(self.held),
            "wild": self.wild,
        }

    @staticmethod
    def from_json(data: dict[str, Any]) -> Round:
        """Read what ``to_json`` wrote."""
        try:
            bare = Round(
                number=int(data["number"]),
                faces=tuple(Recipe.from_json(face) for face in data["faces"]),
                seed=int(data["seed"]),
                held=tuple(str(h) for h in data.get("held", ())),
                wild=data.get("wild"),
            )
            if data.get("answer") is None:
                return bare
            picks = tuple(int(p) for p in data.get("picks", ()))
            return bare.answered(Answer(data["answer"]), picks, bool(data.get("ranked")))
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput("round.unreadable", why=str(error)) from error

"""A lineup as values: its members, where each comes from, how it was shown, what was answered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from app.models.errors import BadInput
from app.models.fairness import Figures, figures

SUSPECT = "suspect"
FILLER = "filler"
# rendered: drawn by the model from a photograph; matched: the photograph itself, made alike
ORIGINS = ("rendered", "matched", "generated", "interpolated", "photo_rendered", "photo_matched")
ANSWERS = ("picked", "none", "not_sure")
MODES = ("simultaneous", "sequential")
LEAST, MOST = 2, 24


@dataclass(frozen=True)
class Measurement:
    """What the attribute net reads: vocabulary name, value, and calibrated probability 0..1."""

    attribute: str
    value: str
    probability: float


@dataclass(frozen=True)
class Member:
    """One picture of the array and its origin.

    ``picture``: SHA-256 (hex) of the PNG as shown. ``source``: the file it came from, or the words
    of how it was made; ``made``: plain values for the record (recipe, page, seed, distances).
    """

    role: str
    origin: str
    picture: str
    source: str = ""
    read: tuple[Measurement, ...] = ()
    made: str = ""  # canonical JSON, so that members stay comparable

    def value(self, attribute: str) -> str:
        """What was read for an attribute; empty where nothing was."""
        return next((m.value for m in self.read if m.attribute == attribute), "")

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return {**asdict(self), "read": [asdict(m) for m in self.read]}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Member:
        """Read what ``to_json`` wrote; BadInput on anything else."""
        try:
            known = {f.name for f in fields(Member)} - {"read"}
            read = tuple(
                Measurement(str(m["attribute"]), str(m["value"]), float(m["probability"]))
                for m in data.get("read", ())
            )
            member = Member(**{k: str(data[k]) for k in known if k in data}, read=read)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadInput("lineup.unreadable", why=str(error)) from error
        if member.role not in (SUSPECT, FILLER) or member.origin not in ORIGINS:
            raise BadInput("lineup.unreadable", why=f"{member.role}, {member.origin}")
        return member


@dataclass(frozen=True)
class Concern:
    """A fairness warning about the array as it stands.

    ``kind``: ``stands_out`` (one attribute), ``stands_out_overall``, ``central`` (the suspect is
    what all fillers were made like), ``too_alike``, ``look``. ``member`` counts from 0;
    ``other`` is the second of a pair that is too alike.
    """

    kind: str
    member: int
    attribute: str = ""
    value: str = ""
    other: int | None = None
    amount: float = 0.0


def drawn_order(count: int, seed: int) -> tuple[int, ...]:
    """Which member stands at each place, by lot: anybody can draw it again from the seed.

    Members are sorted by SHA-256 of ``lineup SEED MEMBER``, which no officer can steer.
    """

    def lot(member: int) -> str:
        return hashlib.sha256(f"lineup {seed} {member}".encode()).hexdigest()

    return tuple(sorted(range(count), key=lot))


@dataclass(frozen=True)
class Answer:
    """One answer to one array. ``place``: where the chosen picture stood, from 0; None unless
    picked. ``member``: who it was. ``statement``: the person's own words on how sure they are."""

    answer: str
    place: int | None = None
    member: int | None = None
    statement: str = ""
    who: str = ""

    def __post_init__(self) -> None:
        if self.answer not in ANSWERS or (self.answer == "picked") != (self.place is not None):
            raise BadInput("lineup.bad_answer", answer=self.answer)


@dataclass(frozen=True)
class Showing:
    """One presentation to one person; ``order[place]`` is the member there, drawn from ``seed``."""

    number: int
    kind: str  # mock or witness
    mode: str
    seed: int
    order: tuple[int, ...]
    who: str = ""
    blind: bool = True
    answer: Answer | None = None
    seen: tuple[int, ...] = ()  # places as they were shown, sequential
    ended: bool = False


@dataclass(frozen=True)
class Lineup:
    """Everything about one lineup: description, array, presentations. Fold of its journal."""

    description: str = ""
    wanted: tuple[Mapping[str, Any], ...] = ()
    photo: str = ""  # name of the suspect's photograph
    members: tuple[Member, ...] = ()
    earlier: tuple[tuple[Member, ...], ...] = ()  # arrays before this one, newest last: undo
    later: tuple[tuple[Member, ...], ...] = ()  # arrays taken back: redo
    concerns: tuple[Concern, ...] = ()
    showings: tuple[Showing, ...] = ()
    policy: str = "rendered"
    tuned: str = ""  # SHA-256 of this lineup's own fine-tuned weights
    unsealed: int = 0  # how often something was brought in from a composite case

    @property
    def suspect(self) -> int | None:
        """The suspect's index among the members, None for an array without one."""
        return next((i for i, m in enumerate(self.members) if m.role == SUSPECT), None)

    @property
    def is_shown(self) -> bool:
        """Whether a witness has seen the array: from then on it does not change."""
        return any(s.kind == "witness" for s in self.showings)

    @property
    def open_showing(self) -> Showing | None:
        """The presentation under way, if any."""
        last = self.showings[-1] if self.showings else None
        return last if last is not None and not last.ended else None

    def mock_choices(self) -> tuple[int, ...]:
        """Numbers (1 ... k, by member) that mock witnesses chose; other answers do not count."""
        return tuple(
            s.answer.member + 1
            for s in self.showings
            if s.kind == "mock" and s.answer is not None and s.answer.member is not None
        )

    def figures(self) -> Figures | None:
        """Fairness from the mock witnesses so far; None before the first choice."""
        choices = self.mock_choices()
        if not choices or len(self.members) < LEAST:
            return None
        suspect = self.suspect
        return figures(choices, len(self.members), None if suspect is None else suspect + 1)

    def with_members(self, members: Sequence[Member]) -> Lineup:
        """Another array; the one before can be had back, mock answers to it are let go."""
        if self.is_shown:
            raise BadInput("lineup.shown_already")
        earlier = (*self.earlier, self.members) if self.members else self.earlier
        return replace(self, members=tuple(members), earlier=earlier, later=(), showings=(),
                       concerns=())  # fmt: skip

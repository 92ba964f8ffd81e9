"""One witness's sitting as a value, and the pure steps from one state to the next."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from app.models.description import Description
from app.models.errors import BadInput
from app.models.guide import Guide
from app.models.interview import Eligibility
from app.models.overlay import Overlay
from app.models.portrait import Recipe
from app.models.region import LocalEdit
from app.models.round import Answer, Round


class Stage(Enum):
    """Where the sitting is; pages follow it, and the witness never sees these names."""

    interview = "interview"
    description = "description"
    round = "round"
    refine = "refine"
    validation = "validation"
    export = "export"


def _empty_description() -> Description:
    return Description(text="", attributes=(), unread=(), language="en")


@dataclass(frozen=True)
class Session:
    """Everything the loop knows. Steps return a new session and never look at the model.

    ``portrait`` is the face being worked on; ``baseline`` the last one the witness chose, which
    before/after and drift compare with; ``held`` are direction or attribute names that must not
    move; ``rating`` is the witness's own, 1 (not like him) to 5 (very like him), never a machine's;
    ``composites`` are portraits that the same witness finished before beginning again;
    ``sources``: SHA-256 of the foreign pictures that went into the portrait, ``offered_sources``
    those that went into the last array; they stay until the end, whatever was moved since.
    """

    stage: Stage = Stage.interview
    eligibility: Eligibility = field(default_factory=Eligibility)
    guide: Guide = field(default_factory=Guide)
    recall: str = ""
    description: Description = field(default_factory=_empty_description)
    rounds: tuple[Round, ...] = ()
    portrait: Recipe | None = None
    baseline: Recipe | None = None
    held: tuple[str, ...] = ()
    rating: int | None = None
    remark: str = ""
    composites: tuple[Recipe, ...] = ()
    sources: tuple[str, ...] = ()
    offered_sources: tuple[str, ...] = ()
    composite_sources: tuple[tuple[str, ...], ...] = ()  # of each of ``composites``

    # ---- interview and description

    def with_eligibility(self, eligibility: Eligibility) -> Session:
        """The session with answers to the eligibility questions."""
        return replace(self, eligibility=eligibility)

    def with_guide(self, guide: Guide) -> Session:
        """The session at another step of the interview, or with a judgement of character."""
        return replace(self, guide=guide)

    def with_recall(self, text: str) -> Session:
        """The session with the free recall, word for word."""
        return replace(self, recall=text)

    def with_description(self, description: Description) -> Session:
        """The session with a read, corrected or confirmed description."""
        return replace(self, description=description)

    def at(self, stage: Stage) -> Session:
        """The session at another stage; a stage that needs a portrait refuses without one."""
        needs_portrait = stage in (Stage.refine, Stage.validation, Stage.export)
        if needs_portrait and self.portrait is None:
            raise BadInput("session.no_portrait", stage=stage.value)
        return replace(self, stage=stage)

    # ---- rounds

    @property
    def open_round(self) -> Round | None:
        """The last round, if it was shown and not yet answered."""
        if self.rounds and self.rounds[-1].answer is None:
            return self.rounds[-1]
        return None

    @property
    def answered_rounds(self) -> tuple[Round, ...]:
        """Rounds that have an answer, oldest first."""
        return tuple(r for r in self.rounds if r.answer is not None)

    def with_round(self, offered: Round) -> Session:
        """The session with a new array on the table; an unanswered older one is replaced."""
        kept = self.answered_rounds
        before = self.offered_sources if kept else ()
        sources = tuple(dict.fromkeys((*before, *self.sources)))
        rounds = (*kept, offered)
        return replace(self, rounds=rounds, stage=Stage.round, offered_sources=sources)

    def with_answer(
        self, answer: Answer, picks: tuple[int, ...] = (), ranked: bool = False
    ) -> Session:
        """The open round answered; the best pick becomes the portrait and the new baseline."""
        if self.open_round is None:
            raise BadInput("session.no_open_round")
        done = self.open_round.answered(answer, picks, ranked)
        session = replace(self, rounds=(*self.rounds[:-1], done))
        if not done.picks:
            return session
        best = done.faces[done.picks[0]]
        if self.portrait is not None:  # a hat that was put on stays on
            best = best.with_overlays(self.portrait.overlays)
        sources = self.offered_sources
        return replace(session, portrait=best, baseline=best, rating=None, sources=sources)

    # ---- refinement

    def with_portrait(self, portrait: Recipe) -> Session:
        """The session with another portrait; a rating belongs to the portrait it was given to."""
        return replace(self, portrait=portrait, rating=None)

    def with_chosen(self, portrait: Recipe) -> Session:
        """One face of the last array as the portrait, with the pictures that went into it."""
        chosen = self.with_portrait(portrait).with_accepted()
        return replace(chosen, sources=self.offered_sources)

    def with_mixture(self, portrait: Recipe) -> Session:
        """The portrait mixed with faces of arrays, with every picture that went into any."""
        sources = tuple(dict.fromkeys((*self.sources, *self.offered_sources)))
        return replace(self.with_portrait(portrait).with_accepted(), sources=sources)

    def with_start(self, portrait: Recipe, sources: tuple[str, ...]) -> Session:
        """A face made from foreign pictures as the portrait; they stay named to the end."""
        return replace(self.with_portrait(portrait).with_accepted(), sources=sources)

    def with_accepted(self) -> Session:
        """The portrait as it stands becomes the baseline."""
        return replace(self, baseline=self.portrait)

    def with_edit(self, name: str, amount: float) -> Session:
        """One slider moved; refuses a held direction."""
        if self.portrait is None:
            raise BadInput("session.no_portrait", stage=self.stage.value)
        if name in self.held:
            raise BadInput("session.held", name=name)
        return self.with_portrait(self.portrait.with_edit(name, amount))

    @property
    def overlays(self) -> tuple[Overlay, ...]:
        """What lies on the portrait, the lowest first."""
        return () if self.portrait is None else self.portrait.overlays

    def with_overlays(self, overlays: tuple[Overlay, ...]) -> Session:
        """The portrait with other things on it; the face stays."""
        if self.portrait is None:
            raise BadInput("session.no_portrait", stage=self.stage.value)
        return self.with_portrait(self.portrait.with_overlays(overlays))

    def with_local(self, local: tuple[LocalEdit, ...]) -> Session:
        """The portrait with other local edits."""
        if self.portrait is None:
            raise BadInput("session.no_portrait", stage=self.stage.value)
        return self.with_portrait(self.portrait.with_local(local))

    def with_hold(self, name: str, held: bool) -> Session:
        """A direction or attribute held, or let go."""
        names = set(self.held) | {name} if held else set(self.held) - {name}
        return replace(self, held=tuple(sorted(names)))

    # ---- a second composite

    def begun_again(self) -> Session:
        """The finished portrait put aside, and everything after the description from the start."""
        if self.portrait is None:
            raise BadInput("session.no_portrait", stage=self.stage.value)
        return replace(
            self, stage=Stage.round, rounds=(), portrait=None, baseline=None, held=(),
            rating=None, remark="", composites=(*self.composites, self.portrait), sources=(),
            offered_sources=(), composite_sources=(*self.composite_sources, self.sources),
        )  # fmt: skip

    def with_settled(self, portrait: Recipe, which: str) -> Session:
        """The finished portrait (a number from 1) or the mixture of all that is most like."""
        every = (*self.composite_sources, self.sources)
        one = every[int(which) - 1 :][:1] if which.isdigit() and int(which) else every
        sources = tuple(dict.fromkeys(s for sources in one for s in sources))
        return replace(self.with_portrait(portrait).with_accepted(), sources=sources)

    def accepted_json(self) -> dict[str, Any]:
        """What is written down when the witness accepts the portrait as it stands."""
        if self.portrait is None:
            raise BadInput("session.no_portrait", stage=self.stage.value)
        out: dict[str, Any] = {"recipe": self.portrait.to_json()}
        return {**out, "sources": list(self.sources)} if self.sources else out

    # ---- validation

    def with_rating(self, rating: int, remark: str = "") -> Session:
        """The witness's own rating, 1 to 5, and remark in the witness's words."""
        if not 1 <= rating <= 5:
            raise BadInput("session.bad_rating", rating=rating)
        return replace(self, rating=rating, remark=remark)

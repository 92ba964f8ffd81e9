"""The array that would follow the picks made so far, drawn while the witness still looks.

What is prepared is journalled as not shown, and shown only if it is asked for as it was prepared.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.engine.api import PrepareFaces, ProposeFaces
from app.models.errors import PortraitError
from app.models.portrait import Recipe
from app.models.replay import next_round_number
from app.models.round import Answer
from app.models.session import Session

if TYPE_CHECKING:
    from app.views.state import State


def array_request(session: Session, count: int, like: Recipe | None = None) -> ProposeFaces:
    """The question for the next array; its seed is new each time."""
    return ProposeFaces(
        wanted=session.description.confirmed_attributes(),
        rounds=session.answered_rounds,
        portrait=None if session.portrait is None else session.portrait.bare(),
        held=session.held,
        count=count,
        seed=secrets.randbelow(2**31),
        like=like,
    )


class Ahead:
    """At most one array that was prepared, or is being so."""

    def __init__(self, controller: State) -> None:
        self._controller = controller
        self._request: ProposeFaces | None = None

    def prepare(self, picks: Sequence[int], ranked: bool, count: int) -> None:
        """Draw what would follow if ``picks`` were the answer; nothing waits for it."""
        controller = self._controller
        session = controller.session
        ready = controller.model_ready and controller.may_write and not controller.is_paused
        if not picks or not ready or session.open_round is None:
            return
        try:
            after = session.with_answer(Answer.picked, tuple(picks), ranked)
        except PortraitError:
            return  # picks that are no answer
        request = array_request(after, count)
        if self._request is not None and _alike(request, self._request):
            return
        self._request = request
        controller.jobs.start(
            PrepareFaces(request), lambda ready: self._journal(request, picks, ready), _ignored
        )

    def _journal(self, request: ProposeFaces, picks: Sequence[int], ready: int) -> None:
        controller = self._controller
        if self._request is not request or not controller.may_write:
            return
        if controller.exporter.is_running:
            return
        number = next_round_number(controller.history)
        data = {
            "round": number, "seed": request.seed, "picks": list(picks), "count": ready,
            "shown": False,
        }  # fmt: skip
        controller.record("round.prepared", data, actor="app")

    def taken(self, request: ProposeFaces) -> ProposeFaces:
        """The request as it was prepared, where it is the same but for its seed."""
        ready, self._request = self._request, None
        return ready if ready is not None and _alike(request, ready) else request

    def forget(self) -> None:
        """Neither keep nor finish anything (the case is closed)."""
        if self._request is not None:
            self._request = None
            if self._controller.model_ready:
                self._controller.jobs.start(PrepareFaces(None), _ignored, _ignored)


def _alike(one: ProposeFaces, other: ProposeFaces) -> bool:
    return replace(one, seed=other.seed) == other


def _ignored(result: object) -> None:
    """Nothing is waiting: a failure shows when the array is asked for."""

"""An open case with its history: every change is in the file before the state takes it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from app.models.errors import BadInput, PortraitError
from app.models.events import Event, plain_json
from app.models.history import History
from app.models.portrait import Recipe
from app.models.replay import pictures_shown, step
from app.models.session import Session
from app.models.store_base import CaseFile, wall_now

TURNING = ("stage.opened", "interview.step", "history.moved")


class Journal:
    """One case file, the history its events give, and where the pictures it showed are."""

    def __init__(self, case: CaseFile) -> None:
        """Read all events. Raises StoreError, or BadInput when they do not fit each other.

        Of a damaged case, which is open for reading only, what does not fit is passed over, so
        that the rest can be looked at. ``foreign``: what is known of each foreign picture or video
        that was added, by its SHA-256 (``what``, ``name``, ``bytes``, ``original``).
        """
        self.case = case
        self.history: History[Session] = History.start(Session())
        self._pictures: dict[str, str] = {}
        self.foreign: dict[str, Mapping[str, Any]] = {}
        self.is_new = True
        self.has_dictation = False
        for event in case.events():
            if event.kind == "lineup.started":  # a hard wall: see lineup_record.unseal
                raise BadInput("lineup.is_lineup", reference=case.facts.reference)
            with contextlib.suppress(*((BadInput,) if case.problems else ())):
                self.take(event)
            self.is_new = self.is_new and event.kind != "session.started"

    @property
    def session(self) -> Session:
        """The state at the head."""
        return self.history.state

    def record(
        self,
        kind: str,
        actor: str,
        data: Mapping[str, Any],
        pictures: Sequence[bytes] = (),
        original: bytes | None = None,
    ) -> Event:
        """Append one event, then take its step.

        The step is tried first on a copy: an event that does not fit (BadInput) never reaches the
        file, and one that the file refuses (StoreError) never reaches the state.
        """
        trial = Event(0, kind, actor, wall_now(), 0, plain_json(data), (), "")
        moved = step(self.history, trial)
        if self.case.read_only and kind in TURNING:
            self.history = moved  # a reader may turn pages; nothing is written
            return trial
        event = self.case.append(kind, actor, data, pictures, original)
        self.take(event)
        return event

    def picture(self, recipe: Recipe) -> bytes | None:
        """The PNG as it was shown, if this face ever was; needs no model."""
        sha256 = self._pictures.get(recipe.id)
        if sha256 is None:
            return None
        try:
            return self.case.picture(sha256)
        except PortraitError:
            return None

    def has_picture(self, recipe: Recipe) -> bool:
        """Whether this face was ever shown."""
        return recipe.id in self._pictures

    def take(self, event: Event) -> None:
        """Take the step of an event that is in the file."""
        self.history = step(self.history, event)
        self._pictures.update(pictures_shown(event))
        self.has_dictation = self.has_dictation or event.kind == "dictation.heard"
        if event.kind in ("picture.added", "video.added"):
            self.foreign[str(event.data.get("sha256", ""))] = event.data

"""Generated faces drawn again from their recipes, held against the pixels as shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.models.events import Event
from app.models.export.record import shown_faces
from app.models.portrait import canonical

TOLERANCE = 1  # of 255 grey levels; exact on the set-up that drew the face
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class FaceShown:
    """One face as an event showed it; ``tile`` counts from 1, ``picture`` is the PNG's SHA-256."""

    seq: int
    kind: str
    tile: int
    recipe: Mapping[str, Any]
    picture: str

    @property
    def where(self) -> str:
        """How it is named to people."""
        return f"event {self.seq} ({self.kind}), face {self.tile}"


def faces_shown(events: Iterable[Event]) -> tuple[FaceShown, ...]:
    """Each pair of recipe and picture once, where it was shown first."""
    found: dict[tuple[str, str], FaceShown] = {}
    for event in events:
        for tile, (recipe, picture) in enumerate(shown_faces(event), start=1):
            face = FaceShown(event.seq, event.kind, tile, recipe, picture)
            found.setdefault((canonical(recipe), picture), face)
    return tuple(found.values())


def difference(drawn: Pixels, shown: Pixels) -> int | None:
    """The largest difference in grey levels, None when the sizes differ."""
    if drawn.shape != shown.shape:
        return None
    return int(np.abs(drawn.astype(np.int16) - shown.astype(np.int16)).max())

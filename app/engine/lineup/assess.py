"""An array looked at as a whole: attribute table, who stands out, who is too alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.engine.api import AssessLineup, Assessment, LineupFace
from app.engine.lineup.fillers import MUST_BE_APART
from app.engine.lineup.identity import Floats
from app.engine.lineup.looks import odd_ones
from app.engine.lineup.studio import Check, Emit, Studio, studio_of
from app.engine.photo import MEASURES
from app.models.errors import BadInput
from app.models.lineup import LEAST, MOST, SUSPECT, Concern

if TYPE_CHECKING:
    from app.engine.runtime import Runtime

# not what a witness would name, or read too weakly to be held against an array
PASSED_OVER = frozenset({"eye_color", "hair_type", "face_shape", "hair_style"})
SURE, SURE_OF_FILLER = 0.6, 0.8  # probability from which a reading counts as seen
POSSIBLE = 0.3  # probability from which another member may share it
YEARS, MEASURE_SD = 9.0, 1.1  # within which ages and measures count as shared
SUSPECT_SHARE, FILLER_SHARE = 0.4, 0.01  # of the others that must share it
CENTRAL = 0.82  # of the others' mean distance, below which the suspect is the middle
FAR = 1.3


def assess_lineup(
    runtime: Runtime, request: AssessLineup, emit: Emit, check: Check
) -> Assessment:
    """Answer ``AssessLineup``."""
    if not LEAST <= len(request.faces) <= MOST:
        raise BadInput("lineup.bad_count", count=len(request.faces), most=MOST)
    return assessed(studio_of(runtime), request.faces)


def assessed(studio: Studio, faces: Sequence[LineupFace]) -> Assessment:
    """Table, concerns (the suspect's first) and distances."""
    pixels = np.stack([f.pixels for f in faces])
    read = studio.net.read(pixels)
    words = [studio.words(read, i) for i in range(len(faces))]
    attributes = [m.attribute for m in words[0]]
    table = tuple(
        (a, tuple(next((m.value for m in w if m.attribute == a), "") for w in words))
        for a in attributes
    )
    points = studio.identity.points(read.code)
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    suspect = next((i for i, f in enumerate(faces) if f.role == SUSPECT), None)
    concerns = [
        *_attribute_concerns(studio.net, read, words, suspect),
        *_overall(distances, suspect),
        *_too_alike(distances),
        *(Concern("look", i, what, "", None, round(by, 2))
          for i, what, by in odd_ones([f.pixels for f in faces])),
    ]  # fmt: skip
    concerns.sort(key=lambda c: (c.member != suspect, c.member))
    rounded = tuple(tuple(round(float(d), 3) for d in row) for row in distances)
    return Assessment(table, tuple(concerns), rounded)


# ------------------------------------------------------------------ attributes


def _attribute_concerns(
    net: Any, read: Any, words: Sequence[Sequence[Any]], suspect: int | None
) -> list[Concern]:
    found = []
    for member, own in enumerate(words):
        least = SUSPECT_SHARE if member == suspect else FILLER_SHARE
        others = [i for i in range(len(words)) if i != member]
        for m in own:
            if m.attribute in PASSED_OVER or not _sure(m, member == suspect):
                continue
            share = float(np.mean([_shares(net, read, m, member, i) for i in others]))
            if share < least:
                found.append(Concern("stands_out", member, m.attribute, m.value, None, share))
    return found


def _sure(m: Any, is_suspect: bool) -> bool:
    """Whether a reading is clear enough to be called seen; ages always are."""
    if m.attribute == "age":
        return True
    if m.attribute in _MEASURED and m.value in ("average", "rounded"):
        return False
    return bool(m.probability >= (SURE if is_suspect else SURE_OF_FILLER))


_MEASURED = {attribute: name for name, (attribute, _, _) in MEASURES.items()}


def _shares(net: Any, read: Any, m: Any, member: int, other: int) -> bool:
    """Whether another member may count as having the same value."""
    if m.attribute == "age":
        gap = float(read.scalars["age"][member] - read.scalars["age"][other])
        return abs(gap) <= YEARS
    if m.attribute in _MEASURED:
        name = _MEASURED[m.attribute]
        _, _, sd = next(s for s in net.shape.scalars if s[0] == name)
        gap = float(read.scalars[name][member] - read.scalars[name][other]) / sd
        return abs(gap) <= MEASURE_SD
    p = read.probabilities[m.attribute][other]
    return bool(p[net.values(m.attribute).index(m.value)] >= POSSIBLE)


# ------------------------------------------------------------------ the face as a whole


def _overall(distances: Floats, suspect: int | None) -> list[Concern]:
    """Who is unlike all others; and the suspect in the middle of all others."""
    n = len(distances)
    if n < 4:
        return []
    found = []
    mean = distances.sum(1) / (n - 1)
    for i in range(n):
        rest = np.delete(np.delete(distances, i, 0), i, 1)
        usual = float(rest[np.triu_indices(n - 1, 1)].mean())
        ratio = float(mean[i]) / max(usual, 1e-6)
        if ratio > FAR:
            found.append(Concern("stands_out_overall", i, amount=round(ratio, 3)))
        elif i == suspect and ratio < CENTRAL and _is_nearest_to_most(distances, i):
            found.append(Concern("central", i, amount=round(ratio, 3)))
    return found


def _is_nearest_to_most(distances: Floats, member: int) -> bool:
    others = [i for i in range(len(distances)) if i != member]
    masked = distances + np.diag(np.full(len(distances), np.inf))
    return float(np.mean([masked[i].argmin() == member for i in others])) >= 0.8


def _too_alike(distances: npt.NDArray[np.float64]) -> list[Concern]:
    n = len(distances)
    return [
        Concern("too_alike", i, other=j, amount=round(float(distances[i, j]), 3))
        for i in range(n) for j in range(i + 1, n)
        if distances[i, j] < MUST_BE_APART and math.isfinite(distances[i, j])
    ]  # fmt: skip

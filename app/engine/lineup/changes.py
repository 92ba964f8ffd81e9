"""One filler changed: nearer to the suspect or farther, apart from its double, or a variant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.engine.api import CHANGES, ChangeFiller, LineupFace
from app.engine.lineup.fillers import APART, Candidate, settle
from app.engine.lineup.identity import Floats
from app.engine.lineup.studio import Check, Emit, Studio, face_of, studio_of
from app.engine.wishes import Wish
from app.models.errors import BadInput
from app.models.lineup import SUSPECT

if TYPE_CHECKING:
    from app.engine.runtime import Runtime

STEP = 0.3  # share of the way to the suspect, or away, in one change
VARIANT = 0.4  # radius of a variant, of the typical length of a face in the subspace
STEPS_APART = 4


def change_filler(
    runtime: Runtime, request: ChangeFiller, emit: Emit, check: Check
) -> LineupFace:
    """Answer ``ChangeFiller``."""
    filler = request.filler
    if request.how not in CHANGES:
        raise BadInput("lineup.bad_choice", value=request.how, known=", ".join(CHANGES))
    if filler.role == SUSPECT or filler.recipe is None:
        raise BadInput("lineup.not_changeable", source=filler.source)
    studio = studio_of(runtime, filler.tuned)
    ws = studio.layers_of(filler.recipe)
    person = studio.identity.of(ws.mean(0))
    backdrop = ws - studio.identity.mean - person
    rng = np.random.default_rng((request.seed, 3))
    suspect = next((f for f in request.others if f.role == SUSPECT), None)
    wishes = studio.targets(suspect.pixels if suspect else None, request.wanted, rng)
    found = _changed(studio, request, person, backdrop, wishes, rng, check)
    recipe = studio.recipe(found.ws, filler.recipe.origin, request.seed)
    source = f"{filler.source}; {request.how}" if filler.source else request.how
    return face_of(studio, found.pixels, filler.role, filler.origin, source, recipe)


def _changed(
    studio: Studio, request: ChangeFiller, person: Floats, backdrop: Floats,
    wishes: list[Wish], rng: np.random.Generator, check: Check,
) -> Candidate:  # fmt: skip
    identity = studio.identity
    if request.how == "variant":
        turn = rng.standard_normal(len(identity.sd))
        turn *= VARIANT * np.sqrt(len(turn)) / np.linalg.norm(turn)
        return settle(studio, person + identity.offset_of(turn), backdrop, wishes, check)
    if request.how == "apart":
        return _apart(studio, request, person, backdrop, wishes, check)
    suspect = next((f for f in request.others if f.role == SUSPECT), None)
    if suspect is None:
        raise BadInput("lineup.no_suspect")
    way = _person_in(studio, suspect) - person
    step = STEP if request.how == "nearer" else -STEP
    return settle(studio, person + step * way, backdrop, wishes, check)


def _apart(
    studio: Studio, request: ChangeFiller, person: Floats, backdrop: Floats,
    wishes: list[Wish], check: Check,
) -> Candidate:  # fmt: skip
    """Away from the nearest member, step by step, until it is far enough from all."""
    identity = studio.identity
    others = [f for f in request.others if f.pixels.shape == request.filler.pixels.shape]
    if not others:
        raise BadInput("lineup.no_others")
    points = identity.embed(studio.net, np.stack([f.pixels for f in others]))
    own = identity.embed(studio.net, request.filler.pixels[None])[0]
    nearest = int(np.linalg.norm(points - own, axis=1).argmin())
    way = person - _person_in(studio, others[nearest])
    if np.linalg.norm(way) < 0.05 * np.linalg.norm(identity.sd):  # a twin: any way is away
        turn = np.random.default_rng((request.seed, 5)).standard_normal(len(identity.sd))
        way = identity.offset_of(turn)
    best: Candidate | None = None
    for step in range(1, STEPS_APART + 1):
        found = settle(studio, person + 0.3 * step * way, backdrop, wishes, check)
        gap = float(np.linalg.norm(points - found.point, axis=1).min())
        if best is None or gap > float(np.linalg.norm(points - best.point, axis=1).min()):
            best = found
        if gap >= APART:
            break
    assert best is not None
    return best


def _person_in(studio: Studio, face: LineupFace) -> Floats:
    """The person offset of a member, from its recipe, or read from its picture."""
    identity = studio.identity
    if face.recipe is not None:
        return identity.of(studio.layers_of(face.recipe).mean(0))
    code = studio.net.read(face.pixels[None]).code[0]
    return identity.of(code * identity.scale + identity.offset)

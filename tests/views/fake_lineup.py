"""What the fake engine answers about lineups; mixed into fakes.py."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.engine.api import (
    AssessLineup,
    Assessment,
    ChangeFiller,
    FaceReady,
    FillersMade,
    LineupFace,
    MakeFillers,
    Progress,
    ReadSuspect,
    RestoreTuned,
    SuspectFace,
    TunedSuspect,
    TuneSuspect,
)
from app.models.errors import BadInput
from app.models.lineup import FILLER, SUSPECT, Concern, Measurement

READ = (Measurement("sex", "male", 0.98), Measurement("beard", "full", 0.9))
WEIGHTS = b"the fine-tuned weights"


def _face(seed: int, role: str, origin: str, beard: str = "full") -> LineupFace:
    from tests.views.fakes import draw, recipe_of

    recipe = recipe_of(seed)
    read = (READ[0], Measurement("beard", beard, 0.9))
    return LineupFace(role, origin, f"seed {seed}", recipe, read, pixels=draw(recipe))


def read_suspect(engine: Any, task: Any, request: ReadSuspect) -> SuspectFace:
    """A face; a file named ``none`` has none."""
    from tests.views.fakes import draw, recipe_of

    if not Path(request.path).is_file():
        raise BadInput("media.missing", file=request.path)
    if Path(request.path).stem == "none":
        raise BadInput("photo.no_face", file=request.path)
    task.tell(Progress("refining", 1, 2))
    data = Path(request.path).read_bytes()
    recipe = recipe_of(1, "photo")
    return SuspectFace(
        request.path, hashlib.sha256(data).hexdigest(), recipe, "fair", READ,
        aligned=draw(recipe_of(2)), pixels=draw(recipe),
    )  # fmt: skip


def tune_suspect(engine: Any, task: Any, request: TuneSuspect) -> TunedSuspect:
    """Better at once."""
    task.tell(Progress("tuning", 1, 1))
    name = hashlib.sha256(WEIGHTS).hexdigest()
    suspect = replace(
        request.suspect, tuned=name, aligned=request.suspect.aligned,
        pixels=request.suspect.pixels,
    )  # fmt: skip
    return TunedSuspect(suspect, 1.0, 0.5, 3, 4, request.seconds, 1.0, weights=WEIGHTS)


def restore_tuned(engine: Any, task: Any, request: RestoreTuned) -> str:
    """Their name."""
    return request.sha256


def make_fillers(engine: Any, task: Any, request: MakeFillers) -> FillersMade:
    """Faces by number; the first filler of each has no beard."""
    fillers = []
    for index in range(request.count):
        task.check()
        while not engine.gate.wait(0.01):
            task.check()
        seed = 100 + 50 * (request.seed % 97) + 10 * request.page + index
        face = _face(seed, FILLER, "generated", "none" if index == 0 else "full")
        assert face.recipe is not None
        task.tell(FaceReady(index, face.recipe, face.pixels))
        fillers.append(face)
    suspect = _face(1, SUSPECT, request.policy) if request.suspect else None
    return FillersMade(tuple(fillers), suspect, (), request.page)


def change_filler(engine: Any, task: Any, request: ChangeFiller) -> LineupFace:
    """Another number."""
    return _face(4000 + request.seed % 997, FILLER, "generated")


def assess(engine: Any, task: Any, request: AssessLineup) -> Assessment:
    """Whoever has another beard than the suspect stands out."""
    table = tuple(
        (m.attribute, tuple(next(n.value for n in f.read if n.attribute == m.attribute)
                            for f in request.faces))
        for m in READ
    )  # fmt: skip
    concerns = tuple(
        Concern("stands_out", i, "beard", value)
        for i, value in enumerate(dict(table)["beard"]) if value == "none"
    )  # fmt: skip
    size = len(request.faces)
    return Assessment(table, concerns, tuple((1.0,) * size for _ in range(size)))


ANSWERS: dict[type, Any] = {
    ReadSuspect: read_suspect,
    TuneSuspect: tune_suspect,
    RestoreTuned: restore_tuned,
    MakeFillers: make_fillers,
    ChangeFiller: change_filler,
    AssessLineup: assess,
}

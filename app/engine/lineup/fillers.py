"""Fillers: people near the suspect who are not the suspect, all drawn or shown in one manner.

Similar: samples from a ball in the PCA subspace of W. Its centre is not the suspect but a decoy as
far away as the fillers are, so that the suspect is no more in the middle than anybody else (fillers
all made after the suspect point at the suspect: Clark & Tunnicliff 2001). Each sample is moved in w
until the net reads it as like the suspect, or as described, in what a description would say.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.engine.api import (
    LOOKS,
    POLICIES,
    SOURCES,
    FaceReady,
    FillersMade,
    LineupFace,
    MakeFillers,
    Pixels,
    Progress,
)
from app.engine.api_lineup import METHODS
from app.engine.bank import read_bank
from app.engine.lineup.identity import Floats
from app.engine.lineup.looks import match
from app.engine.lineup.studio import Check, Emit, Studio, face_of, studio_of
from app.engine.lineup.suspects import the_face
from app.engine.pictures.reading import picture_of
from app.engine.wishes import Wish, measured_readings, moved, violations
from app.models.errors import BadInput
from app.models.lineup import FILLER, SUSPECT

if TYPE_CHECKING:
    from app.engine.runtime import Runtime

MOST = 23
FIRST_RADIUS, GROWTH = 0.6, 0.14  # of the typical length of a face in the subspace, and a page
CANDIDATES, TRIES = 3, 4
APART, MUST_BE_APART = 0.45, 0.34  # distance aimed at, and below which two are too alike
MOST_PHOTOS = 60
PARTNERS = 30


@dataclass(eq=False)
class Candidate:
    """One possible filler: its w+, picture, person offset [w_dim], place among people [m]."""

    ws: Floats
    pixels: Pixels
    person: Floats
    point: Floats
    missed: float


def make_fillers(runtime: Runtime, request: MakeFillers, emit: Emit, check: Check) -> FillersMade:
    """Answer ``MakeFillers``."""
    _require(request)
    studio = studio_of(runtime, request.suspect.tuned if request.suspect else "")
    maker = Maker(runtime, studio, request, emit, check)
    from_photos: list[LineupFace] = []
    if request.source != "generated":
        share = request.count if request.source == "photos" else (request.count + 1) // 2
        from_photos = maker.from_photos(share)
    generated = [maker.generated(i) for i in range(len(from_photos), request.count)]
    if request.source == "photos" and len(from_photos) < request.count:
        raise BadInput("lineup.too_few_photos", found=len(from_photos), wanted=request.count)
    fillers = (*from_photos, *generated)
    return FillersMade(fillers, maker.suspect_face(fillers), tuple(maker.refused), request.page)


def _require(request: MakeFillers) -> None:
    if not 1 <= request.count <= MOST:
        raise BadInput("lineup.bad_count", count=request.count, most=MOST)
    if request.suspect is None and not request.wanted:
        raise BadInput("lineup.no_seed")
    for value, known in (
        (request.policy, POLICIES), (request.look, LOOKS), (request.source, SOURCES),
        (request.method, METHODS),
    ):  # fmt: skip
        if value not in known:
            raise BadInput("lineup.bad_choice", value=value, known=", ".join(known))


class Maker:
    """Makes the fillers of one request, one after the other."""

    def __init__(
        self, runtime: Runtime, studio: Studio, request: MakeFillers, emit: Emit, check: Check
    ) -> None:
        self.runtime, self.studio, self.request = runtime, studio, request
        self.emit, self.check = emit, check
        self.backdrop = studio.backdrop(request.suspect, request.look)
        self.refused: list[tuple[str, str]] = []
        self.shown = self._suspect_pixels()
        net, identity = studio.net, studio.identity
        self.points = [identity.embed(net, k.pixels[None])[0] for k in request.kept]
        if self.shown is not None:
            self.points.insert(0, identity.embed(net, self.shown[None])[0])
        self.person = self._suspect_person()
        first = np.random.default_rng((request.seed, 7))
        turn = first.standard_normal(len(identity.sd))
        self.decoy = turn / np.linalg.norm(turn)

    # ---- the suspect

    def _suspect_pixels(self) -> Pixels | None:
        suspect = self.request.suspect
        if suspect is None:
            return None
        return self.studio.draw(self.studio.suspect_layers(suspect, self.request.look))

    def _suspect_person(self) -> Floats:
        suspect, identity = self.request.suspect, self.studio.identity
        if suspect is None:
            return np.zeros(len(identity.mean))
        return identity.of(self.studio.layers_of(suspect.recipe).mean(0))

    def suspect_face(self, fillers: tuple[LineupFace, ...]) -> LineupFace | None:
        """The suspect in the same look: drawn, or the photograph matched to the fillers."""
        suspect, studio = self.request.suspect, self.studio
        if suspect is None or self.shown is None:
            return None
        if self.request.policy == "matched":
            others = [f.pixels for f in (*self.request.kept, *fillers)]
            pixels = match(suspect.aligned, others)
            return face_of(studio, pixels, SUSPECT, "matched", Path(suspect.path).name)
        ws = studio.suspect_layers(suspect, self.request.look)
        recipe = studio.recipe(ws, "photo")
        source = Path(suspect.path).name
        return face_of(studio, self.shown, SUSPECT, "rendered", source, recipe)

    # ---- generated

    def generated(self, index: int) -> LineupFace:
        """The next filler: the best of a few candidates, steered apart where it must be."""
        self.emit(Progress("fillers", index, self.request.count))
        best: Candidate | None = None
        for attempt in range(CANDIDATES + 3):
            self.check()
            rng = np.random.default_rng((self.request.seed, self.request.page, index, attempt))
            found = self._candidate(rng, attempt)
            if best is None or self._cost(found) < self._cost(best):
                best = found
            if attempt >= CANDIDATES - 1 and self.nearest(best.point) > MUST_BE_APART:
                break
        assert best is not None
        self.points.append(best.point)
        between = self.request.method == "between"
        origin = "interpolated" if between else "generated"
        source = f"page {self.request.page}, seed {self.request.seed}"
        recipe = self.studio.recipe(best.ws, "blend" if between else "sampled", self.request.seed)
        face = face_of(self.studio, best.pixels, FILLER, origin, source, recipe)
        self.emit(FaceReady(index, recipe, face.pixels))
        return face

    def _candidate(self, rng: np.random.Generator, attempt: int) -> Candidate:
        reference = self.shown
        wishes = self.studio.targets(reference, self.request.wanted, rng)
        start = self._between(rng, wishes) if self.request.method == "between" else (
            self._in_ball(rng, attempt)
        )  # fmt: skip
        return settle(self.studio, start, self.backdrop, wishes, self.check)

    def _in_ball(self, rng: np.random.Generator, attempt: int) -> Floats:
        """A person offset: uniform direction round the decoy, at about the ball's radius."""
        identity = self.studio.identity
        typical = np.sqrt(len(identity.sd))
        pages = self.request.page + 0.35 * max(0, attempt - CANDIDATES + 1)
        radius = typical * (FIRST_RADIUS + GROWTH * pages)
        if self.request.suspect is None:
            radius = typical
        x = identity.coordinates(self.person)
        turn = rng.standard_normal(len(x))
        turn *= radius * float(rng.uniform(0.85, 1.1)) / np.linalg.norm(turn)
        x = x + (radius * self.decoy if self.request.suspect is not None else 0.0) + turn
        x *= min(1.0, 1.2 * typical / np.linalg.norm(x))
        rest = rng.standard_normal(len(identity.rest_sd)) * 0.7
        return identity.offset_of(x, rest)

    def _between(self, rng: np.random.Generator, wishes: list[Wish]) -> Floats:
        """A person on the way from the suspect to another face of the bank that fits."""
        identity, painter = self.studio.identity, self.runtime.load()
        bank = read_bank(painter)
        if bank is None:
            partner = painter.sample(int(rng.integers(1 << 31)))
        else:
            readings = measured_readings(self.studio.net, bank.read, wishes)
            missed = violations(wishes, np.nan_to_num(readings)).sum(1)
            partner = bank.w[rng.choice(np.argsort(missed)[:PARTNERS])]
        share = min(1.0, float(rng.uniform(0.55, 0.8)) + 0.05 * self.request.page)
        return (1 - share) * self.person + share * identity.of(partner)

    def nearest(self, point: Floats) -> float:
        """Distance to the most similar face there is."""
        if not self.points:
            return np.inf
        return float(np.linalg.norm(np.stack(self.points) - point, axis=1).min())

    def _cost(self, found: Candidate) -> float:
        return found.missed + 6.0 * max(0.0, APART - self.nearest(found.point))

    # ---- from photographs

    def from_photos(self, count: int) -> list[LineupFace]:
        """The ``count`` pictures of the folder that fit best, each in the common look."""
        rng = np.random.default_rng((self.request.seed, 11))
        names = [self.request.photos[i] for i in rng.permutation(len(self.request.photos))]
        wishes = self.studio.targets(self.shown, self.request.wanted, rng)
        found: list[tuple[float, LineupFace, Floats]] = []
        for done, name in enumerate(names[:MOST_PHOTOS]):
            self.check()
            self.emit(Progress("photos", done, min(len(names), MOST_PHOTOS)))
            if self.request.suspect is not None and name == self.request.suspect.path:
                continue
            try:
                face, missed, point = self._from_photo(name, wishes)
            except BadInput as error:
                self.refused.append((name, error.code))
                continue
            found.append((missed, face, point))
        found.sort(key=lambda f: f[0])
        kept: list[LineupFace] = []
        for _, face, point in found:
            if len(kept) < count and self.nearest(point) > MUST_BE_APART:
                kept.append(face)
                self.points.append(point)
        return kept

    def _from_photo(self, name: str, wishes: list[Wish]) -> tuple[LineupFace, float, Floats]:
        studio = self.studio
        photo = the_face(picture_of(self.runtime, name, check=self.check))
        read = studio.net.read(photo.aligned[None])
        source = Path(name).name
        if self.request.policy == "matched":
            likes = [p for p in [self.shown] if p is not None]
            pixels = match(photo.aligned, likes)
            face = face_of(studio, pixels, FILLER, "photo_matched", source)
        else:
            identity = studio.identity
            person = identity.of(read.code[0] * identity.scale + identity.offset)
            ws = studio.compose(person, self.backdrop)
            pixels = studio.draw(ws)
            recipe = studio.recipe(ws, "photo")
            face = face_of(studio, pixels, FILLER, "photo_rendered", source, recipe)
        read = studio.net.read(pixels[None])
        missed = float(violations(wishes, _readings(studio, wishes, pixels))[0].sum())
        return face, missed, studio.identity.points(read.code)[0]


def settle(
    studio: Studio, person: Floats, backdrop: Floats, wishes: list[Wish], check: Check
) -> Candidate:
    """Draw, read, move towards the bounds; the best try is kept."""
    best: Candidate | None = None
    for _ in range(TRIES):
        check()
        ws = studio.compose(person, backdrop)
        pixels = studio.draw(ws)
        readings = _readings(studio, wishes, pixels)
        missed = float(violations(wishes, readings)[0].sum())
        if best is None or missed < best.missed:
            point = studio.identity.embed(studio.net, pixels[None])[0]
            best = Candidate(np.asarray(ws, np.float64), pixels, person, point, missed)
        if missed <= 0.1 or not wishes:
            break
        w = np.asarray(studio.identity.mean + person, np.float32)[None]
        new = moved(wishes, w, readings, studio.spread.covariance)[0]
        person = studio.identity.of(new)
    assert best is not None
    return best


def _readings(studio: Studio, wishes: list[Wish], pixels: Pixels) -> Floats:
    seen = measured_readings(studio.net, studio.net.read(pixels[None]), wishes)
    return np.nan_to_num(seen)

"""Faces of a video's frames to tracks, tracks to persons, by where they are and how they look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from app.engine.api import FrameFace, PersonSeen, Pixels

Floats = npt.NDArray[np.float64]
# cosines of two looks, cut on 120 photographs, each as it is and three times as a video shows it
# (smaller, blurred, leaning, other light, JPEG): tests/release/persons.py looks
SAME_LOOK = 0.58  # above are 99.8 % of pairs of one photograph, below 99.9 % of pairs of others
LEAST_LOOK = 0.45  # less alike from one look to the next is another face in the same place
SURE_LOOK = 0.7  # so alike that the place does not matter
FAR = 1.3  # face widths that a face moves at most between two looked-at frames, half a second apart
GAP_S = 1.2  # a face away for longer starts a new track
POOR = 0.35  # quality of a face that has to be seen three times to count
CUT = 16.0  # mean change of brightness (of 255) that is a cut
KEPT = 12  # best frames kept of a track, and of a person
APART_S = 0.4  # best frames of one person lie this far apart where there are enough


@dataclass(eq=False)
class Sighting:
    """One face in one frame; ``look`` is a unit vector [d] of its appearance."""

    face: FrameFace
    look: Floats

    @property
    def middle(self) -> Floats:
        x, y, w, h = self.face.box
        return np.array([x + w / 2, y + h / 2])


@dataclass(eq=False)
class Track:
    """The same face followed from frame to frame."""

    first: Sighting
    last: Sighting
    speed: Floats = field(default_factory=lambda: np.zeros(2))  # pixels a second
    count: int = 1
    look: Floats = field(default_factory=lambda: np.zeros(1))  # sum, weighted by quality
    best: list[Sighting] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    @staticmethod
    def of(seen: Sighting) -> Track:
        track = Track(seen, seen)
        track.look = seen.look * _weight(seen)
        track.best, track.times = [seen], [seen.face.time_s]
        return track

    def add(self, seen: Sighting) -> None:
        """Follow to the next frame."""
        passed = max(seen.face.time_s - self.last.face.time_s, 1e-3)
        self.speed = 0.5 * self.speed + 0.5 * (seen.middle - self.last.middle) / passed
        self.last, self.count = seen, self.count + 1
        self.look = self.look + seen.look * _weight(seen)
        self.times.append(seen.face.time_s)
        self.best = sorted([*self.best, seen], key=lambda s: -s.face.quality.overall)[:KEPT]

    @property
    def clearest(self) -> float:
        """Quality of its best sighting."""
        return max(s.face.quality.overall for s in self.best)

    def unlike(self, seen: Sighting) -> float:
        """Cost 0..2 of calling a face the next sighting of this track; infinite where it cannot."""
        passed = seen.face.time_s - self.last.face.time_s
        width = (self.last.face.box[2] + seen.face.box[2]) / 2
        gap = float(np.linalg.norm(self.last.middle + self.speed * passed - seen.middle)) / width
        grown = seen.face.box[2] / max(self.last.face.box[2], 1.0)
        alike = float(unit(self.look) @ seen.look)
        reach = FAR * (0.5 + passed)
        if not 0.5 < grown < 2.0 or passed > GAP_S or gap > 3 * reach or alike < LEAST_LOOK:
            return np.inf
        if gap > reach and alike < SURE_LOOK:
            return np.inf
        return 0.5 * min(gap / reach, 1.0) + (1.0 - alike)


class Tracker:
    """Follows faces through frames in order of time."""

    def __init__(self) -> None:
        self.open: list[Track] = []
        self.done: list[Track] = []
        self._thumb: npt.NDArray[np.float32] | None = None

    def is_cut(self, frame: Pixels) -> bool:
        """Whether this frame does not go on from the last one; ends all tracks if so."""
        thumb = cv2.resize(frame, (32, 18), interpolation=cv2.INTER_AREA).mean(2)
        before, self._thumb = self._thumb, thumb.astype(np.float32)
        cut = before is not None and float(np.abs(before - self._thumb).mean()) > CUT
        if cut:
            self.done += self.open
            self.open = []
        return cut

    def add(self, seen: Sequence[Sighting], time_s: float) -> None:
        """The faces of one frame."""
        late = [t for t in self.open if time_s - t.last.face.time_s > GAP_S]
        self.done += late
        self.open = [t for t in self.open if t not in late]
        taken: set[int] = set()
        if self.open and seen:
            cost = np.array([[t.unlike(s) for s in seen] for t in self.open])
            rows, columns = linear_sum_assignment(np.minimum(cost, 1e3))
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
                if np.isfinite(cost[row, column]) and cost[row, column] < 1.25:
                    self.open[row].add(seen[column])
                    taken.add(column)
        self.open += [Track.of(s) for i, s in enumerate(seen) if i not in taken]

    def persons(self) -> tuple[PersonSeen, ...]:
        """All tracks so far, grouped; what was seen once or twice, and poorly, is nobody."""
        tracks = [t for t in [*self.done, *self.open] if t.count > 2 or t.clearest > POOR]
        groups = grouped(tracks)
        groups.sort(key=lambda g: min(t.times[0] for t in g))
        return tuple(_person(i, group) for i, group in enumerate(groups))


def grouped(tracks: Sequence[Track]) -> list[list[Track]]:
    """Tracks of one person together: the two most alike groups are joined until none is alike
    enough; two tracks seen at the same time are never one person."""
    groups = [[t] for t in tracks]
    while len(groups) > 1:
        looks = np.stack([unit(sum((t.look for t in g), np.zeros(1))) for g in groups])
        alike = looks @ looks.T
        np.fill_diagonal(alike, -1)
        for i, j in zip(*np.unravel_index(np.argsort(-alike, axis=None), alike.shape), strict=True):
            if alike[i, j] < SAME_LOOK:
                return groups
            if i < j and not _together(groups[i], groups[j]):
                break
        else:
            return groups
        groups[i] += groups.pop(j)
    return groups


def _together(first: Sequence[Track], second: Sequence[Track]) -> bool:
    times = {t for track in first for t in track.times}
    return any(t in times for track in second for t in track.times)


def _person(index: int, tracks: Sequence[Track]) -> PersonSeen:
    times = [t for track in tracks for t in track.times]
    seen = [s.face for track in tracks for s in track.best]
    return PersonSeen(index, min(times), max(times), len(times), best_frames(seen))


def best_frames(seen: Sequence[FrameFace]) -> tuple[FrameFace, ...]:
    """By quality, best first; neighbours in time, which tell nothing new, come last."""
    ordered = sorted(seen, key=lambda f: (-f.quality.overall, f.frame))
    chosen: list[FrameFace] = []
    for face in ordered:
        if all(abs(face.time_s - c.time_s) >= APART_S for c in chosen):
            chosen.append(face)
    others = [f for f in ordered if f not in chosen]
    return tuple([*chosen, *others][:KEPT])


def unit(vector: Floats) -> Floats:
    """The vector at length 1."""
    return vector / max(float(np.linalg.norm(vector)), 1e-9)


def _weight(seen: Sighting) -> float:
    return max(seen.face.quality.overall, 0.05)

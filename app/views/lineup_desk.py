"""What an officer can do with a lineup: seed, array, presentations, export."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QObject

from app.engine.api import (
    AssessLineup,
    Assessment,
    ChangeFiller,
    Engine,
    FillersMade,
    LineupFace,
    MakeFillers,
    ReadDescription,
    ReadSuspect,
    SuspectFace,
    TunedSuspect,
    TuneSuspect,
)
from app.models.description import Attribute, Reading
from app.models.errors import BadInput, PortraitError
from app.models.export.bundle import BundleInfo
from app.models.export.lineup_bundle import export_lineup
from app.models.lineup import SUSPECT, Showing
from app.models.lineup_record import unseal
from app.models.store import open_case
from app.views.jobs import CASE_LANE
from app.views.lineup_faces import faces_of, members_of, suspect_json, suspect_of
from app.views.lineup_table import EXPORT, WORK, LineupTable
from app.views.png import png_of

LARGEST_PHOTO = 64 << 20


@dataclass(frozen=True)
class Wanted:
    """How fillers are made, as the officer set it."""

    count: int = 5
    source: str = "generated"
    photos: tuple[str, ...] = ()
    method: str = "similar"
    policy: str = "rendered"
    look: str = "photo"


class LineupDesk(LineupTable):
    """Verbs of the lineup's window. What is shown is what the file holds."""

    def __init__(self, engine: Engine | None, parent: QObject | None = None) -> None:
        super().__init__(engine, parent)
        self.wanted = Wanted()
        self._page = 0
        self._seed = secrets.randbelow(1 << 31)

    # ---- the seed

    def add_photo(self, path: str) -> None:
        """Read a suspect's photograph; the lineup has it once it is read and recorded."""

        def done(suspect: SuspectFace) -> None:
            original = Path(path).read_bytes()[:LARGEST_PHOTO]
            if self._record(lambda r: r.add_photo(
                Path(path).name, original, png_of(suspect.aligned), suspect_json(suspect)
            )):  # fmt: skip
                self.suspect = suspect
                self.changed.emit()

        self._start(ReadSuspect(path), done)

    def describe(self, text: str) -> None:
        """Read a description; fillers then match it."""

        def done(reading: Reading) -> None:
            wanted = [a.reading_json() for a in reading.attributes]
            if self._record(lambda r: r.describe(text, wanted)):
                self.changed.emit()

        self._start(ReadDescription(text, self.language), done)

    def unseal(self, path: Path, passphrase: str, reason: str, officer: str) -> None:
        """Bring a composite case's description in; both files log it."""
        record = self.record
        if record is None:
            return

        def work() -> str:
            composite = open_case(path, passphrase)
            try:
                return unseal(composite, record, "description", reason, officer)
            finally:
                composite.close()

        self.jobs.aside(CASE_LANE, work, self.describe, self.problem.emit)

    def tune(self, seconds: float) -> None:
        """Fine-tune a copy of the model to the photograph."""
        if self.suspect is None:
            self.problem.emit(BadInput("lineup.no_suspect"))
            return

        def done(tuned: TunedSuspect) -> None:
            facts = {
                "seconds": tuned.seconds, "first_loss": tuned.first_loss, "loss": tuned.loss,
                "latent_steps": tuned.latent_steps, "weight_steps": tuned.weight_steps,
                "roughness": tuned.roughness, "recipe": tuned.suspect.recipe.to_json(),
            }  # fmt: skip
            picture = png_of(tuned.suspect.pixels)
            if self._record(lambda r: r.keep_tuned(tuned.weights, facts, picture)):
                self.suspect = tuned.suspect
                self.changed.emit()

        self._start(TuneSuspect(self.suspect, seconds), done)

    # ---- the array

    def make(self, wider: bool = False) -> None:
        """A whole array anew; ``wider``: from a larger ball."""
        self._page = self._page + 1 if wider else 0
        if not wider:
            self._seed = secrets.randbelow(1 << 31)

        def done(made: FillersMade) -> None:
            suspect = () if made.suspect is None else (made.suspect,)
            facts = {"seed": self._seed, "page": self._page, "refused": list(made.refused)}
            self._take((*suspect, *made.fillers), "made", facts)
            if made.refused:
                self.notice.emit("photos_refused", {"count": len(made.refused)})

        self._start(self._request(self.wanted.count), done)

    def replace(self, index: int) -> None:
        """Another filler in one place."""
        if self._fixed(index):
            return
        kept = tuple(f for i, f in enumerate(self.faces) if i != index and f.role != SUSPECT)
        seed = secrets.randbelow(1 << 31)

        def done(made: FillersMade) -> None:
            self._put(index, made.fillers[0], "replaced", seed)

        self._start(replace(self._request(1), kept=kept, seed=seed), done)

    def change(self, index: int, how: str) -> None:
        """One filler nearer, farther, apart, or a variant of it."""
        if self._fixed(index):
            return
        others = tuple(f for i, f in enumerate(self.faces) if i != index)
        seed = secrets.randbelow(1 << 31)
        request = ChangeFiller(
            self.faces[index], others, self._described(), how, seed, self.wanted.look
        )
        self._start(request, lambda face: self._put(index, face, how, seed))

    def undo(self) -> None:
        """The array before this one."""
        if self._record(lambda r: r.undo()):
            self._load()

    def redo(self) -> None:
        """The array taken back last."""
        if self._record(lambda r: r.redo()):
            self._load()

    def stop(self) -> None:
        """Stop what is under way; nothing of it stays."""
        self.jobs.cancel(WORK)

    # ---- showing it

    def begin(self, kind: str, mode: str, who: str = "", blind: bool = True) -> Showing | None:
        """Start a presentation; the order is drawn and logged first."""
        seed = secrets.randbelow(1 << 31)
        facts = {"blind": blind, "language": self.language}
        if not self._record(lambda r: r.show(kind, mode, seed, who, **facts)):
            return None
        self.changed.emit()
        return self.lineup.open_showing

    def seen(self, place: int) -> None:
        """One picture came on, sequential."""
        self._record(lambda r: r.seen(place))

    def answer(self, answer: str, place: int | None = None) -> bool:
        """What was said of the array; True once it is in the file."""
        return self._record(lambda r: r.answer(answer, place))

    def state(self, words: str) -> bool:
        """How sure, in the witness's own words; True once it is in the file."""
        return self._record(lambda r: r.state(words))

    def end(self, reason: str = "done") -> None:
        """The presentation is over."""
        if self.lineup.open_showing is not None:
            self._record(lambda r: r.end(reason))
        self.changed.emit()

    def export(self, destination: Path) -> None:
        """Seal everything into one bundle."""
        record = self.record
        if record is None or self.lineup.open_showing is not None:
            return

        def work() -> BundleInfo:
            from app.views.lineup_report import LineupReportPainter

            timers = QEventLoop()  # laying out text starts timers, which need a dispatcher here
            info = export_lineup(record, destination, LineupReportPainter())
            del timers
            return info

        self.jobs.aside(EXPORT, work, self._on_exported, self.problem.emit)

    def _on_exported(self, info: BundleInfo) -> None:
        self.notice.emit("exported", {
            "path": str(info.path), "words": " ".join(info.head.words)
        })  # fmt: skip
        self.changed.emit()

    # ---- inside

    def _request(self, count: int) -> MakeFillers:
        w = self.wanted
        return MakeFillers(
            self.suspect, self._described(), count, self._seed, self._page, w.source, w.photos,
            w.method, w.policy, w.look,
        )  # fmt: skip

    def _described(self) -> tuple[Attribute, ...]:
        return tuple(Attribute.from_json(a) for a in self.lineup.wanted)

    def _fixed(self, index: int) -> bool:
        if not 0 <= index < len(self.faces) or self.faces[index].role == SUSPECT:
            self.problem.emit(BadInput("lineup.suspect_stays"))
            return True
        return False

    def _put(self, index: int, face: LineupFace, how: str, seed: int) -> None:
        faces = [*self.faces]
        faces[index] = face
        self._take(tuple(faces), how, {"seed": seed, "member": index})

    def _take(
        self, faces: tuple[LineupFace, ...], how: str, facts: Mapping[str, Any]
    ) -> None:
        members, pictures = members_of(faces)
        about = {**facts, "policy": self.wanted.policy, "look": self.wanted.look}
        if self._record(lambda r: r.set_members(members, pictures, how, about)):
            self.faces = faces
            self.assessment = None
            self.changed.emit()
            self._assess()

    def _assess(self) -> None:
        if len(self.faces) < 2:
            return

        def done(found: Assessment) -> None:
            self.assessment = found
            concerns = found.concerns
            if not self.lineup.is_shown:
                self._record(lambda r: r.note_concerns(concerns, {}))
            self.assessed.emit()

        self._start(AssessLineup(self.faces), done)

    def _load(self) -> None:
        record = self.record
        if record is None:
            return
        try:
            self.suspect = suspect_of(record)
            self.faces = faces_of(record, record.lineup.members)
        except PortraitError as error:
            self.faces = ()
            self.problem.emit(error)
        self.assessment = None
        self.changed.emit()
        self._assess()

"""Foreign pictures for the officer: read, kept, drawn, and at last a start; each step journalled.

Nothing of this reaches the witness: the pages that show it are the officer's own.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.engine.api import (
    EncodedFace,
    EncodeFace,
    EnhanceFace,
    FaceReady,
    FacesProposed,
    InterpolatePortraits,
    PictureRead,
    Progress,
    ReadPicture,
    Request,
    ScanVideo,
    SketchToFace,
    VideoRead,
)
from app.models.description import Attribute
from app.models.errors import PortraitError
from app.models.portrait import Recipe
from app.models.session import Stage
from app.views.picture_facts import (
    OpenedPicture,
    StartingFace,
    Subject,
    kept_best,
    measured_json,
)
from app.views.picture_keeping import PictureKeeper
from app.views.stages import reachable

if TYPE_CHECKING:
    from app.views.controller import Controller

ENHANCE_S = 60.0
SEEDS = 2**31


@dataclass(frozen=True)
class Pending:
    """What possible faces are being made of: ``how`` is sketch or enhance."""

    how: str
    name: str
    sha256: str
    place: dict[str, Any]


class PictureDesk(QObject):
    """Asks the engine about foreign pictures for the pages, and writes down what came of it."""

    picture_read = Signal(object)  # OpenedPicture
    video_read = Signal(str, object)  # name, VideoRead
    encoding = Signal(object)  # FaceReady: the best so far
    encoded = Signal(object)  # EncodedFace
    possible_face = Signal(object)  # FaceReady
    possible_done = Signal(object)  # tuple[StartingFace, ...]
    step_ready = Signal(object)  # FaceReady
    steps_done = Signal(object)  # tuple[StartingFace, ...]
    at_hand_changed = Signal()
    failed = Signal(str, object)  # lane, PortraitError
    forgotten = Signal()  # another case, or none, is on the table
    subject_chosen = Signal(object)  # Subject: a face or frames, for the photo page

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._controller = controller
        self.keeper = PictureKeeper(controller)
        self._best: FaceReady | None = None
        self.subject: Subject | None = None
        self.result: EncodedFace | None = None
        self.at_hand: tuple[StartingFace, ...] = ()
        self.acknowledged = False
        self.making = ""  # sketch or enhance, while several faces are on their way
        controller.case_changed.connect(self._on_case)

    # ---- what holds

    @property
    def described(self) -> bool:
        """Whether the witness has told what they saw: only then may a face become a start."""
        return reachable(self._controller.session, Stage.round)

    def acknowledge(self) -> None:
        """The officer says that the witness does not see this screen."""
        if self._controller.record("pictures.opened", {"described": self.described}):
            self.acknowledged = True

    def say(self, code: str) -> None:
        """A notice to the officer."""
        self._controller.notice.emit(code, {})

    def fail(self, error: PortraitError) -> None:
        """A problem to the officer."""
        self._controller.problem.emit(error)

    def forget(self) -> None:
        """Drop everything, private copies as well (the case is closed)."""
        self.keeper.forget()
        self.subject = self.result = self._best = None
        self.at_hand = ()
        self.acknowledged, self.making = False, ""
        self.forgotten.emit()

    # ---- opening

    def open_picture(self, path: str, what: str = "photo", name: str = "") -> None:
        """Read a picture file; ``picture_read`` once it is read and kept."""
        shown = name or Path(path).name

        def done(read: PictureRead) -> None:
            def kept() -> None:
                self._controller.record("picture.read", {
                    "sha256": read.sha256, "width": read.width, "height": read.height,
                    "turned": read.turned, "faces": [_face_json(f) for f in read.faces],
                }, actor="model")
                self.picture_read.emit(OpenedPicture(what, shown, read))

            self.keeper.keep(what, Path(read.path), shown, read.sha256, kept)

        self._ask(ReadPicture(path), done)

    def open_bytes(self, data: bytes, name: str, what: str = "photo") -> None:
        """Read a picture that is no file: pasted, or kept in the case."""
        self.open_picture(self.keeper.copy(data, name), what, name)

    def open_video(self, path: str, name: str = "") -> None:
        """Look through a video; ``video_read`` once it is read and kept."""
        shown = name or Path(path).name

        def done(read: VideoRead) -> None:
            def kept() -> None:
                self._controller.record("video.read", {
                    "sha256": read.sha256, "seconds": read.seconds, "fps": read.fps,
                    "persons": len(read.persons), "complete": read.complete,
                }, actor="model")
                self.video_read.emit(shown, read)

            self.keeper.keep("video", Path(read.path), shown, read.sha256, kept)

        self._ask(ScanVideo(path), done)

    def open_kept(self, sha256: str) -> None:
        """Open again what lies in the case."""
        what, name = next((w, n) for s, w, n in self.keeper.names() if s == sha256)
        data = self.keeper.original(sha256)
        if data is None:
            return
        path = self.keeper.copy(data, name)
        if what == "video":
            self.open_video(path, name)
        else:
            self.open_picture(path, what, name)

    # ---- one face

    def choose(self, subject: Subject) -> None:
        """Take one face or the frames of one person, and draw the encoder's guess at once."""
        self.subject, self.result, self._best = subject, None, None
        self.subject_chosen.emit(subject)
        self.refine(0.0)

    def let_go(self) -> None:
        """No face is chosen any more; what is being drawn of it is stopped."""
        self._controller.cancel(EncodeFace.lane)
        self.subject = self.result = self._best = None

    def refine(self, seconds: float) -> None:
        """Draw the chosen face better, for at most so many seconds; the best is kept."""
        subject = self.subject
        if subject is None:
            return

        def done(result: EncodedFace) -> None:
            if subject is self.subject:
                self._take(subject, result)

        self._best = None
        self._ask(subject.request(seconds), done, self._on_better)

    def stop_refining(self, *, keep: bool) -> None:
        """End a refinement early, with its best face so far or with what was there before it."""
        best, subject, result = self._best, self.subject, self.result
        self._controller.cancel(EncodeFace.lane)
        if subject is None or result is None:
            return
        if keep and best is not None:
            result = kept_best(result, best.recipe, best.pixels)
        self._take(subject, result)

    def _on_better(self, face: FaceReady) -> None:
        self._best = face
        self.encoding.emit(face)

    def _take(self, subject: Subject, result: EncodedFace) -> None:
        known = self.result is not None and self.result.recipe == result.recipe
        data = {
            "sha256": subject.sha256, "recipe": result.recipe.to_json(),
            "fidelity": result.fidelity, "steps": result.steps,
            "measured": measured_json(result.measured), **subject.place(),
        }  # fmt: skip
        if known or self._controller.record("picture.encoded", data, actor="model"):
            self.result, self._best = result, None
            self._put_at_hand(self.face_of(subject, result))
            self.encoded.emit(result)

    def face_of(self, subject: Subject, result: EncodedFace) -> StartingFace:
        """The drawn face as a start."""
        return StartingFace(
            subject.name, result.recipe, (subject.sha256,), subject.what, result.fidelity
        )

    # ---- several faces

    def enhance(self, subject: Subject, count: int) -> None:
        """Several faces that a poor picture could show."""
        pending = Pending("enhance", subject.name, subject.sha256, subject.place())
        frames = tuple((f.frame, f.box) for f in subject.frames)
        request = EnhanceFace(subject.path, subject.face, count, _seed(), ENHANCE_S, frames)
        self._ask_possible(request, pending)

    def draw_sketch(
        self, opened: OpenedPicture, wanted: tuple[Attribute, ...], count: int
    ) -> None:
        """Several faces for a drawing; skin and hair colour come from ``wanted``."""
        place = {"wanted": [a.to_json() for a in wanted]}
        pending = Pending("sketch", opened.name, opened.read.sha256, place)
        self._ask_possible(SketchToFace(opened.read.path, wanted, count, _seed()), pending)

    def _ask_possible(self, request: Request[FacesProposed], pending: Pending) -> None:
        def done(proposed: FacesProposed) -> None:
            data = {
                "sha256": pending.sha256, "how": pending.how,
                "recipes": [r.to_json() for r in proposed.faces], **pending.place,
            }  # fmt: skip
            if self._controller.record("picture.possible", data, actor="model"):
                self.possible_done.emit(tuple(
                    StartingFace(pending.name, r, (pending.sha256,), pending.how)
                    for r in proposed.faces
                ))  # fmt: skip

        self.making = pending.how
        self._ask(request, done, self.possible_face.emit)

    def interpolate(self, first: StartingFace, second: StartingFace, steps: int) -> None:
        """The faces from one to the other; ``step_ready`` for each, then ``steps_done``."""
        sources = tuple(dict.fromkeys((*first.sources, *second.sources)))
        ends = {first.recipe: first.sources, second.recipe: second.sources}

        def done(recipes: Sequence[Recipe]) -> None:
            name = f"{first.name} - {second.name}"
            self.steps_done.emit(tuple(
                StartingFace(name, r, ends.get(r, sources), "between") for r in recipes
            ))  # fmt: skip

        request = InterpolatePortraits(first.recipe, second.recipe, steps)
        self._ask(request, done, self.step_ready.emit)

    # ---- what becomes of it

    def start_from(self, face: StartingFace) -> bool:
        """The face becomes the portrait; it is named as its origin to the end."""
        if not self.described:
            self._controller.notice.emit("stage.not_yet", {})
            return False
        return self._controller.record("portrait.from_picture", face.to_json())

    def use_attributes(self, attributes: Sequence[Attribute]) -> bool:
        """Only what was read from the picture goes into the description, marked as such."""
        if not self.described:
            self._controller.notice.emit("stage.not_yet", {})
            return False
        described = self._controller.session.description
        for attribute in attributes:
            described = described.add(attribute)
        confirmed = [a.to_json() for a in described.confirmed_attributes()]
        return self._controller.record("attributes.confirmed", {
            "what": "picture", "text": described.text, "attributes": confirmed,
            "description": described.to_json(),
        })

    def portrait_at_hand(self) -> StartingFace | None:
        """The present portrait, as one end of a blend."""
        session = self._controller.session
        if session.portrait is None:
            return None
        return StartingFace("", session.portrait, session.sources, "portrait")

    def keep_at_hand(self, face: StartingFace) -> None:
        """Remember a face of several, so that it can be mixed with others."""
        self._put_at_hand(face)

    # ---- inside

    def _on_case(self, case: object) -> None:
        self.forget()

    def _put_at_hand(self, face: StartingFace) -> None:
        same = (face.name, face.how, face.sources)
        others = tuple(f for f in self.at_hand if (f.name, f.how, f.sources) != same)
        self.at_hand = (*others, face)
        self.at_hand_changed.emit()

    def _ask(
        self, request: Request[Any], on_done: Callable[[Any], None],
        on_face: Callable[[FaceReady], Any] = lambda face: None,
    ) -> None:
        def on_event(event: FaceReady | Progress) -> None:
            if isinstance(event, FaceReady):
                on_face(event)
            else:
                self._controller.progress.emit(request.lane, event)

        def on_failed(error: PortraitError) -> None:
            self._controller.problem.emit(error)
            self.failed.emit(request.lane, error)

        if not self._controller.model_ready:
            on_failed(PortraitError(f"model.{self._controller.model_state}"))
            return
        self._controller.jobs.start(request, on_done, on_failed, on_event)


def _seed() -> int:
    return secrets.randbelow(SEEDS)


def _face_json(face: Any) -> dict[str, Any]:
    return {
        "box": [round(v, 1) for v in face.box], "score": round(face.score, 3),
        "problems": list(face.quality.problems),
    }  # fmt: skip

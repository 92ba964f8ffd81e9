"""A photo as a start: choose the face, see it drawn, read its attributes, take what helps."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.engine.api import EncodedFace, EncodeFace, FaceReady, Progress, ReadPicture
from app.models.session import Session
from app.views.controller import Controller
from app.views.face_pane import FacePane
from app.views.forms import button, button_row, text_label
from app.views.jobs import KEEPING_LANE
from app.views.picture_desk import PictureDesk
from app.views.picture_facts import OpenedPicture, StartingFace, Subject
from app.views.picture_view import PictureView
from app.views.picture_words import chips, fidelity_sentence, problems_of, time_code
from app.views.possible_faces import PossibleFaces
from app.views.read_panel import ReadPanel
from app.views.refine_bar import RefineBar
from app.views.source_row import DropPage, SourceRow
from app.views.translation import tr

POSSIBLE = 6


class PhotoPage(DropPage):
    """Left the picture, right what was made of the chosen face and what can be done with it."""

    blend_asked = Signal(object)  # StartingFace
    left = Signal()  # something was taken over: back to the sitting

    def __init__(
        self, controller: Controller, desk: PictureDesk, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._controller, self._desk = controller, desk
        self._opened: OpenedPicture | None = None
        self._refining = False
        self._make_controls()
        self._lay_out()
        desk.picture_read.connect(self._on_read)
        desk.subject_chosen.connect(self._on_subject)
        desk.encoding.connect(self._on_better)
        desk.encoded.connect(self._on_encoded)
        desk.possible_face.connect(self._on_possible_face)
        desk.possible_done.connect(self._on_possible)
        desk.forgotten.connect(self._on_forgotten)
        desk.failed.connect(self._on_failed)
        controller.progress.connect(self._on_progress)
        controller.busy_changed.connect(self._on_busy)
        self._on_forgotten()

    def _make_controls(self) -> None:
        self.source = SourceRow(self._desk, "photo")
        self.picture = PictureView()
        self.picture.face_chosen.connect(self._on_face)
        self.status = text_label("", "faint")
        self.problems = text_label("", "danger")
        self.crop = FacePane(tr("In the picture"))
        self.drawn = FacePane(tr("Drawn by the model"))
        self.fidelity = text_label("")
        self.bar = RefineBar()
        self.bar.asked.connect(self._on_refine)
        self.bar.stopped.connect(self._on_stop)
        self.read = ReadPanel()
        self.read.ticked_changed.connect(self._enable)
        self.possible = PossibleFaces(tr(
            "Possible faces: each fits the poor picture. None of them is an answer."
        ))
        self.possible.chosen_changed.connect(self._enable)
        self.start = button(tr("Start from this face"), self._on_start, "primary")
        self.attributes = button(tr("Use only its attributes"), self._on_attributes)
        self.blend = button(tr("Blend with the portrait"), self._on_blend)
        self.enhance = button(tr("Possible faces..."), self._on_enhance, help_text=tr(
            "For a small or blurred face: several faces it could be"
        ))
        self.back = button(tr("Back to this face"), self._show_one, "quiet")
        self.stop_possible = button(tr("Cancel"), self._on_stop_possible, "quiet")
        self.start_possible = button(tr("Start from the chosen face"), self._on_start_possible,
                                     "primary")

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.addWidget(self.source)
        left.addWidget(self.picture, 1)
        left.addWidget(self.status)
        self._sides = QStackedWidget()
        self._sides.addWidget(self._one_face())
        self._sides.addWidget(self._several())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(18)
        row.addLayout(left, 9)
        row.addWidget(self._sides, 10)

    def _one_face(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        faces = QHBoxLayout()
        faces.addWidget(self.crop)
        faces.addWidget(self.drawn)
        column.addLayout(faces, 4)
        for widget in (self.problems, self.fidelity, self.bar):
            column.addWidget(widget)
        column.addWidget(self.read, 5)
        column.addLayout(button_row(self.enhance, self.blend))
        column.addLayout(button_row(self.attributes, self.start))
        return side

    def _several(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.possible, 1)
        column.addLayout(button_row(self.back, self.stop_possible, self.start_possible))
        return side

    # ---- showing

    def show_session(self, session: Session) -> None:
        """What may be done depends on the sitting."""
        self._enable()

    def _enable(self) -> None:
        desk, session = self._desk, self._controller.session
        ready = desk.result is not None and not self._controller.jobs.is_busy(EncodeFace.lane)
        may_start = ready and desk.described
        self.start.setEnabled(may_start)
        self.attributes.setEnabled(may_start and bool(self.read.ticked))
        self.blend.setEnabled(may_start and session.portrait is not None)
        self.enhance.setEnabled(ready and self._desk.subject is not None)
        self.bar.refine.setEnabled(ready)
        self.bar.limit.setEnabled(ready)
        making = self._controller.jobs.is_busy(EncodeFace.lane)
        self.stop_possible.setVisible(making)
        self.start_possible.setEnabled(self.possible.chosen is not None and desk.described)

    def _on_read(self, opened: OpenedPicture) -> None:
        if opened.what != "photo":
            return
        self._opened = opened
        self.picture.show_read(opened.read)
        self.source.show_open(opened.read.sha256, opened.name)
        self._show_one()
        count = len(opened.read.faces)
        if not count:
            self._desk.let_go()
            self._clear_face()
            self.status.setText(tr(
                "No face was found in {name}. Try a larger or sharper picture, turned upright."
            ).format(name=opened.name))
            return
        self.status.setText(_kept_text(opened, count))
        self._on_face(0)
        if self.isVisible():
            self.picture.setFocus()

    def _on_face(self, index: int) -> None:
        opened = self._opened
        if opened is not None and index < len(opened.read.faces):
            face, read = opened.read.faces[index], opened.read
            self._desk.choose(Subject(
                "photo", read.path, opened.name, read.sha256, face.quality, face.aligned, index
            ))  # fmt: skip

    def _on_subject(self, subject: Subject) -> None:
        self._show_one()
        self.crop.set_face(subject.aligned)
        self.drawn.set_face(None)
        self.fidelity.setText(tr("Drawing the face..."))
        self.problems.setText(problems_of(subject.quality))
        self.problems.setVisible(bool(subject.quality.problems))
        self.read.show_chips(())
        if subject.what == "video":
            self._opened = None
            self.picture.show_plain(subject.aligned)
            self.source.show_nothing()
            times = ", ".join(time_code(f.time_s) for f in subject.frames)
            self.status.setText(tr("{name}, at {times}").format(name=subject.name, times=times))
        self._enable()

    def _on_better(self, face: FaceReady) -> None:
        self.drawn.set_face(face.pixels)

    def _on_encoded(self, result: EncodedFace) -> None:
        subject = self._desk.subject
        if subject is None:
            return
        self.drawn.set_face(result.pixels)
        self.fidelity.setText(fidelity_sentence(result.fidelity))
        if not self.read.rows:
            description = self._controller.session.description
            self.read.show_chips(chips(result.measured, subject.name, description))
        self._enable()

    def _clear_face(self) -> None:
        self.crop.set_face(None)
        self.drawn.set_face(None)
        self.fidelity.setText("")
        self.problems.hide()
        self.read.show_chips(())
        self._enable()

    def _on_forgotten(self) -> None:
        self._opened = None
        self.picture.clear()
        self.source.show_nothing()
        self.status.setText(tr("JPEG or PNG. The original is kept in the case, unaltered."))
        self.possible.begin(0)
        self._show_one()
        self._clear_face()

    def _show_one(self) -> None:
        self._sides.setCurrentIndex(0)
        self._enable()

    # ---- what the officer does

    def _on_refine(self, seconds: float) -> None:
        self._refining = True
        self._desk.refine(seconds)

    def _on_stop(self, keep: bool) -> None:
        self._desk.stop_refining(keep=keep)

    def _on_busy(self, lane: str, busy: bool) -> None:
        if lane == EncodeFace.lane:
            self.bar.show_running(busy, refining=self._refining)
            self._refining = self._refining and busy
        if lane == ReadPicture.lane and busy:
            self.status.setText(tr("Reading the picture..."))
        if lane == KEEPING_LANE and self.isVisible():
            self.status.setText(tr("Writing the original into the case...") if busy else "")
        self._enable()

    def _this_face(self) -> StartingFace | None:
        subject, result = self._desk.subject, self._desk.result
        if subject is None or result is None:
            return None
        return self._desk.face_of(subject, result)

    def _on_start(self) -> None:
        face = self._this_face()
        if face is not None and self._desk.start_from(face):
            self.left.emit()

    def _on_attributes(self) -> None:
        if self._desk.use_attributes(self.read.ticked):
            self.left.emit()

    def _on_blend(self) -> None:
        face = self._this_face()
        if face is not None:
            self.blend_asked.emit(face)

    def _on_enhance(self) -> None:
        subject = self._desk.subject
        if subject is not None:
            self.possible.begin(POSSIBLE)
            self._sides.setCurrentIndex(1)
            self._desk.enhance(subject, POSSIBLE)

    def _on_stop_possible(self) -> None:
        self._controller.cancel(EncodeFace.lane)
        self._show_one()

    def _on_possible_face(self, face: FaceReady) -> None:
        if self._desk.making == "enhance":
            self.possible.add(face)

    def _on_progress(self, lane: str, progress: Progress) -> None:
        if lane == EncodeFace.lane and self._desk.making == "enhance":
            self.possible.show_progress(progress)

    def _on_failed(self, lane: str, error: object) -> None:
        if lane == ReadPicture.lane:
            self.status.setText("")
        elif lane == EncodeFace.lane:
            self.possible.stop()
            if self._desk.result is None:
                self.fidelity.setText("")

    def _on_possible(self, faces: tuple[StartingFace, ...]) -> None:
        if faces and faces[0].how == "enhance":
            self.possible.done(faces)

    def _on_start_possible(self) -> None:
        face = self.possible.chosen
        if face is None:
            return
        self._desk.keep_at_hand(face)
        if self._desk.start_from(face):
            self.left.emit()


def _kept_text(opened: OpenedPicture, count: int) -> str:
    found = tr("One face.") if count == 1 else tr("{count} faces: choose one.").format(count=count)
    kept = tr("{name} is kept in the case, unaltered (SHA-256 {start}...).").format(
        name=opened.name, start=opened.read.sha256[:12]
    )
    turned = " " + tr("It was turned upright for this view.") if opened.read.turned else ""
    return f"{found} {kept}{turned}"

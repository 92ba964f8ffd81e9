"""A sketch or an old composite as a start: colours are asked for, several faces are offered."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from app.engine.api import FaceReady, Progress, ReadPicture, SketchToFace
from app.models.attributes import vocabulary
from app.models.description import Attribute
from app.models.session import Session
from app.views.controller import Controller
from app.views.forms import button, button_row, field, text_label
from app.views.jobs import KEEPING_LANE
from app.views.picture_desk import PictureDesk
from app.views.picture_facts import OpenedPicture, StartingFace
from app.views.picture_view import PictureView
from app.views.possible_faces import PossibleFaces
from app.views.source_row import DropPage, SourceRow
from app.views.terms import value_label
from app.views.translation import tr

OFFERED = 4
UNKNOWN = "?"
COLOURS = ("skin", "hair_color")


class SketchPage(DropPage):
    """Left the drawing and its two missing colours, right the faces it could mean."""

    left = Signal()

    def __init__(
        self, controller: Controller, desk: PictureDesk, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._controller, self._desk = controller, desk
        self._opened: OpenedPicture | None = None
        self.source = SourceRow(desk, "sketch")
        self.picture = PictureView()
        self.status = text_label("", "faint")
        self.colours = {name: _colour_box(name) for name in COLOURS}
        for box in self.colours.values():
            box.currentIndexChanged.connect(lambda place: self._enable())
        self.draw = button(tr("Make faces of it"), self._on_draw, "primary")
        self.possible = PossibleFaces(tr(
            "Possible faces for this drawing. Lines say little: none of them is an answer."
        ))
        self.possible.chosen_changed.connect(self._enable)
        self.cancel = button(tr("Cancel"), self._on_cancel, "quiet")
        self.start = button(tr("Start from the chosen face"), self._on_start, "primary")
        self._lay_out()
        desk.picture_read.connect(self._on_read)
        desk.possible_face.connect(self._on_face)
        desk.possible_done.connect(self._on_done)
        desk.forgotten.connect(self._on_forgotten)
        desk.failed.connect(self._on_failed)
        controller.progress.connect(self._on_progress)
        controller.busy_changed.connect(self._on_busy)
        self._on_forgotten()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.addWidget(self.source)
        left.addWidget(self.picture, 1)
        left.addWidget(self.status)
        left.addWidget(text_label(tr(
            "A drawing has no colours. Say what the witness said, or that it is not known."
        )))
        row = QHBoxLayout()
        labels = {"skin": tr("Skin"), "hair_color": tr("Hair colour")}
        for name, box in self.colours.items():
            row.addWidget(field(labels[name], box), 1)
            box.setAccessibleDescription(labels[name])  # a box is called by what it shows
        left.addLayout(row)
        left.addLayout(button_row(self.draw))
        right = QVBoxLayout()
        right.addWidget(self.possible, 1)
        right.addLayout(button_row(self.cancel, self.start))
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(18)
        whole.addLayout(left, 9)
        whole.addLayout(right, 10)

    # ---- showing

    def show_session(self, session: Session) -> None:
        """Colours that were said are filled in, unless the officer has chosen already."""
        said = {a.name: a.value for a in session.description.confirmed_attributes()
                if not a.negated}
        for name, box in self.colours.items():
            place = box.findData(said.get(name, ""))
            if box.currentIndex() == 0 and place > 0:
                box.setCurrentIndex(place)
        self._enable()

    def _enable(self) -> None:
        answered = all(box.currentIndex() > 0 for box in self.colours.values())
        busy = self._controller.jobs.is_busy(SketchToFace.lane)
        self.draw.setEnabled(self._opened is not None and answered and not busy)
        self.start.setEnabled(self.possible.chosen is not None and self._desk.described)
        self.cancel.setVisible(busy)

    def _on_read(self, opened: OpenedPicture) -> None:
        if opened.what != "sketch":
            return
        self._opened = opened
        self.picture.show_read(opened.read, faces=False)
        self.source.show_open(opened.read.sha256, opened.name)
        self.status.setText(
            tr("{name} is kept in the case, unaltered (SHA-256 {start}...).").format(
                name=opened.name, start=opened.read.sha256[:12]
            )
        )
        self.possible.begin(0)
        self._enable()

    def _on_forgotten(self) -> None:
        self._opened = None
        self.picture.clear()
        self.source.show_nothing()
        for box in self.colours.values():
            box.setCurrentIndex(0)
        self.status.setText(tr(
            "A drawing or an old composite of one face, JPEG or PNG. It is kept, unaltered."
        ))
        self.possible.begin(0)
        self._enable()

    def _on_face(self, face: FaceReady) -> None:
        if self._desk.making == "sketch":
            self.possible.add(face)

    def _on_progress(self, lane: str, progress: Progress) -> None:
        if lane == SketchToFace.lane and self._desk.making == "sketch":
            self.possible.show_progress(progress)

    def _on_done(self, faces: tuple[StartingFace, ...]) -> None:
        if faces and faces[0].how == "sketch":
            self.possible.done(faces)

    def _on_busy(self, lane: str, busy: bool) -> None:
        if lane == ReadPicture.lane and busy and self.isVisible():
            self.status.setText(tr("Reading the picture..."))
        if lane == KEEPING_LANE and self.isVisible():
            self.status.setText(tr("Writing the original into the case...") if busy else "")
        self._enable()

    def _on_failed(self, lane: str, error: object) -> None:
        if lane == ReadPicture.lane:
            self.status.setText("")
        self.possible.stop()

    # ---- what the officer does

    @property
    def wanted(self) -> tuple[Attribute, ...]:
        """The colours as attributes; what is not known is left out."""
        chosen = {name: str(box.currentData()) for name, box in self.colours.items()}
        return tuple(
            Attribute(name, value, source="officer", confirmed=True)
            for name, value in chosen.items() if value not in ("", UNKNOWN)
        )  # fmt: skip

    def _on_draw(self) -> None:
        if self._opened is not None:
            self.possible.begin(OFFERED)
            self._desk.draw_sketch(self._opened, self.wanted, OFFERED)

    def _on_cancel(self) -> None:
        self._controller.cancel(SketchToFace.lane)
        self.possible.stop()

    def _on_start(self) -> None:
        face = self.possible.chosen
        if face is None:
            return
        self._desk.keep_at_hand(face)
        if self._desk.start_from(face):
            self.left.emit()


def _colour_box(name: str) -> QComboBox:
    box = QComboBox()
    box.addItem(tr("Please choose"), "")
    box.addItem(tr("not known"), UNKNOWN)
    for value in vocabulary().entry(name).values:
        box.addItem(value_label(name, value), value)
    return box

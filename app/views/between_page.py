"""Between two faces: even steps from one to the other; any of them can be a start."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from app.engine.api import FaceReady, InterpolatePortraits
from app.models.session import Session
from app.views.controller import Controller
from app.views.forms import button, button_row, field, text_label
from app.views.picture_desk import PictureDesk
from app.views.picture_facts import StartingFace
from app.views.possible_faces import PossibleFaces
from app.views.translation import tr

LEAST, MOST, USUAL = 3, 15, 7


class BetweenPage(QWidget):
    """Two faces at hand, how many steps, and the strip between them."""

    left = Signal()

    def __init__(
        self, controller: Controller, desk: PictureDesk, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._controller, self._desk = controller, desk
        self._faces: tuple[StartingFace, ...] = ()
        self._asked = False
        self.first, self.second = QComboBox(), QComboBox()
        self.steps = QSpinBox()
        self.steps.setRange(LEAST, MOST)
        self.steps.setValue(USUAL)
        self.show_steps = button(tr("Show the steps"), self._on_show, "primary")
        self.strip = PossibleFaces(tr(
            "Every step is a mixture of the two. Any can be a start; the witness decides."
        ), strip=True)  # fmt: skip
        self.strip.chosen_changed.connect(self._enable)
        self.hint = text_label("", "faint")
        self.start = button(tr("Start from the chosen step"), self._on_start, "primary")
        self._lay_out()
        for box in (self.first, self.second):
            box.currentIndexChanged.connect(lambda place: self._enable())
        desk.at_hand_changed.connect(self._refresh)
        desk.step_ready.connect(self._on_step)
        desk.steps_done.connect(self._on_done)
        desk.forgotten.connect(self._on_forgotten)
        desk.failed.connect(self._on_failed)
        controller.busy_changed.connect(self._on_busy)
        self._on_forgotten()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(field(tr("From"), self.first), 3)
        row.addWidget(field(tr("To"), self.second), 3)
        self.first.setAccessibleDescription(tr("From"))  # a box is called by what it shows
        self.second.setAccessibleDescription(tr("To"))
        row.addWidget(field(tr("Steps"), self.steps), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addLayout(button_row(self.show_steps))
        column.addWidget(self.hint)
        column.addWidget(self.strip, 1)
        column.addLayout(button_row(self.start))

    # ---- showing

    def show_session(self, session: Session) -> None:
        """The portrait is one of the faces at hand."""
        self._refresh()

    def show_pair(self, first: StartingFace, second: StartingFace) -> None:
        """Two faces to mix, and their steps at once."""
        self._refresh()
        for box, face in ((self.first, first), (self.second, second)):
            if face in self._faces:
                box.setCurrentIndex(self._faces.index(face))
        self._on_show()

    def _refresh(self) -> None:
        portrait = self._desk.portrait_at_hand()
        faces = (*(() if portrait is None else (portrait,)), *self._desk.at_hand)
        if faces != self._faces:
            self._fill(faces)
        self._enable()

    def _fill(self, faces: tuple[StartingFace, ...]) -> None:
        for place, box in enumerate((self.first, self.second)):
            old = box.currentData()
            box.blockSignals(True)
            box.clear()
            for face in faces:
                box.addItem(face_name(face), face.recipe.id)
            index = box.findData(old) if old else -1
            box.setCurrentIndex(index if index >= 0 else min(place, len(faces) - 1))
            box.blockSignals(False)
        self._faces = faces
        enough = len(faces) > 1
        self.hint.setText("" if enough else tr(
            "Two faces are needed: open a photo, a video or a sketch first, or choose a portrait."
        ))
        self.hint.setVisible(not enough)

    def _enable(self) -> None:
        first, second = self.first.currentIndex(), self.second.currentIndex()
        differ = first >= 0 and second >= 0 and first != second
        busy = self._controller.jobs.is_busy(InterpolatePortraits.lane)
        self.show_steps.setEnabled(differ and not busy and self._controller.may_write)
        self.start.setEnabled(self.strip.chosen is not None and self._desk.described)

    def _on_forgotten(self) -> None:
        self.strip.begin(0)
        self._fill(())
        self._enable()

    def _on_busy(self, lane: str, busy: bool) -> None:
        self._enable()

    def _on_failed(self, lane: str, error: object) -> None:
        self.strip.stop()

    def _on_step(self, face: FaceReady) -> None:
        self.strip.add(face)

    def _on_done(self, faces: tuple[StartingFace, ...]) -> None:
        self.strip.done(faces)

    # ---- what the officer does

    def _on_show(self) -> None:
        first, second = self.first.currentIndex(), self.second.currentIndex()
        if first < 0 or second < 0 or first == second:
            return
        self.strip.begin(self.steps.value())
        self._desk.interpolate(self._faces[first], self._faces[second], self.steps.value())

    def _on_start(self) -> None:
        face = self.strip.chosen
        if face is not None and self._desk.start_from(face):
            self.left.emit()


def face_name(face: StartingFace) -> str:
    """How a face at hand is called."""
    kinds = {
        "photo": tr("Photo: {name}"), "video": tr("Video: {name}"), "sketch": tr("Sketch: {name}"),
        "enhance": tr("Possible face: {name}"), "between": tr("Between: {name}"),
    }  # fmt: skip
    known = kinds.get(face.how)
    return tr("The present portrait") if known is None else known.format(name=face.name)

"""The finished portraits of one witness and their morph side by side: which is most like?"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.engine.api import FaceReady, Pixels
from app.models.portrait import Recipe
from app.views.composite_desk import MORPH
from app.views.controller import Controller
from app.views.forms import button, text_label
from app.views.images import shown
from app.views.theme import set_look
from app.views.translation import tr

FACE = 300


class CompositesDialog(QDialog):
    """Faces without names or numbers of merit; one plain button under each."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.setWindowTitle(tr("Which is most like?"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.tiles: dict[str, tuple[Recipe, QLabel]] = {}
        self._row = QHBoxLayout()
        self._row.setSpacing(16)
        self.waiting = text_label(tr("The morph of them is being drawn."), "faint")
        column = QVBoxLayout(self)
        column.addWidget(text_label(tr("Which of these is most like him or her?"), "witness"))
        column.addLayout(self._row)
        column.addWidget(self.waiting)
        close = button(tr("Not now"), self.reject)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignLeft)
        for number, recipe in enumerate(controller.composites.all, 1):
            self._add(str(number), recipe, controller.known_face(recipe))
        controller.thumbnail_ready.connect(self._on_face)
        controller.composites.morph_ready.connect(self._on_morph)
        controller.case_changed.connect(self.reject)  # bound: ends with this dialog
        controller.render_thumbnails([recipe for recipe, _ in self.tiles.values()])
        controller.composites.ask_morph()

    def _add(self, which: str, recipe: Recipe, pixels: Pixels | None) -> None:
        face = QLabel()
        face.setFixedSize(QSize(FACE, FACE))
        face.setAccessibleName(
            tr("The morph of all") if which == MORPH
            else tr("Portrait {number}").format(number=which)
        )  # fmt: skip
        set_look(face, "faces")
        self.tiles[which] = (recipe, face)
        if pixels is not None:
            self._show(face, pixels)
        column = QVBoxLayout()
        column.addWidget(face)
        this = button(tr("This one"), lambda: self._choose(which), "big")
        column.addWidget(this)
        self._row.addLayout(column)

    def _show(self, face: QLabel, pixels: Pixels) -> None:
        face.setPixmap(shown(pixels, FACE, ratio=self.devicePixelRatioF()))

    def _on_face(self, face: FaceReady) -> None:
        for recipe, label in self.tiles.values():
            if recipe == face.recipe:
                self._show(label, face.pixels)

    def _on_morph(self, face: FaceReady) -> None:
        if MORPH not in self.tiles:
            self.waiting.hide()
            self._add(MORPH, face.recipe, face.pixels)

    def _choose(self, which: str) -> None:
        self._controller.composites.choose(which, self.tiles[which][0])
        self.accept()

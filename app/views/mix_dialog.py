"""Parts of other faces: one region of a face shown before, or the mean of several."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QListView,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.models.portrait import Recipe
from app.models.session import Session
from app.views.controller import Controller
from app.views.forms import button, named, text_label
from app.views.images import shown
from app.views.translation import tr

THUMB = 112
MOST = 48  # faces offered, the newest first


class MixDialog(QDialog):
    """Choose one face for a region, or several for their mean with the portrait."""

    def __init__(self, controller: Controller, parent: QWidget) -> None:
        super().__init__(parent)
        self._controller = controller
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("From another face"))
        self.resize(760, 560)
        self.faces = QListWidget(self)
        self.faces.setViewMode(QListView.ViewMode.IconMode)
        self.faces.setIconSize(QSize(THUMB, THUMB))
        self.faces.setResizeMode(QListView.ResizeMode.Adjust)
        self.faces.setMovement(QListView.Movement.Static)
        self.faces.setSelectionMode(QAbstractItemView.SelectionMode.MultiSelection)
        named(self.faces, tr("Faces shown so far"), tr("Space selects"))
        self.recipes = faces_shown(controller.session)
        self._fill()
        self.region = QComboBox(self)
        for key, label in region_names():
            self.region.addItem(label, key)
        named(self.region, tr("Part of the face"))
        self.take = button(tr("Take this part"), self.take_part, "primary")
        self.blend = button(tr("Mix with the portrait"), self.mix)
        self.close_it = button(tr("Close"), self.reject)
        ways = QHBoxLayout()
        for widget in (self.region, self.take, self.blend):
            ways.addWidget(widget)
        ways.addStretch(1)
        ways.addWidget(self.close_it)
        column = QVBoxLayout(self)
        column.addWidget(text_label(tr(
            "Select the face that has it. A part brings the rest of the face along a little; "
            "the model has no face in pieces."
        )))  # fmt: skip
        column.addWidget(self.faces, 1)
        column.addLayout(ways)
        self.faces.itemSelectionChanged.connect(self._refresh)
        self._refresh()

    @property
    def chosen(self) -> list[Recipe]:
        """The faces selected."""
        return [self.recipes[i.row()] for i in self.faces.selectedIndexes()]

    def take_part(self) -> None:
        """The region of the one selected face."""
        if len(self.chosen) == 1:
            self._controller.changes.swap(self.chosen[0], str(self.region.currentData()))

    def mix(self) -> None:
        """The mean of the portrait and the faces selected."""
        portrait = self._controller.session.portrait
        if portrait is not None and self.chosen:
            self._controller.changes.blend([portrait, *self.chosen])

    def _fill(self) -> None:
        for place, recipe in enumerate(self.recipes, 1):
            item = QListWidgetItem(str(place))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, tr("Face {number}").format(
                number=place
            ))  # fmt: skip
            pixels = self._controller.known_face(recipe)
            if pixels is not None:
                item.setIcon(QIcon(shown(pixels, THUMB)))
            self.faces.addItem(item)

    def _refresh(self) -> None:
        count = len(self.faces.selectedIndexes())
        self.take.setEnabled(count == 1)
        self.blend.setEnabled(count > 0)


def faces_shown(session: Session) -> list[Recipe]:
    """Faces of the answered arrays, picks first, the newest array first; none twice."""
    out: dict[Recipe, None] = {}
    for asked in reversed(session.rounds):
        out.update(dict.fromkeys(asked.picked_faces))
    for asked in reversed(session.rounds):
        out.update(dict.fromkeys(asked.faces))
    return [r for r in out if r != session.portrait][:MOST]


def region_names() -> list[tuple[str, str]]:
    """Key and name of every region that can be taken over."""
    return [
        ("eyes", tr("Eyes")), ("nose", tr("Nose")), ("mouth", tr("Mouth")),
        ("jaw", tr("Jaw and chin")), ("upper", tr("Upper part")), ("colouring", tr("Colouring")),
    ]  # fmt: skip

"""Only a part of the face: which part sliders move in, painted or named."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QSlider, QWidget

from app.models.overlay import Stroke
from app.models.session import Session
from app.views import theme
from app.views.controller import Controller
from app.views.forms import button, named, text_label
from app.views.overlay_handles import Brush, OverlayHandles
from app.views.overlay_paint import canvas_of
from app.views.overlay_words import part_labels
from app.views.translation import tr

WIDEST = 0.4  # of a brush, in face sides

PARTS: Mapping[str, tuple[Stroke, ...]] = {
    "eyes": (
        Stroke(0.2, ((0.22, 0.3), (0.38, 0.3))), Stroke(0.2, ((0.6, 0.3), (0.77, 0.3))),
    ),
    "nose": (Stroke(0.16, ((0.49, 0.3), (0.49, 0.5))), Stroke(0.18, ((0.41, 0.53), (0.58, 0.53)))),
    "mouth": (Stroke(0.22, ((0.36, 0.71), (0.63, 0.71))),),
    "chin": (Stroke(0.24, ((0.32, 0.88), (0.49, 0.93), (0.67, 0.88))),),
    "forehead": (Stroke(0.22, ((0.24, 0.08), (0.75, 0.08))),),
    "left_half": (Stroke(0.5, ((0.22, 0.0), (0.22, 1.0))),),
    "right_half": (Stroke(0.5, ((0.77, 0.0), (0.77, 1.0))),),
}


class RegionBar(QWidget):
    """Marks parts and says which one the sliders move in; ``chosen`` when that changes."""

    chosen = Signal()

    def __init__(
        self, controller: Controller, handles: OverlayHandles, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._controller, self._handles = controller, handles
        self._count = 0
        self._build()

    @property
    def index(self) -> int:
        """The region that sliders move in; -1 where none is marked."""
        return self.parts.currentIndex()

    def show_session(self, session: Session) -> None:
        """Show the portrait's regions; a new one is chosen."""
        local = session.portrait.local if session.portrait is not None else ()
        if len(local) != self._count:
            index = len(local) - 1 if len(local) > self._count else min(self.index, len(local) - 1)
            self._count = len(local)
            self.parts.blockSignals(True)
            self.parts.clear()
            for number in range(len(local)):
                self.parts.addItem(tr("Part {number}").format(number=number + 1))
            self.parts.setCurrentIndex(index)
            self.parts.blockSignals(False)
        may = session.portrait is not None and self._controller.may_write
        self.paint.setEnabled(may)
        self.known.setEnabled(may)
        self.forget.setEnabled(may and bool(local))
        self.parts.setVisible(bool(local))

    def stop(self) -> None:
        """Lay the brush down and forget what was being painted."""
        if self.paint.isChecked():
            self.paint.blockSignals(True)
            self.paint.setChecked(False)
            self.paint.blockSignals(False)
            self._handles.paint_with(None, canvas_of(self._controller.session.overlays))
            self.paint.setText(tr("Paint a part"))

    # ---- inside

    def _build(self) -> None:
        self.paint = button(
            tr("Paint a part"), lambda: None,
            help_text=tr("Paint on the portrait where sliders may move; press again when done"),
        )
        self.paint.setCheckable(True)
        self.paint.toggled.connect(self._on_paint)
        self.brush_size = QSlider(Qt.Orientation.Horizontal, self)
        self.brush_size.setRange(2, 100)
        self.brush_size.setValue(35)
        named(self.brush_size, tr("Size of the brush"))
        self.brush_size.valueChanged.connect(lambda value: self._on_size())
        self.known = QComboBox(self)
        named(self.known, tr("Or take a part"), tr("Marks it without painting"))
        self.known.addItem(tr("Or take a part"), "")
        for key, label in part_labels().items():
            self.known.addItem(label, key)
        self.known.activated.connect(self._on_known)
        self.parts = QComboBox(self)
        named(self.parts, tr("The part that sliders move in"))
        self.parts.currentIndexChanged.connect(lambda index: self.chosen.emit())
        self.forget = button(tr("Forget this part"), self._on_forget)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 10, 0)
        grid.addWidget(self.paint, 0, 0)
        grid.addWidget(text_label(tr("Brush"), wrap=False), 0, 1)
        grid.addWidget(self.brush_size, 0, 2)
        grid.addWidget(self.known, 0, 3)
        grid.addWidget(self.parts, 1, 0)
        grid.addWidget(self.forget, 1, 3)
        grid.setColumnStretch(2, 1)

    def _brush(self) -> Brush:
        width = WIDEST * self.brush_size.value() / 100
        return Brush(width, theme.colour("accent").name(), is_region=True)

    def _on_size(self) -> None:
        if self.paint.isChecked():
            self._handles.paint_with(self._brush(), canvas_of(self._controller.session.overlays))

    def _on_paint(self, on: bool) -> None:
        canvas = canvas_of(self._controller.session.overlays)
        self.paint.setText(tr("Use this part") if on else tr("Paint a part"))
        if on:
            self._handles.paint_with(self._brush(), canvas)
            return
        strokes = self._handles.strokes
        self._handles.paint_with(None, canvas)
        self._controller.overlays.paint_region(strokes)

    def _on_known(self, place: int) -> None:
        strokes = PARTS.get(str(self.known.itemData(place)), ())
        self.known.setCurrentIndex(0)
        self.stop()
        self._controller.overlays.paint_region(strokes)

    def _on_forget(self) -> None:
        self._controller.overlays.remove_region(self.index)

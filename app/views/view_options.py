"""How an array is looked at: outside blurred, simplified, the order of picking meant or not."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QSlider, QVBoxLayout, QWidget

from app.views.forms import named
from app.views.images import Look
from app.views.translation import tr


class ViewOptions(QWidget):
    """How the faces are shown: outside blurred and how strongly, simplified, ranked."""

    changed = Signal()

    def __init__(self, blur: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.blur_on = QCheckBox(tr("Blur hair and outline"), self)
        self.blur = QSlider(Qt.Orientation.Horizontal, self)
        self.blur.setRange(10, 100)
        self.blur.setValue(max(blur, 10))
        self.blur.setEnabled(False)
        named(self.blur, tr("Strength of the blur"))
        self.simplified = QCheckBox(tr("Simplified view"), self)
        self.ranked = QCheckBox(tr("Order of picking counts"), self)
        helps = {
            self.blur_on: tr("Eyes, nose and mouth first; hair can mislead at the start"),
            self.simplified: tr("Like a pencil drawing: less to distract"),
            self.ranked: tr("The first face picked is the best, then the second"),
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self.blur_on, self.blur, self.simplified, self.ranked):
            column.addWidget(widget)
            if isinstance(widget, QCheckBox):
                widget.setToolTip(helps[widget])
                named(widget, widget.text(), helps[widget])
                widget.toggled.connect(self._on_changed)
        self.blur.valueChanged.connect(self._on_changed)

    @property
    def look(self) -> Look:
        """The options as a look of faces."""
        amount = self.blur.value() / 100 if self.blur_on.isChecked() else 0.0
        return Look(blur=amount, simplified=self.simplified.isChecked())

    def _on_changed(self) -> None:
        self.blur.setEnabled(self.blur_on.isChecked())
        self.changed.emit()

"""How one overlay lies: place, size, turn, strength, colour, mirrored; by keys or mouse."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.models.overlay import Overlay
from app.models.overlay_catalogue import colours
from app.views import theme
from app.views.forms import button, named, text_label
from app.views.overlay_words import place_labels
from app.views.translation import tr

STEPS = 200  # of each slider
SETTLE_MS = 500
SHOWN: dict[str, tuple[float, float]] = {
    "x": (-0.2, 1.2), "y": (-0.4, 1.2), "scale": (0.3, 2.5), "stretch": (0.5, 2.0),
    "angle": (-90.0, 90.0), "opacity": (0.05, 1.0),
}  # fmt: skip


def swatches() -> tuple[tuple[str, str], ...]:
    """Colours at hand, with their names."""
    names = {
        "black": tr("black"), "dark_brown": tr("dark brown"), "brown": tr("brown"),
        "blond": tr("blond"), "red": tr("red"), "grey": tr("grey"), "white": tr("white"),
        "blue": tr("blue"), "green": tr("green"), "wine": tr("wine red"),
    }  # fmt: skip
    return tuple((colour, names[key]) for key, colour in colours().items() if key in names)


class OverlayForm(QWidget):
    """Six sliders, colours and a box; says every change, and when one is final."""

    changed = Signal(object, bool)  # Overlay, final
    colour_asked = Signal(object)  # Overlay

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._overlay: Overlay | None = None
        self.sliders: dict[str, QSlider] = {}
        self._values: dict[str, QLabel] = {}
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.settle)
        self._build()

    def show_overlay(self, overlay: Overlay | None) -> None:
        """Show one overlay's numbers; None for none."""
        self._overlay = overlay
        shown = overlay or Overlay("drawing")
        for name, slider in self.sliders.items():
            value = getattr(shown, name)
            slider.blockSignals(True)
            slider.setValue(_to_step(name, value))
            slider.blockSignals(False)
            self._values[name].setText(value_text(name, value) if overlay else "")
        self.mirrored.blockSignals(True)
        self.mirrored.setChecked(shown.mirrored)
        self.mirrored.blockSignals(False)

    def settle(self) -> None:
        """Say a pending change as final."""
        self._settle.stop()
        if self._overlay is not None:
            self.changed.emit(self._overlay, True)

    # ---- inside

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        for place, (name, label) in enumerate(place_labels().items()):
            slider = QSlider(Qt.Orientation.Horizontal, self)
            slider.setRange(0, STEPS)
            slider.setPageStep(10)
            slider.setMinimumWidth(60)
            named(slider, label)
            slider.valueChanged.connect(lambda step, n=name: self._on_value(n, step))
            slider.sliderReleased.connect(self.settle)
            value = text_label("", "faint", wrap=False)
            value.setMinimumWidth(self.fontMetrics().horizontalAdvance("100 %"))
            title = text_label(label, wrap=False)
            title.setBuddy(slider)
            row, column = place % 3, 3 * (place // 3)
            for offset, widget in enumerate((title, slider, value)):
                grid.addWidget(widget, row, column + offset)
            self.sliders[name], self._values[name] = slider, value
        for column in (1, 4):
            grid.setColumnStretch(column, 1)
        self.mirrored = QCheckBox(tr("Mirrored"), self)
        named(self.mirrored, tr("Mirrored"))
        self.mirrored.toggled.connect(lambda on: self._set(mirrored=on))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addLayout(grid)
        whole.addLayout(self._colours())

    def _colours(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(3)
        self.colours: list[QToolButton] = []
        for colour, name in swatches():
            made = QToolButton(self)
            made.setIcon(_swatch(colour))
            made.setFixedWidth(28)
            named(made, tr("Colour: {colour}").format(colour=name))
            made.setToolTip(name)
            made.setProperty("look", "small")
            made.clicked.connect(lambda checked=False, c=colour: self._set(colour=c))
            self.colours.append(made)
            row.addWidget(made)
        self.other = button(tr("Other..."), self._ask_colour, "quiet", help_text=tr("Colour"))
        self.own = button(tr("As drawn"), lambda: self._set(colour=""), "quiet")
        for widget in (self.other, self.own):
            row.addWidget(widget)
        row.addStretch(1)
        return row

    def _ask_colour(self) -> None:
        if self._overlay is not None:
            self.colour_asked.emit(self._overlay)

    def _set(self, **values: object) -> None:
        if self._overlay is not None:
            self.changed.emit(self._overlay.changed(**values), True)

    def _on_value(self, name: str, step: int) -> None:
        if self._overlay is None:
            return
        self._overlay = self._overlay.changed(**{name: _to_value(name, step)})
        self._values[name].setText(value_text(name, getattr(self._overlay, name)))
        self.changed.emit(self._overlay, False)
        if not self.sliders[name].isSliderDown():
            self._settle.start()  # keys and wheel: final when they rest


def value_text(name: str, value: float) -> str:
    """A number as it is shown."""
    if name == "angle":
        return f"{round(value):+d}°" if round(value) else "0°"
    if name in ("x", "y"):
        off = round(100 * (value - 0.5))
        return f"{off:+d}" if off else "0"
    return f"{100 * value:.0f} %"


def _to_step(name: str, value: float) -> int:
    low, high = SHOWN[name]
    return round(STEPS * (min(max(value, low), high) - low) / (high - low))


def _to_value(name: str, step: int) -> float:
    low, high = SHOWN[name]
    return low + (high - low) * step / STEPS


def _swatch(colour: str) -> QIcon:
    pixmap = QPixmap(16, 16)
    pixmap.fill(theme.colour("border"))  # a dark colour shows on a dark button, too
    painter = QPainter(pixmap)
    painter.fillRect(1, 1, 14, 14, QColor(colour))
    painter.end()
    return QIcon(pixmap)

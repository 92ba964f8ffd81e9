"""One latent direction as a row: name, side effects, both ends, value, reset and hold."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QToolButton,
    QWidget,
)

from app.engine.api import DirectionInfo
from app.views import terms, theme
from app.views.translation import tr

STEPS = 200
HANDLE = 6.5  # radius in logical pixels
STEP, FINE_STEP, PAGE = 5, 1, 25
NOTCH = 120  # of a wheel, in eighths of a degree
SETTLE_MS = 400  # a key held down is one change, said when it has come to rest
BACKWARD = (Qt.Key.Key_Left, Qt.Key.Key_Down)
FORWARD = (Qt.Key.Key_Right, Qt.Key.Key_Up)


class AmountSlider(QSlider):
    """A slider whose wheel sleeps until it has the focus; Shift makes arrow keys fine."""

    reset_asked = Signal()
    rested = Signal()  # the key is up again, or the focus elsewhere
    taken = Signal()  # the focus is here

    def __init__(self, zero: int, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._zero = zero
        self._turned = 0.0  # of a wheel, in eighths of a degree, less than a notch
        self.setRange(0, STEPS)
        self.setSingleStep(STEP)
        self.setPageStep(PAGE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(22)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in BACKWARD + FORWARD:
            sign = 1 if event.key() in FORWARD else -1
            self.setValue(self.value() + sign * (FINE_STEP if fine else STEP))
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.reset_asked.emit()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        super().keyReleaseEvent(event)
        if not event.isAutoRepeat():
            self.rested.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.taken.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.rested.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            turned = event.angleDelta().y() or event.angleDelta().x()  # Shift turns it sideways
            self._turned += turned
            notches, self._turned = int(self._turned / NOTCH), math.fmod(self._turned, NOTCH)
            self.setValue(self.value() + notches * (FINE_STEP if fine else STEP))
            event.accept()
        else:
            event.ignore()  # let the list scroll

    def mousePressEvent(self, event: QMouseEvent) -> None:
        handle, at = self._handle(), event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton and not handle.contains(at):
            self.setValue(self._value_at(at))  # jump there, then drag
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset_asked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The filled part runs from zero, not from the left end: it shows what was changed."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, at, zero = self.height() / 2, self._x_of(self.value()), self._x_of(self._zero)
        left, right = self._x_of(0), self._x_of(STEPS)
        moved = theme.colour("accent" if self.isEnabled() else "held")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("border"))
        painter.drawRoundedRect(QRectF(left, middle - 1.5, right - left, 3), 1.5, 1.5)
        painter.drawRect(QRectF(zero - 1, middle - 7, 2, 14))
        painter.setBrush(moved)
        painter.drawRect(QRectF(min(at, zero), middle - 2.5, abs(at - zero), 5))
        self._paint_handle(painter, QPointF(at, middle), moved)
        painter.end()

    def _paint_handle(self, painter: QPainter, at: QPointF, moved: QColor) -> None:
        painter.setBrush(theme.colour("raised") if self.isEnabled() else moved)
        painter.setPen(QPen(moved, 2))
        painter.drawEllipse(at, HANDLE, HANDLE)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("focus"), 2))
            painter.drawEllipse(at, HANDLE + 3, HANDLE + 3)

    def _handle(self) -> QRect:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        part = QStyle.SubControl.SC_SliderHandle
        return self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, part, self
        )

    def _span(self) -> int:
        return max(self.width() - self._handle().width(), 1)

    def _value_at(self, at: QPoint) -> int:
        return QStyle.sliderValueFromPosition(
            0, STEPS, at.x() - self._handle().width() // 2, self._span()
        )

    def _x_of(self, value: int) -> int:
        at = QStyle.sliderPositionFromValue(0, STEPS, value, self._span())
        return at + self._handle().width() // 2


class SliderRow(QWidget):
    """A direction's controls. Tells of every move; ``final`` when the hand has come to rest."""

    moved = Signal(str, float, bool)  # name, amount, final
    reset_asked = Signal(str)
    hold_asked = Signal(str, bool)
    taken = Signal(str)  # the witness or officer is at this one
    favoured = Signal(str, bool)

    def __init__(
        self,
        direction: DirectionInfo,
        others: Sequence[DirectionInfo] = (),
        parent: QWidget | None = None,
    ) -> None:
        """``others``: all directions of the model, by whose names side effects are given."""
        super().__init__(parent)
        self.direction = direction
        self._origin = 0.0
        self.slider = AmountSlider(self._to_step(0.0), self)
        self.name = QLabel(self)
        self.weakness = QLabel(terms.weakness_label(direction), self)
        self.effects = terms.side_effects_label(direction, others)
        self.low, self.high, self.value = QLabel(self), QLabel(self), QLabel(self)
        self.reset, self.hold, self.star = QToolButton(self), QToolButton(self), QToolButton(self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._build()
        self._connect()
        self._say()
        self.show_amount(0.0)

    @property
    def amount(self) -> float:
        """Where the slider stands, in the direction's unit."""
        low, high = self.direction.low, self.direction.high
        step = self.slider.value()
        return 0.0 if step == self._to_step(0.0) else low + (high - low) * step / STEPS

    def show_amount(self, amount: float, *, origin: float = 0.0, held: bool = False) -> None:
        """Show a state without telling anyone; a slider under the hand is left alone.

        ``origin`` is where reset leads: the amount of the face that the witness chose.
        """
        self._origin = origin
        for control in (self.slider, self.hold):
            control.blockSignals(True)
        if not self.slider.isSliderDown() and not self._settle.isActive():
            self.slider.setValue(self._to_step(amount))
        self.slider.setEnabled(not held)
        self.hold.setChecked(held)
        self.hold.setText(tr("Held") if held else tr("Hold"))
        for control in (self.slider, self.hold):
            control.blockSignals(False)
        self._say_value()

    def show_favourite(self, on: bool) -> None:
        """Mark as a favourite, without telling anyone."""
        self.star.blockSignals(True)
        self.star.setChecked(on)
        self.star.setText("\u2605" if on else "\u2606")
        self.star.blockSignals(False)

    def settle(self) -> None:
        """Say a pending move as final now (the page is left, or the slider)."""
        if self._settle.isActive():
            self._settle.stop()
            self.moved.emit(self.direction.name, self.amount, True)

    def _say(self) -> None:
        label = terms.direction_label(self.direction)
        low, high = terms.end_labels(self.direction)
        self.name.setText(label)
        self.low.setText(low)
        self.high.setText(high)
        self.reset.setText(tr("Reset"))
        self.slider.setAccessibleName(label)
        ends = tr("From {low} to {high}.").format(low=low, high=high)
        about = (ends, self.weakness.text(), self.effects)
        self.slider.setAccessibleDescription(" ".join(filter(None, about)))
        self.reset.setAccessibleName(tr("Reset: {name}").format(name=label))
        self.hold.setAccessibleName(tr("Hold: {name}").format(name=label))
        self.star.setAccessibleName(tr("Favourite: {name}").format(name=label))
        self.star.setToolTip(tr("Favourites stand first in the list"))
        self.hold.setToolTip(tr("Keep this as it is while other things change"))
        self._say_value()

    # ---- inside

    def _to_step(self, amount: float) -> int:
        low, high = self.direction.low, self.direction.high
        share = (amount - low) / (high - low) if high > low else 0.5
        return round(min(max(share, 0.0), 1.0) * STEPS)

    def _build(self) -> None:
        self.hold.setCheckable(True)
        self.star.setCheckable(True)
        self.star.setText("\u2606")
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.value.setMinimumWidth(self.fontMetrics().horizontalAdvance("+00 years"))
        self.high.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for label in (self.low, self.high, self.weakness):
            theme.set_look(label, "faint")
        theme.set_look(self.name, "strong")
        theme.set_look(self.reset, "small")
        theme.set_look(self.hold, "hold")
        theme.set_look(self.star, "star")
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.name)
        top.addWidget(self.weakness, 1)
        for control in (self.value, self.reset, self.hold, self.star):
            top.addWidget(control)
        grid = QGridLayout(self)
        grid.setContentsMargins(2, 3, 2, 5)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(1)
        grid.addLayout(top, 0, 0, 1, 3)
        for column, widget in enumerate((self.low, self.slider, self.high)):
            grid.addWidget(widget, 1, column)
        grid.setColumnStretch(1, 1)
        ends = self.fontMetrics().horizontalAdvance("n" * 10)
        for column in (0, 2):
            grid.setColumnMinimumWidth(column, ends)

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self._on_value)
        self.slider.sliderReleased.connect(self._on_released)
        self.slider.reset_asked.connect(self._ask_reset)
        self.slider.rested.connect(self.settle)
        self.slider.taken.connect(lambda: self.taken.emit(self.direction.name))
        self.reset.clicked.connect(self._ask_reset)
        self.hold.toggled.connect(lambda on: self.hold_asked.emit(self.direction.name, on))
        self.star.toggled.connect(lambda on: self.favoured.emit(self.direction.name, on))
        self._settle.timeout.connect(
            lambda: self.moved.emit(self.direction.name, self.amount, True)
        )

    def _on_value(self, step: int) -> None:
        self._say_value()
        if not self.slider.isSliderDown():
            self._settle.start()
        self.moved.emit(self.direction.name, self.amount, False)

    def _on_released(self) -> None:
        self._settle.stop()
        self.moved.emit(self.direction.name, self.amount, True)

    def _ask_reset(self) -> None:
        self._settle.stop()
        if self.slider.isEnabled():
            self.reset_asked.emit(self.direction.name)

    def _say_value(self) -> None:
        self.value.setText(terms.amount_label(self.direction, self.amount))
        is_moved = self.slider.value() != self._to_step(self._origin)
        self.reset.setEnabled(is_moved and self.slider.isEnabled())

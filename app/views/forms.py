"""Rows and buttons with label, help and accessible name set together, so that none is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.views.theme import set_look

COLUMN_WIDTH = 860  # pixels at 100 %; a calm reading width


def text_label(text: str, look: str = "", *, wrap: bool = True) -> QLabel:
    """A label in one of the style sheet's looks; plain text only, whatever it holds."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    if look:
        set_look(label, look)
    return label


def button(
    text: str, on_click: Callable[[], object], look: str = "", *, help_text: str = ""
) -> QPushButton:
    """A push button; its text is its accessible name, ``help_text`` its description."""
    made = QPushButton(text)
    made.setAccessibleName(text.replace("&", ""))
    made.setAccessibleDescription(help_text)
    made.setToolTip(help_text)
    made.setAutoDefault(False)
    made.clicked.connect(lambda checked=False: on_click())
    if look:
        set_look(made, look)
    return made


def named(widget: QWidget, name: str, help_text: str = "") -> QWidget:
    """Give a control its accessible name and description; returns it."""
    widget.setAccessibleName(name)
    widget.setAccessibleDescription(help_text)
    return widget


def field(label: str, control: QWidget, help_text: str = "") -> QWidget:
    """A labelled row: label above, control, help below; names the control for a screen reader."""
    row = QWidget()
    column = QVBoxLayout(row)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(3)
    title = text_label(label)
    title.setBuddy(control)
    named(control, label, help_text)
    column.addWidget(title)
    column.addWidget(control)
    if help_text:
        column.addWidget(text_label(help_text, "faint"))
    return row


class ChoiceRow(QWidget):
    """One question with big exclusive choices; ``chosen`` is called with the value's key."""

    def __init__(
        self, question: str, choices: Sequence[tuple[str, str]], chosen: Callable[[str], object],
        parent: QWidget | None = None, *, beside: bool = False,
    ) -> None:
        super().__init__(parent)
        outer = QHBoxLayout(self) if beside else QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(text_label(question), 2 if beside else 0)
        row = QHBoxLayout()
        outer.addLayout(row, 3 if beside else 0)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        for key, text in choices:
            made = button(text, lambda key=key: chosen(key), "choice", help_text=question)
            made.setToolTip("")
            made.setCheckable(True)
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._group.addButton(made)
            self._buttons[key] = made
            row.addWidget(made)

    def show_value(self, value: str | None) -> None:
        """Mark the chosen value, or none."""
        self._group.setExclusive(False)
        for key, made in self._buttons.items():
            made.setChecked(key == value)
        self._group.setExclusive(True)


def centred_column(page: QWidget, width: int = COLUMN_WIDTH) -> QVBoxLayout:
    """One scrolling column in the middle of a page; returns the layout to fill."""
    outer = QVBoxLayout(page)
    outer.setContentsMargins(0, 0, 0, 0)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setFrameShape(QFrame.Shape.NoFrame)
    outer.addWidget(area)
    holder = QWidget()
    area.setWidget(holder)
    row = QHBoxLayout(holder)
    row.addStretch(1)
    column_widget = QWidget()
    column_widget.setMaximumWidth(width)
    row.addWidget(column_widget, 100)
    row.addStretch(1)
    column = QVBoxLayout(column_widget)
    column.setContentsMargins(24, 18, 24, 18)
    column.setSpacing(12)
    return column


def scrolling(panel: QWidget) -> QScrollArea:
    """A panel that scrolls only where type is so large that it does not fit."""
    area = QScrollArea()
    area.setWidget(panel)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    bar = area.verticalScrollBar().sizeHint().width()
    area.setMinimumWidth(panel.minimumSizeHint().width() + bar)
    return area


def button_row(*buttons: QWidget, stretch_first: bool = True) -> QBoxLayout:
    """Buttons side by side, at the right unless told otherwise."""
    row = QHBoxLayout()
    if stretch_first:
        row.addStretch(1)
    for made in buttons:
        row.addWidget(made)
    if not stretch_first:
        row.addStretch(1)
    return row


def spread_row(first: QWidget, last: QWidget) -> QHBoxLayout:
    """Two controls at the ends of a row; a label takes the room between them."""
    row = QHBoxLayout()
    row.addWidget(first, 1 if isinstance(first, QLabel) else 0)
    row.addStretch(0 if isinstance(first, QLabel) else 1)
    row.addWidget(last)
    return row


def clear_layout(layout: QBoxLayout) -> None:
    """Remove everything from a layout and let it go."""
    while (taken := layout.takeAt(0)) is not None:
        widget = taken.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        inner = taken.layout()
        if isinstance(inner, QBoxLayout):
            clear_layout(inner)

"""The description: the words with what was read from them, and attributes to confirm or correct."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.models.session import Session, Stage
from app.views.attribute_editor import AttributeEditor
from app.views.attribute_row import AttributeRow
from app.views.controller import Controller
from app.views.described_text import DescribedText, legend
from app.views.forms import button, button_row, clear_layout, text_label
from app.views.translation import tr

READ_QUIET_MS = 300


class DescribePage(QWidget):
    """Left the words, right what they were taken to say; the officer decides with the witness."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._shown: Session | None = None
        self.rows: list[AttributeRow] = []
        self.text = DescribedText()
        self.text.textChanged.connect(self._on_typed)
        self.editor = AttributeEditor(self._on_edited)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(READ_QUIET_MS)
        self._timer.timeout.connect(self.flush)
        self.confirm_all = button(tr("Confirm all"), controller.confirm_all)
        self.show_faces = button(tr("Show faces"), self._on_show_faces, "primary")
        self._state = text_label("", "faint")
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 18, 24, 14)
        row.setSpacing(24)
        row.addLayout(self._make_left(), 5)
        row.addLayout(self._make_right(), 6)
        controller.busy_changed.connect(self._on_busy)

    def _make_left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.addWidget(text_label(tr("The description"), "title"))
        column.addWidget(self.text, 1)
        column.addWidget(legend())
        column.addWidget(text_label(tr(
            "The first description is kept word for word; here it may be corrected and completed."
        ), "faint"))
        return column

    def _make_right(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.addWidget(text_label(tr("What it says"), "title"))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its rows take the focus
        holder = QWidget()
        outer = QVBoxLayout(holder)
        outer.setContentsMargins(0, 0, 6, 0)
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        outer.addLayout(self._list)
        outer.addStretch(1)
        area.setWidget(holder)
        column.addWidget(area, 1)
        column.addWidget(self.editor)
        column.addWidget(self._state)
        column.addLayout(button_row(self.confirm_all, self.show_faces))
        return column

    # ---- showing

    def show_session(self, session: Session) -> None:
        if not self._timer.isActive():
            self.text.show_description(session.description)
        self.text.setReadOnly(not self._controller.may_write)
        attributes = session.description.attributes
        if self._shown is None or attributes != self._shown.description.attributes:
            self._show_rows(session)
        self._shown = session
        waiting = sum(not a.confirmed for a in attributes)
        self.confirm_all.setEnabled(waiting > 0)
        self.show_faces.setEnabled(not waiting and self._controller.may_write)
        self._state.setText(self._state_text(len(attributes), waiting))

    def _state_text(self, total: int, waiting: int) -> str:
        if not total:
            return tr("Nothing is confirmed. Faces would be spread over everything.")
        if waiting:
            return tr("{waiting} of {total} wait to be confirmed, changed or dropped.").format(
                waiting=waiting, total=total
            )
        return tr("All confirmed. Only confirmed features shape the faces.")

    def _show_rows(self, session: Session) -> None:
        place = self._focused_place()
        clear_layout(self._list)
        self.rows = []
        attributes = session.description.attributes
        said = [i for i, a in enumerate(attributes) if a.source != "picture"]
        seen = [i for i, a in enumerate(attributes) if a.source == "picture"]
        for index in (*said, *seen):
            attribute = attributes[index]
            if seen and index == seen[0]:
                heading = tr("From a picture, not from the witness")
                self._list.addWidget(text_label(heading, "heading"))
            row = AttributeRow(
                attribute,
                confirm=lambda i=index: self._controller.confirm_attribute(i),
                change=lambda i=index: self._on_change(i),
                drop=lambda i=index: self._controller.drop_attribute(i),
            )
            self._list.addWidget(row)
            self.rows.append(row)
        if place is not None and self.rows:
            self.rows[min(place, len(self.rows) - 1)].take_focus()

    def _focused_place(self) -> int | None:
        focused = self.focusWidget()
        for place, row in enumerate(self.rows):
            if focused is not None and row.isAncestorOf(focused):
                return place
        return None

    # ---- what the officer does

    def flush(self) -> None:
        """Have the words read now."""
        self._timer.stop()
        if self._controller.may_write and not self.text.isReadOnly():
            self._controller.read_description(self.text.toPlainText())

    def _on_typed(self) -> None:
        if not self.text.is_showing:
            self._timer.start()

    def _on_change(self, index: int) -> None:
        self.editor.change(index, self._controller.session.description.attributes[index])

    def _on_edited(self, index: int | None, name: str, value: str | tuple[int, int]) -> None:
        if index is None:
            self._controller.add_attribute(name, value)
        else:
            self._controller.change_attribute(index, value)

    def _on_show_faces(self) -> None:
        self.flush()
        self._controller.go(Stage.round)
        if self._controller.session.open_round is None:
            self._controller.offer_round()

    def _on_busy(self, lane: str, busy: bool) -> None:
        if lane == "description":
            self._state.setText(tr("Reading...") if busy else self._state.text())
            if not busy and self._shown is not None:
                self.show_session(self._controller.session)

"""What was read from a picture: one sentence, and chips to tick; apart from what was said."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.models.description import Attribute
from app.views.forms import clear_layout, named, text_label
from app.views.picture_words import Chip, likelihood, sentence
from app.views.theme import set_look
from app.views.translation import tr


class ChipRow(QFrame):
    """One reading: ticked when it shall be used; how likely, and what the witness said instead."""

    def __init__(self, chip: Chip, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chip = chip
        set_look(self, "chip_picture")
        how = likelihood(chip.probability)
        self.tick = QCheckBox(chip.words)
        self.tick.setChecked(chip.telling)
        note = tr("from the picture, {likelihood}").format(likelihood=how)
        if chip.conflict:
            said = tr("the description says: {value}").format(value=chip.conflict)
            note = f"{note}; {said}"
        named(self.tick, f"{chip.words}, {note}")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.addWidget(self.tick)
        beside = text_label(note, "danger" if chip.conflict else "faint")
        beside.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(beside, 1)


class ReadPanel(QWidget):
    """The sentence on top, the chips below; nothing of it is the witness's."""

    ticked_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[ChipRow] = []
        self.says = text_label("", "strong")
        holder = QWidget()
        outer = QVBoxLayout(holder)
        outer.setContentsMargins(0, 0, 6, 0)
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        outer.addLayout(self._list)
        outer.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its boxes take the focus
        area.setWidget(holder)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.says)
        column.addWidget(area, 1)

    def show_chips(self, chips: tuple[Chip, ...]) -> None:
        """Show other readings; what was ticked before is forgotten."""
        clear_layout(self._list)
        self.rows = [ChipRow(chip) for chip in chips]
        for row in self.rows:
            row.tick.toggled.connect(lambda on: self.ticked_changed.emit())
            self._list.addWidget(row)
        self.says.setText(sentence(chips) if chips else "")
        self.ticked_changed.emit()

    @property
    def ticked(self) -> tuple[Attribute, ...]:
        """The attributes that shall be used."""
        return tuple(row.chip.attribute for row in self.rows if row.tick.isChecked())

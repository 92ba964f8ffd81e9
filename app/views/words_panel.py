"""Changes in words: a line to type in, what it was taken to say as chips, and one button."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.engine.api import DirectionInfo, WordedChange
from app.views import terms
from app.views.controller import Controller
from app.views.forms import button, clear_layout, named, text_label
from app.views.translation import tr

CHIPS_PER_ROW = 2


@dataclass(frozen=True)
class Chip:
    """One thing to confirm: its words, the changes behind it, and whether the model can do it."""

    label: str
    changes: tuple[WordedChange, ...]
    possible: bool = True


class WordsPanel(QWidget):
    """Type or dictate, read, untick what was not meant, change. One step of the history."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._text = ""
        self.chips: list[tuple[QCheckBox, Chip]] = []
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(tr("In words: a bit older, thinner nose, keep the eyes"))
        named(self.line, tr("What should be different, in words"), tr("Enter reads it"))
        self.line.returnPressed.connect(self.read)
        self.go = button(tr("Read"), self.read)
        self.make = button(tr("Change the face"), self.change, "primary")
        self.forget = button(tr("Not that"), self.clear)
        self.said = text_label("", "faint")
        top = QHBoxLayout()
        top.addWidget(self.line, 1)
        top.addWidget(self.go)
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        ways = QHBoxLayout()
        ways.addWidget(self.said, 1)
        ways.addWidget(self.forget)
        ways.addWidget(self.make)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in (top, self._list, ways):
            column.addLayout(part)
        self.said.hide()
        controller.changes.read.connect(self._show)
        self._refresh()

    def read(self) -> None:
        """Have the line read; chips say what it was taken to mean."""
        self._text = self.line.text().strip()
        if self._text:
            self._controller.changes.read_words(self._text)

    def change(self) -> None:
        """Make the changes that are ticked."""
        wanted = [c for box, chip in self.chips if box.isChecked() for c in chip.changes]
        if wanted:
            self._controller.changes.make(self._text, wanted)
        self.clear()

    def clear(self) -> None:
        """Forget the line and its chips."""
        self.line.clear()
        self._drop_chips()
        self.said.hide()
        self.line.setFocus()

    def _show(self, changes: tuple[WordedChange, ...]) -> None:
        self._drop_chips()
        info = self._controller.model_info
        for chip in chips_of(changes, info.directions if info else ()):
            box = QCheckBox(chip.label, self)
            box.setChecked(chip.possible)
            box.setEnabled(chip.possible)
            named(box, chip.label, tr("Untick what was not meant"))
            box.toggled.connect(lambda on: self._refresh())
            self._list.addWidget(box)
            self.chips.append((box, chip))
        self.said.setText(tr("Nothing in these words could be read."))
        self.said.setVisible(not self.chips)
        self._refresh()
        if self.chips:
            self.make.setFocus(Qt.FocusReason.OtherFocusReason)

    def _drop_chips(self) -> None:
        clear_layout(self._list)
        self.chips.clear()
        self._refresh()

    def _refresh(self) -> None:
        ticked = any(box.isChecked() for box, _ in self.chips)
        self.make.setVisible(bool(self.chips))
        self.forget.setVisible(bool(self.chips))
        self.make.setEnabled(ticked and self._controller.may_write)


def chips_of(
    changes: tuple[WordedChange, ...], directions: tuple[DirectionInfo, ...]
) -> list[Chip]:
    """Chips for changes: one each, and one for all that is kept or let go by the same words."""
    movable = {d.attribute for d in directions}
    out: list[Chip] = []
    groups: dict[tuple[bool, tuple[int, int]], list[WordedChange]] = {}
    for change in changes:
        if change.hold or change.release:
            groups.setdefault((change.hold, change.span), []).append(change)
        else:
            possible = change.name in movable
            label = change_label(change)
            if not possible:
                label = tr("{wish} - this model cannot show it.").format(wish=label)
            out.append(Chip(label, (change,), possible))
    for (hold, _), group in groups.items():
        known = tuple(c for c in group if c.name in movable) or tuple(group)
        what = ", ".join(terms.attribute_label(c.name) for c in known)
        template = tr("Keep: {what}") if hold else tr("Let move again: {what}")
        possible = any(c.name in movable for c in group)
        out.append(Chip(template.format(what=what), known, possible))
    return out


def change_label(change: WordedChange) -> str:
    """"Nose width: towards narrow, a little"; "Age: 10 years older"."""
    label = terms.attribute_label(change.name)
    if change.name == "age":
        said = tr("older") if change.delta > 0 else tr("younger")
        if change.years:
            years = tr("{years} years").format(years=abs(change.years))
            said = f"{years} {said}"
    elif change.value is not None:
        said = terms.value_label(change.name, change.value)
    else:
        said = tr("more") if change.delta > 0 else tr("less")
    if 0 < abs(change.delta) <= 0.25 and not change.years:
        said = tr("{what} (a little)").format(what=said)
    return tr("{attribute}: {value}").format(attribute=label, value=said)

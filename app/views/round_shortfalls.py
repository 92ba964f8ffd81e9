"""What the face model cannot show of the description, and drawings that can be put on instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.engine.api import Shortfall
from app.models.overlay_catalogue import Entry
from app.views import terms
from app.views.controller import Controller
from app.views.forms import button, clear_layout, text_label
from app.views.overlay_words import drawing_label
from app.views.translation import tr

SHOWN = 4


class Shortfalls(QWidget):
    """Lines for the officer, and a button for each drawing; drawings need a face first."""

    def __init__(
        self, controller: Controller, put_on: Callable[[str, str | None], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._controller, self._put_on = controller, put_on
        self._offers: list[tuple[Entry, str | None]] = []
        self.heading = text_label(tr("What the model cannot show"), "strong")
        self.lines = text_label("", "faint")
        self.additions = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.heading)
        column.addWidget(self.lines)
        column.addLayout(self.additions)

    def say(self, shortfalls: Sequence[Shortfall], may_put_on: bool) -> None:
        """Show the first few, and how many more there are."""
        lines = [terms.shortfall_label(s) for s in shortfalls]
        rest = len(lines) - SHOWN
        if rest > 0:
            lines = [*lines[:SHOWN], tr("and {count} more").format(count=rest)]
        self._say_offers(shortfalls, may_put_on)
        self.lines.setText("\n\n".join(lines))
        self.setVisible(bool(lines))

    def _say_offers(self, shortfalls: Sequence[Shortfall], may_put_on: bool) -> None:
        wanted = {(s.attribute, s.value) for s in shortfalls}
        offers = [
            (entry, where) for entry, where in self._controller.overlays.offers()
            if (entry.attribute, entry.value) in wanted
        ]  # fmt: skip
        if offers != self._offers:
            self._offers = offers
            clear_layout(self.additions)
            for entry, where in offers:
                text = tr("Put on: {what}").format(what=drawing_label(entry.name))
                self.additions.addWidget(
                    button(text, lambda e=entry, w=where: self._put_on(e.name, w))  # type: ignore[misc]
                )
        for place in range(self.additions.count()):
            item = self.additions.itemAt(place)
            widget = None if item is None else item.widget()
            if widget is not None:
                widget.setEnabled(may_put_on and self._controller.may_write)

"""One attribute of the description: what it says, where it comes from, confirm, change, drop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.models.description import Attribute
from app.views.forms import button, text_label
from app.views.terms import attribute_label, plain, value_label
from app.views.theme import set_look
from app.views.translation import tr


def saying(attribute: Attribute) -> str:
    """"brown", "not round", "45 to 55 years", "scar, left cheek"."""
    value = attribute.value
    if isinstance(value, str):
        text = value_label(attribute.name, value)
    elif value[0] == value[1]:
        text = tr("{years} years").format(years=value[0])
    else:
        text = tr("{low} to {high} years").format(low=value[0], high=value[1])
    extras = [plain(e) for e in (attribute.style, attribute.side, attribute.where) if e]
    text = ", ".join([text, *(e for e in extras if e != "unspecified")])
    return tr("not {value}").format(value=text) if attribute.negated else text


def standing(attribute: Attribute) -> str:
    """Where it comes from and how sure it is."""
    if attribute.source == "officer":
        return tr("entered by the officer")
    if attribute.source == "picture":
        name = attribute.text
        return tr("from a picture: {name}").format(name=name) if name else tr("from a picture")
    said = tr("said with doubt") if attribute.certainty == "doubtful" else tr("said")
    if not attribute.text:
        return said
    return tr("{how}: “{words}”").format(how=said, words=attribute.text)


class AttributeRow(QFrame):
    """A chip with its three buttons. Delete drops it, whichever of them has the focus."""

    def __init__(
        self, attribute: Attribute, confirm: Callable[[], object], change: Callable[[], object],
        drop: Callable[[], object], parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.attribute = attribute
        self._drop = drop
        label, said = attribute_label(attribute.name), saying(attribute)
        whole = tr("{attribute}: {value}").format(attribute=label, value=said)
        look = "chip_confirmed" if attribute.confirmed else f"chip_{attribute.certainty}"
        set_look(self, "chip_picture" if attribute.source == "picture" else look)
        self.setAccessibleName(whole)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 5, 6, 5)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(text_label(whole, "chip"))
        words.addWidget(text_label(standing(attribute), "faint"))
        row.addLayout(words, 1)
        if attribute.confirmed:
            row.addWidget(text_label(f"\u2713 {tr('Confirmed')}", "good", wrap=False))
        self.confirm = button(tr("Confirm"), confirm)
        self.change = button(tr("Change"), change)
        self.drop = button(tr("Drop"), drop)
        for made in (self.confirm, self.change, self.drop):
            made.setAccessibleName(f"{made.text()}: {label}, {said}")
            made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            row.addWidget(made)
        self.confirm.setVisible(not attribute.confirmed)

    def take_focus(self) -> None:
        """The most likely next button."""
        (self.change if self.attribute.confirmed else self.confirm).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self._drop()
        else:
            super().keyPressEvent(event)

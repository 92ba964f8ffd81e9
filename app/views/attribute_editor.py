"""Adding an attribute from the vocabulary, or giving one another value."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.models.attributes import vocabulary
from app.models.description import Attribute
from app.views.forms import button, named, text_label
from app.views.terms import attribute_label, region_label, value_label
from app.views.theme import set_look
from app.views.translation import tr

Value = str | tuple[int, int]


class AttributeEditor(QFrame):
    """One line: which feature, which value, and a button. ``done(index | None, name, value)``."""

    def __init__(
        self, done: Callable[[int | None, str, Value], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._done = done
        self._index: int | None = None
        set_look(self, "card")
        self._title = text_label("", wrap=False)
        self.name = QComboBox()
        named(self.name, tr("Feature"))
        for entry in vocabulary().entries:
            self.name.addItem(attribute_label(entry.name), entry.name)
            self.name.setItemData(
                self.name.count() - 1, region_label(entry.region), 3  # Qt.ToolTipRole
            )
        self.word = QComboBox()
        named(self.word, tr("Value"))
        self.low, self.high = QSpinBox(), QSpinBox()
        named(self.low, tr("From, in years"))
        named(self.high, tr("To, in years"))
        self._values = QStackedWidget()
        self._values.addWidget(self.word)
        self._values.addWidget(self._make_interval())
        self.apply = button("", self._on_apply)
        self.cancel = button(tr("Cancel"), self.adding, "quiet")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 6, 6)
        which, how = QHBoxLayout(), QHBoxLayout()
        which.addWidget(self._title)
        which.addWidget(self.name, 1)
        how.addWidget(self._values, 1)
        how.addWidget(self.apply)
        how.addWidget(self.cancel)
        column.addLayout(which)
        column.addLayout(how)
        self.name.currentIndexChanged.connect(lambda index: self._show_values())
        self.adding()

    def _make_interval(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.low)
        row.addWidget(text_label(tr("to"), wrap=False))
        row.addWidget(self.high)
        row.addWidget(text_label(tr("years"), wrap=False))
        row.addStretch(1)
        self.low.valueChanged.connect(self.high.setMinimum)
        return holder

    def adding(self) -> None:
        """Back to adding."""
        self._index = None
        self._title.setText(tr("Add:"))
        self.name.setEnabled(True)
        self.apply.setText(tr("Add"))
        self.apply.setAccessibleName(tr("Add"))
        self.cancel.hide()
        self._show_values()

    def change(self, index: int, attribute: Attribute) -> None:
        """Give the attribute at ``index`` another value."""
        self._index = index
        self._title.setText(tr("Change:"))
        self.name.setCurrentIndex(self.name.findData(attribute.name))
        self.name.setEnabled(False)
        self._show_values()
        self._set_value(attribute.value)
        self.apply.setText(tr("Change"))
        self.apply.setAccessibleName(tr("Change"))
        self.cancel.show()
        (self.low if isinstance(attribute.value, tuple) else self.word).setFocus()

    @property
    def value(self) -> Value:
        """The value as chosen."""
        if self._values.currentIndex() == 1:
            return (self.low.value(), self.high.value())
        return str(self.word.currentData())

    def _set_value(self, value: Value) -> None:
        if isinstance(value, str):
            self.word.setCurrentIndex(max(self.word.findData(value), 0))
        else:
            self.low.setValue(value[0])
            self.high.setValue(value[1])

    def _show_values(self) -> None:
        entry = vocabulary().entry(str(self.name.currentData()))
        self._values.setCurrentIndex(1 if entry.is_interval else 0)
        if entry.bounds is not None:
            self.low.setRange(*entry.bounds)
            self.high.setRange(*entry.bounds)
            self._set_value((30, 40))
        self.word.clear()
        for value in entry.values:
            self.word.addItem(value_label(entry.name, value), value)

    def _on_apply(self) -> None:
        index, name, value = self._index, str(self.name.currentData()), self.value
        self.adding()
        self._done(index, name, value)

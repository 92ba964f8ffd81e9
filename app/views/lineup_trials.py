"""Who looks at the array: mock witnesses for its fairness, then the witness, once; and export."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QWidget,
)

from app.models.lineup import Showing
from app.views.export_panel import documents_folder
from app.views.forms import button, button_row, centred_column, field, text_label
from app.views.lineup_desk import LineupDesk
from app.views.lineup_show import LineupShow
from app.views.lineup_words import figure_rows
from app.views.translation import tr


class TrialsPage(QWidget):
    """Mock witnesses above, the witness below, and the sealed export at the end."""

    def __init__(self, desk: LineupDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.shown: LineupShow | None = None
        self.mode = QComboBox()
        for key, text in (("simultaneous", tr("all at once")), ("sequential", tr("one by one"))):
            self.mode.addItem(text, key)
        self.who = QLineEdit()
        self.who.textChanged.connect(lambda text: self.show_state())
        self.blind = QCheckBox(tr("Whoever sits with the witness does not know the suspect"))
        self.blind.setChecked(True)
        self.blind.setAccessibleName(self.blind.text())
        self.mock = button(tr("Show it to a mock witness"), self.show_mock, "primary")
        self.witness = button(tr("Show it to the witness"), self.show_witness, "primary")
        self.export = button(tr("Sealed export..."), self.ask_export)
        self.mock_note, self.witness_note = text_label("", "faint"), text_label("")
        self._figures = QGridLayout()
        self._lay_out()
        desk.changed.connect(self.show_state)
        self.show_state()

    def _lay_out(self) -> None:
        column = centred_column(self)
        column.addWidget(text_label(tr("Is it fair?"), "title"))
        column.addWidget(text_label(tr(
            "Mock witnesses never saw the suspect. They read the description and choose. In a fair "
            "array the choices spread; where most fall on the suspect, the array gives it away. "
            "Ask 20 people or more."
        ), "faint"))
        column.addLayout(button_row(self.mock, stretch_first=False))
        column.addWidget(self.mock_note)
        column.addLayout(self._figures)
        column.addSpacing(18)
        column.addWidget(text_label(tr("The witness"), "title"))
        column.addWidget(text_label(tr(
            "The order is drawn by lot and written down before anybody looks. The witness reads "
            "the instructions, answers alone on the screen, and says at once how sure they are. A "
            "witness sees a lineup once."
        ), "faint"))
        row = QHBoxLayout()
        row.addWidget(field(tr("Witness code"), self.who), 1)
        row.addWidget(field(tr("Pictures shown"), self.mode), 1)
        column.addLayout(row)
        column.addWidget(self.blind)
        column.addLayout(button_row(self.witness, stretch_first=False))
        column.addWidget(self.witness_note)
        column.addSpacing(18)
        column.addWidget(text_label(tr("For the file"), "title"))
        column.addWidget(text_label(tr(
            "The array with its numbers, a report with every figure and the origin of every "
            "picture, and the record, sealed in one bundle that anybody can check."
        ), "faint"))
        column.addLayout(button_row(self.export, stretch_first=False))
        column.addStretch(1)

    def show_state(self) -> None:
        """Choices so far, what the witness said, what can be done."""
        desk, lineup = self._desk, self._desk.lineup
        ready = len(desk.faces) >= 2 and self.shown is None and not desk.is_working
        self.mock.setEnabled(ready and bool(lineup.description) and not lineup.is_shown)
        self.witness.setEnabled(ready and bool(self.who.text().strip()))
        self.export.setEnabled(ready)
        self.mock_note.setText(
            "" if lineup.description else tr("Mock witnesses need a description to choose by.")
        )
        _clear(self._figures)
        for place, (what, value) in enumerate(figure_rows(lineup.figures())):
            self._figures.addWidget(text_label(what, "chip"), place, 0)
            self._figures.addWidget(text_label(value), place, 1)
        told = [_told(s) for s in lineup.showings if s.kind == "witness" and s.ended]
        self.witness_note.setText("\n".join(told))

    def show_mock(self) -> None:
        """One more mock witness."""
        self._open(self._desk.begin("mock", "simultaneous"))

    def show_witness(self) -> None:
        """The witness, once."""
        who = self.who.text().strip()
        self._open(self._desk.begin(
            "witness", self.mode.currentData(), who, self.blind.isChecked()
        ))  # fmt: skip

    def _open(self, showing: Showing | None) -> None:
        if showing is None:
            return
        self.shown = LineupShow(self._desk, showing, self)
        self.shown.finished_showing.connect(self._on_finished)
        others = [s for s in QGuiApplication.screens() if s is not self.screen()]
        if others:  # the witness's own screen, where there is one
            self.shown.move(others[0].geometry().topLeft())
        self.shown.showFullScreen()
        self.show_state()

    def _on_finished(self) -> None:
        self.shown = None
        self.show_state()

    def ask_export(self) -> None:
        """Where to, then seal it."""
        name = f"lineup-{datetime.now():%Y%m%d-%H%M}.zip"
        chosen, _ = QFileDialog.getSaveFileName(
            self, tr("Sealed export"), str(documents_folder() / name), "ZIP (*.zip)"
        )
        if chosen:
            self._desk.export(Path(chosen))


def _told(showing: Showing) -> str:
    answer = showing.answer
    if answer is None:
        return tr("{who}: broken off, no answer").format(who=showing.who)
    if answer.place is None:
        what = {"none": tr("none of these"), "not_sure": tr("not sure")}[answer.answer]
    else:
        what = tr("picture {number}").format(number=answer.place + 1)
    return tr("{who}: {what}. “{words}”").format(
        who=showing.who, what=what, words=answer.statement
    )


def _clear(grid: QGridLayout) -> None:
    """Take every row of figures away."""
    while (item := grid.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


"""The first page: new case, open, practice, recover; recent cases only if wanted."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.models.errors import PortraitError
from app.models.session import Session
from app.views.case_forms import NewCaseForm, OpenCaseForm, RecoverForm
from app.views.controller import Controller
from app.views.forms import button, button_row, centred_column, clear_layout, named, text_label
from app.views.jobs import CASE_LANE
from app.views.theme import set_look
from app.views.translation import tr


class StartPage(QWidget):
    """Shown while no case is open."""

    tour_asked = Signal()

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.new_form = NewCaseForm(controller)
        self.open_form = OpenCaseForm(controller)
        self.recover_form = RecoverForm(controller)
        self._recent = QVBoxLayout()
        self._welcome = self._make_welcome()
        self._forms = QStackedWidget()
        for form in (self._welcome, self.new_form, self.open_form, self.recover_form):
            self._forms.addWidget(form)
        self._back = button(tr("Back"), self.show_welcome, "quiet")
        self._waiting = self._make_waiting()
        column = centred_column(self)
        column.addLayout(button_row(self._back, stretch_first=False))
        column.addWidget(self._forms, 1)
        column.addWidget(self._waiting)
        controller.busy_changed.connect(self._on_busy)
        controller.case_changed.connect(self._on_case)
        controller.problem.connect(self._on_problem)
        self.show_welcome()

    def _make_welcome(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addStretch(1)
        column.addWidget(text_label(tr("Portrait Parlé"), "title"))
        column.addWidget(text_label(tr(
            "From a witness's words to a portrait the witness stands by. Everything stays on "
            "this computer."
        ), "witness"))
        column.addSpacing(18)
        grid = QGridLayout()
        grid.setSpacing(12)
        entries = (
            (tr("New case"), tr("A sealed case file with its own passphrase."), self.show_new),
            (tr("Open a case"), tr("Goes on where it was left, also after a crash."),
             self.show_open),
            (tr("Practice"), tr("Try everything. Nothing is kept."),
             self._controller.start_practice),
            (tr("Recover a case"), tr("From an older copy, when the file is damaged."),
             self.show_recover),
            (tr("Lineup"), tr("Fair fillers for a suspect. A sealed file of its own."),
             self.open_lineup),
            (tr("First tour"), tr("Two minutes, step by step, on a practice case."),
             self.tour_asked.emit),
        )
        for place, (title, line, run) in enumerate(entries):
            made = button(title, run, "start", help_text=line)
            if run == self.tour_asked.emit:
                self.tour = made
            made.setToolTip("")
            grid.addWidget(made, 2 * (place // 2), place % 2)
            note = text_label(line, "faint")
            note.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
            grid.addWidget(note, 2 * (place // 2) + 1, place % 2)
        column.addLayout(grid)
        column.addSpacing(12)
        column.addLayout(self._recent)
        column.addStretch(2)
        return page

    def _make_waiting(self) -> QWidget:
        waiting = QWidget()
        column = QVBoxLayout(waiting)
        column.addWidget(text_label(tr(
            "Working on the passphrase. This takes a second or two on purpose: it makes guessing "
            "expensive."
        )))
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        named(bar, tr("Opening the case"))
        column.addWidget(bar)
        waiting.hide()
        return waiting

    def show_session(self, session: Session) -> None:
        """Nothing of a session is shown here."""

    def show_welcome(self) -> None:
        """The four ways in."""
        set_look(self.tour, "start" if self._controller.settings.tour_seen else "start_first")
        clear_layout(self._recent)
        recent = [p for p in self._controller.settings.recent if Path(p).exists()]
        if recent:
            self._recent.addWidget(text_label(tr("Recent cases"), "heading"))
        for path in recent:
            made = button(Path(path).name, lambda p=path: self.show_open(p), "quiet")
            made.setToolTip(path)
            self._recent.addWidget(made)
        self._turn_to(self._welcome)

    def show_new(self) -> None:
        """The form for a new case."""
        self._turn_to(self.new_form)
        self.new_form.prepare()

    def show_open(self, path: str = "") -> None:
        """The form for opening, with a file if one is known."""
        self._turn_to(self.open_form)
        self.open_form.prepare(path)

    def show_recover(self) -> None:
        """The form for going on from an older copy."""
        self._turn_to(self.recover_form)
        self.recover_form.prepare()

    def open_lineup(self) -> None:
        """The lineup's own window in front; never beside an open case."""
        from app.views.lineup_window import open_lineup  # not needed before the first lineup

        open_lineup(self._controller)

    def close_lineup(self) -> None:
        """Close the lineup's window, if there is one."""
        if self._controller.lineup is not None:
            self._controller.lineup.close()

    def open_copy(self) -> None:
        """Open a copy for reading of the case that somebody else holds."""
        self.open_form.open_copy()

    def _turn_to(self, form: QWidget) -> None:
        self._forms.setCurrentWidget(form)
        self._back.setVisible(form is not self._welcome)

    def _on_busy(self, lane: str, busy: bool) -> None:
        if lane == CASE_LANE:
            self._waiting.setVisible(busy)
            self._forms.setEnabled(not busy)

    def _on_problem(self, error: PortraitError) -> None:
        if error.code != "case.held":  # only there is the passphrase wanted once more
            self.open_form.forget()

    def _on_case(self, case: object) -> None:
        if case is not None:
            self.open_form.forget()
            self.show_welcome()

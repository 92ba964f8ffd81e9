"""The lineup's own window: its file first, then suspect, array, mock witnesses and the witness."""

from __future__ import annotations

from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QProgressBar,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.engine.api import Engine, Progress
from app.models.case import CaseFacts
from app.models.lineup_record import SUFFIX
from app.views.case_forms import PathField
from app.views.controller import Controller
from app.views.forms import button, button_row, centred_column, field, named, text_label
from app.views.lineup_array import ArrayPage
from app.views.lineup_desk import LineupDesk
from app.views.lineup_seed import SeedPage
from app.views.lineup_trials import TrialsPage
from app.views.lineup_words import stage_words
from app.views.messages import MessageBar
from app.views.passphrase import NewPassphraseField, PassphraseField
from app.views.translation import tr

FIRST_SIZE = (1280, 720)


def open_lineup(controller: Controller) -> None:
    """The lineup's window in front, the one there is or a new one; never beside an open case."""
    if controller.case is not None:
        return
    older = controller.lineup
    if older is None or not older.isVisible():
        if older is not None:
            older.deleteLater()
        controller.lineup = LineupWindow(controller.jobs.engine, controller.language)
        controller.lineup.show()
    else:
        older.activateWindow()


class LineupWindow(QMainWindow):
    """Opened from the start page; while it is open no composite case is."""

    def __init__(self, engine: Engine | None, language: str = "en") -> None:
        super().__init__()
        self.setWindowTitle(tr("Lineup"))
        self.setMinimumSize(960, 600)
        self.resize(*FIRST_SIZE)
        self.desk = LineupDesk(engine, self)
        self.desk.language = language
        self.messages = MessageBar()
        self.files = FilePage(self.desk)
        self.seed, self.array = SeedPage(self.desk), ArrayPage(self.desk)
        self.trials = TrialsPage(self.desk)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(tr("Steps of a lineup"))
        self.tabs.addTab(self.seed, tr("1  Suspect"))
        self.tabs.addTab(self.array, tr("2  Array"))
        self.tabs.addTab(self.trials, tr("3  Witnesses"))
        self.stack = QStackedWidget()
        self.stack.addWidget(self.files)
        self.stack.addWidget(self.tabs)
        self.banner = text_label("", "banner", wrap=False)
        self.bar = QProgressBar()
        named(self.bar, tr("Progress"))
        self.bar_note = text_label("", "faint")
        self.stop = button(tr("Stop"), self.desk.stop)
        self.working = QWidget()
        row = QHBoxLayout(self.working)
        row.setContentsMargins(14, 4, 14, 8)
        row.addWidget(self.bar_note)
        row.addWidget(self.bar, 1)
        row.addWidget(self.stop)
        self.working.hide()
        self.banner.hide()
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.banner, self.messages):
            column.addWidget(widget)
        column.addWidget(self.stack, 1)
        column.addWidget(self.working)
        self.setCentralWidget(whole)
        for keys, run in (
            ("Ctrl+Z", self.desk.undo), ("Ctrl+Shift+Z", self.desk.redo), ("Ctrl+W", self.close),
            ("Ctrl+1", lambda: self.tabs.setCurrentIndex(0)),
            ("Ctrl+2", lambda: self.tabs.setCurrentIndex(1)),
            ("Ctrl+3", lambda: self.tabs.setCurrentIndex(2)),
        ):  # fmt: skip
            action = QAction(self)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(lambda checked=False, run=run: run())
            self.addAction(action)

    def _connect(self) -> None:
        self.desk.opened.connect(self._on_opened)
        self.desk.busy.connect(self._on_busy)
        self.desk.progress.connect(self._on_progress)
        self.desk.problem.connect(self.messages.show_problem)
        self.desk.notice.connect(
            lambda code, facts: self.messages.show_notice(f"lineup.{code}", facts)
        )
        self.desk.changed.connect(self.messages.went_on)

    def _on_opened(self, is_open: bool) -> None:
        self.stack.setCurrentIndex(1 if is_open else 0)
        record = self.desk.record
        kept = record is not None and record.case.kept
        self.banner.setText("" if kept else tr("Practice - nothing is kept"))
        self.banner.setVisible(is_open and not kept)
        self.tabs.setCurrentIndex(0)
        self.files.clear()

    def _on_busy(self, lane: str, busy: bool) -> None:
        working = self.desk.is_working
        self.working.setVisible(working)
        if working and busy:
            self.bar.setRange(0, 0)
            self.bar_note.setText(tr("Working"))
        self.seed.show_state()
        self.trials.show_state()

    def _on_progress(self, progress: Progress) -> None:
        self.bar.setRange(0, max(progress.total, 0))
        self.bar.setValue(progress.done)
        self.bar_note.setText(stage_words(progress.stage))

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.trials.shown is not None:
            self.trials.shown.close()
        self.desk.shut_down()
        event.accept()


class FilePage(QWidget):
    """A new lineup, one that was begun, or practice."""

    def __init__(self, desk: LineupDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.reference, self.officer, self.authority = QLineEdit(), QLineEdit(), QLineEdit()
        self.new_file = PathField(tr("New lineup file"), saving=True, suffix=SUFFIX)
        self.new_pass = NewPassphraseField()
        self.old_file = PathField(tr("Lineup file"), saving=False, suffix=SUFFIX)
        self.old_pass = PassphraseField(tr("Passphrase"))
        self.create_button = button(tr("Create the lineup"), self._on_create, "primary")
        self.open_button = button(tr("Open the lineup"), self._on_open, "primary")
        self.practise = button(tr("Practice"), desk.practise, help_text=tr("Nothing is kept."))
        self.old_pass.submitted.connect(self._on_open)
        column = centred_column(self, 980)
        column.addWidget(text_label(tr("Lineup"), "title"))
        column.addWidget(text_label(tr(
            "Fillers for a suspect that are as plausible as the suspect. A lineup has a sealed "
            "file of its own: nothing passes between it and a witness's composite."
        ), "faint"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(36)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addWidget(text_label(tr("New lineup"), "heading"))
        for row in (field(tr("Reference number"), self.reference),
                    field(tr("Officer"), self.officer),
                    field(tr("Authorised by"), self.authority), self.new_file,
                    self.new_pass):  # fmt: skip
            left.addWidget(row)
        left.addLayout(button_row(self.create_button))
        right.addWidget(text_label(tr("Open a lineup"), "heading"))
        right.addWidget(self.old_file)
        right.addWidget(self.old_pass)
        right.addLayout(button_row(self.open_button))
        right.addSpacing(24)
        right.addWidget(text_label(tr("Try it"), "heading"))
        right.addLayout(button_row(self.practise))
        right.addStretch(1)
        left.addStretch(1)
        grid.addLayout(left, 0, 0)
        grid.addLayout(right, 0, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        for signal in (self.new_file.changed, self.new_pass.changed, self.old_file.changed,
                       self.old_pass.changed, self.reference.textChanged):  # fmt: skip
            signal.connect(lambda *args: self._show_state())
        self._show_state()

    def clear(self) -> None:
        """Forget what was typed."""
        self.new_pass.clear()
        self.old_pass.clear()

    def _show_state(self) -> None:
        named_file = self.new_file.path is not None and bool(self.reference.text().strip())
        self.create_button.setEnabled(named_file and self.new_pass.is_good)
        may_open = self.old_file.path is not None and bool(self.old_pass.passphrase)
        self.open_button.setEnabled(may_open)

    def _on_create(self) -> None:
        path = self.new_file.path
        if path is not None:
            facts = CaseFacts(self.reference.text().strip(), officer=self.officer.text().strip(),
                              authority=self.authority.text().strip())  # fmt: skip
            self._desk.create(path, self.new_pass.passphrase, facts)

    def _on_open(self) -> None:
        path = self.old_file.path
        if path is not None and self.old_pass.passphrase:
            self._desk.open(path, self.old_pass.passphrase)

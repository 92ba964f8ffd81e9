"""For whom the export is, where it goes, what stays out, how far it is, and where it went."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFontDatabase
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.engine.api import Progress
from app.models.case import CaseFacts
from app.models.export.bundle import BundleInfo
from app.models.places import cases_folder
from app.models.session import Session
from app.views.controller import Controller
from app.views.exporting import LANE
from app.views.forms import button, named, text_label
from app.views.rating_panel import rating_label
from app.views.theme import set_look
from app.views.translation import tr


def profile_rows() -> tuple[tuple[str, str, str], ...]:
    """Profile, its name, and what it holds and leaves out."""
    return (
        (
            "full", tr("For the file"),
            tr("Everything: portrait, sketch, report, recipe, every face as shown, the record."),
        ),
        (
            "defence", tr("For the defence"),
            tr("The same without the case's details, the reading log and the faces one by one."),
        ),
        (
            "media", tr("For the public"),
            tr("Only the marked portrait and sketch. No names, no record, no report."),
        ),
    )  # fmt: skip


def suggested_name(facts: CaseFacts | None, now: datetime) -> str:
    """A file name from the case's reference and the time; letters, digits and dashes only."""
    reference = facts.reference if facts is not None else ""
    plain = "".join(c if c.isalnum() else "-" for c in reference).strip("-")
    return "-".join(filter(None, ("portrait", plain, f"{now:%Y%m%d-%H%M}"))) + ".zip"


def documents_folder() -> Path:
    """Where exports go unless told otherwise."""
    portable = cases_folder()
    if portable is not None:
        return portable
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    folder = Path(place) if place else Path.home()
    return folder if folder.is_dir() else Path.home()


def stage_label(stage: str) -> str:
    """What an export is doing, in words."""
    return {
        "sketch": tr("Drawing the sketch"),
        "export.portrait": tr("Marking the portrait"),
        "export.rounds": tr("Laying out the arrays"),
        "export.shown": tr("Adding every face as shown"),
        "export.report": tr("Writing the report"),
    }.get(stage, tr("Exporting"))


class ExportPanel(QWidget):
    """Choices first; then progress; then where the bundle is and how to check it."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._result: BundleInfo | None = None
        self._case_id: str | None = None
        self.profiles: dict[str, QRadioButton] = {}
        self._group = QButtonGroup(self)
        self.destination = QLineEdit(self)
        self._build()
        controller.progress.connect(self._on_progress)
        controller.exporter.began.connect(self._on_began)
        controller.exporter.ended.connect(self._refresh)
        controller.exporter.done.connect(self._on_done)
        controller.problem.connect(self._on_problem)
        self._refresh()

    @property
    def profile(self) -> str:
        """The chosen profile."""
        return next(name for name, choice in self.profiles.items() if choice.isChecked())

    def show_session(self, session: Session) -> None:
        """Suggest a new file name for a new case; say whether the witness has judged yet."""
        case = self._controller.case
        case_id = case.case_id if case is not None else None
        if case_id != self._case_id:
            self._case_id, self._result = case_id, None
            self._suggest()
        template = tr("The witness's judgement: {rating}.")
        if session.rating is None:
            self.judged.setText(tr("The witness has not judged the likeness yet."))
        else:
            self.judged.setText(template.format(rating=rating_label(session.rating)))
        self._refresh()

    # ---- what is done

    def start(self) -> None:
        """Export to the place that is typed in."""
        typed = self.destination.text().strip()
        if typed:
            self._controller.export(Path(typed).expanduser(), self.profile)

    def browse(self) -> None:
        """Ask for a place with the desktop's own dialog."""
        chosen, _ = QFileDialog.getSaveFileName(
            self, tr("Where should the export go?"), self.destination.text(), tr("Bundle (*.zip)")
        )
        if chosen:
            self.destination.setText(chosen)

    def open_folder(self) -> None:
        """Show the bundle's folder in the desktop's file browser."""
        if self._result is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._result.path.parent)))

    # ---- inside

    def _suggest(self) -> None:
        case = self._controller.case
        name = suggested_name(case.facts if case is not None else None, datetime.now())
        self.destination.setText(str(documents_folder() / name))
        self.profiles[self._controller.settings.export_profile].setChecked(True)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(6)
        column.addWidget(text_label(tr("Export"), "title"))
        self.judged = text_label("", "faint")
        column.addWidget(self.judged)
        column.addSpacing(6)
        column.addWidget(text_label(tr("For whom?"), "strong"))
        column.addLayout(self._profiles())
        column.addWidget(self.held)
        self.marked = text_label(
            tr("Every picture says, in the picture and in its data, that a computer made it."),
        )
        column.addWidget(self.marked)
        column.addLayout(self._place())
        column.addSpacing(8)
        column.addWidget(self._result_card())
        column.addStretch(1)
        column.addLayout(self._running())

    def _profiles(self) -> QHBoxLayout:
        self.held = text_label("", "faint")
        self.held.setMinimumHeight(2 * self.fontMetrics().lineSpacing() + 2)
        row = QHBoxLayout()
        for name, title, held in profile_rows():
            choice = QRadioButton(title, self)
            named(choice, title, held)
            choice.toggled.connect(lambda on, held=held: self.held.setText(held) if on else None)
            self._group.addButton(choice)
            self.profiles[name] = choice
            row.addWidget(choice)
        row.addStretch(1)
        self.profiles[self._controller.settings.export_profile].setChecked(True)
        return row

    def _place(self) -> QVBoxLayout:
        label = text_label(tr("Where to?"), "strong")
        label.setBuddy(self.destination)
        named(self.destination, tr("Where to?"), tr("A file ending in .zip, or a new folder"))
        self.browse_button = button(tr("Choose..."), self.browse)
        row = QHBoxLayout()
        row.addWidget(self.destination, 1)
        row.addWidget(self.browse_button)
        place = QVBoxLayout()
        place.addWidget(label)
        place.addLayout(row)
        return place

    def _result_card(self) -> QFrame:
        self.card = QFrame(self)
        set_look(self.card, "card")
        self.where = text_label("", "strong")
        self.words = text_label("", "heading")
        self.hexadecimal = text_label("")
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        self.hexadecimal.setFont(fixed)
        self.open_button = button(tr("Open the folder"), self.open_folder)
        for label in (self.where, self.words, self.hexadecimal):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self.card)
        column.setContentsMargins(12, 8, 12, 8)
        column.addWidget(self.where)
        column.addWidget(text_label(tr("Read these words aloud on the recording:"), "faint"))
        column.addWidget(self.words)
        column.addWidget(self.hexadecimal)
        column.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignLeft)
        return self.card

    def _running(self) -> QHBoxLayout:
        self.bar = QProgressBar(self)
        named(self.bar, tr("Progress of the export"))
        self.doing = text_label("", "faint", wrap=False)
        self.cancel = button(tr("Cancel"), lambda: self._controller.cancel(LANE))
        self.go = button(tr("Write the export"), self.start, "primary")
        self.accept = button(
            tr("The witness accepts this portrait"), self._controller.accept_portrait,
            help_text=tr("Then the witness judges the likeness, and the export follows."),
        )
        row = QHBoxLayout()
        row.addWidget(self.doing)
        row.addWidget(self.bar, 1)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.accept)
        row.addWidget(self.go)
        return row

    def _is_accepted(self) -> bool:
        """Whether the portrait as it is now is the one that was accepted last."""
        accepted = [n for n in self._controller.history.nodes if n.label == "accept"]
        portrait = self._controller.session.portrait
        return bool(accepted) and accepted[-1].state.portrait == portrait

    def _on_began(self) -> None:
        self._result = None
        self._refresh()
        self.cancel.setFocus()

    def _on_progress(self, lane: str, progress: Progress) -> None:
        if lane == LANE:
            self.doing.setText(stage_label(progress.stage))
            self.bar.setRange(0, progress.total)
            self.bar.setValue(progress.done)

    def _on_done(self, info: BundleInfo) -> None:
        self._result = info
        self.where.setText(tr("Written and checked: {path}").format(path=info.path))
        self.words.setText(" ".join(info.head.words))
        self.hexadecimal.setText(_in_fours(info.head.hash_hex))
        self._suggest()
        self._refresh()
        self.open_button.setFocus()

    def _on_problem(self, error: object) -> None:
        if getattr(error, "code", "") == "export.exists":
            self._suggest()
        self._refresh()

    def _refresh(self) -> None:
        running = self._controller.exporter.is_running
        may = self._controller.may_write and self._controller.session.portrait is not None
        for control in (*self.profiles.values(), self.destination, self.browse_button):
            control.setEnabled(not running)
        self.go.setEnabled(may and not running)
        self.accept.setVisible(may and not running and not self._is_accepted())
        for widget in (self.bar, self.doing, self.cancel):
            widget.setVisible(running)
        self.card.setVisible(self._result is not None and not running)


def _in_fours(digits: str) -> str:
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))

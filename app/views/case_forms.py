"""The forms of the start page: a new case, an existing one, an older copy of one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDateTime, QLocale, QStandardPaths, QTimeZone, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.models import places
from app.models.backup import backups
from app.models.case import CaseFacts
from app.models.store import SUFFIX
from app.views.controller import Controller
from app.views.forms import button, button_row, field, named, text_label
from app.views.passphrase import NewPassphraseField, PassphraseField
from app.views.translation import tr


class PathField(QWidget):
    """A file name with a button to choose it."""

    changed = Signal()

    def __init__(
        self, label: str, saving: bool, parent: QWidget | None = None, suffix: str = SUFFIX,
        folder: str = "",
    ) -> None:
        super().__init__(parent)
        self._folder = documents(folder)
        self._saving, self._suffix = saving, suffix
        self.line = QLineEdit()
        self.line.textChanged.connect(lambda text: self.changed.emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        row = QWidget()
        inner = QHBoxLayout(row)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.line, 1)
        inner.addWidget(button(tr("Choose..."), self._choose, help_text=label))
        column.addWidget(field(label, row))
        named(self.line, label)

    @property
    def path(self) -> Path | None:
        """The chosen file; the case suffix is added where it is missing."""
        text = self.line.text().strip()
        if not text:
            return None
        path = Path(text).expanduser()
        complete = path.suffix == self._suffix or not self._saving
        return path if complete else path.with_name(path.name + self._suffix)

    def _choose(self) -> None:
        kinds = tr("Case files (*{suffix})").format(suffix=self._suffix)
        ask = QFileDialog.getSaveFileName if self._saving else QFileDialog.getOpenFileName
        chosen, _ = ask(self, tr("Case file"), self.line.text() or str(self._folder), kinds)
        if chosen:
            self.line.setText(chosen)


class NewCaseForm(QWidget):
    """Reference, people by code, authority, file and passphrase."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._named_by_hand = False
        self.reference, self.officer, self.organisation = QLineEdit(), QLineEdit(), QLineEdit()
        self.witness, self.authority = QLineEdit(), QLineEdit()
        chosen = controller.settings.cases_folder
        self.file = PathField(tr("Case file"), saving=True, folder=chosen)
        self.passphrase = NewPassphraseField()
        self._create = button(tr("Create the case"), self.submit, "primary")
        self.reference.textChanged.connect(self._suggest_file)
        self.file.line.textEdited.connect(lambda text: setattr(self, "_named_by_hand", True))
        for signal in (self.reference.textChanged, self.file.changed, self.passphrase.changed):
            signal.connect(lambda *args: self._show_state())
        self._lay_out()
        self._show_state()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(text_label(tr("New case"), "title"))
        left = [
            field(tr("Reference number"), self.reference),
            field(tr("Officer"), self.officer),
            field(tr("Organisation"), self.organisation),
            field(tr("Witness code"), self.witness,
                  tr("A code, not the name: the name is kept elsewhere.")),
            field(tr("Authorised by"), self.authority),
        ]
        halves = QHBoxLayout()
        halves.setSpacing(32)
        for rows in (left, [self.file, self.passphrase]):
            half = QVBoxLayout()
            half.setSpacing(12)
            for row in rows:
                half.addWidget(row)
            half.addStretch(1)
            halves.addLayout(half, 1)
        column.addLayout(halves)
        column.addLayout(button_row(self._create))
        column.addStretch(1)

    def prepare(self) -> None:
        """An empty form with what the settings know."""
        settings = self._controller.settings
        for line in (self.reference, self.witness, self.authority, self.file.line):
            line.clear()
        self.passphrase.clear()
        self._named_by_hand = False
        self.reference.setText(settings.reference_prefix)
        self.file.line.clear()
        self.officer.setText(settings.officer)
        self.organisation.setText(settings.organisation)
        self.reference.setFocus()

    def submit(self) -> None:
        """Ask the controller for the case; the passphrase is forgotten here at once."""
        path = self.file.path
        if path is None or not self.is_ready:
            return
        facts = CaseFacts(
            self.reference.text().strip(), self.officer.text().strip(),
            self.organisation.text().strip(), self.witness.text().strip(),
            self.authority.text().strip(), language=self._controller.language,
        )
        self._controller.change_settings(officer=facts.officer, organisation=facts.organisation)
        self._controller.new_case(path, self.passphrase.passphrase, facts)
        self.passphrase.clear()

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing."""
        named_file = self.file.path is not None and bool(self.reference.text().strip())
        return named_file and self.passphrase.is_good

    def _show_state(self) -> None:
        cover = (self.reference, self.officer, self.organisation, self.witness)
        self.passphrase.set_known([line.text().strip() for line in cover])
        self._create.setEnabled(self.is_ready)

    def _suggest_file(self, reference: str) -> None:
        if not self._named_by_hand:
            name = "".join(c if c.isalnum() or c in "-_" else "-" for c in reference.strip())
            folder = documents(self._controller.settings.cases_folder)
            self.file.line.setText(str(folder / (name + SUFFIX)) if name else "")


class OpenCaseForm(QWidget):
    """File and passphrase."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._last: tuple[Path, str] | None = None
        chosen = controller.settings.cases_folder
        self.file = PathField(tr("Case file"), saving=False, folder=chosen)
        self.passphrase = PassphraseField(tr("Passphrase"))
        self._open = button(tr("Open the case"), self.submit, "primary")
        self.passphrase.submitted.connect(self.submit)
        for signal in (self.file.changed, self.passphrase.changed):
            signal.connect(self._show_state)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(text_label(tr("Open a case"), "title"))
        column.addWidget(self.file)
        column.addWidget(self.passphrase)
        column.addLayout(button_row(self._open))
        column.addStretch(1)
        self._show_state()

    def prepare(self, path: str = "") -> None:
        """The form for one file, or for none yet."""
        self.passphrase.clear()
        self._last = None
        self.file.line.setText(path)
        (self.passphrase.line if path else self.file.line).setFocus()

    def submit(self) -> None:
        """Ask the controller to open it."""
        if self.is_ready and self.file.path is not None:
            self._last = (self.file.path, self.passphrase.passphrase)
            self._controller.open_case(*self._last)
            self.passphrase.clear()

    def open_copy(self) -> None:
        """Read a copy of the file that was asked for last: somebody else holds it."""
        if self._last is not None:
            self._controller.open_copy(*self._last)
            self._last = None

    def forget(self) -> None:
        """The case is open: the passphrase is not needed any more."""
        self._last = None
        self.passphrase.clear()

    @property
    def is_ready(self) -> bool:
        """Whether file and passphrase are given."""
        return self.file.path is not None and bool(self.passphrase.passphrase)

    def _show_state(self) -> None:
        self._open.setEnabled(self.is_ready)


class RecoverForm(QWidget):
    """Go on from an older good copy of a case whose file is damaged or gone."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.file = PathField(tr("Damaged or lost case file"), saving=False)
        self.passphrase = PassphraseField(tr("Passphrase"))
        self.copies = QListWidget()
        self._restore = button(tr("Go on from this copy"), self.submit, "primary")
        self.passphrase.submitted.connect(self.submit)
        self.file.changed.connect(self._show_copies)
        self.passphrase.changed.connect(self._show_state)
        self.copies.currentRowChanged.connect(lambda row: self._show_state())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(text_label(tr("Recover a case"), "title"))
        column.addWidget(text_label(tr(
            "After a power cut or a crash, just open the case: it goes on at the last choice. "
            "Come here only when the file itself is damaged. A copy is made at the end of each "
            "sitting; the one you choose is restored under a new name, nothing is overwritten."
        ), "faint"))
        column.addWidget(self.file)
        column.addWidget(field(tr("Copies, newest first"), self.copies))
        column.addWidget(self.passphrase)
        column.addLayout(button_row(self._restore))
        self._show_state()

    def prepare(self) -> None:
        """An empty form."""
        self.passphrase.clear()
        self.file.line.clear()
        self.file.line.setFocus()

    def submit(self) -> None:
        """Restore the chosen copy beside the file and open it."""
        path, copy = self.file.path, self._chosen()
        if path is not None and copy is not None and self.passphrase.passphrase:
            self._controller.restore_case(path, copy, self.passphrase.passphrase)
            self.passphrase.clear()

    def _chosen(self) -> Path | None:
        item = self.copies.currentItem()
        return None if item is None else Path(str(item.data(256)))

    def _show_copies(self) -> None:
        self.copies.clear()
        path = self.file.path
        for copy in () if path is None else backups(path):
            item = QListWidgetItem(_when(copy))
            item.setData(256, str(copy))
            self.copies.addItem(item)
        self.copies.setCurrentRow(0)
        self._show_state()

    def _show_state(self) -> None:
        self._restore.setEnabled(self._chosen() is not None and bool(self.passphrase.passphrase))


def documents(chosen: str = "") -> Path:
    """Where cases are put: the folder of the settings, of a portable program, or the documents."""
    folder = places.cases_folder(chosen)
    if folder is not None:
        return folder
    place = QStandardPaths.StandardLocation.DocumentsLocation
    return Path(QStandardPaths.writableLocation(place) or Path.home())


def _when(copy: Path) -> str:
    stamp = QDateTime.fromString(copy.stem[:15], "yyyyMMdd'T'HHmmss")
    stamp.setTimeZone(QTimeZone.utc())
    return QLocale().toString(stamp.toLocalTime(), QLocale.FormatType.LongFormat)

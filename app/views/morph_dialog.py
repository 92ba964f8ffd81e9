"""One face of several witnesses' sealed portraits: which bundles, who makes it, where it goes.

The check of the bundles and the drawing are the command ``morph``, run as a program of its own, so
that what checks shares nothing with what exports and nothing of it is near an open case.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QProcess, QProcessEnvironment, Qt
from PySide6.QtGui import QCloseEvent, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from app.views.forms import button, field, named, text_label
from app.views.translation import tr

SIDE = 320
ROOT = Path(__file__).resolve().parent.parent.parent


class MorphDialog(QDialog):
    """Bundles in, one labelled picture with its record out."""

    def __init__(self, officer: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Morph of several witnesses"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.bundles = QListWidget(self)
        self.by = QLineEdit(officer, self)
        self.folder = QLineEdit(self)
        self.face = QLabel(self)
        self.answer = text_label("")
        self._process = QProcess(self)
        self._process.finished.connect(self._on_finished)
        self._build()
        self._refresh()

    def add(self, paths: list[str]) -> None:
        """Bundles to take in; each once."""
        for path in dict.fromkeys(paths):
            if path not in self.chosen():
                self.bundles.addItem(path)
        self._refresh()

    def chosen(self) -> list[str]:
        """The bundles, in order."""
        return [self.bundles.item(row).text() for row in range(self.bundles.count())]

    def make(self) -> None:
        """Check the bundles and draw their morph."""
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("QT_QPA_PLATFORM", "offscreen")
        self._process.setProcessEnvironment(environment)
        self._process.setWorkingDirectory(str(ROOT))
        arguments = ["-m", "app.main", "morph", *self.chosen(), "--by", self.by.text().strip()]
        arguments += ["--out", self.folder.text().strip(), "--json"]
        self.answer.setText(tr("The bundles are being checked."))
        self._process.start(sys.executable, arguments)
        self._refresh()

    def reject(self) -> None:
        """Close; what is being made is stopped."""
        self._stop()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._stop()
        super().closeEvent(event)

    # ---- inside

    def _stop(self) -> None:
        if self.is_running:
            self._process.kill()
            self._process.waitForFinished(3000)

    @property
    def is_running(self) -> bool:
        """Whether it is being made."""
        return self._process.state() is not QProcess.ProcessState.NotRunning

    def _build(self) -> None:
        named(self.bundles, tr("Sealed exports"), tr("One of each witness"))
        self.add_button = button(tr("Add..."), self._ask_bundles)
        self.remove = button(tr("Remove"), self._remove)
        self.browse = button(tr("Choose..."), self._ask_folder)
        self.go = button(tr("Make the morph"), self.make, "primary")
        self.folder.textChanged.connect(lambda text: self._refresh())
        self.by.textChanged.connect(lambda text: self._refresh())
        explained = tr(
            "Only after each witness's portrait was sealed. No witness sees another's portrait. "
            "A morph of three or four is recognised as well as the best of them."
        )
        column = QVBoxLayout(self)
        column.addWidget(text_label(explained, "faint"))
        column.addWidget(text_label(tr("Sealed exports"), "strong"))
        column.addWidget(self.bundles)
        column.addLayout(_row(self.add_button, self.remove))
        column.addWidget(field(tr("Made by"), self.by))
        column.addWidget(field(tr("Folder for the morph"), self.folder))
        column.addLayout(_row(self.browse))
        column.addWidget(self.face, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.answer)
        column.addLayout(_row(button(tr("Close"), self.reject), self.go))

    def _ask_bundles(self) -> None:
        found, _ = QFileDialog.getOpenFileNames(
            self, tr("Sealed exports"), "", tr("Bundle (*.zip)")
        )
        self.add(found)

    def _ask_folder(self) -> None:
        found = QFileDialog.getExistingDirectory(self, tr("Folder for the morph"))
        if found:
            self.folder.setText(found)

    def _remove(self) -> None:
        self.bundles.takeItem(self.bundles.currentRow())
        self._refresh()

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        out = bytes(self._process.readAllStandardOutput().data()).decode("utf-8", "replace")
        err = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
        if code == 0 and status is QProcess.ExitStatus.NormalExit:
            folder = Path(json.loads(out)["out"])
            picture = QPixmap(str(folder / "morph.png"))
            self.face.setPixmap(
                picture.scaledToWidth(SIDE, Qt.TransformationMode.SmoothTransformation)
            )
            self.face.setAccessibleName(tr("The morph of all"))
            self.answer.setText(tr("Written, with its record: {folder}").format(folder=folder))
        else:
            why = err.strip().splitlines()[-1].removeprefix("portrait-parle: ") if err else ""
            self.answer.setText(tr("Nothing was made. {why}").format(why=why))
        self._refresh()

    def _refresh(self) -> None:
        running = self.is_running
        ready = self.bundles.count() >= 2 and self.folder.text().strip() and self.by.text().strip()
        self.go.setEnabled(bool(ready) and not running)
        for control in (self.add_button, self.remove, self.bundles, self.folder, self.by):
            control.setEnabled(not running)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row

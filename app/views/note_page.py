"""A photographed note: the picture left, what was read of it right, corrected side by side."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QProcess, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QPen, QPixmap, QTransform
from PySide6.QtWidgets import (
    QFileDialog,
    QGraphicsRectItem,
    QGraphicsScene,
    QGraphicsView,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.models.errors import BadInput
from app.models.note import Note, NoteLine
from app.views.forms import button, button_row, clear_layout, named, text_label
from app.views.theme import colour
from app.views.translation import tr

ROOT = Path(__file__).resolve().parents[2]
MODULE = "app.engine.notes.process"
END_WAIT_MS = 1000
AROUND = 8.0  # pixels of the page around a marked line


class NotePage(QWidget):
    """Opens a picture, has it read by a process of its own, and hands over the corrected text."""

    text_ready = Signal(str)
    closed = Signal()

    def __init__(
        self, language: Callable[[], str] = lambda: "en", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._language = language
        self._process: QProcess | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.note: Note | None = None
        self.edits: list[QLineEdit] = []
        self.picture = PagePicture()
        self._make_controls()
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.shut_down)

    def _make_controls(self) -> None:
        self.open = button(tr("Open a picture of a note..."), self.choose, "primary")
        self.use = button(tr("Use this text"), self.use_text, "primary",
                          help_text=tr("Put the lines at the end of the text"))
        self.close_page = button(tr("Back"), self._on_close, "quiet")
        self.status = text_label(tr(
            "A photograph or scan of handwriting or print, JPEG or PNG. It stays on this computer."
        ), "faint")
        self._lines = QVBoxLayout()
        self._lines.setSpacing(6)
        holder = QWidget()
        outer = QVBoxLayout(holder)
        outer.addLayout(self._lines)
        outer.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(holder)
        sides = QHBoxLayout()
        sides.addWidget(self.picture, 1)
        sides.addWidget(area, 1)
        column = QVBoxLayout(self)
        column.addWidget(text_label(tr("A written note"), "title"))
        column.addWidget(self.status)
        column.addLayout(sides, 1)
        column.addLayout(button_row(self.close_page, self.open, self.use))
        self.use.setEnabled(False)

    # ---- what the officer does

    def choose(self) -> None:
        """Ask for a picture and read it."""
        path, _ = QFileDialog.getOpenFileName(
            self, tr("Open a picture of a note"), "", tr("Pictures") + " (*.jpg *.jpeg *.png)"
        )
        if path:
            self.read(path)

    def read(self, path: str) -> None:
        """Read a picture; the lines appear when it is done."""
        self.shut_down()
        self._folder = tempfile.TemporaryDirectory(prefix="portrait-parle-")
        page = str(Path(self._folder.name) / "page.png")
        process = QProcess(self)
        process.setWorkingDirectory(str(ROOT))
        process.finished.connect(lambda: self._on_read(process, page))
        process.errorOccurred.connect(lambda error: self._on_error(process, error))
        self._process = process
        self.open.setEnabled(False)
        self.status.setText(tr("Reading the note..."))
        process.setStandardErrorFile(QProcess.nullDevice())
        process.start(sys.executable, ["-m", MODULE, path, page, self._language()])

    def use_text(self) -> None:
        """Hand over the lines as they stand now."""
        if text := self.text:
            self.text_ready.emit(text)

    @property
    def text(self) -> str:
        """The lines as corrected, without empty ones."""
        lines = (edit.text().strip() for edit in self.edits)
        return "\n".join(line for line in lines if line)

    def shut_down(self) -> None:
        """End the reading and forget the page that was written for it."""
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)
            process.kill()
            process.waitForFinished(END_WAIT_MS)
            process.deleteLater()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        self.open.setEnabled(True)

    def _on_close(self) -> None:
        self.shut_down()
        self.closed.emit()

    # ---- what comes in

    def _on_read(self, process: QProcess, page: str) -> None:
        if process is not self._process:
            return
        try:
            answer = json.loads(bytes(process.readAllStandardOutput().data()))
            if code := answer.get("code"):
                self.status.setText(refusal(str(code)))
            else:
                self.show_note(Note.from_json(answer), QPixmap(page))
        except (ValueError, AttributeError, BadInput):
            self.status.setText(refusal("note.failed"))
        self.shut_down()

    def _on_error(self, process: QProcess, error: QProcess.ProcessError) -> None:
        if process is self._process and error == QProcess.ProcessError.FailedToStart:
            self.status.setText(refusal("note.failed"))
            self.shut_down()

    def show_note(self, note: Note, page: QPixmap) -> None:
        """The page with its lines marked, and a field for each line."""
        self.note = note
        self.picture.show_page(page)
        clear_layout(self._lines)
        self.edits = []
        for number, line in enumerate(note.lines):
            self._add_line(number, line)
        doubtful = sum(word.doubtful for line in note.lines for word in line.words)
        self.status.setText(
            tr("Please compare every line with the picture. Doubtful words: {count}.").format(
                count=doubtful
            )
        )
        self.use.setEnabled(True)
        if self.edits:
            self.edits[0].setFocus()

    def _add_line(self, number: int, line: NoteLine) -> None:
        edit = LineEdit(line, lambda: self.picture.mark(line.box))
        named(edit, tr("Line {number}").format(number=number + 1), doubts(line))
        self.edits.append(edit)
        self._lines.addWidget(edit)
        if text := doubts(line):
            self._lines.addWidget(text_label(text, "faint"))


class LineEdit(QLineEdit):
    """A line to correct; shows its place on the page while it has the focus."""

    def __init__(self, line: NoteLine, on_focus: Callable[[], None]) -> None:
        super().__init__(line.text)
        self._on_focus = on_focus

    def focusInEvent(self, event) -> None:  # type: ignore[no-untyped-def] # Qt's own signature
        super().focusInEvent(event)
        self._on_focus()


class PagePicture(QGraphicsView):
    """The straightened page, as wide as there is room, with the present line marked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setScene(QGraphicsScene(self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(tr("The picture of the note"))
        self._mark: QGraphicsRectItem | None = None
        self._width = 0.0

    def show_page(self, page: QPixmap) -> None:
        """Show another page, unmarked."""
        self.scene().clear()
        self._mark = None
        self.scene().addPixmap(page)
        self.scene().setSceneRect(QRectF(page.rect()))
        self._width = float(page.width())
        self._fit()

    def mark(self, box: tuple[float, float, float, float]) -> None:
        """Frame a box of the page and bring it into view."""
        frame = QRectF(*box).adjusted(-AROUND, -AROUND, AROUND, AROUND)
        if self._mark is None:
            pen = QPen(colour("accent"), 3)
            pen.setCosmetic(True)
            tint = QColor(colour("doubtful"))
            tint.setAlpha(60)
            self._mark = self.scene().addRect(frame, pen, QBrush(tint))
        self._mark.setRect(frame)
        self.ensureVisible(frame, 20, 60)

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def] # Qt's own signature
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._width:
            scale = max(1, self.viewport().width() - 4) / self._width
            self.setTransform(QTransform.fromScale(scale, scale))


def doubts(line: NoteLine) -> str:
    """What to look at in a line: words that were repaired, then words read without certainty."""
    parts = [
        tr("\u201c{word}\u201d stands on the paper as \u201c{read}\u201d").format(
            word=word.text, read=word.read
        )
        for word in line.words
        if word.read
    ]
    unsure = [word.text for word in line.words if word.doubtful and not word.read]
    if unsure:
        parts.append(tr("Doubtful: {words}").format(words=", ".join(unsure)))
    return " · ".join(parts)


def refusal(code: str) -> str:
    """Why a picture was not read, and what to do."""
    sentences = {
        "note.no_text": tr(
            "No writing was found in this picture. Take it closer and in good light."
        ),
        "media.too_many_pixels": tr("This picture is too big. Save a smaller copy and open that."),
        "media.too_big": tr("This picture is too big. Save a smaller copy and open that."),
        "media.kind": tr("This is no JPEG or PNG picture. Save it as one of these and open that."),
        "media.damaged": tr("This picture is damaged. Copy it again from where it came."),
        "package.missing": tr("The reader of notes is not installed. Please type the note."),
    }
    other = tr("This picture could not be read. Try another one, or type the note.")
    return sentences.get(code, other)

"""The array in front of one person: instructions, pictures, an answer, and how sure, in own words.

Fills the screen, knows nothing of who is who, and moves on only after the answer is in the file.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.models.lineup import Showing
from app.views.forms import button, button_row, centred_column, named, text_label
from app.views.gallery import Gallery
from app.views.images import shown
from app.views.lineup_desk import LineupDesk
from app.views.lineup_words import instructions
from app.views.theme import set_look
from app.views.translation import tr

LARGE = 460


class LineupShow(QDialog):
    """One presentation, mock or real, simultaneous or one by one."""

    finished_showing = Signal()

    def __init__(self, desk: LineupDesk, showing: Showing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self.showing = desk, showing
        self._place = -1
        self._is_over = self._doubted = False
        self.setWindowTitle(tr("Pictures"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.Window)
        self.pages = QStackedWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.pages)
        self._make_intro()
        self._make_array()
        self._make_single()
        self._make_statement()
        self._make_end()
        self.pages.setCurrentIndex(0)

    # ---- pages

    def _make_intro(self) -> None:
        page = QWidget()
        column = centred_column(page)
        column.addStretch(1)
        if self.showing.kind == "mock":
            column.addWidget(text_label(tr("Somebody described a person like this:"), "witness"))
            column.addWidget(text_label(self._desk.lineup.description, "title"))
            column.addWidget(text_label(tr(
                "You never saw this person. From the words alone: which picture is it most likely "
                "to be?"
            ), "witness"))
        else:
            for line in instructions(self.showing.blind):
                column.addWidget(text_label(line, "witness"))
        column.addSpacing(20)
        self.begin = button(tr("Show the pictures"), self._on_begin, "primary_big")
        column.addLayout(button_row(self.begin))
        column.addStretch(2)
        self.pages.addWidget(page)

    def _make_array(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 18, 24, 18)
        column.addWidget(text_label(self._question(), "witness"))
        self.gallery = Gallery(self)
        self.gallery.picks_changed.connect(self._on_pick)
        column.addWidget(self.gallery, 1)
        self.this_one = button(tr("This is the person"), self._on_this, "primary_big")
        if self.showing.kind == "mock":
            self.this_one = button(tr("This one fits best"), self._on_this, "primary_big")
        self.none = button(tr("None of these"), lambda: self._answer("none"), "big",
                           help_text="N")  # fmt: skip
        self.not_sure = button(tr("Not sure"), lambda: self._answer("not_sure"), "big",
                               help_text="U")  # fmt: skip
        self.this_one.setEnabled(False)
        row = QHBoxLayout()
        for made in (self.none, self.not_sure):
            row.addWidget(made)
        row.addStretch(1)
        row.addWidget(self.this_one)
        column.addLayout(row)
        self.pages.addWidget(page)

    def _make_single(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 18, 24, 18)
        self.single_note = text_label("", "witness")
        column.addWidget(self.single_note)
        self.single = QLabel()
        self.single.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.single.setMinimumSize(LARGE, LARGE)
        column.addWidget(self.single, 1)
        self.yes = button(tr("Yes, this is the person"), self._on_yes, "big")
        self.no = button(tr("No"), lambda: self._on_no(False), "big")
        self.unsure = button(tr("Not sure, go on"), lambda: self._on_no(True), "big")
        row = QHBoxLayout()
        row.addStretch(1)
        for made in (self.no, self.unsure, self.yes):
            row.addWidget(made)
        row.addStretch(1)
        column.addLayout(row)
        self.pages.addWidget(page)

    def _make_statement(self) -> None:
        page = QWidget()
        column = centred_column(page)
        column.addStretch(1)
        column.addWidget(text_label(tr("In your own words: how sure are you?"), "title"))
        self.words = QPlainTextEdit()
        self.words.setTabChangesFocus(True)
        self.words.setMaximumHeight(170)
        set_look(self.words, "witness")
        named(self.words, tr("In your own words: how sure are you?"))
        column.addWidget(self.words)
        self.said = button(tr("That is what I say"), self._on_said, "primary_big")
        self.words.textChanged.connect(
            lambda: self.said.setEnabled(bool(self.words.toPlainText().strip()))
        )
        self.said.setEnabled(False)
        column.addLayout(button_row(self.said))
        column.addStretch(2)
        self.pages.addWidget(page)

    def _make_end(self) -> None:
        page = QWidget()
        column = centred_column(page)
        column.addStretch(1)
        column.addWidget(text_label(tr("Thank you. This is over."), "title"))
        column.addWidget(text_label(tr("Please call the officer."), "witness"))
        self.close_button = button(tr("Close"), self.close, "big")
        column.addLayout(button_row(self.close_button))
        column.addStretch(2)
        self.pages.addWidget(page)

    def _question(self) -> str:
        if self.showing.kind == "mock":
            return self._desk.lineup.description or tr("Which picture fits the description best?")
        return tr("Is the person you saw among these? They may or may not be.")

    # ---- going on

    def _on_begin(self) -> None:
        if self.showing.mode == "sequential":
            self._place, self._doubted = -1, False
            self.pages.setCurrentIndex(2)
            self._next()
            return
        order = self.showing.order
        self.gallery.set_count(len(order))
        for place, member in enumerate(order):
            self.gallery.set_face(place, self._desk.faces[member].pixels)
        self.pages.setCurrentIndex(1)
        self.gallery.focus_first()

    def _next(self) -> None:
        self._place += 1
        if self._place >= len(self.showing.order):
            self._answer("not_sure" if self._doubted else "none")
            return
        self._desk.seen(self._place)
        face = self._desk.faces[self.showing.order[self._place]]
        self.single.setPixmap(shown(face.pixels, LARGE, ratio=self.devicePixelRatioF()))
        template = tr("Picture {number}. Is this the person you saw?")
        self.single_note.setText(template.format(number=self._place + 1))
        self.single.setAccessibleName(tr("Face {number}").format(number=self._place + 1))
        self.no.setFocus()

    def _on_no(self, doubtful: bool) -> None:
        self._doubted = self._doubted or doubtful
        self._next()

    def _on_yes(self) -> None:
        self._answer("picked", self._place)

    def _on_pick(self, picks: tuple[int, ...]) -> None:
        if len(picks) > 1:
            self.gallery.set_picks(picks[-1:])
        self.this_one.setEnabled(bool(picks))

    def _on_this(self) -> None:
        if self.gallery.picks:
            self._answer("picked", self.gallery.picks[-1])

    def _answer(self, answer: str, place: int | None = None) -> None:
        if not self._desk.answer(answer, place):
            return
        if self.showing.kind == "mock":
            self._finish()
        else:
            self.pages.setCurrentIndex(3)
            self.words.setFocus()

    def _on_said(self) -> None:
        if self._desk.state(self.words.toPlainText().strip()):
            self._finish()

    def _finish(self) -> None:
        self._is_over = True
        self._desk.end()
        self.pages.setCurrentIndex(4)
        self.close_button.setFocus()
        self.finished_showing.emit()

    # ---- keys and closing

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            event.accept()  # a stray key must not end what a witness is looking at
            return
        if self.pages.currentIndex() == 1:
            if Qt.Key.Key_1 <= event.key() <= Qt.Key.Key_9:
                self.gallery.toggle(event.key() - Qt.Key.Key_1)
                return
            for key, made in ((Qt.Key.Key_N, self.none), (Qt.Key.Key_U, self.not_sure)):
                if event.key() == key:
                    made.click()
                    return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._is_over:
            self._is_over = True
            self._desk.end("broken_off")
            self.finished_showing.emit()
        event.accept()

"""A better recogniser, fetched when asked: the licence first, then progress that can be stopped."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QProcess, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QPlainTextEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from app.models.offers import Offer, offers
from app.views.forms import button, button_row, field, named, text_label
from app.views.translation import tr

ROOT = Path(__file__).resolve().parents[2]
MODULE = "app.engine.fetching.process"
END_WAIT_MS = 2000


class Fetching(QObject):
    """The process that fetches; ending it is the cancel, and what arrived is kept for next time."""

    said = Signal(dict)
    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.stop)

    @property
    def is_running(self) -> bool:
        """Whether something is under way."""
        return self._process is not None

    def start(self, *arguments: str) -> None:
        """Run it with these arguments."""
        self.stop()
        process = QProcess(QCoreApplication.instance())  # outlives a dialog that goes with its page
        self.destroyed.connect(process.kill)
        process.setWorkingDirectory(str(ROOT))
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._on_finished)
        process.finished.connect(process.deleteLater)
        self._process = process
        process.start(sys.executable, ["-m", MODULE, *arguments])

    def stop(self) -> None:
        """End it at once."""
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)
            process.kill()
            process.waitForFinished(END_WAIT_MS)
            process.deleteLater()

    def _read(self) -> None:
        process = self._process
        while process is not None and process is self._process and process.canReadLine():
            try:
                message = json.loads(bytes(process.readLine().data()))
            except ValueError:
                continue
            self.said.emit(message)

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        if self._process is not None:
            self._process = None
            self.ended.emit()


class FetchDialog(QDialog):
    """Choose a recogniser, read its licence, accept it, fetch it; nothing happens before that."""

    fetched = Signal(str)  # the name of the model that is in place now

    def __init__(
        self, language: str, parent: QWidget | None = None, arguments: tuple[str, ...] = ()
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("A better recogniser"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(680, 600)
        self._arguments = arguments
        self._answer: Mapping[str, Any] = {}
        self.offers = [o for o in offers() if o.kind == "speech" and o.is_pinned]
        self.fetching = Fetching(self)
        self.fetching.said.connect(self._on_said)
        self.fetching.ended.connect(self._on_ended)
        self._make_controls()
        for number, offer in enumerate(self.offers):
            if offer.language == language:
                self.which.setCurrentIndex(number)
        self._show_offer()

    def _make_controls(self) -> None:
        self.which = QComboBox()
        for offer in self.offers:
            self.which.addItem(f"{_language_name(offer)} · {offer.name} · {offer.megabytes} MB")
        self.which.currentIndexChanged.connect(lambda _: self._show_offer())
        self.licence = QPlainTextEdit()
        self.licence.setReadOnly(True)
        self.licence.setTabChangesFocus(True)
        self.accept_box = QCheckBox(tr("The licence was read and is accepted"))
        named(self.accept_box, self.accept_box.text())
        self.accept_box.toggled.connect(lambda _: self._show_state())
        self.bar = QProgressBar()
        named(self.bar, tr("Progress"))
        self.status = text_label("", "faint")
        self.go = button(
            tr("Fetch it"), self.start, "primary", help_text=tr("Uses the network, this once")
        )
        self.given = button(
            tr("I have the file..."),
            self.choose,
            help_text=tr("Brought by hand; no network is used"),
        )
        self.leave = button(tr("Close"), self.reject, "quiet")
        column = QVBoxLayout(self)
        column.addWidget(text_label(tr("A better recogniser"), "title"))
        column.addWidget(
            text_label(
                tr(
                    "This is the only time that the program uses a network, and only if you say "
                    "so here. The file is checked before it is used. Nothing about a case leaves "
                    "this computer."
                )
            )
        )
        column.addWidget(field(tr("Recogniser"), self.which))
        column.addWidget(field(tr("Licence"), self.licence), 1)
        for part in (self.accept_box, self.bar, self.status):
            column.addWidget(part)
        column.addLayout(button_row(self.leave, self.given, self.go))

    @property
    def offer(self) -> Offer:
        """The one that is chosen."""
        return self.offers[self.which.currentIndex()]

    # ---- what the officer does

    def start(self) -> None:
        """Fetch the chosen recogniser, or go on where it was stopped."""
        self._run()

    def choose(self) -> None:
        """Take the file from a stick."""
        path, _ = QFileDialog.getOpenFileName(self, tr("The file"), "", "Zip (*.zip)")
        if path:
            self._run("--file", path)

    def reject(self) -> None:
        if self.fetching.is_running:
            self.fetching.stop()
            self.status.setText(tr("Stopped. What has arrived is kept; it goes on from there."))
            self._show_state()
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.fetching.stop()
        super().closeEvent(event)

    # ---- what comes in

    def _run(self, *more: str) -> None:
        self._answer = {}
        self.bar.setRange(0, 0)
        self.status.setText(tr("One moment..."))
        self.fetching.start(self.offer.name, *self._arguments, *more)
        self._show_state()

    def _on_said(self, message: dict[str, Any]) -> None:
        self._answer = message
        if message.get("event") == "progress":
            done, total = (int(message[key]) // 1000 for key in ("done", "total"))
            self.bar.setRange(0, max(1, total))
            self.bar.setValue(done)
            self.status.setText(
                tr("{done} of {total} MB").format(done=done // 1000, total=-(-total // 1000))
                if done < total
                else tr("Checking and unpacking...")
            )

    def _on_ended(self) -> None:
        is_done = self._answer.get("event") == "done"
        if is_done:
            self.status.setText(tr("It is in place. Dictation uses it from the next start on."))
        else:
            self.status.setText(fetch_sentence(str(self._answer.get("code", ""))))
        self._show_state()
        if is_done:
            self.fetched.emit(self.offer.name)

    # ---- showing

    def _show_offer(self) -> None:
        offer = self.offer
        self.licence.setPlainText(
            f"{offer.title} · {offer.by}\n{offer.licence}\n{offer.url}\n\n" + offer.licence_text()
        )
        self.accept_box.setChecked(False)
        self.status.setText("")
        self._show_state()

    def _show_state(self) -> None:
        is_running = self.fetching.is_running
        self.bar.setVisible(is_running)
        for part in (self.go, self.given):
            part.setEnabled(self.accept_box.isChecked() and not is_running)
        self.which.setEnabled(not is_running)
        self.accept_box.setEnabled(not is_running)
        text = tr("Stop") if is_running else tr("Close")
        self.leave.setText(text)
        self.leave.setAccessibleName(text)


def fetch_sentence(code: str) -> str:
    """Why a model was not fetched, and what to do; dictation and typing work as before."""
    elsewhere = tr(
        "Its publisher cannot be reached from here. Bring the file on a stick and use "
        "\u201cI have the file\u201d."
    )
    another = tr("This is not the file that was expected. It was thrown away; nothing changed.")
    sentences = {
        "fetch.unreachable": elsewhere,
        "fetch.server_refused": elsewhere,
        "fetch.redirected": elsewhere,
        "fetch.cut_off": tr("The connection broke off. Fetch again: it goes on from there."),
        "fetch.no_space": tr("There is not enough room on the disk. Free some and fetch again."),
        "fetch.not_written": tr("The recogniser could not be written. Is the disk full?"),
        "fetch.running": tr("It is being fetched by another program just now."),
        "fetch.wrong_hash": another,
        "fetch.wrong_size": another,
        "fetch.bad_archive": another,
        "fetch.not_a_model": another,
    }
    return sentences.get(code, tr("It could not be fetched. Dictation and typing work as before."))


def _language_name(offer: Offer) -> str:
    return {"en": "English", "fr": "Français"}.get(offer.language, offer.language)

"""The recogniser's process as the window sees it: started, fed, listened to, started again."""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, Signal

from app.models.errors import BadInput
from app.models.speech import words_from_json

ROOT = Path(__file__).resolve().parents[2]
MODULE = "app.engine.speech.process"
BLOCK = struct.Struct("<I")
MOST_BEHIND = 16_000_000  # bytes unread by the recogniser before it counts as stuck
END_WAIT_MS = 1000


class Recogniser(QObject):
    """Speaks the protocol of ``app/engine/speech/process.py``; nothing here waits."""

    ready = Signal(str, bool)  # its name; whether it is biased to face words
    partial = Signal(str)
    words = Signal(tuple)  # of Word
    heard = Signal(float)  # seconds of the recording that it has dealt with
    ended = Signal()  # it said everything it had to say
    gone = Signal()  # it died
    refused = Signal(str, dict)  # code, facts: it cannot work at all

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._is_over = False

    @property
    def is_running(self) -> bool:
        """Whether there is a process to send sound to."""
        return self._process is not None

    @property
    def process_id(self) -> int:
        """Of the running process, 0 without one."""
        return 0 if self._process is None else int(self._process.processId())

    def start(self, language: str, offset: float = 0.0, more: tuple[str, ...] = ()) -> None:
        """Start a process for sound from ``offset`` seconds of the recording on."""
        self.stop()
        process = QProcess(self)
        process.setWorkingDirectory(str(ROOT))
        process.setProcessChannelMode(QProcess.ProcessChannelMode.SeparateChannels)
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(lambda: self._read(process))
        process.finished.connect(lambda: self._on_finished(process))
        process.errorOccurred.connect(lambda error: self._on_error(process, error))
        self._process, self._is_over = process, False
        arguments = ["-m", MODULE, "--language", language, "--offset", str(offset), *more]
        process.start(sys.executable, arguments)

    def send(self, pcm: bytes) -> None:
        """Give it sound; a recogniser that stopped reading is ended."""
        process = self._process
        if process is None or not pcm:
            return
        process.write(BLOCK.pack(len(pcm)) + pcm)
        if process.bytesToWrite() > MOST_BEHIND:
            process.kill()

    def finish(self) -> None:
        """The recording is over; ``ended`` follows when it has said everything."""
        if self._process is not None:
            self._process.write(BLOCK.pack(0))

    def stop(self) -> None:
        """End it at once, without a word."""
        process, self._process = self._process, None
        if process is None:
            return
        process.blockSignals(True)
        process.kill()
        process.waitForFinished(END_WAIT_MS)
        process.deleteLater()

    def _read(self, process: QProcess) -> None:
        while process is self._process and process.canReadLine():
            line = bytes(process.readLine().data())
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError, BadInput):
                continue  # a line cut off by its death

    def _take(self, message: dict[str, Any]) -> None:
        match message["event"]:
            case "ready":
                self.ready.emit(str(message["recogniser"]), bool(message["biased"]))
            case "partial":
                self.partial.emit(str(message["text"]))
            case "words":
                self.words.emit(words_from_json(message["words"]))
            case "heard":
                self.heard.emit(float(message["seconds"]))
            case "problem":
                self._is_over = True
                self.refused.emit(str(message["code"]), dict(message["facts"]))
            case "end":
                self._is_over = True
                self.ended.emit()

    def _on_finished(self, process: QProcess) -> None:
        self._read(process)
        if process is self._process:
            self._process = None
            process.deleteLater()
            if not self._is_over:
                self.gone.emit()

    def _on_error(self, process: QProcess, error: QProcess.ProcessError) -> None:
        if process is self._process and error == QProcess.ProcessError.FailedToStart:
            self._process = None
            process.deleteLater()
            self.refused.emit("speech.not_started", {})

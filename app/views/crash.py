"""An exception nobody caught: a redacted report on disk and one calm page, never a second one."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal, qVersion
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.views.forms import button, button_row, text_label
from app.views.translation import tr

KEPT_REPORTS = 10


def report_text(error: BaseException, version: str) -> str:
    """Versions and the call stack: files, lines and functions; no values, no message, no names.

    The message of an exception can hold what a witness said, so only its type is kept.
    """
    frames = traceback.extract_tb(error.__traceback__)
    lines = [
        f"portrait-parle {version}",
        f"python {platform.python_version()}, Qt {qVersion()}, {platform.system()}",
        f"{type(error).__module__}.{type(error).__qualname__}",
    ]
    lines += [f"  {_short(f.filename)}:{f.lineno} in {f.name}" for f in frames]
    cause = error.__cause__ or error.__context__
    if cause is not None:
        lines.append(f"after {type(cause).__module__}.{type(cause).__qualname__}")
    return "\n".join(lines) + "\n"


def write_report(folder: Path, text: str) -> Path | None:
    """Keep the report, and the newest few of the older ones; None when it cannot be written."""
    name = datetime.now().strftime("crash-%Y%m%d-%H%M%S.txt")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_text(text, encoding="utf-8")
        os.chmod(path, 0o600)
        for old in sorted(folder.glob("crash-*.txt"))[:-KEPT_REPORTS]:
            old.unlink()
    except OSError:
        return None
    return path


def _short(filename: str) -> str:
    # the folders above the program can hold the officer's name
    parts = Path(filename).parts
    for anchor in ("app", "site-packages"):
        if anchor in parts:
            return "/".join(parts[parts.index(anchor) :])
    return parts[-1] if parts else filename


class CrashDialog(QDialog):
    """What happened, what was saved, and two ways on."""

    def __init__(self, was_kept: bool, report: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Something went wrong"))
        self.setMinimumWidth(560)
        self.wants_restart = False
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addWidget(text_label(tr("Something went wrong in the program"), "title"))
        kept = tr("Everything up to the last choice is in the case file.")
        practised = tr("No case file was open.")
        column.addWidget(text_label(kept if was_kept else practised, "heading"))
        column.addWidget(text_label(tr(
            "You can go on. If things look wrong, close the program and open the case again: it "
            "goes on at the last choice."
        )))
        if report is not None:
            where = tr("A report without any names or words of the case was kept: {file}")
            label = text_label(where.format(file=report), "faint")
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        close = button(tr("Close the program"), self.reject)
        go_on = button(tr("Go on"), self.accept, "primary")
        column.addLayout(button_row(close, go_on))
        go_on.setFocus()  # Enter must not end the program


class CrashHook(QObject):
    """Takes over ``sys.excepthook`` while the window runs; ``remove`` gives it back."""

    _caught = Signal(object)

    def __init__(
        self, folder: Path, version: str, has_kept_case: Callable[[], bool],
        quit_program: Callable[[], object], parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._folder, self._version = folder, version
        self._has_kept_case, self._quit = has_kept_case, quit_program
        self._is_showing = False
        self._before = sys.excepthook
        # queued: the exception may come from a worker thread, or from the middle of a paint
        self._caught.connect(self._on_caught, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """From now on uncaught exceptions come here."""
        sys.excepthook = self._hook

    def remove(self) -> None:
        """Give the hook back."""
        sys.excepthook = self._before

    def keep_report(self, error: BaseException) -> Path | None:
        """Only the report, for a fault that the window has already explained."""
        return write_report(self._folder, report_text(error, self._version))

    def _hook(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before(kind, error, trace)
            return
        self._caught.emit(error.with_traceback(trace))

    def _on_caught(self, error: BaseException) -> None:
        report = self.keep_report(error)
        if self._is_showing:
            return
        self._is_showing = True
        window = self.parent()
        owner = window if isinstance(window, QWidget) else None  # it goes when the window goes
        dialog = CrashDialog(self._has_kept_case(), report, owner)
        dialog.finished.connect(self._on_closed)
        dialog.open()
        self._dialog = dialog  # kept, or it would vanish at once

    def _on_closed(self, result: int) -> None:
        self._is_showing = False
        if result == QDialog.DialogCode.Rejected:
            self._quit()

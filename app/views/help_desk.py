"""Everything under Help: keys, this page, glossary, the witness's sheet, the tour, model, about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QFileDialog

from app.models.errors import PortraitError
from app.views.cases import app_version
from app.views.dialogs import ReadingDialog, about_dialog, keys_dialog, model_card_dialog
from app.views.export_panel import documents_folder
from app.views.forms import text_label
from app.views.help_words import advice, glossary, page_label, purpose
from app.views.translation import tr
from app.views.witness_sheet import save_sheet

if TYPE_CHECKING:
    from app.views.window import Window

SHEET_NAME = "witness-instructions.pdf"


class HelpDesk(QObject):
    """Opens what can be read beside the work; nothing here stops it."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window

    def show_keys(self) -> QDialog:
        """The page of keys."""
        return self._opened(keys_dialog(list(self._window._actions.values()), self._window))

    def show_page(self) -> QDialog:
        """What the present page is for, and what is done on it."""
        page = self._window.page_name
        dialog = ReadingDialog(page_label(page), self._window)
        dialog.column.addWidget(text_label(purpose(page), "heading"))
        for line in advice(page):
            dialog.column.addWidget(text_label(f"\u2022 {line}"))
        dialog.column.addStretch(1)
        return self._opened(dialog)

    def show_glossary(self) -> QDialog:
        """The words of this program."""
        dialog = ReadingDialog(tr("Glossary"), self._window)
        dialog.add_pairs(glossary())
        dialog.column.addStretch(1)
        return self._opened(dialog)

    def save_witness_sheet(self) -> Path | None:
        """The instructions for the witness, as a PDF to be printed."""
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, tr("Instructions for the witness"),
            str(documents_folder() / SHEET_NAME), tr("PDF files (*.pdf)"),
        )  # fmt: skip
        if not chosen:
            return None
        controller, path = self._window.controller, Path(chosen)
        try:
            save_sheet(path, controller.settings.organisation)
        except PortraitError as error:
            controller.problem.emit(error)
            return None
        controller.notice.emit("sheet.saved", {"file": path.name})
        return path

    def show_model_card(self) -> QDialog:
        """What the face model is, and what it is weak at."""
        return self._opened(model_card_dialog(self._window.controller.model_info, self._window))

    def show_about(self) -> QDialog:
        """What this program is."""
        return self._opened(about_dialog(app_version(), self._window))

    def _opened(self, dialog: QDialog) -> QDialog:
        dialog.show()
        return dialog

"""Which microphone and which recogniser dictation uses, and whether its sound is kept."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.models.errors import PortraitError
from app.views import microphone
from app.views.controller import Controller
from app.views.fetch_dialog import FetchDialog, Fetching
from app.views.forms import button, button_row, field, named, text_label
from app.views.speech_words import speech_sentence
from app.views.translation import tr


class DictationSettings(QDialog):
    """One small page; nothing changes until OK. The next start of dictation uses it."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Microphone and recogniser"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(560)
        self._controller = controller
        settings = controller.settings
        self.device = QComboBox()
        self.device_note = text_label("", "faint")
        self._fill_devices(settings.microphone)
        self.mode = QComboBox()
        self.mode.addItem(tr("Words about faces (surer)"), False)
        self.mode.addItem(tr("Any words (more mistakes)"), True)
        self.mode.setCurrentIndex(int(settings.any_words))
        self.folder = QLineEdit(settings.speech_model)
        self.folder.setPlaceholderText(tr("Found by itself"))
        self.present = text_label("", "faint")
        self.keep = QCheckBox(tr("Keep the sound of dictation in the case file, sealed"))
        self.keep.setChecked(settings.keep_audio)
        named(self.keep, self.keep.text())
        self.looking = Fetching(self)
        self.looking.said.connect(self._on_present)
        self._lay_out()
        self._look()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addWidget(text_label(tr("Microphone and recogniser"), "title"))
        column.addWidget(field(tr("Microphone"), self.device))
        column.addWidget(self.device_note)
        column.addWidget(field(tr("What is listened for"), self.mode))
        column.addWidget(field(tr("Folder of a Vosk model"), self._folder_row()))
        named(self.folder, tr("Folder of a Vosk model"))
        column.addWidget(self.present)
        column.addLayout(button_row(
            button(tr("Get a better recogniser..."), self.open_fetching), stretch_first=False
        ))
        column.addWidget(self.keep)
        column.addWidget(text_label(tr(
            "Whether a voice may be kept is for your organisation to say. Exports never hold it."
        ), "faint"))
        column.addStretch(1)
        column.addLayout(button_row(
            button(tr("Cancel"), self.reject, "quiet"), button(tr("OK"), self.accept, "primary")
        ))

    def _folder_row(self) -> QWidget:
        row = QWidget()
        inner = QHBoxLayout(row)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.folder, 1)
        inner.addWidget(button(tr("Choose..."), self._choose,
                               help_text=tr("Folder of a Vosk model")))
        return row

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Folder of a Vosk model"))
        if folder:
            self.folder.setText(folder)

    def _fill_devices(self, chosen: str) -> None:
        self.device.addItem(tr("As the system"), "")
        try:
            names = microphone.input_names()
        except PortraitError as error:
            names = ()
            self.device_note.setText(speech_sentence(error.code))
        else:
            self.device_note.setText("" if names else speech_sentence("microphone.none"))
        self.device_note.setVisible(bool(self.device_note.text()))
        for name in dict.fromkeys((*names, *((chosen,) if chosen else ()))):
            gone = name not in names
            self.device.addItem(
                tr("{name} (not connected)").format(name=name) if gone else name, name
            )
        self.device.setCurrentIndex(max(0, self.device.findData(chosen)))

    def values(self) -> dict[str, Any]:
        """What is chosen, by setting."""
        return {
            "microphone": self.device.currentData(), "any_words": self.mode.currentData(),
            "speech_model": self.folder.text().strip(), "keep_audio": self.keep.isChecked(),
        }

    def open_fetching(self) -> FetchDialog:
        """The dialog that fetches one; where it is in place, this page says so."""
        dialog = FetchDialog(self._controller.language, self)
        dialog.fetched.connect(lambda _: self._look())
        dialog.open()
        return dialog

    def accept(self) -> None:
        self._controller.change_settings(**self.values())
        self._end()
        super().accept()

    def reject(self) -> None:
        self._end()
        super().reject()

    def _end(self) -> None:
        self.looking.stop()

    def _look(self) -> None:
        self.present.setText(tr("Looking for recognisers..."))
        self.looking.start("--list")

    def _on_present(self, message: dict[str, Any]) -> None:
        if message.get("event") != "list":
            return
        name = message["speech"].get(self._controller.language, "")
        if name:
            text = tr("Found: {name}").format(name=name)
        elif self._controller.language == "en":
            text = tr("None found: the small built-in recogniser listens, the weaker one.")
        else:
            text = tr("None found for this language: dictation cannot listen yet.")
        self.present.setText(text)

"""Where a foreign picture comes from: opened, pasted, dropped, or kept in the case before."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QWidget

from app.engine.api import Pixels
from app.models.errors import PortraitError
from app.views.forms import button, named
from app.views.picture_desk import PictureDesk
from app.views.png import png_of, rgb_of
from app.views.translation import tr

ENCODED = ("image/jpeg", "image/png")  # taken as they were copied
VIDEO_FILES = "(*.mp4 *.mov *.avi *.mkv)"
PICTURE_FILES = "(*.jpg *.jpeg *.png)"


class SourceRow(QWidget):
    """Open, paste, open again, and a copy of the original. ``what``: photo, video or sketch."""

    def __init__(self, desk: PictureDesk, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.what = what
        self._sha256 = ""
        self._name = ""
        is_video = what == "video"
        label = {
            "photo": tr("Open a photo..."), "video": tr("Open a video..."),
            "sketch": tr("Open a sketch..."),
        }[what]  # fmt: skip
        self.open = button(label, self.choose, "primary")
        self.paste_button = button(tr("Paste"), self.paste, help_text=tr("Ctrl+V"))
        self.kept = QComboBox()
        named(self.kept, tr("Open again what is kept in this case"))
        self.kept.activated.connect(self._on_kept)
        self.save = button(
            tr("Save a copy..."), self.save_copy, help_text=tr("The file as it was opened")
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for made in (self.open, self.paste_button, self.kept, self.save):
            row.addWidget(made, 1 if made is self.kept else 0)
        self.paste_button.setVisible(not is_video)
        self.save.setEnabled(False)
        self.refresh()

    def refresh(self) -> None:
        """List what the case keeps, and forget what was open."""
        self.kept.clear()
        self.kept.addItem(tr("Kept in this case"), "")
        for sha256, what, name in self._desk.keeper.names():
            if what == self.what:
                self.kept.addItem(name, sha256)
        self.kept.setEnabled(self.kept.count() > 1)

    def show_open(self, sha256: str, name: str) -> None:
        """Something is open: a copy of it can be saved, if the case keeps it."""
        self._sha256, self._name = sha256, name
        self.refresh()
        self.save.setEnabled(any(s == sha256 for s, _, _ in self._desk.keeper.names()))

    def show_nothing(self) -> None:
        """Nothing is open any more."""
        self._sha256 = ""
        self.save.setEnabled(False)
        self.refresh()

    # ---- what the officer does

    def choose(self) -> None:
        """Ask for a file and open it."""
        is_video = self.what == "video"
        kinds = f"{tr('Videos')} {VIDEO_FILES}" if is_video else f"{tr('Pictures')} {PICTURE_FILES}"
        path, _ = QFileDialog.getOpenFileName(self, self.open.text(), "", kinds)
        if path:
            self.take_file(path)

    def paste(self) -> None:
        """Open what was copied: a file, or a picture."""
        if not self.take(QGuiApplication.clipboard().mimeData()):
            self._desk.say("picture.nothing_to_paste")

    def take(self, mime: QMimeData | None) -> bool:
        """Open what was dropped or copied; False when there is nothing for this page in it."""
        if mime is None:  # an empty clipboard
            return False
        files = [u.toLocalFile() for u in mime.urls() if u.isLocalFile()]
        if files:
            self.take_file(files[0])
            return True
        if self.what == "video":
            return False
        data = _picture_in(mime)
        if data is None:
            return False
        self._desk.open_bytes(data, tr("pasted picture"), self.what)
        return True

    def take_file(self, path: str) -> None:
        """Open a file."""
        if self.what == "video":
            self._desk.open_video(path)
        else:
            self._desk.open_picture(path, self.what)

    def save_copy(self) -> None:
        """Write the original, byte for byte, where the officer wants it."""
        path, _ = QFileDialog.getSaveFileName(self, self.save.text(), self._name)
        data = self._desk.keeper.original(self._sha256) if path else None
        if data is None:
            return
        try:
            Path(path).write_bytes(data)
        except OSError as error:
            self._desk.fail(PortraitError("picture.not_saved", file=path, why=str(error)))

    def _on_kept(self, place: int) -> None:
        sha256 = str(self.kept.itemData(place) or "")
        if sha256:
            self._desk.open_kept(sha256)
        self.kept.setCurrentIndex(0)


class DropPage(QWidget):
    """A page that takes what is dropped on it or pasted into it."""

    source: SourceRow

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        mime = event.mimeData()
        if mime.hasUrls() or mime.hasImage() or any(mime.hasFormat(f) for f in ENCODED):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if self.source.take(event.mimeData()):
            event.acceptProposedAction()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste) and self.source.what != "video":
            self.source.paste()
        else:
            super().keyPressEvent(event)


def _picture_in(mime: QMimeData) -> bytes | None:
    """The file as it was copied where there is one, else the picture as PNG."""
    for kind in ENCODED:
        if mime.hasFormat(kind):
            return bytes(mime.data(kind).data())
    image = mime.imageData() if mime.hasImage() else None
    if not isinstance(image, QImage) or image.isNull():
        return None
    pixels: Pixels = rgb_of(image)
    return png_of(pixels)

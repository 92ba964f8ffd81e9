"""Pages to read: the keys, the face model's card, and what this program is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.engine.api import ModelInfo
from app.views.card_words import card_rows
from app.views.forms import text_label
from app.views.theme import set_look
from app.views.translation import tr

SAMPLES_WIDTH = 560


class ReadingDialog(QDialog):
    """A title, a scrolling column, and one button. Stays beside the work, blocks nothing."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 560)
        outer = QVBoxLayout(self)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setAccessibleName(title)
        holder = QWidget()
        self.column = QVBoxLayout(holder)
        self.column.setSpacing(8)
        self.column.addWidget(text_label(title, "title"))
        area.setWidget(holder)
        outer.addWidget(area)
        buttons = QDialogButtonBox()
        close = buttons.addButton(tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        close.setAccessibleName(tr("Close"))
        buttons.rejected.connect(self.reject)
        outer.addWidget(buttons)

    def add_pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Two columns: what, and its text; both can be selected and read aloud."""
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        grid.setHorizontalSpacing(18)
        for place, (what, text) in enumerate(pairs):
            label, value = text_label(what, "chip"), text_label(text)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            for column, widget in enumerate((label, value)):
                grid.addWidget(widget, place, column, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(grid)


def keys_dialog(actions: Sequence[QAction], parent: QWidget) -> ReadingDialog:
    """Every key on one page: menus first, then the pages' own."""
    dialog = ReadingDialog(tr("Keys"), parent)
    native = QKeySequence.SequenceFormat.NativeText
    menu = [
        (a.shortcut().toString(native), a.text().replace("&", "").replace("...", ""))
        for a in actions if not a.shortcut().isEmpty()
    ]
    dialog.column.addWidget(text_label(tr("Everywhere"), "heading"))
    dialog.add_pairs([*menu, (tr("Tab"), tr("To the next control"))])
    for heading, pairs in _page_keys():
        dialog.column.addWidget(text_label(heading, "heading"))
        dialog.add_pairs(pairs)
    dialog.column.addStretch(1)
    return dialog


def _page_keys() -> list[tuple[str, list[tuple[str, str]]]]:
    faces = [
        ("1 - 9", tr("Pick a face, or let it go")),
        ("N", tr("None of these")),
        ("U", tr("Not sure")),
        ("B", tr("Break")),
        ("W", tr("Work on this face")),
        ("H", tr("Keep a face on the table for the next array")),
        ("+  -", tr("Rank a face better or worse")),
        (tr("Enter"), tr("Show more faces")),
        (tr("Arrows"), tr("From face to face")),
    ]
    refining = [
        (tr("Arrows"), tr("Move the slider; with Shift in fine steps")),
        (tr("Delete"), tr("Slider back to where it was")),
        ("C", tr("Hold to see before")),
        ("S", tr("Before and now side by side")),
    ]
    history = [(tr("Arrows"), tr("Look at an earlier step")), (tr("Enter"), tr("Go there"))]
    return [
        (tr("While faces are shown"), faces),
        (tr("While the portrait is refined"), refining),
        (tr("In the history"), history),
        (tr("In the description"), [(tr("Delete"), tr("Drop the feature that has the focus"))]),
    ]


def model_card_dialog(info: ModelInfo | None, parent: QWidget) -> ReadingDialog:
    """What the face model is, what it was made from, and what it is weak at."""
    dialog = ReadingDialog(tr("About the face model"), parent)
    dialog.column.addWidget(text_label(tr(
        "Every face is computed by a program from numbers. None is a photograph, and none shows a "
        "real person on purpose. The model knows only the kinds of faces it was made from: what it "
        "cannot draw well, it draws as something more usual."
    )))
    if info is None:
        dialog.column.addWidget(text_label(tr("No face model is loaded."), "heading"))
    else:
        _add_samples(dialog, Path(info.folder) / "samples.jpg")
        for heading, pairs in card_rows(info):
            dialog.column.addWidget(text_label(heading, "heading"))
            dialog.add_pairs(pairs)
    dialog.column.addStretch(1)
    return dialog


def _add_samples(dialog: ReadingDialog, path: Path) -> None:
    """The card's grid of faces, where the model folder has one (its hash is checked on loading)."""
    faces = QPixmap(str(path)) if path.is_file() else QPixmap()
    if faces.isNull():
        return
    caption = tr("The faces of 64 random numbers in a row; none was picked or left out.")
    picture = QLabel()
    picture.setPixmap(faces.scaledToWidth(
        SAMPLES_WIDTH, Qt.TransformationMode.SmoothTransformation
    ))
    picture.setAccessibleName(caption)
    set_look(picture, "faces")
    dialog.column.addWidget(picture)
    dialog.column.addWidget(text_label(caption, "faint"))


def about_dialog(version: str, parent: QWidget) -> ReadingDialog:
    """What the program is, what it is for, and what it must not be used for."""
    dialog = ReadingDialog(tr("About Portrait Parlé"), parent)
    for look, text in (
        ("heading", tr("Version {version}").format(version=version)),
        ("", tr("Helps an officer and an eyewitness to make a portrait of a face that the witness "
                "remembers. It works without any network and sends nothing anywhere.")),
        ("heading", tr("What a portrait is")),
        ("", tr("A likeness made from memory. It is no photograph, no proof of who somebody is, "
                "and it must not be given to a face search as if it were a picture of a person.")),
        ("heading", tr("What is kept")),
        ("", tr("What the witness said, what was chosen and what the model made up are kept apart "
                "in a sealed case file. Each step is stored before the next one is shown.")),
    ):
        dialog.column.addWidget(text_label(text, look))
    dialog.column.addStretch(1)
    return dialog

"""The array as it stands: pictures, live warnings, the attribute table, and what to do to them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QListWidget,
    QSpinBox,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.engine.api import FaceReady
from app.models.lineup import SUSPECT
from app.views.forms import button, field, named, text_label
from app.views.gallery import Gallery
from app.views.lineup_desk import LineupDesk
from app.views.lineup_words import concern_sentence, origin_label, state_words
from app.views.terms import attribute_label, value_label
from app.views.translation import tr

PANEL = 380


class ArrayPage(QWidget):
    """Left the pictures, the suspect first; right what is wrong with them."""

    def __init__(self, desk: LineupDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._arriving = 0
        self.state = text_label("", "strong")
        self.gallery = Gallery(self)
        self.origin = text_label("", "faint")
        self.concerns = QListWidget()
        self.concerns.setWordWrap(True)
        named(self.concerns, tr("Warnings"))
        self.table = QTableWidget(0, 0)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        named(self.table, tr("Attributes of every picture"))
        self._make_choices()
        self._make_buttons()
        self._lay_out()
        desk.changed.connect(self.show_state)
        desk.assessed.connect(self._show_assessment)
        desk.preview.connect(self._on_face)
        desk.busy.connect(lambda lane, busy: self._on_busy(lane, busy))
        self.gallery.picks_changed.connect(self._on_pick)
        self.concerns.itemActivated.connect(lambda item: self._go_to(item.data(256)))
        self.concerns.itemClicked.connect(lambda item: self._go_to(item.data(256)))
        self.show_state()

    # ---- building

    def _make_choices(self) -> None:
        self.count = QSpinBox()
        self.count.setRange(3, 23)
        self.count.setValue(5)
        self.source = _combo((
            ("generated", tr("generated faces")), ("photos", tr("photographs of a folder")),
            ("mixed", tr("both")),
        ))  # fmt: skip
        self.method = _combo((
            ("similar", tr("near the suspect")), ("between", tr("between two faces")),
        ))  # fmt: skip
        self.policy = _combo((
            ("rendered", tr("drawn by the model")), ("matched", tr("photograph made alike")),
        ))  # fmt: skip
        self.look = _combo((
            ("photo", tr("as in the photograph")), ("plain", tr("plain")),
        ))  # fmt: skip
        self.source.currentIndexChanged.connect(lambda index: self._on_source())

    def _make_buttons(self) -> None:
        desk = self._desk
        self.make = button(tr("Make the array"), self._on_make, "primary")
        self.wider = button(tr("Less similar"), lambda: self._on_make(wider=True), help_text=tr(
            "Makes the array again with fillers from further away."
        ))
        self.undo = button(tr("Undo"), desk.undo, help_text="Ctrl+Z")
        self.redo = button(tr("Redo"), desk.redo, help_text="Ctrl+Shift+Z")
        rows = (
            ("replace", tr("Another one")), ("variant", tr("More like this")),
            ("apart", tr("Steer apart")), ("nearer", tr("Nearer to the suspect")),
            ("farther", tr("Farther from the suspect")),
        )  # fmt: skip
        self.changes = {how: button(text, lambda how=how: self._change(how)) for how, text in rows}

    def _lay_out(self) -> None:
        outer = QHBoxLayout(self)
        outer.setContentsMargins(14, 10, 14, 10)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        outer.addWidget(split)
        left, right = QWidget(), QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 8, 0)
        column.addWidget(self.state)
        column.addWidget(self.gallery, 1)
        column.addWidget(self.origin)
        changes = QHBoxLayout()
        for made in self.changes.values():
            changes.addWidget(made)
        changes.addStretch(1)
        column.addLayout(changes)
        panel = QVBoxLayout(right)
        panel.setContentsMargins(8, 0, 0, 0)
        for pair in (((tr("Fillers"), self.count), (tr("From"), self.source)),
                     ((tr("Where from"), self.method), (tr("Suspect shown"), self.policy)),
                     ((tr("Pose, light, background"), self.look),)):  # fmt: skip
            row = QHBoxLayout()
            for label, control in pair:
                row.addWidget(field(label, control), 1)
            panel.addLayout(row)
        row = QHBoxLayout()
        for made in (self.make, self.wider, self.undo, self.redo):
            row.addWidget(made)
        panel.addLayout(row)
        panel.addWidget(text_label(tr("Warnings"), "heading"))
        panel.addWidget(self.concerns, 2)
        panel.addWidget(text_label(tr("Attributes as the program reads them"), "heading"))
        panel.addWidget(self.table, 3)
        split.addWidget(left)
        split.addWidget(right)
        split.setSizes([760, PANEL])

    # ---- showing

    def show_state(self) -> None:
        """The array as recorded."""
        faces, lineup = self._desk.faces, self._desk.lineup
        picks = self.gallery.picks
        self.gallery.set_count(len(faces))
        for index, face in enumerate(faces):
            self.gallery.set_face(index, face.pixels)
        with QSignalBlocker(self.gallery):
            self.gallery.set_picks(tuple(p for p in picks if p < len(faces))[-1:])
        self.state.setText(state_words(lineup))
        self._show_assessment()
        self._show_buttons()

    def _show_buttons(self) -> None:
        desk, lineup = self._desk, self._desk.lineup
        free = desk.record is not None and not lineup.is_shown and not desk.is_working
        seeded = desk.suspect is not None or bool(lineup.wanted)
        self.make.setEnabled(free and seeded)
        self.wider.setEnabled(free and bool(desk.faces))
        self.undo.setEnabled(free and bool(lineup.earlier))
        self.redo.setEnabled(free and bool(lineup.later))
        picked = self._picked
        face = desk.faces[picked] if picked is not None else None
        is_filler = face is not None and face.role != SUSPECT
        for how, made in self.changes.items():
            drawn = face is not None and face.recipe is not None
            made.setEnabled(free and is_filler and (drawn or how == "replace"))
        if face is None:
            self.origin.setText(tr("Pick a picture to see where it comes from and to change it."))
        else:
            more = f" ({face.source})" if face.source else ""
            self.origin.setText(origin_label(face.origin) + more)

    def _show_assessment(self) -> None:
        found, suspect = self._desk.assessment, self._desk.lineup.suspect
        self.concerns.clear()
        concerns = found.concerns if found is not None else self._desk.lineup.concerns
        for concern in concerns:
            self.concerns.addItem(concern_sentence(concern, suspect))
            self.concerns.item(self.concerns.count() - 1).setData(256, concern.member)
        if found is not None and not concerns:
            self.concerns.addItem(tr("Nothing stands out."))
        self.state.setText(state_words(self._desk.lineup))
        table = found.table if found is not None else ()
        self.table.clear()
        self.table.setRowCount(len(table))
        self.table.setColumnCount(len(self._desk.faces))
        self.table.setVerticalHeaderLabels([attribute_label(name) for name, _ in table])
        self.table.setHorizontalHeaderLabels([
            tr("Suspect") if f.role == SUSPECT else str(i + 1)
            for i, f in enumerate(self._desk.faces)
        ])  # fmt: skip
        named_values = {(c.member, c.attribute) for c in concerns if c.kind == "stands_out"}
        for row, (name, values) in enumerate(table):
            for place, value in enumerate(values):
                text = value if name == "age" else value_label(name, value)
                item = QTableWidgetItem(text)
                if (place, name) in named_values:
                    font = item.font()
                    font.setBold(True)
                    item.setFont(font)
                    item.setText(f"! {text}")
                self.table.setItem(row, place, item)
        self.table.horizontalHeader().setSectionResizeMode(
            QHeaderView.ResizeMode.ResizeToContents
        )  # fmt: skip

    # ---- doing

    @property
    def _picked(self) -> int | None:
        picks = self.gallery.picks
        return picks[-1] if picks and picks[-1] < len(self._desk.faces) else None

    def _on_pick(self, picks: tuple[int, ...]) -> None:
        if len(picks) > 1:
            with QSignalBlocker(self.gallery):
                self.gallery.set_picks(picks[-1:])
        self._show_buttons()

    def _go_to(self, member: int | None) -> None:
        if member is not None and member < len(self._desk.faces):
            self.gallery.set_picks((member,))
            self._show_buttons()

    def _change(self, how: str) -> None:
        picked = self._picked
        if picked is None:
            return
        if how == "replace":
            self._desk.replace(picked)
        else:
            self._desk.change(picked, how)

    def _on_source(self) -> None:
        if self.source.currentData() == "generated":
            return
        folder = QFileDialog.getExistingDirectory(self, tr("Folder with photographs of fillers"))
        self.use_folder(folder)

    def use_folder(self, folder: str) -> None:
        """Photographs of this folder are to be fillers; without one, back to generated faces."""
        kinds = (".jpg", ".jpeg", ".png")
        found = sorted(p for p in Path(folder).iterdir()) if folder else []
        photos = tuple(str(p) for p in found if p.suffix.lower() in kinds)
        if not photos:
            with QSignalBlocker(self.source):
                self.source.setCurrentIndex(0)
        self._desk.wanted = replace(self._desk.wanted, photos=photos)

    def _on_make(self, wider: bool = False) -> None:
        self._desk.wanted = replace(
            self._desk.wanted, count=self.count.value(), source=self.source.currentData(),
            method=self.method.currentData(), policy=self.policy.currentData(),
            look=self.look.currentData(),
        )  # fmt: skip
        self._arriving = self.count.value()
        self._desk.make(wider)

    def _on_face(self, face: FaceReady) -> None:
        if not self._arriving or face.preview:
            return
        if len(self.gallery.tiles) != self._arriving:
            self.gallery.set_count(self._arriving)
        self.gallery.set_face(face.index, face.pixels)

    def _on_busy(self, lane: str, busy: bool) -> None:
        if not busy and self._arriving:
            self._arriving = 0
            self.show_state()  # stopped half-way: what the file holds
        self._show_buttons()


def _combo(choices: tuple[tuple[str, str], ...]) -> QComboBox:
    made = QComboBox()
    for key, text in choices:
        made.addItem(text, key)
    return made

"""The sitting step by step: each event in order, the faces as shown, and the faces drawn again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from app.engine.api import Pixels
from app.models.errors import PortraitError
from app.models.events import Event
from app.models.portrait import canonical
from app.models.redrawing import faces_shown
from app.models.store import CaseFile
from app.views.controller import Controller
from app.views.event_words import actor_label, event_details, event_title
from app.views.forms import button, named, text_label
from app.views.png import pixels_of
from app.views.redrawing import Redrawing
from app.views.replay_tiles import Tile, Tiles, ranks_of
from app.views.translation import tr

SIZE = (1160, 720)
# what shows nothing new to somebody who follows the sitting
BESIDE = (
    "case.opened", "case.closed", "stage.opened", "face.shown", "round.asked", "read",
    "round.prepared",
    "description.draft", "hint.shown", "interview.step", "export.prepared", "export.sealed",
)  # fmt: skip
PLACE = Qt.ItemDataRole.UserRole


class ReplayDialog(QDialog):
    """Left the steps, right what was on screen then. Only reads; closes with its case."""

    def __init__(self, controller: Controller, case: CaseFile, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._case = case
        self.events: tuple[Event, ...] = tuple(case.events())
        self._pictures = {canonical(f.recipe): f.picture for f in faces_shown(self.events)}
        self.setWindowTitle(tr("Step by step"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)  # nothing is added to the case meanwhile
        self.resize(*SIZE)
        self.steps, self.line = QListWidget(), QSlider(Qt.Orientation.Horizontal)
        self.all = QCheckBox(tr("Every event"))
        self.redrawing = Redrawing(controller, case, self.events, self)
        self.redrawing.changed.connect(self._on_compared)
        controller.case_changed.connect(self.close)
        self._build()
        self._fill()

    # ---- building

    def _build(self) -> None:
        outer = QVBoxLayout(self)
        row = QHBoxLayout()
        row.addLayout(self._make_left(), 4)
        row.addWidget(self._make_right(), 7)
        outer.addLayout(row, 1)
        outer.addLayout(self._make_bottom())

    def _make_left(self) -> QVBoxLayout:
        named(self.steps, tr("Steps of the sitting"))
        self.steps.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.steps.setTextElideMode(Qt.TextElideMode.ElideRight)
        named(self.line, tr("Time line"))
        self.all.setAccessibleName(tr("Every event"))
        self.all.toggled.connect(lambda on: self._fill())
        self.steps.currentRowChanged.connect(self._on_row)
        self.line.valueChanged.connect(self.steps.setCurrentRow)
        column = QVBoxLayout()
        column.addWidget(text_label(tr("Step by step"), "title"))
        column.addWidget(self.steps, 1)
        column.addWidget(self.line)
        row = QHBoxLayout()
        row.addWidget(self.all)
        row.addStretch(1)
        for text, key, move in (
            (tr("Earlier"), Qt.Key.Key_Left, -1), (tr("Later"), Qt.Key.Key_Right, 1),
        ):  # fmt: skip
            made = button(text, lambda move=move: self._move(move))
            QShortcut(QKeySequence(key), self, lambda move=move: self._move(move))
            row.addWidget(made)
        column.addLayout(row)
        return column

    def _make_right(self) -> QScrollArea:
        self.title, self.when = text_label("", "heading"), text_label("", "faint")
        self.tiles, self.details = Tiles(), text_label("")
        self.details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        holder = QWidget()
        column = QVBoxLayout(holder)
        for part in (self.title, self.when, self.tiles, self.details):
            column.addWidget(part)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setAccessibleName(tr("What was on screen"))
        area.setWidget(holder)
        return area

    def _make_bottom(self) -> QHBoxLayout:
        self.outcome: QLabel = text_label("")
        self.bar = QProgressBar()
        named(self.bar, tr("Faces drawn again"))
        self.bar.hide()
        self.compare: QPushButton = button(
            tr("Draw all faces again and compare"), self.redrawing.toggle
        )
        row = QHBoxLayout()
        row.addWidget(self.compare)
        row.addWidget(self.bar)
        row.addWidget(self.outcome, 1)
        row.addWidget(button(tr("Close"), self.close))
        self._show_result()
        return row

    # ---- steps

    def _fill(self) -> None:
        before = self._place()
        rows = [
            place for place, event in enumerate(self.events)
            if self.all.isChecked() or event.kind not in BESIDE
        ]  # fmt: skip
        self.steps.blockSignals(True)
        self.steps.clear()
        for place in rows:
            event = self.events[place]
            item = QListWidgetItem(f"{event.wall[11:19]}  {event_title(event)}")
            item.setToolTip(actor_label(event.actor))
            item.setData(PLACE, place)
            self.steps.addItem(item)
        self.steps.blockSignals(False)
        self.line.setRange(0, max(0, len(rows) - 1))
        self.steps.setCurrentRow(max((i for i, r in enumerate(rows) if r <= before), default=0))

    def _move(self, by: int) -> None:
        row = self.steps.currentRow() + by
        if 0 <= row < self.steps.count():
            self.steps.setCurrentRow(row)

    def _place(self) -> int:
        item = self.steps.currentItem()
        return 0 if item is None else int(item.data(PLACE))

    def _on_row(self, row: int) -> None:
        if row < 0:
            return
        self.line.setValue(row)
        event = self.events[self._place()]
        self.title.setText(event_title(event))
        self.when.setText(tr("{who}, {when}, event {number} of {total}").format(
            who=actor_label(event.actor), when=event.wall, number=event.seq,
            total=len(self.events),
        ))
        self.details.setText("\n".join(f"{name}: {text}" for name, text in event_details(event)))
        self.tiles.show_tiles(self._tiles_of(event))

    def _tiles_of(self, event: Event) -> list[Tile]:
        picks: Sequence[int] = ()
        source = event
        if event.kind == "round.answered":
            picks = [int(p) for p in event.data.get("picks", ())]
            source = self._array(event) or event
        ranks = ranks_of(picks)
        recipe = source.data.get("recipe")
        known = self._pictures.get(canonical(recipe)) if isinstance(recipe, Mapping) else None
        return [
            Tile(self._pixels(picture), place + 1, ranks.get(place),
                 self.redrawing.verdict_on(picture))
            for place, picture in enumerate(source.pictures or ((known,) if known else ()))
        ]  # fmt: skip

    def _array(self, answer: Event) -> Event | None:
        """The array that an answer belongs to."""
        for event in reversed(self.events[: answer.seq]):
            same = event.data.get("round") == answer.data.get("round")
            if event.kind == "round.shown" and same:
                return event
        return None

    def _pixels(self, picture: str) -> Pixels | None:
        try:
            return pixels_of(self._case.picture(picture))
        except PortraitError:
            return None

    # ---- comparing

    def _on_compared(self) -> None:
        self._show_result()
        if not self.redrawing.is_running:
            self._on_row(self.steps.currentRow())

    def _show_result(self) -> None:
        running = self.redrawing.is_running
        self.bar.setVisible(running)
        self.bar.setRange(0, self.redrawing.total)
        self.bar.setValue(self.redrawing.done)
        words = tr("Stop") if running else tr("Draw all faces again and compare")
        self.compare.setText(words)
        self.compare.setAccessibleName(words)
        self.compare.setEnabled(running or self.redrawing.may_start)
        self.outcome.setText("" if running else self.redrawing.summary())

    def done(self, result: int) -> None:
        self.redrawing.stop()
        super().done(result)


def open_replay(controller: Controller, parent: QWidget) -> ReplayDialog | None:
    """The dialog on the open case, its reading recorded first; None when there is none to read."""
    case = controller.case
    if case is None or controller.case_in_use:
        return None
    if controller.may_write and not controller.record("read", {"what": "step by step"}):
        return None
    dialog = ReplayDialog(controller, case, parent)
    dialog.show()
    return dialog

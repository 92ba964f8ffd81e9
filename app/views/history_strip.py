"""The history as a strip of small faces: where we are, what came before, what lies beside."""

from __future__ import annotations

from collections import Counter
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QBrush, QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.engine.api import DirectionInfo, FaceReady
from app.models.history import History, Node
from app.models.portrait import Recipe
from app.models.session import Session
from app.views import terms, theme
from app.views.controller import Controller
from app.views.forms import button, named
from app.views.images import shown
from app.views.overlay_words import drawing_label
from app.views.small_faces import NODE, THUMB, FaceDelegate, icon_of, tiled
from app.views.translation import tr

CELL = 100  # at least
ASK_AFTER_MS = 600  # the portrait itself is drawn first; its picture then serves here too
BEFORE, AFTER = 300, 100  # steps shown around the present one: a history may have thousands
WHOLE = 100  # steps by which the first one shown moves on, so that most stay where they are
KEPT = 40  # small faces at hand; the others are read from the case again when they are seen
CONTENT = Qt.ItemDataRole.UserRole + 1

Path = tuple[Node[Session], ...]


def shown_path(history: History[Session]) -> tuple[Path, int]:
    """Some hundred steps to the head, on along the way that redo would take; the head's place.

    Of the steps before the first face only the last is kept: the words have their own pages.
    """
    back = [history.current]
    while (parent := back[-1].parent) is not None and len(back) < BEFORE + WHOLE:
        if len(back) >= BEFORE and back[-1].id % WHOLE == 0:
            break
        back.append(history.nodes[parent])
    nodes, head = back[::-1], len(back) - 1
    while len(nodes) <= head + AFTER:
        following = history.last_child.get(nodes[-1].id)
        if following is None:
            break
        nodes.append(history.nodes[following])
    faceless = sum(not n.state.rounds and n.state.portrait is None for n in nodes)
    keep_from = max(0, min(faceless - 1, head))
    return tuple(nodes[keep_from:]), head - keep_from


class Branches:
    """How many ways lead on from each step, and where ways end; counts only steps that are new."""

    def __init__(self) -> None:
        self._begin(None)

    def _begin(self, first: Node[Session] | None) -> None:
        self.children: Counter[int | None] = Counter()
        self._ends: dict[int, None] = {}  # in their order
        self._first, self._counted = first, 0

    def count(self, history: History[Session]) -> None:
        """Take in what was added; begins anew with another history. Parents never change."""
        if history.nodes[0] is not self._first or len(history.nodes) < self._counted:
            self._begin(history.nodes[0])
        for i in range(self._counted, len(history.nodes)):
            parent = history.nodes[i].parent
            self.children[parent] += 1
            self._ends[i] = None
            if parent is not None:
                self._ends.pop(parent, None)
        self._counted = len(history.nodes)

    def other_ends(self, history: History[Session]) -> tuple[Node[Session], ...]:
        """The last states of every branch but the one that redo leads to, newest first."""
        end = history.head
        while (following := history.last_child.get(end)) is not None:
            end = following
        return tuple(history.nodes[i] for i in reversed(self._ends) if i != end)


def step_label(node: Node[Session], directions: tuple[DirectionInfo, ...] = ()) -> str:
    """What was done in a step, in two or three words."""
    if node.label in ("edit", "hold"):
        known = next((d for d in directions if d.name == node.detail), None)
        what = terms.short_direction_label(known) if known else terms.attribute_label(node.detail)
        return what if node.label == "edit" else tr("Hold: {what}").format(what=what)
    if node.label in ("overlay", "overlay_change"):
        return drawing_label(node.detail)
    if node.label == "overlay_off":
        return tr("Off: {what}").format(what=drawing_label(node.detail))
    if node.label == "answer":
        return {"picked": tr("Picked"), "none": tr("None of these")}.get(
            node.detail, tr("Not sure")
        )
    if node.label == "round":
        return tr("Faces {number}").format(number=node.detail)
    return _plain_labels().get(node.label, terms.plain(node.label).capitalize())


def _plain_labels() -> dict[str, str]:
    return {
        "start": tr("Start"), "eligibility": tr("Questions"), "recall": tr("Recall"),
        "recall_confirmed": tr("Own words"), "describe": tr("Description"),
        "attributes": tr("Features"), "portrait": tr("This face"), "accept": tr("Accepted"),
        "rate": tr("Likeness"), "character": tr("Character"),
        "region": tr("A part"), "region_off": tr("Part forgotten"),
        "again": tr("Once more"), "composite": tr("Best of them"),
        "from_picture": tr("From a picture"),
        "words": tr("In words"), "mix": tr("Mixed faces"),
    }  # fmt: skip


class StepList(QListWidget):
    """One row of steps; arrow keys look, Enter or a click goes there."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(THUMB, THUMB))
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setWordWrap(False)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            item = self.currentItem()
            if item is not None:
                self.itemActivated.emit(item)
        else:
            super().keyPressEvent(event)


class HistoryStrip(QWidget):
    """Undo, redo, the way we came, and the branches beside it. Needs no model."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._thumbs: dict[str, QPixmap] = {}
        self._wanted: dict[str, Recipe] = {}
        self._icons: dict[tuple[Any, ...], QIcon] = {}
        self._head_place = 0
        self._drawn: list[tuple[Any, ...]] = []  # what each place shows, its node first
        self._ways = Branches()
        self._ask = QTimer(self)
        self._ask.setSingleShot(True)
        self._ask.setInterval(ASK_AFTER_MS)
        self._ask.timeout.connect(self._ask_thumbnails)
        self._build()
        controller.history_changed.connect(self.show_history)
        controller.thumbnail_ready.connect(self._on_face)
        controller.portrait_ready.connect(self._on_face)
        controller.face_ready.connect(self._on_face)
        controller.case_changed.connect(self._on_case)
        self.show_history(controller.history)

    def show_session(self, session: Session) -> None:
        """Show the history that the session is the head of."""
        self.show_history(self._controller.history)

    def show_history(self, history: History[Session]) -> None:
        """Show the tree; only what changed is touched."""
        path, self._head_place = shown_path(history)
        self._ways.count(history)
        self.steps.blockSignals(True)
        self._drop_earlier(path[0])
        while self.steps.count() > len(path):
            self.steps.takeItem(self.steps.count() - 1)
        del self._drawn[len(path) :]
        children = self._ways.children
        directions = self._controller.model_info.directions if self._controller.model_info else ()
        for place, node in enumerate(path):
            key = (node, children[node.id], place > self._head_place, directions)
            if place == len(self._drawn):
                self._drawn.append(())
            if key != self._drawn[place]:  # of thousands of steps nearly all are as they were
                self._show_step(place, node, children[node.id] - 1, directions)
                self._drawn[place] = key
        self.steps.setCurrentRow(self._head_place)
        self.steps.blockSignals(False)
        current = self.steps.currentItem()
        if current is not None:
            self.steps.scrollToItem(current)
        self._show_buttons(history)

    # ---- inside

    def _drop_earlier(self, first: Node[Session]) -> None:
        """Take away the steps before ``first``, so that the others stay as they are drawn."""
        known = [drawn[0].id for drawn in self._drawn]
        if first.id in known:
            before = known.index(first.id)
            for _ in range(before):
                self.steps.takeItem(0)
            del self._drawn[:before]

    def _build(self) -> None:
        self.undo = button(tr("Undo"), self._controller.undo)
        self.redo = button(tr("Redo"), self._controller.redo)
        self.branches = QPushButton(self)
        self.branches.setAutoDefault(False)
        self.menu = QMenu(self)
        self.branches.setMenu(self.menu)
        self.steps = StepList(self)
        named(self.steps, tr("History"), tr("Arrow keys look, Enter goes there"))
        self.steps.setItemDelegate(FaceDelegate(self.icon_of, self.steps))
        self.steps.itemClicked.connect(self._go)
        self.steps.itemActivated.connect(self._go)
        metrics = self.fontMetrics()
        bar = self.steps.horizontalScrollBar().sizeHint().height()
        self.steps.setFixedHeight(THUMB + metrics.height() + 16 + bar)
        buttons = QVBoxLayout()
        buttons.setSpacing(4)
        buttons.addStretch(1)
        for widget in (self.undo, self.redo):
            buttons.addWidget(widget)
        buttons.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        row.setSpacing(10)
        row.addLayout(buttons)
        row.addWidget(self.steps, 1)
        row.addWidget(self.branches)

    def _show_step(
        self, place: int, node: Node[Session], beside: int, directions: tuple[DirectionInfo, ...]
    ) -> None:
        item = self.steps.item(place)
        if item is None:
            item = QListWidgetItem()
            metrics = self.fontMetrics()
            width = max(CELL, metrics.horizontalAdvance("m" * 7))
            item.setSizeHint(QSize(width, THUMB + metrics.height() + 14))
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
            self.steps.addItem(item)
        is_ahead = place > self._head_place
        label = step_label(node, directions)
        content = (node.id, label, beside, is_ahead)
        if item.data(CONTENT) == content:
            return
        item.setData(CONTENT, content)
        item.setData(NODE, node.id)
        item.setText(label)
        item.setForeground(QBrush(theme.colour("faint" if is_ahead else "text")))
        name = tr("{label}, other way on: {count}") if beside > 0 else "{label}"
        name = tr("{label}, undone") if is_ahead else name
        said = name.format(label=label, count=beside)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
        item.setToolTip(said)

    def _show_buttons(self, history: History[Session]) -> None:
        writes = self._controller.may_write
        self.undo.setEnabled(history.can_undo and writes)
        self.redo.setEnabled(history.can_redo and writes)
        ends = self._ways.other_ends(history)
        self.branches.setVisible(bool(ends))
        self.branches.setText(tr("Other ways ({count})").format(count=len(ends)))
        named(self.branches, self.branches.text(), tr("Versions that were left by undo"))
        self.menu.clear()
        for end in ends[:20]:
            self._add_branch(end)

    def _add_branch(self, end: Node[Session]) -> None:
        directions = self._controller.model_info.directions if self._controller.model_info else ()
        text = tr("Step {number}: {label}").format(
            number=end.id + 1, label=step_label(end, directions)
        )
        action = self.menu.addAction(self._icon(_pictured(end), 0), text)
        action.triggered.connect(lambda checked=False, i=end.id: self._controller.jump(i))

    def _go(self, item: QListWidgetItem) -> None:
        self._controller.jump(int(item.data(NODE)))

    # ---- small faces

    def icon_of(self, node_id: int | None) -> QIcon:
        """The small face of a step; its place is empty until it was read."""
        history = self._controller.history
        if node_id is None or node_id >= len(history.nodes):
            return QIcon()
        node = history.nodes[node_id]
        return self._icon(_pictured(node), self._ways.children[node.id] - 1)

    def _icon(self, pictured: tuple[Recipe, ...], beside: int) -> QIcon:
        missing = [recipe for recipe in pictured if recipe.id not in self._thumbs]
        if missing:
            self._wanted.update((recipe.id, recipe) for recipe in missing)
            self._ask.start()
        ratio, faces = self.devicePixelRatioF(), [self._thumbs.get(r.id) for r in pictured]
        ready = tuple(r.id if face else "" for r, face in zip(pictured, faces, strict=True))
        key = (ready, beside, ratio)
        if key not in self._icons:
            if len(self._icons) >= KEPT:
                self._icons.clear()
            self._icons[key] = icon_of(tiled(faces, ratio, beside))
        return self._icons[key]

    def _ask_thumbnails(self) -> None:
        wanted = [r for i, r in self._wanted.items() if i not in self._thumbs]
        self._wanted.clear()
        if wanted:
            self._controller.render_thumbnails(wanted)

    def _on_face(self, face: FaceReady) -> None:
        if face.preview or face.recipe.id in self._thumbs:
            return
        while len(self._thumbs) >= KEPT:
            del self._thumbs[next(iter(self._thumbs))]
        ratio = self.devicePixelRatioF()
        self._thumbs[face.recipe.id] = shown(face.pixels, THUMB, ratio=ratio)
        self.steps.viewport().update()

    def _on_case(self, case: object) -> None:
        self._thumbs.clear()
        self._icons.clear()
        self._wanted.clear()
        self.steps.clear()
        self._drawn.clear()
        self.show_history(self._controller.history)


def _pictured(node: Node[Session]) -> tuple[Recipe, ...]:
    """The faces that stand for a step: four of an array just shown, else the portrait."""
    state = node.state
    if node.label == "round" and state.rounds:
        return state.rounds[-1].faces[:4]
    return () if state.portrait is None else (state.portrait,)

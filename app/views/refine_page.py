"""One large portrait and the sliders that change it, live."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont, QFontMetrics, QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.engine.api import DirectionInfo, FaceReady, ModelInfo, Pixels
from app.models.portrait import Recipe
from app.models.region import LocalEdit
from app.models.session import Session, Stage
from app.views.changes_panel import ChangesPanel
from app.views.compare import Compare
from app.views.controller import Controller
from app.views.forms import button, clear_layout, named, scrolling, spread_row, text_label
from app.views.overlay_handles import OverlayHandles
from app.views.overlay_paint import canvas_of
from app.views.overlay_panel import OverlayPanel
from app.views.region_bar import RegionBar
from app.views.slider_groups import group_label, grouped
from app.views.slider_row import SliderRow
from app.views.theme import set_look
from app.views.translation import tr

LIST_WIDTH = 500  # least width of the slider list at 100 %
WHOLE, PART, ON_TOP = range(3)  # what is worked on


class RefinePage(QWidget):
    """The portrait at the left, what can be changed at the right, two ways on below."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._directions: tuple[DirectionInfo, ...] | None = None
        self._favourites: tuple[str, ...] = ()
        self._portrait: Recipe | None = None
        self._baseline: Recipe | None = None
        self.rows: dict[str, SliderRow] = {}
        self._headings: list[QLabel] = []
        self.compare = Compare(self)
        self.handles = OverlayHandles(self.compare)
        self.part = RegionBar(controller, self.handles, self)
        self.overlays = OverlayPanel(controller, self.handles, self)
        self.changes = ChangesPanel(controller, self)
        self._build()
        controller.portrait_ready.connect(self._on_portrait)
        controller.baseline_ready.connect(self._on_baseline)
        controller.model_changed.connect(self._on_model)
        self._show_directions(controller.model_info)
        self.show_session(controller.session)

    # ---- what is shown

    def show_session(self, session: Session) -> None:
        """Show the session's portrait, edits and holds."""
        if session.portrait != self._portrait:
            self._portrait = session.portrait
            self._show_known(session.portrait, self.compare.set_now)
        if session.baseline != self._baseline:
            self._baseline = session.baseline
            self._show_known(session.baseline, self.compare.set_before)
        self.part.show_session(session)
        self.overlays.show_session(session)
        self.changes.show_session(session)
        local = self._local(session)
        for name, row in self.rows.items():
            held = name in session.held or row.direction.attribute in session.held
            amount = session.portrait.edit(name) if session.portrait else 0.0
            origin = session.baseline.edit(name) if session.baseline else 0.0
            if self.mode == PART:
                amount, origin = (local.edit(name) if local else 0.0), 0.0
            row.show_amount(amount, origin=origin, held=held)
        self._refresh()

    @property
    def mode(self) -> int:
        """What is worked on: the whole face, a part, or what lies on it."""
        return self.modes.checkedId()

    def set_mode(self, mode: int) -> None:
        """Turn to the whole face, a part, or what lies on it."""
        self.settle()
        made = self.modes.button(mode)
        if made is not None:
            made.setChecked(True)
        self.part.stop()
        self.part.setVisible(mode == PART)
        self.sides.setCurrentIndex(1 if mode == ON_TOP else 0)
        self.overlays.set_active(mode == ON_TOP)
        if mode != ON_TOP:
            self.handles.place(None, canvas_of(self._controller.session.overlays))
        self.show_session(self._controller.session)

    def _local(self, session: Session) -> LocalEdit | None:
        local = session.portrait.local if session.portrait else ()
        return local[self.part.index] if 0 <= self.part.index < len(local) else None

    def _on_moved(self, name: str, amount: float, final: bool) -> None:
        if self.mode == PART:
            self._controller.overlays.set_local(self.part.index, name, amount, final)
        else:
            self._controller.set_edit(name, amount, final)

    def _on_reset(self, name: str) -> None:
        if self.mode == PART:
            self._controller.overlays.set_local(self.part.index, name, 0.0, True)
        else:
            self._controller.reset_edit(name)

    def _show_known(self, recipe: Recipe | None, show: Callable[[Pixels | None], None]) -> None:
        pixels = None if recipe is None else self._controller.known_face(recipe)
        if pixels is not None or recipe is None:  # else the old face stays until this is drawn
            show(pixels)

    def _on_portrait(self, face: FaceReady) -> None:
        self.compare.set_now(face.pixels)
        self._refresh()

    def _on_baseline(self, face: FaceReady) -> None:
        self.compare.set_before(face.pixels)
        self._refresh()

    def _on_model(self, info: ModelInfo | None, state: str) -> None:
        self._show_directions(info)
        self.show_session(self._controller.session)

    def _show_directions(self, info: ModelInfo | None) -> None:
        directions = info.directions if info is not None else None
        favourites = self._controller.settings.favourites
        if (directions, favourites) == (self._directions, self._favourites) and self.rows:
            return
        self._directions, self._favourites = directions, favourites
        self.rows.clear()
        clear_layout(self._list)
        self.regions.clear()
        self._headings.clear()
        for region, group in grouped(directions or (), favourites):
            heading = text_label(group_label(region), "heading")
            self._headings.append(heading)
            self._list.addWidget(heading)
            self.regions.addItem(heading.text())
            for direction in group:
                self._list.addWidget(self._row(direction))
            self._list.addSpacing(8)
        self._list.addStretch(1)
        bar = self.area.verticalScrollBar().sizeHint().width()
        rows = max((r.minimumSizeHint().width() for r in self.rows.values()), default=0)
        self.area.setMinimumWidth(max(LIST_WIDTH, rows + bar + 12))  # never cut at the right

    def _row(self, direction: DirectionInfo) -> SliderRow:
        row = SliderRow(direction, self._directions or ())
        row.moved.connect(self._on_moved)
        row.reset_asked.connect(self._on_reset)
        row.hold_asked.connect(self._controller.set_hold)
        row.taken.connect(self._on_taken)
        row.favoured.connect(self._on_favoured)
        row.show_favourite(direction.name in self._favourites)
        self.rows[direction.name] = row
        return row

    def _on_favoured(self, name: str, on: bool) -> None:
        """Move it to the favourites, or back; the keyboard stays at its star."""
        others = tuple(f for f in self._favourites if f != name)
        self._controller.change_settings(favourites=(*others, name) if on else others)
        self.settle()
        QTimer.singleShot(0, self, lambda: self._show_favourites(name))

    def _show_favourites(self, name: str) -> None:
        self._show_directions(self._controller.model_info)  # not from within the star's own signal
        self.show_session(self._controller.session)
        if name in self.rows:
            self.rows[name].star.setFocus()

    def _on_taken(self, name: str) -> None:
        row = self.rows.get(name)
        if row is None:  # the focus wanders while the rows are made anew
            return
        said = row.effects or tr("{name}: moves little else").format(name=row.name.text())
        self.effects.setText(said)

    # ---- what is done

    def accept(self) -> None:
        """The witness is content with the portrait as it stands."""
        self.settle()
        self._controller.accept_portrait()

    def back_to_faces(self) -> None:
        """To the array again; the portrait stays the anchor of the next one."""
        self.settle()
        self._controller.go(Stage.round)

    def go_to_region(self, place: int) -> None:
        """Bring a region's sliders to the top of the list."""
        if 0 <= place < len(self._headings):
            self.area.verticalScrollBar().setValue(self._headings[place].y())

    def settle(self) -> None:
        """Say every pending slider move as final."""
        for row in self.rows.values():
            row.settle()

    def hideEvent(self, event: QHideEvent) -> None:
        self.compare.show_before(False)
        self.settle()
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_C and not event.isAutoRepeat():
            self.compare.show_before(True)
        elif event.key() == Qt.Key.Key_S and not event.isAutoRepeat():
            self.side_by_side.toggle()
        elif event.key() not in (Qt.Key.Key_C, Qt.Key.Key_S):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_C and not event.isAutoRepeat():
            self.compare.show_before(False)
        elif event.key() != Qt.Key.Key_C:
            super().keyReleaseEvent(event)

    # ---- inside

    def _build(self) -> None:
        self.hold_before = button(
            tr("Hold to see before"), lambda: None, help_text=tr("Or hold the key C")
        )
        self.hold_before.pressed.connect(lambda: self.compare.show_before(True))
        self.hold_before.released.connect(lambda: self.compare.show_before(False))
        self.side_by_side = QCheckBox(tr("Side by side"), self)
        named(self.side_by_side, tr("Before and now side by side"), tr("Key S"))
        self.side_by_side.toggled.connect(self.compare.set_side_by_side)
        self.back = button(tr("Back to the faces"), self.back_to_faces, "big")
        self.done = button(tr("Use this portrait"), self.accept, "primary_big")
        self.question = text_label(tr("What should be different?"), "witness")
        self.empty = text_label("", "faint")
        self.effects = text_label(tr("What a slider moves besides is said here."), "faint")
        self.effects.setMinimumHeight(2 * self.fontMetrics().lineSpacing() + 2)
        self.regions = QComboBox(self)
        named(self.regions, tr("Part of the face"), tr("Brings its sliders into view"))
        self.regions.activated.connect(self.go_to_region)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 16, 12)
        row.setSpacing(16)
        row.addLayout(self._portrait_side(), 11)
        row.addLayout(self._slider_side(), 10)

    def _portrait_side(self) -> QVBoxLayout:
        frame = QFrame(self)
        set_look(frame, "faces")
        box = QVBoxLayout(frame)
        box.setContentsMargins(4, 4, 4, 0)
        box.addWidget(self.compare)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(frame, 1)
        column.addLayout(spread_row(self.hold_before, self.side_by_side))
        return column

    def _mode_row(self) -> QHBoxLayout:
        """Three ways to change the portrait; the outside of the face comes last."""
        self.modes = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(6)
        for mode, text in (
            (WHOLE, tr("Whole face")), (PART, tr("Only a part")),
            (ON_TOP, tr("Hair, hats, glasses and marks")),
        ):
            made = button(text, lambda m=mode: self.set_mode(m))  # type: ignore[misc]
            made.setCheckable(True)
            made.setChecked(mode == WHOLE)
            bold = QFont(made.font())  # it is bold while it is checked
            bold.setBold(True)
            made.setMinimumWidth(QFontMetrics(bold).horizontalAdvance(text) + 32)
            self.modes.addButton(made, mode)
            row.addWidget(made)
        row.addStretch(1)
        return row

    def _slider_side(self) -> QVBoxLayout:
        holder = QWidget()
        self._list = QVBoxLayout(holder)
        self._list.setContentsMargins(0, 0, 10, 0)
        self._list.setSpacing(2)
        self.area = QScrollArea(self)
        self.area.setWidget(holder)
        self.area.setWidgetResizable(True)
        self.area.setMinimumWidth(LIST_WIDTH)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addLayout(spread_row(self.question, self.regions))
        column.addLayout(self._mode_row())
        column.addWidget(self.empty)
        column.addWidget(self._sides(), 1)
        column.addLayout(spread_row(self.back, self.done))
        self.part.hide()
        self.part.chosen.connect(lambda: self.show_session(self._controller.session))
        return column

    def _sides(self) -> QStackedWidget:
        sliders = QWidget(self)
        inner = QVBoxLayout(sliders)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        for widget in (self.part, self.changes, self.area, self.effects):
            inner.addWidget(widget, 1 if widget is self.area else 0)
        self.sides = QStackedWidget(self)
        self.sides.addWidget(sliders)
        self.sides.addWidget(scrolling(self.overlays))
        return self.sides

    def _refresh(self) -> None:
        has_before = self.compare.before is not None
        self.hold_before.setEnabled(has_before)
        self.question.setVisible(self.mode != ON_TOP)
        self.regions.setVisible(bool(self.rows) and self.mode != ON_TOP)
        self.side_by_side.setEnabled(has_before)
        self.done.setEnabled(self._portrait is not None and self._controller.may_write)
        self.empty.setText(self._why_empty())
        self.empty.setVisible(bool(self.empty.text()))
        may = self._portrait is not None and self._controller.may_write
        self.area.setEnabled(may and (self.mode != PART or self.part.index >= 0))

    def _why_empty(self) -> str:
        if self._controller.model_state == "loading":
            return tr("The face model is being loaded; the sliders come with it.")
        if self.mode == PART and self.part.index < 0:
            return tr("Mark a part of the face first; sliders then move nothing else.")
        if not self.rows:
            return tr("Without a face model nothing can be changed here. Undo still works.")
        return ""

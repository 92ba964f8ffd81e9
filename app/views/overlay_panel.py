"""Hair, hats, glasses and marks: what lies on the portrait, what can be put on, and how it lies."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QColorDialog,
    QComboBox,
    QHBoxLayout,
    QListView,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.models.overlay import Overlay
from app.models.overlay_catalogue import GROUPS, Entry, catalogue, colours
from app.models.session import Session
from app.views.controller import Controller
from app.views.forms import button, clear_layout, named, text_label
from app.views.overlay_form import OverlayForm
from app.views.overlay_handles import Brush, OverlayHandles
from app.views.overlay_paint import canvas_of, sample
from app.views.overlay_words import drawing_label, group_label, overlay_label
from app.views.translation import tr

SAMPLE = 64  # pixels of a small picture
PEN = 0.012  # width of the pen in face sides


class Samples(QListWidget):
    """Small pictures; arrow keys look, Enter, Space or a click puts on."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setIconSize(QSize(SAMPLE, SAMPLE))
        self.setWordWrap(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and item:
            self.itemClicked.emit(item)
        else:
            super().keyPressEvent(event)


class OverlayPanel(QWidget):
    """The officer's side of overlays; ``handles`` are the same thing on the portrait."""

    def __init__(
        self, controller: Controller, handles: OverlayHandles, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._controller, self._handles = controller, handles
        self._overlays: tuple[Overlay, ...] = ()
        self._waiting: list[Entry] = []
        self._offers: tuple[object, ...] = ()
        self._is_active = False
        self.form = OverlayForm(self)
        self.worn = QListWidget(self)
        self.samples = Samples(self)
        self.groups = QComboBox(self)
        self._fill = QTimer(self)
        self._fill.setInterval(0)
        self._fill.timeout.connect(self._fill_one)
        self._build()
        self._connect()

    # ---- what is shown

    def show_session(self, session: Session) -> None:
        """Show what lies on the portrait and what the description offers besides."""
        offers = self._controller.overlays.offers()
        if offers != self._offers:
            self._offers = offers
            self._show_offers(offers)
        if session.overlays != self._overlays:
            self._overlays = session.overlays
            self._show_worn()
        may = session.portrait is not None and self._controller.may_write
        for widget in (self.samples, self.draw, self.groups):
            widget.setEnabled(may)
        self._refresh()

    def set_active(self, active: bool) -> None:
        """Whether this panel is on screen: only then the portrait has handles."""
        self._is_active = active
        if not active and self.draw.isChecked():
            self.draw.setChecked(False)
        if active and not self.samples.count():
            self._show_group()
        self._refresh()

    @property
    def index(self) -> int:
        """The overlay that is selected; -1 for none. The list shows the uppermost first."""
        row = self.worn.currentRow()
        return -1 if row < 0 else len(self._overlays) - 1 - row

    def select(self, index: int) -> None:
        """Select one overlay."""
        self.worn.setCurrentRow(len(self._overlays) - 1 - index)

    # ---- what is done

    def put_on(self, name: str, where: str | None = None) -> None:
        """Put one drawing on the portrait."""
        self._controller.overlays.add(name, where)

    def remove(self) -> None:
        """Take the selected one off."""
        self._controller.overlays.remove(self.index)

    def bring(self, by: int) -> None:
        """Bring the selected one forward (1) or back (-1)."""
        index, place = self.index, self.index + by
        if 0 <= index < len(self._overlays) and 0 <= place < len(self._overlays):
            self._controller.overlays.bring(index, place)
            self.select(place)

    def set_drawing(self, on: bool) -> None:
        """Take the pen, or put on what was drawn and lay it down."""
        canvas = canvas_of(self._overlays)
        if on:
            self._handles.paint_with(Brush(PEN, colours()["pen"]), canvas)
        else:
            strokes, brush = self._handles.strokes, self._handles.brush
            self._handles.paint_with(None, canvas)
            if brush is not None and not brush.is_region:
                self._controller.overlays.add_drawing(strokes, brush.colour)
        self._refresh()

    # ---- inside

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(6)
        self.said = QHBoxLayout()
        self.said.setSpacing(4)
        column.addLayout(self.said)
        named(self.groups, tr("What to put on"))
        for group in GROUPS:
            self.groups.addItem(group_label(group), group)
        top = QHBoxLayout()
        label = text_label(tr("Put on"), "strong", wrap=False)
        label.setBuddy(self.groups)
        top.addWidget(label)
        top.addWidget(self.groups, 1)
        self.draw = button(
            tr("Draw by hand"), lambda: None,
            help_text=tr("Draw on the portrait; the same button puts the drawing on"),
        )
        self.draw.setCheckable(True)
        top.addWidget(self.draw)
        column.addLayout(top)
        named(self.samples, tr("Drawings"), tr("Arrow keys look, Enter puts on"))
        self.samples.setMinimumHeight(SAMPLE + 2 * self.fontMetrics().height() + 16)
        column.addWidget(self.samples, 3)
        named(self.worn, tr("On the portrait"), tr("The uppermost first"))
        self.worn.setMinimumHeight(2 * (self.fontMetrics().height() + 12))
        self.worn.setMaximumHeight(4 * (self.fontMetrics().height() + 12))
        column.addLayout(self._buttons())
        column.addWidget(self.worn, 1)
        column.addWidget(self.form)

    def _buttons(self) -> QHBoxLayout:
        self.forward = button(tr("Forward"), lambda: self.bring(1))
        self.back = button(tr("Backward"), lambda: self.bring(-1))
        self.off = button(tr("Take off"), self.remove, help_text=tr("Key Delete"))
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(text_label(tr("On the portrait"), "strong", wrap=False))
        row.addStretch(1)
        for made in (self.form.mirrored, self.forward, self.back, self.off):
            row.addWidget(made)
        return row

    def _connect(self) -> None:
        self.groups.currentIndexChanged.connect(lambda index: self._show_group())
        self.samples.itemClicked.connect(
            lambda item: self.put_on(str(item.data(Qt.ItemDataRole.UserRole)))
        )
        self.worn.currentRowChanged.connect(lambda row: self._refresh())
        self.draw.toggled.connect(self.set_drawing)
        self.form.changed.connect(self._on_changed)
        self.form.colour_asked.connect(self._ask_colour)
        self._handles.placed.connect(self._on_changed)
        self._controller.overlays.added.connect(self.select)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.worn.hasFocus():
            self.remove()
        else:
            super().keyPressEvent(event)

    def _on_changed(self, overlay: Overlay, final: bool) -> None:
        index = self.index
        if not 0 <= index < len(self._overlays):
            return
        self.form.show_overlay(overlay)
        if self._is_active:
            self._handles.place(overlay, canvas_of(self._overlays))
        self._controller.overlays.change(index, overlay, final)

    def _ask_colour(self, overlay: Overlay) -> None:
        entry = catalogue().get(overlay.name)
        now = overlay.colour or (entry.colour if entry is not None else colours()["pen"])
        chosen = QColorDialog.getColor(QColor(now), self, tr("Colour"))
        if chosen.isValid():
            self._on_changed(overlay.changed(colour=chosen.name()), True)

    def _show_offers(self, offers: tuple[tuple[Entry, str | None], ...]) -> None:
        clear_layout(self.said)
        if offers:
            self.said.addWidget(text_label(tr("Said:"), "strong", wrap=False))
        for entry, where in offers[:3]:
            text = tr("Add: {what}").format(what=drawing_label(entry.name))
            made = button(
                text, lambda e=entry, w=where: self.put_on(e.name, w), "primary",  # type: ignore[misc]
                help_text=tr("Said, and not on the portrait yet"),
            )
            self.said.addWidget(made)
        self.said.addStretch(1)

    def _show_worn(self) -> None:
        index = min(self.index, len(self._overlays) - 1)
        self.worn.blockSignals(True)
        self.worn.clear()
        for overlay in reversed(self._overlays):
            self.worn.addItem(overlay_label(overlay))
        self.worn.blockSignals(False)
        self.select(index if index >= 0 else len(self._overlays) - 1)

    def _show_group(self) -> None:
        group = str(self.groups.currentData())
        self.samples.clear()
        self._waiting = [e for e in catalogue().values() if e.group == group]
        blank = QPixmap(SAMPLE, SAMPLE)
        blank.fill(Qt.GlobalColor.transparent)
        for entry in self._waiting:
            item = QListWidgetItem(QIcon(blank), drawing_label(entry.name))
            item.setData(Qt.ItemDataRole.UserRole, entry.name)
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
            item.setSizeHint(QSize(SAMPLE + 44, SAMPLE + 2 * self.fontMetrics().height() + 8))
            self.samples.addItem(item)
        self._fill.start()

    def _fill_one(self) -> None:
        """One small picture at a time, so that the window stays quick."""
        if not self._waiting:
            self._fill.stop()
            return
        entry = self._waiting.pop(0)
        place = self.samples.count() - len(self._waiting) - 1
        item = self.samples.item(place)
        if item is not None:
            ratio = self.devicePixelRatioF()
            picture = QPixmap.fromImage(sample(entry, round(SAMPLE * ratio)))
            picture.setDevicePixelRatio(ratio)
            icon = QIcon(picture)
            icon.addPixmap(picture, QIcon.Mode.Selected)
            item.setIcon(icon)

    def _refresh(self) -> None:
        index, count = self.index, len(self._overlays)
        chosen = self._overlays[index] if 0 <= index < count else None
        may = chosen is not None and self._controller.may_write
        self.form.setEnabled(may)
        self.form.mirrored.setEnabled(may)
        self.form.show_overlay(chosen)
        self.off.setEnabled(may)
        self.forward.setEnabled(may and index < count - 1)
        self.back.setEnabled(may and index > 0)
        drawing = self.draw.isChecked()
        self.draw.setText(tr("Put the drawing on") if drawing else tr("Draw by hand"))
        if self._is_active and not drawing:
            self._handles.place(chosen if may else None, canvas_of(self._overlays))



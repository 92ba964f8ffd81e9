"""The witness's screen: faces on mid-grey, plain large buttons, and nothing else."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QScreen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.models.portrait import Recipe
from app.models.session import Session, Stage
from app.views.controller import Controller
from app.views.forms import button
from app.views.gallery import Gallery
from app.views.images import Look
from app.views.theme import set_look
from app.views.translation import tr
from app.views.witness_allowed import SCENES, button_words

SAME_SCREEN = "same"
OTHER_SCREEN = "other"


def scene_of(session: Session, paused_by: str, arriving: bool) -> tuple[str, tuple[Recipe, ...]]:
    """Which scene of the closed list holds now, and the faces it shows."""
    if paused_by:
        return ("rest" if paused_by == "witness" else "curtain"), ()
    if session.stage is Stage.round and session.open_round is not None and not arriving:
        return "array", session.open_round.faces
    if session.portrait is not None and session.stage is Stage.refine:
        return "portrait", (session.portrait,)
    if session.portrait is not None and session.stage is Stage.validation:
        return "look", (session.portrait,)
    return "blank", ()


def chosen_screen(setting: str, beside: QScreen) -> QScreen:
    """The monitor of the setting; a missing one falls back to the officer's own, in turn."""
    others = [s for s in QGuiApplication.screens() if s is not beside]
    if setting == OTHER_SCREEN:
        return others[0] if others else beside
    return next((s for s in QGuiApplication.screens() if s.name() == setting), beside)


class WitnessWindow(QWidget):
    """A window of its own. Tells what was pressed; knows nothing of pages."""

    picked = Signal(object)  # tuple[int, ...], first pick first
    pressed = Signal(str)  # a key of the closed list's buttons
    closed = Signal()

    def __init__(self, controller: Controller, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self._controller = controller
        self.scene = "blank"
        self._faces: tuple[Recipe, ...] = ()
        self.setWindowTitle(tr("Portrait Parlé"))
        self.setAccessibleName(tr("The witness's screen"))
        self.gallery = Gallery(self, plain=True)
        self.gallery.set_share(controller.settings.witness_tiles)
        self.buttons: dict[str, QPushButton] = {}
        self._build()
        self.gallery.picks_changed.connect(self._on_picks)
        # bound methods: they let go by themselves when the window goes
        for signal in (
            controller.session_changed, controller.paused_changed, controller.face_ready,
            controller.case_changed,
        ):  # fmt: skip
            signal.connect(self._on_change)
        controller.busy_changed.connect(self._on_busy)
        controller.portrait_ready.connect(self._on_portrait)
        self.refresh()

    def _build(self) -> None:
        frame = QFrame(self)
        set_look(frame, "faces")
        row = QHBoxLayout()
        row.setSpacing(24)
        row.addStretch(1)
        for key in ("this_one", "none", "not_sure", "break", "go_on"):
            made = button(button_words(key), lambda k=key: self.pressed.emit(k), "witness_big")
            row.addWidget(made)
            self.buttons[key] = made
        row.addStretch(1)
        column = QVBoxLayout(frame)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(20)
        column.addWidget(self.gallery, 1)
        column.addLayout(row)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)

    # ---- what is shown

    def refresh(self) -> None:
        """Show the scene that holds now; an array only when every one of its faces is known."""
        controller = self._controller
        arriving = controller.jobs.is_busy("round")
        paused_by = controller.paused_by if controller.is_paused else ""
        name, faces = scene_of(controller.session, paused_by, arriving)
        if any(not controller.was_shown(face) for face in faces if name == "array"):
            name, faces = "blank", ()
        self._show_faces(faces)
        if faces and any(tile.pixels is None for tile in self.gallery.tiles):
            name = "blank"
            self._show_faces(())
        self.scene = name
        self.gallery.set_pickable(name == "array")
        self._show_buttons()

    def _show_faces(self, faces: tuple[Recipe, ...]) -> None:
        if faces != self._faces:
            self._faces = faces
            self.gallery.set_count(len(faces))
            for index, recipe in enumerate(faces):
                pixels = self._controller.known_face(recipe)
                if pixels is not None:
                    self.gallery.set_face(index, pixels)
        self.gallery.setVisible(bool(faces))

    def _show_buttons(self) -> None:
        picks = len(self.gallery.picks)
        for key, made in self.buttons.items():
            made.setVisible(key in SCENES[self.scene].buttons)
            made.setText(button_words(key, picks))
            made.setAccessibleName(made.text())
        self.buttons["this_one"].setEnabled(self.scene == "portrait" or picks > 0)

    def set_picks(self, picks: tuple[int, ...]) -> None:
        """Picks made on the officer's page."""
        if self.scene == "array":
            self.gallery.set_picks(picks)
            self._show_buttons()

    def set_look(self, look: Look) -> None:
        """The look chosen on the officer's page: outside blurred, simplified."""
        self.gallery.set_look(look)

    def show_on(self, setting: str) -> None:
        """Full screen on the monitor of the setting."""
        parent = self.parentWidget()
        assert parent is not None
        screen = chosen_screen(setting, parent.screen())
        self.setScreen(screen)
        self.setGeometry(screen.geometry())
        self.showFullScreen()
        if screen is parent.screen():
            self.activateWindow()

    # ---- what is done

    def _on_picks(self, picks: tuple[int, ...]) -> None:
        self._show_buttons()
        self.picked.emit(picks)

    def _on_change(self, *what: object) -> None:
        self.refresh()

    def _on_busy(self, lane: str, busy: bool) -> None:
        if lane == "round":
            self.refresh()

    def _on_portrait(self, face: object) -> None:
        pixels = getattr(face, "pixels", None)
        if self.scene == "portrait" and pixels is not None and self._faces:
            self.gallery.set_face(0, pixels)  # follows the slider, as the officer's page does
        else:
            self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """N none, U not sure, B break, Enter this one, Escape back to the officer."""
        keys = {
            Qt.Key.Key_N: "none", Qt.Key.Key_U: "not_sure", Qt.Key.Key_B: "break",
            Qt.Key.Key_Return: "this_one", Qt.Key.Key_Enter: "this_one",
        }  # fmt: skip
        name = keys.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif name is not None and self.buttons[name].isVisible():
            self.buttons[name].click()
        elif not self.gallery.take_key(event):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)

"""The array of faces in front of the witness: picking, ranking, saying none, asking for more."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.engine.api import FaceReady, FacesProposed, ModelInfo, SearchState, Shortfall
from app.models.portrait import Recipe
from app.models.round import Answer, Round
from app.models.session import Session, Stage
from app.views.controller import Controller
from app.views.forms import button, text_label
from app.views.gallery import Gallery
from app.views.round_extras import RoundExtras
from app.views.round_pace import LookLonger
from app.views.round_shortfalls import Shortfalls
from app.views.theme import set_look
from app.views.translation import tr
from app.views.view_options import ViewOptions

SIDE_WIDTH = 288  # at least
STILL_MS = 700


class RoundPage(QWidget):
    """Faces, four plain answers, and what the officer should know about the search."""

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._tiles: dict[int, Recipe] = {}  # what each place shows
        self._shown: Round | None = None
        self._arriving = False
        self._state: SearchState | None = None
        self._shortfalls: tuple[Shortfall, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.question = text_label("", "witness")
        self.gallery = Gallery(self)
        self.options = ViewOptions(controller.settings.blur, self)
        self.pace = LookLonger(lambda: controller.settings.look_longer_s, self)
        self._still = QTimer(self)  # the picks have not changed for a while
        self._still.setSingleShot(True)
        self._still.setInterval(STILL_MS)
        self._build()
        self._connect()
        self.show_session(controller.session)

    # ---- what is shown

    def show_session(self, session: Session) -> None:
        """Show the last array of the session; what is shown already is left alone."""
        last = session.rounds[-1] if session.rounds else None
        if last != self._shown and not self._arriving:
            self._show_round(last)
        self._refresh()

    def _show_round(self, last: Round | None) -> None:
        faces = last.faces if last is not None else ()
        if faces != tuple(self._tiles.get(i) for i in range(len(self.gallery.tiles))):
            self._tiles.clear()
            self.gallery.set_count(len(faces))
            for index, recipe in enumerate(faces):
                self._fill(index, recipe)
        same_round = self._shown is not None and last is not None and (
            self._shown.number == last.number
        )
        if last is not None and (last.answer is not None or not same_round):
            self.options.ranked.setChecked(last.ranked or self.options.ranked.isChecked())
            self.gallery.set_picks(last.picks)
        if last is not None and last.answer is None and not same_round:
            self.pace.begin()
        self._shown = last

    def _fill(self, index: int, recipe: Recipe) -> None:
        pixels = self._controller.known_face(recipe)
        if pixels is not None:
            self._tiles[index] = recipe
            self.gallery.set_face(index, pixels)

    def _on_face(self, face: FaceReady) -> None:
        if self._arriving or self._expects(face):
            self._tiles[face.index] = face.recipe
            self.gallery.set_face(face.index, face.pixels)
            self._refresh()

    def _expects(self, face: FaceReady) -> bool:
        if self._shown is None or face.index >= len(self._shown.faces):
            return False
        is_there = self._tiles.get(face.index) == face.recipe
        return self._shown.faces[face.index] == face.recipe and not is_there

    def _on_busy(self, lane: str, busy: bool) -> None:
        if lane != "round":
            return
        self._arriving = busy
        if busy:
            focused = QApplication.focusWidget()
            if focused is not None and self.isAncestorOf(focused):
                self.setFocus()  # the tile or button that had it goes; no other one inherits it
            self._tiles.clear()
            self._shown = None
            self._state, self._shortfalls = None, ()
            held = self.gallery.held
            self.gallery.set_count(self._controller.settings.array_size)
            self.gallery.set_held(held)
            self._refresh()
        else:
            self.show_session(self._controller.session)

    def _on_offered(self, proposed: FacesProposed) -> None:
        self._state, self._shortfalls = proposed.state, proposed.shortfalls
        self._arriving = False
        self.show_session(self._controller.session)
        if self.hasFocus():
            self.gallery.focus_first()

    def _on_model(self, info: ModelInfo | None, state: str) -> None:
        self._refresh()

    # ---- what is done

    def answer(self, answer: Answer) -> None:
        """Give the witness's answer to the array on the table, and ask for the next one."""
        self._still.stop()
        if self._controller.session.open_round is not None:
            picks = self.gallery.picks if answer is Answer.picked else ()
            ranked = bool(picks) and self.options.ranked.isChecked()
            self._controller.answer_round(answer, picks, ranked)
        if self._controller.session.open_round is None:
            self._controller.offer_round(keep=self._kept())

    def hideEvent(self, event: QHideEvent) -> None:
        self._still.stop()
        super().hideEvent(event)

    def _on_picks(self, picks: tuple[int, ...]) -> None:
        self._still.start()
        self._refresh()

    def _prepare(self) -> None:
        if not self._arriving and self.isVisible():
            ranked = self.options.ranked.isChecked()
            self._controller.prepare_round(self.gallery.picks, ranked, len(self._kept()))

    def take_picks(self, picks: tuple[int, ...]) -> None:
        """Picks made on the witness's screen."""
        self.gallery.set_picks(picks)
        self._refresh()

    def show_more(self) -> None:
        """Pass the picks on and ask for the next array; where nothing is picked, say so."""
        if self._arriving:
            return
        is_open = self._controller.session.open_round is not None
        if is_open and not self.gallery.picks:
            self.hint.setText(tr("Pick at least one face, or say: none of these, or not sure."))
            self.gallery.focus_first()
        elif is_open:
            self.answer(Answer.picked)
        else:
            self._controller.offer_round(keep=self._kept())

    def _kept(self) -> dict[int, Recipe]:
        """The faces that are held on the table, by their place."""
        return {i: self._tiles[i] for i in self.gallery.held if i in self._tiles}

    def work_on(self) -> None:
        """Take the single picked face into refinement."""
        if len(self.gallery.picks) == 1:
            self._controller.use_portrait(self.gallery.picks[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """1-18 pick, N none, U not sure, B break, W work on it, Enter more faces."""
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier,
        )  # fmt: skip
        actions = {
            Qt.Key.Key_N: self.none, Qt.Key.Key_U: self.unsure, Qt.Key.Key_B: self.rest,
            Qt.Key.Key_W: self.work, Qt.Key.Key_Return: self.more, Qt.Key.Key_Enter: self.more,
        }  # fmt: skip
        if self.gallery.take_key(event):
            pass
        elif plain and event.key() in actions:
            actions[Qt.Key(event.key())].click()
        else:
            super().keyPressEvent(event)

    # ---- inside

    def _build(self) -> None:
        self.none = button(tr("None of these"), lambda: self.answer(Answer.none), "big")
        self.unsure = button(tr("Not sure"), lambda: self.answer(Answer.not_sure), "big")
        self.rest = button(tr("Break"), self._controller.take_break, "big")
        self.stop = button(tr("Stop drawing"), lambda: self._controller.cancel("round"))
        self.work = button(tr("Work on this face"), self.work_on)
        set_look(self.work, "big")
        self.more = button(tr("Show more faces"), self.show_more, "primary_big")
        self.hint = text_label("", "faint")
        self.shortfalls = Shortfalls(self._controller, self.put_on, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 16, 10)
        row.setSpacing(16)
        row.addWidget(self._faces_frame(), 1)
        row.addWidget(self._side())

    def _faces_frame(self) -> QFrame:
        frame = QFrame(self)
        set_look(frame, "faces")
        box = QVBoxLayout(frame)
        box.setContentsMargins(6, 6, 6, 6)
        box.addWidget(self.gallery)
        return frame

    def _side(self) -> QWidget:
        side = QWidget(self)
        side.setFixedWidth(self._side_width())
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.question)
        column.addWidget(self.none)
        pair = QHBoxLayout()
        pair.setSpacing(8)
        pair.addWidget(self.unsure)
        pair.addWidget(self.rest)
        column.addLayout(pair)
        column.addSpacing(6)
        for widget in (self.work, self.more):
            column.addWidget(widget)
        column.addSpacing(6)
        column.addWidget(self._officer_part(), 1)
        return side

    def _side_width(self) -> int:
        """Wide enough for the widest answer, in every language and type size."""
        for answer in (self.none, self.unsure, self.rest, self.work, self.more):
            answer.ensurePolished()
        pair = self.unsure.sizeHint().width() + self.rest.sizeHint().width() + 8
        widest = max(w.sizeHint().width() for w in (self.none, self.work, self.more))
        return max(SIDE_WIDTH, pair, widest)

    def _officer_part(self) -> QScrollArea:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(6)
        for widget in (
            text_label(tr("View"), "strong"), self.options,
            text_label(tr("The search"), "strong"), self.hint, self.stop,
            self.shortfalls,
        ):  # fmt: skip
            column.addWidget(widget)
        self.extras = RoundExtras(self._controller, self)
        column.insertWidget(0, self.extras)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setMinimumHeight(1)  # at the largest type the question and the answers come first
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return area

    def _connect(self) -> None:
        self._controller.face_ready.connect(self._on_face)
        self._controller.round_offered.connect(self._on_offered)
        self._controller.busy_changed.connect(self._on_busy)
        self._controller.model_changed.connect(self._on_model)
        self.options.changed.connect(self._on_options)
        self.gallery.picks_changed.connect(self._on_picks)
        self._still.timeout.connect(self._prepare)
        self.gallery.held_changed.connect(lambda held: self._refresh())
        self.gallery.ranking_wanted.connect(lambda: self.options.ranked.setChecked(True))
        self.pace.over.connect(self._refresh)

    def _on_options(self) -> None:
        self.gallery.set_look(self.options.look)
        self.gallery.set_ranked(self.options.ranked.isChecked())

    def _refresh(self) -> None:
        session = self._controller.session
        is_open = session.open_round is not None and not self._arriving
        can_draw = self._controller.model_ready and self._controller.may_write
        picks = self.gallery.picks
        self.question.setText(self._question(bool(session.rounds)))
        self.none.setEnabled(is_open)
        self.unsure.setEnabled(is_open)
        self.more.setEnabled(can_draw and not self._arriving)
        self.more.setText(tr("Show more faces") if session.rounds else tr("Show faces"))
        self.work.setEnabled(len(picks) == 1 and not self._arriving and bool(session.rounds))
        self.stop.setVisible(self._arriving)
        self.hint.setText(self._hint())
        may_put_on = session.portrait is not None or len(picks) == 1
        self.shortfalls.say(self._shortfalls, may_put_on)

    def _question(self, begun: bool) -> str:
        if self._arriving:
            return tr("The faces appear one after another. There is no hurry.")
        if not begun:
            return tr("When the witness is ready, show the first faces.")
        if self.pace.is_early and self._controller.session.open_round is not None:
            return tr("Please look at every face for a while first. There is no hurry.")
        return tr("Which of these faces is most like him or her?")

    def _hint(self) -> str:
        words = []
        if self._controller.model_state == "loading":
            words.append(tr("The face model is being loaded."))
        elif self._controller.model_state == "failed":
            words.append(tr("There is no face model. Choose one in the settings."))
        if self._arriving:
            return " ".join([*words, tr("Drawing the next faces.")])
        if self._state is not None:
            words.append(self._phase(self._state))
        wild = self._shown.wild if self._shown is not None else None
        if wild is not None:
            template = tr("Face {number} is different on purpose, so that nothing is overlooked.")
            words.append(template.format(number=wild + 1))
        if self.gallery.held:
            words.append(tr("A face with a closed lock stays on the table (key H)."))
        return "\n\n".join(words)

    def _phase(self, state: SearchState) -> str:
        if state.enough:
            return tr("More rounds are unlikely to help. Work on the best face instead.")
        return {
            "searching": tr("Still searching widely: the faces differ a lot."),
            "narrowing": tr("Narrowing down: the faces become more alike."),
            "settled": tr("Settled: the faces now differ only in small things."),
        }.get(state.phase, "")

    def put_on(self, name: str, where: str | None) -> None:
        """Put a drawing on the face that is picked, or on the portrait, and go on with it."""
        if len(self.gallery.picks) == 1 and self._controller.session.open_round is not None:
            self._controller.use_portrait(self.gallery.picks[0])
        else:
            self._controller.go(Stage.refine)
        self._controller.overlays.add(name, where)

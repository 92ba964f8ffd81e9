"""The main window: pages stacked by stage, the rail, messages, the curtain and the close guard."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.engine.api import ReadDescription
from app.models.errors import PortraitError
from app.models.session import Session, Stage
from app.views import actions
from app.views.controller import Controller
from app.views.curtain import Curtain
from app.views.describe_page import DescribePage
from app.views.finish_page import FinishPage
from app.views.forms import text_label
from app.views.help_desk import HelpDesk
from app.views.help_words import START, STARTS, purpose
from app.views.history_strip import HistoryStrip
from app.views.interview_page import InterviewPage
from app.views.leaving import may_lose, offer_to_leave, words_first
from app.views.locking import Locker
from app.views.messages import MessageBar
from app.views.picture_desk import PictureDesk
from app.views.rail import Rail
from app.views.recall_panel import RecallPanel
from app.views.refine_page import RefinePage
from app.views.round_page import RoundPage
from app.views.settings_dialog import SettingsDialog
from app.views.start_page import StartPage
from app.views.starts_page import StartsPage
from app.views.tour import TourBar, TourPlace
from app.views.translation import tr
from app.views.witness_desk import WitnessDesk

FIRST_SIZE = (1280, 720)
LEAST_SIZE = (960, 600)
READING_MS = 1000  # words are read in a few; a closing window waits no longer for them


class Window(QMainWindow):
    """Everything the officer sees. Pages know the controller only, never the window."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self.controller, self._leaving = controller, False
        self._actions: dict[str, QAction] = {}
        self.desk = PictureDesk(controller)
        self._beside = False  # at the other starting points instead of the sitting
        self.setMinimumSize(*LEAST_SIZE)
        self.resize(*FIRST_SIZE)
        self.locker = Locker(self)
        self.help = HelpDesk(self)
        self.tour_place = TourPlace()
        self._build()
        self.witness = WitnessDesk(self)
        self._restore_place()
        controller.session_changed.connect(self._on_session)
        controller.history_changed.connect(lambda history: self._show_actions())
        controller.case_changed.connect(self._on_case)
        controller.paused_changed.connect(lambda paused: self._show())
        controller.problem.connect(self._on_problem)
        controller.notice.connect(self._on_notice)
        controller.model_changed.connect(lambda info, state: self._show_model(state))

    # ---- building; done again when the language changes

    def rebuild(self) -> None:
        """Make every page anew, in the present language; what is typed is in the case already."""
        old = self.centralWidget()
        for part in (self.tour, self.tour.ring):
            part.deleteLater()
        self._build()
        if old is not None:
            old.deleteLater()
        self.witness.rebuild()

    def _build(self) -> None:
        self.setWindowTitle(tr("Portrait Parlé"))
        for action in self._actions.values():
            self.removeAction(action)
            action.deleteLater()
        self._actions = actions.build_menus(self)
        self.addActions(list(self._actions.values()))
        self.messages = MessageBar()
        self.curtain = Curtain(self.controller)
        self.start_page = StartPage(self.controller)
        self.pages = _make_pages(self.controller)
        self.strip = HistoryStrip(self.controller)
        self._banner = text_label("", "banner", wrap=False)
        self.rail = Rail(self.go, self.show_starts, self.toggle_break)
        self.starts = StartsPage(self.controller, self.desk)
        self.starts.left.connect(self.leave_starts)
        self.tour = TourBar(self, self.tour_place)
        self.start_page.tour_asked.connect(self.begin_tour)
        self._stack = QStackedWidget()
        for page in (self.start_page, *dict.fromkeys(self.pages.values()), self.starts):
            self._stack.addWidget(page)
        self._outer = QStackedWidget()
        self._outer.addWidget(self._make_content())
        self._outer.addWidget(self.curtain)
        self.setCentralWidget(self._outer)
        self._show()

    def _make_content(self) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._banner)
        column.addWidget(self.messages)
        column.addWidget(self.tour)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(self._stack, 1)
        column.addLayout(row, 1)
        column.addWidget(self.strip)
        return content

    # ---- showing

    @property
    def current_page(self) -> QWidget:
        """The page on screen."""
        page = self._stack.currentWidget()
        assert page is not None  # filled in _build
        return page

    @property
    def page_name(self) -> str:
        """The page on screen by the name that its help has."""
        if self.controller.case is None:
            return START
        return STARTS if self._beside else self.controller.session.stage.value

    @property
    def recall(self) -> RecallPanel:
        """Where the witness's words are written down."""
        page = self.pages[Stage.interview]
        assert isinstance(page, InterviewPage)
        return page.recall

    def _show(self) -> None:
        controller, session = self.controller, self.controller.session
        has_case = controller.case is not None
        beside = self._beside and has_case
        page: QWidget = self.starts if beside else self.pages[session.stage]
        page = page if has_case else self.start_page
        self._show_page(page, session)
        self.rail.show_purpose(purpose(self.page_name))
        page.setAccessibleDescription(purpose(self.page_name))
        self.rail.setVisible(has_case)
        self.strip.setVisible(has_case and not beside and session.stage in _STRIP_STAGES)
        self.rail.show_session(session, beside=beside, may_write=controller.may_write)
        self._show_banner()
        self._outer.setCurrentIndex(1 if controller.is_paused else 0)
        self.menuBar().setVisible(not controller.is_paused)
        self._show_model(controller.model_state)
        self._show_actions()

    def _show_page(self, page: QWidget, session: Session) -> None:
        page.show_session(session)  # type: ignore[attr-defined]
        if self._stack.currentWidget() is not page:
            self._stack.setCurrentWidget(page)

    def _show_banner(self) -> None:
        case = self.controller.case
        text = ""
        if case is not None and not case.kept:
            text = tr("Practice - nothing is kept")
        elif case is not None and case.read_only:
            text = tr("Copy for reading - nothing can be changed")
        self._banner.setText(text)
        self._banner.setVisible(bool(text))

    def _show_model(self, state: str) -> None:
        self.rail.show_model(state)

    def _show_actions(self) -> None:
        actions.enable(self, self._actions)

    def _on_session(self, old: Session, new: Session) -> None:
        self.messages.went_on()
        self._beside = self._beside and old.stage is new.stage  # the sitting went on
        self._show()

    def _on_case(self, case: object) -> None:
        self.messages.clear()
        self._beside = False
        self._show()

    def _on_problem(self, error: PortraitError) -> None:
        self.messages.show_problem(error)
        if error.code == "case.held":
            self.messages.offer(tr("Open a copy for reading"), self.start_page.open_copy)
        elif error.code == "model.failed":
            self.messages.offer(tr("Settings..."), self.show_settings)

    def _on_notice(self, code: str, facts: dict[str, object]) -> None:
        self.messages.show_notice(code, facts)
        if self._leaving:
            self._leaving = not offer_to_leave(self, code)

    # ---- what the menus ask for

    def go(self, stage: Stage) -> None:
        """Turn to a stage of the sitting."""
        self._beside = False
        self.controller.go(stage)
        self._show()

    def show_starts(self) -> None:
        """Turn to the other starting points; the sitting stays where it is."""
        self.flush()
        self._beside = self.controller.may_write
        self._show()

    def leave_starts(self) -> None:
        """Back to the sitting."""
        self._beside = False
        self._show()

    def ask_new_case(self) -> None:
        """Back to the start page, at its form for a new case."""
        if self.ask_close_case():
            self.start_page.show_new()

    def ask_open_case(self) -> None:
        """Back to the start page, at its form for opening."""
        if self.ask_close_case():
            self.start_page.show_open()

    def ask_practice(self) -> None:
        """Start a practice case."""
        if self.ask_close_case():
            self.controller.start_practice()

    def ask_close_case(self) -> bool:
        """Close the case; asks only when something would be lost. True when no case is left."""
        if self.controller.case is not None:
            if not may_lose(self):
                return False
            self.flush()
            self.controller.close_case()
        return True

    def lock(self, reason: str = "lock") -> None:
        """Close the case and wait for its passphrase; a practice case has none and stays."""
        self.locker.lock(reason)

    def toggle_break(self) -> None:
        """Curtain down or up."""
        if self.controller.is_paused:
            self.controller.resume()
        elif self.controller.case is not None:
            self.flush()
            self.controller.take_break("officer")

    def toggle_witness(self) -> None:
        """The witness's screen, shown or taken away."""
        self.witness.toggle()
        self._show_actions()

    def action(self, name: str) -> QAction:
        """One of the menu's actions."""
        return self._actions[name]

    def toggle_full_screen(self) -> None:
        """Full screen, or back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def show_settings(self) -> QDialog:
        """The settings dialog."""
        dialog = SettingsDialog(self.controller, self)
        dialog.show()
        return dialog

    def begin_tour(self) -> None:
        """The tour, on a practice case of its own."""
        if self.ask_close_case():
            self.controller.change_settings(tour_seen=True)
            self.controller.start_practice()
            self.tour.begin()

    # ---- closing

    def closeEvent(self, event: QCloseEvent) -> None:
        if not may_lose(self):
            event.ignore()
            return
        if words_first(self):
            self._leaving = True
            event.ignore()
            return
        self.flush()
        self.witness.close()
        self.start_page.close_lineup()
        place = bytes(self.saveGeometry().data()).hex()
        self.controller.change_settings(geometry=place, left_open="")
        self.controller.shut_down()
        self.desk.forget()
        event.accept()

    def flush(self) -> None:
        """Store what is typed and not stored yet, before the page goes away."""
        for page in (self.pages[Stage.interview], self.pages[Stage.description]):
            if isinstance(page, InterviewPage | DescribePage):
                page.flush()
        self.controller.jobs.finish(ReadDescription.lane, READING_MS)

    def _asked(self, text: str) -> bool:
        box = QMessageBox(QMessageBox.Icon.Question, self.windowTitle(), text, parent=self)
        go_on = box.addButton(tr("Close it"), QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton(tr("Stay"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        box.exec()
        return box.clickedButton() is go_on

    def _restore_place(self) -> None:
        if self.controller.settings.geometry:
            self.restoreGeometry(
                QByteArray.fromHex(self.controller.settings.geometry.encode("ascii"))
            )


_STRIP_STAGES = (Stage.round, Stage.refine, Stage.validation, Stage.export)


def _make_pages(controller: Controller) -> dict[Stage, QWidget]:
    finish = FinishPage(controller)
    return {
        Stage.interview: InterviewPage(controller),
        Stage.description: DescribePage(controller),
        Stage.round: RoundPage(controller),
        Stage.refine: RefinePage(controller),
        Stage.validation: finish,
        Stage.export: finish,
    }

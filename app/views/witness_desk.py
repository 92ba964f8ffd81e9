"""Ties the witness's screen to the officer's pages: picks both ways, answers, size, monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QScreen

from app.models.round import Answer
from app.models.session import Stage
from app.views.refine_page import RefinePage
from app.views.round_page import RoundPage
from app.views.witness_window import WitnessWindow

if TYPE_CHECKING:
    from app.views.window import Window

SIZE_STEP = 10


class WitnessDesk(QObject):
    """One witness's screen at a time; made when first wanted, gone when it is closed."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.screen: WitnessWindow | None = None
        QGuiApplication.instance().screenRemoved.connect(self._on_screen_gone)  # type: ignore[union-attr]

    @property
    def is_shown(self) -> bool:
        """Whether the witness has a screen now."""
        return self.screen is not None

    def toggle(self) -> None:
        """Show the witness's screen, or take it away."""
        if self.screen is not None:
            self.screen.close()
        elif self._window.controller.case is not None:
            self._show()

    def resize_tiles(self, steps: int) -> None:
        """Larger or smaller faces, by tenths of what the screen has room for."""
        now = self._window.controller.settings.witness_tiles
        wanted = min(max(now + steps * SIZE_STEP, 30), 100)
        self._window.controller.change_settings(witness_tiles=wanted)
        if self.screen is not None:
            self.screen.gallery.set_share(wanted)

    def close(self) -> None:
        """Take the screen away."""
        if self.screen is not None:
            self.screen.close()

    def rebuild(self) -> None:
        """The pages are new (another language): so must the screen be."""
        if self.screen is not None:
            self.close()
            self._show()

    # ---- inside

    def _show(self) -> None:
        window = self._window
        screen = self.screen = WitnessWindow(window.controller, window)
        screen.picked.connect(lambda picks: self._faces_page().take_picks(picks))
        screen.pressed.connect(self._on_pressed)
        screen.closed.connect(self._on_closed)
        page = self._faces_page()
        page.gallery.picks_changed.connect(screen.set_picks)
        page.options.changed.connect(lambda: self._share_look(screen))
        self._share_look(screen)
        screen.set_picks(page.gallery.picks)
        for name in ("curtain", "witness", "larger", "smaller"):
            screen.addAction(window.action(name))
        screen.show_on(window.controller.settings.witness_screen)

    def _share_look(self, screen: WitnessWindow) -> None:
        if screen is self.screen:
            screen.set_look(self._faces_page().options.look)

    def _on_pressed(self, key: str) -> None:
        controller = self._window.controller
        answers = {
            "this_one": Answer.picked, "none": Answer.none, "not_sure": Answer.not_sure,
        }  # fmt: skip
        if key == "break":
            controller.take_break("witness")
        elif key == "go_on":
            controller.resume()
        elif controller.session.stage is Stage.refine:
            page = self._window.pages[Stage.refine]
            assert isinstance(page, RefinePage)
            page.accept()
        elif controller.session.open_round is not None:
            self._faces_page().answer(answers[key])

    def _faces_page(self) -> RoundPage:
        page = self._window.pages[Stage.round]
        assert isinstance(page, RoundPage)
        return page

    def _on_closed(self) -> None:
        if self.screen is not None:
            self.screen.deleteLater()
            self.screen = None

    def _on_screen_gone(self, gone: QScreen) -> None:
        # Qt would move the full screen over the officer's window
        if self.screen is not None and self._window.screen() is not gone:
            self.close()
            self._window.controller.notice.emit("witness.screen_gone", {})

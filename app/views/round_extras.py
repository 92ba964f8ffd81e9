"""Two more ways on from an array: more like one face, or the mean of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.models.portrait import Recipe
from app.models.round import Answer
from app.views.controller import Controller
from app.views.forms import button, text_label
from app.views.translation import tr

if TYPE_CHECKING:
    from app.views.round_page import RoundPage


class RoundExtras(QWidget):
    """Buttons that follow the picks: one pick for more like it, two or more for their mean."""

    def __init__(self, controller: Controller, page: RoundPage) -> None:
        super().__init__(page)
        self._controller, self._page = controller, page
        self.alike = button(
            tr("More like this"), self.more_like,
            help_text=tr("Small changes of the one face that is picked"),
        )  # fmt: skip
        self.blend = button(
            tr("Mix the picked faces"), self.mix,
            help_text=tr("Their mean becomes the portrait; two or more must be picked"),
        )  # fmt: skip
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(text_label(tr("From the picked faces"), "strong"))
        column.addWidget(self.alike)
        column.addWidget(self.blend)
        page.gallery.picks_changed.connect(self.refresh)
        # bound methods: these connections end with the page, which locking makes anew
        controller.session_changed.connect(self.refresh)
        controller.busy_changed.connect(self.refresh)
        self.refresh()

    def more_like(self) -> None:
        """Answer with the one pick, then show that face and small changes of it."""
        face = self._answered(1)
        if face is not None:
            self._controller.changes.more_like(face[0])

    def mix(self) -> None:
        """Answer with the picks, then work on their mean."""
        faces = self._answered(2)
        if faces is not None:
            self._controller.changes.blend(faces)

    def refresh(self) -> None:
        """Only what the picks allow can be pressed."""
        count = len(self._page.gallery.picks)
        may = self._controller.may_write and not self._controller.jobs.is_busy("round")
        self.alike.setEnabled(may and count == 1)
        self.blend.setEnabled(may and count >= 2)

    def _answered(self, least: int) -> list[Recipe] | None:
        picks, session = self._page.gallery.picks, self._controller.session
        if len(picks) < least or not session.rounds:
            return None
        if session.open_round is not None:
            ranked = self._page.options.ranked.isChecked()
            self._controller.answer_round(Answer.picked, picks, ranked)
            if self._controller.session.open_round is not None:  # it could not be stored
                return None
        return [session.rounds[-1].faces[i] for i in picks]

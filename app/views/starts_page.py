"""Other starting points, for the officer: photo, video, sketch, and between two faces."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.models.session import Session
from app.views.between_page import BetweenPage
from app.views.controller import Controller
from app.views.forms import button, centred_column, text_label
from app.views.photo_page import PhotoPage
from app.views.picture_desk import PictureDesk
from app.views.picture_facts import StartingFace, Subject
from app.views.sketch_page import SketchPage
from app.views.theme import set_look
from app.views.translation import tr
from app.views.video_page import VideoPage


class StartsPage(QWidget):
    """Beside the sitting, never part of it. Before the witness has told, a gate stands in front."""

    left = Signal()  # back to the sitting

    def __init__(
        self, controller: Controller, desk: PictureDesk, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._controller, self._desk = controller, desk
        self.photo = PhotoPage(controller, desk)
        self.video = VideoPage(controller, desk)
        self.sketch = SketchPage(controller, desk)
        self.between = BetweenPage(controller, desk)
        self._pages: dict[str, QWidget] = {
            "photo": self.photo, "video": self.video, "sketch": self.sketch,
            "between": self.between,
        }  # fmt: skip
        self.open_gate = button(
            tr("The witness does not see this screen"), self._on_gate, "primary_big"
        )
        self.back = button(tr("Back to the sitting"), self.left.emit, "quiet")
        self.warning = text_label("")
        self._lay_out()
        for page in (self.photo, self.sketch, self.between):
            page.left.connect(self.left)
        self.photo.blend_asked.connect(self._on_blend)
        desk.subject_chosen.connect(self._on_subject)
        desk.forgotten.connect(self._refresh)
        self.show_kind("photo")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(text_label(tr("Other starting points"), "title", wrap=False))
        head.addSpacing(16)
        self.kinds: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        labels = {
            "photo": tr("Photo"), "video": tr("Video"), "sketch": tr("Sketch"),
            "between": tr("Between two faces"),
        }  # fmt: skip
        for kind, label in labels.items():
            made = button(label, lambda kind=kind: self.show_kind(kind))
            made.setCheckable(True)
            bold = QFont(made.font())  # the checked one is bold and must fit as well
            bold.setBold(True)
            made.setMinimumWidth(QFontMetrics(bold).horizontalAdvance(label) + 40)
            group.addButton(made)
            self.kinds[kind] = made
            head.addWidget(made)
        head.addStretch(1)
        head.addWidget(self.back)
        self._inside = QStackedWidget()
        for page in self._pages.values():
            self._inside.addWidget(page)
        work = QWidget()
        column = QVBoxLayout(work)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addWidget(self.warning)
        column.addWidget(self._inside, 1)
        self._outer = QStackedWidget()
        self._outer.addWidget(work)
        self._outer.addWidget(self._make_gate())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 12, 20, 12)
        whole.addWidget(self._outer)

    def _make_gate(self) -> QWidget:
        gate = QWidget()
        column = centred_column(gate, 720)
        column.addStretch(1)
        column.addWidget(text_label(tr("For the officer only"), "title"))
        column.addWidget(text_label(tr(
            "The witness has not told yet what they saw. A face that a witness sees before that "
            "changes what they remember, and nobody can tell afterwards."
        ), "witness"))
        column.addWidget(text_label(tr(
            "Turn the screen away, or go on in another room. Pictures can be looked at now; a face "
            "can be started from only after the interview. That you opened this is written down."
        )))
        buttons = QHBoxLayout()
        buttons.addWidget(self.open_gate)
        buttons.addWidget(button(tr("Back to the interview"), self.left.emit, "big"))
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addStretch(2)
        return gate

    # ---- showing

    def show_session(self, session: Session) -> None:
        """What may be done depends on whether the witness has told."""
        for page in self._pages.values():
            page.show_session(session)  # type: ignore[attr-defined]
        self._refresh()

    def show_kind(self, kind: str) -> None:
        """Turn to one of the four pages."""
        self._inside.setCurrentWidget(self._pages[kind])
        self.kinds[kind].setChecked(True)

    @property
    def is_open(self) -> bool:
        """Whether the pages are on screen and not the gate."""
        return self._outer.currentIndex() == 0

    def _refresh(self) -> None:
        told = self._desk.described
        self._outer.setCurrentIndex(0 if told or self._desk.acknowledged else 1)
        set_look(self.warning, "faint" if told else "danger")
        self.warning.setText(
            tr("For the officer: do not let the witness see these pictures.") if told else
            tr("The witness has not told yet: keep this screen away from them. Faces can be looked "
               "at here, but not started from.")
        )  # fmt: skip

    def _on_gate(self) -> None:
        self._desk.acknowledge()
        self._refresh()

    def _on_subject(self, subject: Subject) -> None:
        self.show_kind("photo")

    def _on_blend(self, face: StartingFace) -> None:
        portrait = self._desk.portrait_at_hand()
        if portrait is not None:
            self.show_kind("between")
            self.between.show_pair(portrait, face)

"""The witness's own judgement of the portrait: five plain choices and a remark."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.models.session import Session
from app.views.forms import button, named, text_label
from app.views.theme import set_look
from app.views.translation import tr

NOT_ALIKE = 1
ONE_ROW = 620  # pixels; wider buttons go below each other


def rating_label(rating: int) -> str:
    """The witness's words for a rating, 1 to 5."""
    return {
        5: tr("Very like him or her"),
        4: tr("Quite like"),
        3: tr("Like in part"),
        2: tr("Only a little like"),
        1: tr("Not like him or her at all"),
    }[rating]


class RatingPanel(QWidget):
    """Asks how like the portrait is. Nothing is chosen beforehand and nothing is suggested."""

    rated = Signal(int, str)
    faces_asked = Signal()
    portrait_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choices: dict[int, QPushButton] = {}
        self._group = QButtonGroup(self)
        self._shown: tuple[int | None, str] | None = None
        self.remark = QPlainTextEdit(self)
        self._build()
        self._group.idToggled.connect(self._on_choice)

    @property
    def rating(self) -> int | None:
        """What is chosen, None while nothing is."""
        chosen = self._group.checkedId()
        return chosen if chosen > 0 else None

    def show_session(self, session: Session) -> None:
        """Show the rating given so far; a choice not yet kept is left alone."""
        given = (session.rating, session.remark)
        if given != self._shown:
            self._shown = given
            self._show_choice(session.rating)
            if self.remark.toPlainText() != session.remark and session.rating is not None:
                self.remark.setPlainText(session.remark)
        self._refresh()

    def clear(self) -> None:
        """Forget what is chosen and typed (another case)."""
        self._shown = None
        self._show_choice(None)
        self.remark.clear()
        self._refresh()

    def choose(self, rating: int) -> None:
        """Mark one of the five."""
        self.choices[rating].setChecked(True)

    # ---- inside

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(7)
        column.addWidget(text_label(tr("How like the person you saw is this face?"), "witness"))
        for rating in (5, 4, 3, 2, 1):
            choice = button(rating_label(rating), lambda: None, "big")
            choice.setCheckable(True)
            self._group.addButton(choice, rating)
            self.choices[rating] = choice
            column.addWidget(choice)
        self.comfort = text_label(
            tr("That happens. Go back to the faces if you like; nothing is lost."), "faint"
        )
        policy = self.comfort.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.comfort.setSizePolicy(policy)
        column.addWidget(self.comfort)
        label = text_label(tr("In the witness's own words"))
        label.setBuddy(self.remark)
        column.addWidget(label)
        named(self.remark, label.text(), tr("Kept word for word"))
        self.remark.setTabChangesFocus(True)
        self.remark.setMaximumHeight(96)
        self.remark.setPlaceholderText(tr("What is right, what is not; kept word for word"))
        column.addWidget(self.remark)
        column.addStretch(1)
        column.addLayout(self._ways())

    def _ways(self) -> QGridLayout:
        self.to_faces = button(tr("Back to the faces"), self.faces_asked.emit)
        self.to_portrait = button(tr("Change the portrait"), self.portrait_asked.emit)
        self.keep = button(tr("Keep this answer"), self._on_keep, "primary")
        three = (self.to_faces, self.to_portrait, self.keep)
        for way in three:
            way.ensurePolished()
        is_wide = sum(way.sizeHint().width() for way in three) > ONE_ROW
        ways = QGridLayout()
        ways.addWidget(self.to_faces, 0, 0)
        ways.addWidget(self.to_portrait, 0, 1)
        ways.setColumnStretch(2, 1)
        if is_wide:
            ways.addWidget(self.keep, 1, 0, 1, 2)
        else:
            ways.addWidget(self.keep, 0, 3)
        return ways

    def _show_choice(self, rating: int | None) -> None:
        self._group.blockSignals(True)
        self._group.setExclusive(False)
        for key, choice in self.choices.items():
            choice.setChecked(key == rating)
        self._group.setExclusive(True)
        self._group.blockSignals(False)

    def _on_choice(self, rating: int, on: bool) -> None:
        self._refresh()

    def _on_keep(self) -> None:
        if self.rating is not None:
            self.rated.emit(self.rating, self.remark.toPlainText())

    def _refresh(self) -> None:
        self.keep.setEnabled(self.rating is not None)
        is_unlike = self.rating == NOT_ALIKE
        self.comfort.setVisible(is_unlike)
        set_look(self.to_faces, "primary" if is_unlike else "")


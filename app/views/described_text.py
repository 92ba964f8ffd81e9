"""The witness's words, with marks under what was read: said, doubtful, not understood."""

from __future__ import annotations

from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QTextEdit, QWidget

from app.models.description import Description
from app.views.forms import named, text_label
from app.views.theme import colour, set_look
from app.views.translation import tr

Underline = QTextCharFormat.UnderlineStyle
# never by colour alone: each mark has an underline of its own
UNDERLINES = {
    "said": Underline.SingleUnderline, "doubtful": Underline.DashUnderline,
    "unread": Underline.DotLine,
}  # fmt: skip


class DescribedText(QPlainTextEdit):
    """An editor whose marks follow the description; spans count characters, as Python does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_showing = False
        self.setTabChangesFocus(True)
        set_look(self, "witness")
        named(self, tr("The description, to be corrected and completed"))

    def show_description(self, description: Description) -> None:
        """The text, if it differs, and the marks."""
        if self.toPlainText() != description.text:
            self.is_showing = True
            self.setPlainText(description.text)
            self.is_showing = False
        marks = [("unread", span) for span in description.unread]
        marks += [(a.certainty, a.span) for a in description.attributes if a.span is not None]
        self.setExtraSelections([self._mark(kind, span) for kind, span in marks])

    def marks(self) -> list[tuple[int, int]]:
        """Where marks lie, as characters of the text (for tests)."""
        places = []
        for selection in self.extraSelections():
            cursor = selection.cursor  # lives only as long as its selection does
            places.append((cursor.selectionStart(), cursor.selectionEnd()))
        return places

    def _mark(self, kind: str, span: tuple[int, int]) -> QTextEdit.ExtraSelection:
        text = self.toPlainText()
        cursor = QTextCursor(self.document())
        cursor.setPosition(_utf16(text, span[0]))
        cursor.setPosition(_utf16(text, span[1]), QTextCursor.MoveMode.KeepAnchor)
        selection = QTextEdit.ExtraSelection()
        selection.cursor = cursor
        selection.format = mark_format(kind)
        return selection


def mark_format(kind: str) -> QTextCharFormat:
    """Background and underline of a mark: said, doubtful or unread."""
    made = QTextCharFormat()
    made.setBackground(colour(kind))
    made.setForeground(colour("text"))
    made.setUnderlineStyle(UNDERLINES[kind])
    made.setUnderlineColor(QColor(colour("text")))
    return made


def legend() -> QWidget:
    """What the three marks mean."""
    words = {
        "said": tr("said"), "doubtful": tr("said with doubt"), "unread": tr("not understood"),
    }
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(text_label(tr("Marks:"), "faint", wrap=False))
    for kind, text in words.items():
        label: QLabel = text_label(text, f"mark_{kind}", wrap=False)
        row.addWidget(label)
    row.addStretch(1)
    return holder


def _utf16(text: str, at: int) -> int:
    # Qt counts UTF-16 units; an emoji is one character here and two there
    return len(text[:at].encode("utf-16-le")) // 2

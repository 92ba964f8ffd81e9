"""The words that were heard: doubtful ones underlined, each a link to its sound."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextBrowser, QWidget

from app.models.speech import Word
from app.views.theme import colour
from app.views.translation import tr


class HeardText(QTextBrowser):
    """Read-only; ``word_chosen`` is the number of the word that was clicked or entered."""

    word_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setAccessibleName(tr("What was heard"))
        self.setAccessibleDescription(
            tr("Tab goes from word to word, Enter plays it. Underlined words are doubtful.")
        )
        self.setPlaceholderText(tr("What is said appears here."))
        self.anchorClicked.connect(self._on_link)

    def show_words(self, stretches: Sequence[Sequence[Word]], partial: str = "") -> None:
        """All stretches, a line each, then the words that may still change."""
        self.clear()
        cursor = QTextCursor(self.document())
        number = 0
        for stretch in stretches:
            for word in stretch:
                cursor.insertText(word.word, word_format(word, number))
                cursor.insertText(" ", QTextCharFormat())
                number += 1
            cursor.insertText("\n", QTextCharFormat())
        if partial:
            cursor.insertText(partial + " …", faint_format())
        self.moveCursor(QTextCursor.MoveOperation.End)

    def _on_link(self, link: QUrl) -> None:
        self.word_chosen.emit(int(link.toString().removeprefix("word:")))


def word_format(word: Word, number: int) -> QTextCharFormat:
    """How a word looks: doubtful ones are underlined with dots and stand on the doubtful tone."""
    style = QTextCharFormat()
    style.setAnchor(True)
    style.setAnchorHref(f"word:{number}")
    style.setForeground(colour("text"))
    if word.doubtful:
        style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
        style.setUnderlineColor(colour("warning"))
        style.setBackground(colour("doubtful"))
        style.setToolTip(tr("Doubtful: listen to it, or ask again"))
    return style


def faint_format() -> QTextCharFormat:
    """How words look that may still change."""
    style = QTextCharFormat()
    style.setForeground(colour("faint"))
    style.setFontItalic(True)
    return style

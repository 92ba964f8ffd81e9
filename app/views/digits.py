"""Numbers of tiles typed on the keyboard: one digit at once, two where there are tiles from 10."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent

WAIT_MS = 700  # how long a first digit waits for a second one
# the digit row of French and Belgian keyboards gives these without Shift
FRENCH_ROW = {"&": 1, "é": 2, '"': 3, "'": 4, "(": 5, "-": 6, "§": 6, "è": 7, "_": 8, "!": 8,
              "ç": 9, "à": 0}  # fmt: skip


def digit_of(event: QKeyEvent) -> int | None:
    """The digit of a key press, on the number row of any of our keyboards; None for others."""
    number = event.key() - Qt.Key.Key_0
    if 0 <= number <= 9:
        return number
    return FRENCH_ROW.get(event.text())


class TwoDigits(QObject):
    """Collects digits into the number of a tile and calls ``chosen`` with its index, from 0."""

    def __init__(self, chosen: Callable[[int], object], parent: QObject) -> None:
        super().__init__(parent)
        self._chosen = chosen
        self._first = 0
        self._count = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self._give_up)

    def press(self, digit: int, count: int) -> None:
        """One digit typed while there are ``count`` tiles."""
        first, self._first = self._first, 0
        self._timer.stop()
        both = 10 * first + digit
        if first and both <= count:
            self._chosen(both - 1)
            return
        if first:
            self._chosen(first - 1)
        if digit and 10 * digit <= count:  # a second digit may follow
            self._first = digit
            self._timer.start()
        elif digit:
            self._chosen(digit - 1)

    def _give_up(self) -> None:
        first, self._first = self._first, 0
        if first:
            self._chosen(first - 1)

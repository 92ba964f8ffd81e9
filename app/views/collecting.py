"""Lets Python's garbage collector run on the GUI thread only, when its event loop is about to wait.

A thread of the engine that allocates may start a collection, and a dialog or a timer that lies in a
cycle of references would be destroyed on that thread: Qt ends the program for it.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QAbstractEventDispatcher, QObject


class Collector(QObject):
    """Switches automatic collection off and collects, by Python's own thresholds, before the event
    loop waits. Costs a microsecond a turn; there is no timer."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        QAbstractEventDispatcher.instance().aboutToBlock.connect(self.collect_if_due)

    def collect_if_due(self) -> None:
        """Collect the oldest generation that is over its threshold."""
        for generation in (2, 1, 0):
            limit = gc.get_threshold()[generation]
            if 0 < limit < gc.get_count()[generation]:
                gc.collect(generation)
                return


def settle(too_soon: bool) -> None:
    """Leave what is there now (modules, classes, the model) out of later collections, which makes
    them short. ``too_soon`` while the model loads, and with a case: nothing of it may outlive its
    lock."""
    if not too_soon and not gc.get_freeze_count():
        gc.collect()
        gc.freeze()

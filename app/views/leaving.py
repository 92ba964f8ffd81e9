"""Before the window closes: asks for what would be lost, shows the words of a closed case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from app.views.translation import tr

if TYPE_CHECKING:
    from app.views.window import Window


def may_lose(window: Window) -> bool:
    """Whether nothing would be lost, or the officer said that it may."""
    controller = window.controller
    practised = controller.case is not None and not controller.case.kept
    has_content = practised and len(controller.history.nodes) > 1
    if controller.jobs.is_busy("export"):
        return window._asked(tr("An export is being written. Stop it?"))
    return not has_content or window._asked(tr("This was practice: nothing of it is kept."))


def words_first(window: Window) -> bool:
    """Close a kept case that is open and stay, so that the words of its chain can be written down.

    Closing the window again ends the program. A session that the system ends waits for nobody.
    """
    case = window.controller.case
    app = QGuiApplication.instance()
    ending = isinstance(app, QGuiApplication) and app.isSavingSession()
    if case is None or not case.kept or case.read_only or ending:
        return False
    window.flush()
    window.controller.close_case()
    return True


def offer_to_leave(window: Window, code: str) -> bool:
    """Put the button that leaves beside the words of a closed case; False for other notices."""
    if code == "case.closed":
        window.messages.offer(tr("Close the window"), window.close)
    return code == "case.closed"

"""Every page walked with the keyboard: each control has a name and a place in the Tab order."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.models.session import Stage
from app.views import stages
from app.views.window import Window
from tests.views.conftest import Wait, do_interview
from tests.views.picture_files import open_photo, photo, video

CONTROLS = (
    QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit,
    QPlainTextEdit, QTextEdit,
)  # fmt: skip
PATIENCE = 400

Walk = Callable[[Window, Wait], QWidget]


def shown_controls(root: QWidget) -> list[QWidget]:
    """Every control on screen that can be used now, parts of other controls left out."""
    found = []
    for widget in root.findChildren(QWidget):
        if not isinstance(widget, CONTROLS) or isinstance(widget, QScrollBar):
            continue
        inner = isinstance(widget.parentWidget(), (QComboBox, QAbstractSpinBox, QAbstractItemView))
        passive = isinstance(widget, QTextEdit | QPlainTextEdit) and widget.isReadOnly()
        if widget.isVisible() and widget.isEnabled() and not inner and not passive:
            found.append(widget)
    return found


def said_name(widget: QWidget) -> str:
    """What a screen reader is told."""
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name).strip() if interface is not None else ""


def tab_stops(window: QWidget) -> list[QWidget]:
    """Press Tab until the round is closed; a control that keeps the focus is a trap."""
    stops: list[QWidget] = []
    for _ in range(PATIENCE):
        before = QApplication.focusWidget()
        QTest.keyClick(before or window, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        assert now is not None, "Tab led out of the window"
        if now in stops or (now is before and shown_controls(window) == [now]):
            return stops or [now]
        assert now is not before, f"Tab does not leave {described(now)}"
        stops.append(now)
    raise AssertionError("Tab never came round")


def described(widget: QWidget) -> str:
    """Enough to find a widget."""
    parents, at = [], widget
    while at is not None and len(parents) < 4:
        parents.append(type(at).__name__)
        at = at.parentWidget()
    return f"{' < '.join(parents)} {said_name(widget)!r}"


def is_reached(widget: QWidget, stops: list[QWidget]) -> bool:
    """By Tab itself, or by arrow keys inside an exclusive group that Tab reaches."""
    if widget in stops or any(widget.isAncestorOf(stop) for stop in stops):
        return True
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    mates = group.buttons() if group is not None and group.exclusive() else []
    if isinstance(widget, QAbstractButton) and widget.autoExclusive():
        mates = [w for w in widget.parentWidget().children() if isinstance(w, QAbstractButton)]
    return any(mate in stops for mate in mates)


# ------------------------------------------------------------------ the pages


def start(window: Window, wait: Wait) -> QWidget:
    return window


def new_case(window: Window, wait: Wait) -> QWidget:
    window.start_page.show_new()
    return window


def open_case(window: Window, wait: Wait) -> QWidget:
    window.start_page.show_open()
    return window


def recover(window: Window, wait: Wait) -> QWidget:
    window.start_page.show_recover()
    return window


def interview(window: Window, wait: Wait) -> QWidget:
    window.controller.start_practice()
    wait(lambda: window.controller.case is not None)
    return window


def description(window: Window, wait: Wait) -> QWidget:
    interview(window, wait)
    do_interview(window.controller)
    wait(lambda: window.controller.session.description.attributes)
    return window


def before_faces(window: Window, wait: Wait) -> QWidget:
    description(window, wait)
    window.controller.confirm_all()
    window.controller.go(Stage.round)
    return window


def faces(window: Window, wait: Wait) -> QWidget:
    before_faces(window, wait)
    window.controller.offer_round()
    wait(lambda: window.controller.session.open_round)
    page = window.pages[Stage.round]
    page.options.blur_on.setChecked(True)  # type: ignore[attr-defined]
    page.gallery.toggle(0)  # type: ignore[attr-defined]
    return window


def refine(window: Window, wait: Wait) -> QWidget:
    faces(window, wait)
    window.controller.use_portrait(0)
    wait(lambda: window.controller.was_shown(window.controller.session.portrait))
    window.controller.set_edit("lips", 1.0, final=True)
    wait(lambda: window.controller.was_shown(window.controller.session.portrait))
    return window


def branches(window: Window, wait: Wait) -> QWidget:
    refine(window, wait)
    window.controller.undo()
    window.controller.set_edit("mouth", 1.0, final=True)
    wait(lambda: window.controller.was_shown(window.controller.session.portrait))
    return window


def confirm(window: Window, wait: Wait) -> QWidget:
    refine(window, wait)
    window.controller.accept_portrait()
    return window


def export(window: Window, wait: Wait) -> QWidget:
    confirm(window, wait)
    window.controller.rate(4, "")
    window.controller.go(Stage.export)
    return window


def pause(window: Window, wait: Wait) -> QWidget:
    faces(window, wait)
    window.controller.take_break()
    return window


def gate(window: Window, wait: Wait) -> QWidget:
    interview(window, wait)
    window.show_starts()
    return window


def photo_start(window: Window, wait: Wait, kind: str = "photo") -> QWidget:
    refine(window, wait)
    with tempfile.TemporaryDirectory() as folder:
        open_photo(window, wait, photo(Path(folder), "poor"))
        window.desk.open_video(str(video(Path(folder))))
        wait(lambda: window.starts.video.tiles)
        window.starts.show_kind(kind)
    return window


def video_start(window: Window, wait: Wait) -> QWidget:
    return photo_start(window, wait, "video")


def sketch_start(window: Window, wait: Wait) -> QWidget:
    return photo_start(window, wait, "sketch")


def between_start(window: Window, wait: Wait) -> QWidget:
    photo_start(window, wait)
    window.starts.photo.blend.click()
    wait(lambda: window.starts.between.strip.faces)
    window.starts.between.strip.gallery.toggle(2)
    return window


def settings(window: Window, wait: Wait) -> QWidget:
    return window.show_settings()


def keys(window: Window, wait: Wait) -> QWidget:
    return window.help.show_keys()


PAGES: tuple[Walk, ...] = (
    start, new_case, open_case, recover, interview, description, before_faces, faces, refine,
    branches, confirm, export, pause, gate, photo_start, video_start, sketch_start,
    between_start, settings, keys,
)  # fmt: skip


@pytest.fixture(params=PAGES, ids=lambda walk: walk.__name__)
def page(
    request: pytest.FixtureRequest, window: Window, wait: Wait, qtbot: QtBot
) -> Iterator[QWidget]:
    """The window (or dialog) at one page, active, so that it has the focus."""
    shown = request.param(window, wait)
    shown.activateWindow()
    wait(lambda: QApplication.activeWindow() is shown)
    yield shown
    if shown is not window:
        shown.close()


def unnamed(page: QWidget, stops: list[QWidget]) -> list[str]:
    """Controls and Tab stops of which a screen reader would say nothing."""
    return [f"no name: {described(w)}" for w in [*shown_controls(page), *stops] if not said_name(w)]


def unreached(page: QWidget, stops: list[QWidget]) -> list[str]:
    """Controls that Tab does not come to."""
    return [
        f"not reached: {described(c)}" for c in shown_controls(page) if not is_reached(c, stops)
    ]


def called_alike(page: QWidget) -> list[str]:
    """Two buttons of one page that a listener could not tell apart."""
    seen: dict[tuple[type, str, str], QWidget] = {}
    found = []
    for control in shown_controls(page):
        interface = QAccessible.queryAccessibleInterface(control)
        about = interface.text(QAccessible.Text.Description) if interface is not None else ""
        key = (type(control), said_name(control), about)
        if key in seen:
            found.append(f"called alike: {described(control)} and {described(seen[key])}")
        seen[key] = control
    return found


def cut(page: QWidget) -> list[str]:
    """Labels and buttons narrower than their words, on the smallest screen we support."""
    found = []
    for widget in page.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, QLabel | QAbstractButton):
            continue
        is_free = isinstance(widget, QLabel) and (widget.wordWrap() or not widget.pixmap().isNull())
        if widget.text() and not is_free:
            needed = widget.fontMetrics().horizontalAdvance(widget.text().replace("&", ""))
            if widget.width() < needed:
                found.append(f"cut: {described(widget)}: {widget.width()} < {needed}")
    return found


def test_every_control_is_named_whole_and_reached_by_tab(page: QWidget) -> None:
    assert shown_controls(page)
    stops = tab_stops(page)
    found = [*unnamed(page, stops), *unreached(page, stops), *called_alike(page), *cut(page)]
    if page.width() > 1366 or page.height() > 768:
        found.append(f"too large: {page.width()} x {page.height()}")
    assert not found, "\n".join(found)


def test_every_menu_entry_has_words_and_no_key_is_given_twice(window: Window) -> None:
    keys: list[str] = []
    for action in window.actions():
        assert action.text().strip() or action.isSeparator()
        keys += [k.toString(QKeySequence.SequenceFormat.PortableText) for k in action.shortcuts()]
    assert len(keys) == len(set(keys))
    assert {f"Ctrl+{n}" for n in range(1, 7)} <= set(keys)
    assert len(stages.Stage) == 6

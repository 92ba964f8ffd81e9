"""Every menu action in one table: text, key, help, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence

from app.models.session import Stage
from app.views.morph_dialog import MorphDialog
from app.views.origins_dialog import origins_dialog
from app.views.replay_dialog import open_replay
from app.views.stages import reachable, stage_label
from app.views.translation import tr

if TYPE_CHECKING:
    from app.views.window import Window


@dataclass(frozen=True)
class Row:
    """One action: its key in the table, its menu, its words, its keys, what it does."""

    name: str
    menu: str
    text: str
    keys: str
    run: Callable[[], object]
    help_text: str = ""


def menu_label(menu: str) -> str:
    """The title of a menu."""
    return {
        "case": tr("&Case"), "edit": tr("&Edit"), "go": tr("&Go"), "view": tr("&View"),
        "help": tr("&Help"),
    }[menu]


def rows(window: Window) -> tuple[Row, ...]:
    """The whole table, in the order of the menus."""
    controller = window.controller
    stages = tuple(
        Row(f"stage_{s.value}", "go", stage_label(s), f"Ctrl+{i}", lambda s=s: window.go(s))
        for i, s in enumerate(Stage, 1)
    )
    return (
        Row("new", "case", tr("&New case..."), "Ctrl+N", window.ask_new_case),
        Row("open", "case", tr("&Open case..."), "Ctrl+O", window.ask_open_case),
        Row("practice", "case", tr("&Practice"), "", window.ask_practice,
            tr("Try everything; nothing is kept.")),
        Row("close_case", "case", tr("&Close case"), "Ctrl+W", window.ask_close_case),
        Row("lock", "case", tr("&Lock now"), "Ctrl+L", window.lock,
            tr("Closes the case; the passphrase opens it again.")),
        Row("morph", "case", tr("&Morph of several witnesses..."), "",
            lambda: MorphDialog(parent=window).show(),
            tr("One face of several witnesses' sealed portraits.")),
        Row("replay", "case", tr("Step &by step..."), "Ctrl+R",
            lambda: open_replay(controller, window),
            tr("The sitting in order: what was said, shown and chosen.")),
        Row("settings", "case", tr("&Settings..."), "Ctrl+,", window.show_settings),
        Row("quit", "case", tr("&Quit"), "Ctrl+Q", window.close),
        Row("undo", "edit", tr("&Undo"), "Ctrl+Z", controller.undo),
        Row("redo", "edit", tr("&Redo"), "Ctrl+Shift+Z", controller.redo),
        *stages,
        Row("starts", "go", tr("Other &starting points"), "Ctrl+7", window.show_starts,
            tr("A photo, a video, a sketch; for the officer")),
        Row("curtain", "view", tr("&Break"), "F8", window.toggle_break,
            tr("A neutral grey screen until the witness wants to go on.")),
        Row("witness", "view", tr("&Witness's screen"), "F9", window.toggle_witness,
            tr("Faces and four plain buttons; on a second monitor, or in turn on this one.")),
        Row("larger", "view", tr("&Larger faces for the witness"), "Ctrl++",
            lambda: window.witness.resize_tiles(1)),
        Row("smaller", "view", tr("&Smaller faces for the witness"), "Ctrl+-",
            lambda: window.witness.resize_tiles(-1)),
        Row("origins", "view", tr("&Said, chosen, made up"), "F6",
            lambda: origins_dialog(controller, window).show(),
            tr("Where each feature of the portrait comes from.")),
        Row("full_screen", "view", tr("&Full screen"), "F11", window.toggle_full_screen),
        Row("keys", "help", tr("&Keys"), "F1", window.help.show_keys),
        Row("page_help", "help", tr("&This page"), "Shift+F1", window.help.show_page,
            tr("What it is for, and what is done on it.")),
        Row("glossary", "help", tr("&Glossary"), "", window.help.show_glossary),
        Row("tour", "help", tr("Take the to&ur"), "", window.begin_tour,
            tr("Two minutes, on a practice case.")),
        Row("witness_sheet", "help", tr("&Instructions for the witness..."), "",
            window.help.save_witness_sheet, tr("One sheet to be printed, as PDF.")),
        Row("model_card", "help", tr("About the face &model"), "F2", window.help.show_model_card),
        Row("about", "help", tr("&About"), "", window.help.show_about),
    )


def build_menus(window: Window) -> dict[str, QAction]:
    """Fill the window's menu bar; returns the actions by name."""
    made: dict[str, QAction] = {}
    bar = window.menuBar()
    bar.clear()
    menus = {}
    for row in rows(window):
        if row.menu not in menus:
            menus[row.menu] = bar.addMenu(menu_label(row.menu))
        action = QAction(row.text, window)
        action.setObjectName(row.name)
        if row.keys:
            action.setShortcut(QKeySequence(row.keys))
        action.setToolTip(row.help_text or row.text.replace("&", ""))
        action.triggered.connect(lambda checked=False, run=row.run: run())
        menus[row.menu].addAction(action)
        made[row.name] = action
    return made


def enable(window: Window, actions: dict[str, QAction]) -> None:
    """Which actions make sense now."""
    controller = window.controller
    has_case, session = controller.case is not None, controller.session
    turns = has_case and not controller.is_paused  # a copy for reading can be turned through
    actions["close_case"].setEnabled(has_case)
    actions["lock"].setEnabled(has_case and controller.case is not None and controller.case.kept)
    for name in ("curtain", "witness"):
        actions[name].setEnabled(has_case)
    actions["origins"].setEnabled(turns and session.portrait is not None)
    actions["replay"].setEnabled(turns and not controller.exporter.is_running)
    actions["undo"].setEnabled(turns and controller.history.can_undo)
    actions["redo"].setEnabled(turns and controller.history.can_redo)
    actions["starts"].setEnabled(controller.may_write and not controller.is_paused)
    for stage in Stage:
        actions[f"stage_{stage.value}"].setEnabled(has_case and reachable(session, stage))


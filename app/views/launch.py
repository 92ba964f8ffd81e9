"""The window on screen first, then the engine: builds the objects and runs the event loop."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.models.errors import PortraitError
from app.models.places import config_folder, log_folder
from app.models.settings import Settings, load_settings, save_settings
from app.views import terms
from app.views.cases import app_version
from app.views.collecting import Collector, settle
from app.views.controller import Controller
from app.views.crash import CrashHook
from app.views.idle import IdleWatch
from app.views.left_open import LeftOpen
from app.views.machine_watch import MachineWatch
from app.views.round_pace import BreakWatch
from app.views.space import SpaceWatch
from app.views.state import EngineFactory
from app.views.theme import apply_theme
from app.views.translation import install_language
from app.views.window import Window

DRESS = ("theme", "language", "text_scale", "codes")  # every page is made anew with these
SETTINGS_VARIABLE = "PORTRAIT_PARLE_SETTINGS"


def settings_path() -> Path:
    """Where settings are kept: the variable's path, beside a portable program, or as usual."""
    override = os.environ.get(SETTINGS_VARIABLE)
    if override:
        return Path(override)
    return config_folder() / "settings.json"


def make_application(arguments: Sequence[str] = ()) -> QApplication:
    """The one QApplication, with the name that the desktop shows."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication([*arguments])
    app.setApplicationName("portrait-parle")
    app.setApplicationDisplayName("Portrait Parlé")
    app.setDesktopFileName("portrait-parle")
    return app


def dress(app: QApplication, settings: Settings) -> str:
    """Language, theme, type size and codes in force; returns the language's code."""
    terms.use_codes(settings.codes)
    language = install_language(app, settings.language)
    apply_theme(app, settings.theme, settings.text_scale)
    return language


def make_window(
    app: QApplication, engine_factory: EngineFactory, settings: Settings, save_to: Path | None
) -> Window:
    """The window with its controller; the engine is not started yet."""
    language = dress(app, settings)
    controller = Controller(engine_factory, settings, parent=app)
    controller.language = language
    window = Window(controller)
    Collector(window)
    shown = settings

    def on_settings(new: Settings) -> None:
        nonlocal shown
        old, shown = shown, new
        if any(getattr(old, name) != getattr(new, name) for name in DRESS):
            controller.language = dress(app, new)
            window.rebuild()
        if save_to is not None:
            _save(controller, new, save_to)

    controller.settings_changed.connect(on_settings)
    app.styleHints().colorSchemeChanged.connect(
        lambda scheme: apply_theme(app, controller.settings.theme, controller.settings.text_scale)
    )
    return window


def run(
    engine_factory: EngineFactory,
    case_path: str | None = None,
    on_window: Callable[[Window], object] | None = None,
) -> int:
    """Show the window, start the engine once it is painted, run until it is closed.

    ``on_window`` is called with the window after its first paint (bench and self-test use it).
    """
    app = make_application(sys.argv[:1])
    path = settings_path()
    window = make_window(app, engine_factory, load_settings(path), path)
    left = LeftOpen(window)
    BreakWatch(window.controller, window)
    if case_path:
        window.start_page.show_open(case_path)
    else:
        left.offer()
    watch = IdleWatch(app, window.controller.settings.idle_lock_minutes, window)
    watch.idle.connect(lambda: window.lock("idle"))
    window.controller.used.connect(watch.touch)
    window.controller.settings_changed.connect(
        lambda new: watch.set_minutes(new.idle_lock_minutes)
    )
    machine = MachineWatch(parent=window)
    window.locker.follow(machine)
    window.controller.model_changed.connect(
        lambda info, state: settle(state != "ready" or window.controller.case is not None)
    )
    SpaceWatch(window.controller)
    hook = make_crash_hook(window)
    hook.install()
    window.show()

    def after_first_paint() -> None:
        _choose_machine(window.controller.settings)
        window.controller.start_engine()
        machine.start()
        if on_window is not None:
            on_window(window)

    QTimer.singleShot(0, lambda: QTimer.singleShot(0, after_first_paint))
    try:
        return app.exec()
    finally:
        machine.stop()
        hook.remove()
        window.controller.shut_down()


def make_crash_hook(window: Window) -> CrashHook:
    """Uncaught exceptions of this window: reported on disk, one page, and on."""
    controller = window.controller

    def has_kept_case() -> bool:
        return controller.case is not None and controller.case.kept

    hook = CrashHook(log_folder(), app_version(), has_kept_case, window.close, window)
    controller.jobs.broke.connect(hook.keep_report)
    return hook


def _choose_machine(settings: Settings) -> None:
    # read by the engine's worker when it first imports torch; a variable set outside wins
    if settings.threads > 0:
        os.environ.setdefault("PORTRAIT_PARLE_THREADS", str(settings.threads))
    if settings.device != "auto":
        os.environ.setdefault("PORTRAIT_PARLE_DEVICE", settings.device)


def _save(controller: Controller, settings: Settings, path: Path) -> None:
    try:
        save_settings(settings, path)
    except PortraitError as error:
        controller.problem.emit(error)

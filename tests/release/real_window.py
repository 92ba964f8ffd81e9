"""The window with the real engine and a sealed case, driven without a person; for measuring."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QElapsedTimer, QEventLoop, QTimer

from app.engine.service import EngineService
from app.models.case import CaseFacts
from app.models.interview import QUESTIONS
from app.models.round import Answer
from app.models.session import Stage
from app.models.settings import Settings
from app.views.launch import make_application, make_window

PASSPHRASE = "seven quiet owls look at the moon"
WORDS = "He was a man of about forty with short dark hair and a big nose, maybe a beard."
PATIENCE_MS = 180_000
TICK_MS = 5
POLLING = "polling"  # the name of the timers that only wait


class RealWindow:
    """Opens on entering, closes case, window and engine on leaving."""

    first_pick = (Answer.picked, (0,))

    def __init__(self, folder: Path) -> None:
        app = make_application(["measure"])
        settings = Settings(language="en", theme="light", look_longer_s=0)
        self.window = make_window(app, EngineService, settings, None)
        self._path = folder / "measured.ppcase"
        self.problems: list[str] = []
        self.window.controller.problem.connect(lambda error: self.problems.append(str(error)))

    def __enter__(self) -> RealWindow:
        controller = self.window.controller
        self.window.resize(1366, 768)
        self.window.show()
        controller.start_engine()
        controller.new_case(self._path, PASSPHRASE, CaseFacts("MEASURE/1"))
        self.wait(lambda: controller.case is not None and controller.model_ready)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.window.close()
        self.window.controller.shut_down()

    def begin_sitting(self) -> None:
        """Questions, words, and all features confirmed."""
        controller = self.window.controller
        for question in QUESTIONS:
            good = next(v for v in question.values if v not in question.against)
            controller.set_eligibility(question.key, good)
        controller.set_recall(WORDS)
        controller.confirm_recall()
        self.wait(lambda: controller.session.description.attributes)
        controller.confirm_all()
        controller.go(Stage.round)

    def array(self) -> None:
        """The next array, whole and stored."""
        controller, before = self.window.controller, len(self.window.controller.session.rounds)
        controller.offer_round()
        self.wait(lambda: not controller.jobs.is_busy("round"))
        assert len(controller.session.rounds) > before or controller.session.open_round

    def refine(self) -> None:
        """The first face of the array, drawn on the refine page."""
        controller = self.window.controller
        controller.use_portrait(0)
        self.wait(lambda: controller.session.stage is Stage.refine)
        self.wait(lambda: not controller.jobs.is_busy("portrait"))

    def wait(self, holds: Callable[[], object]) -> None:
        """Run the event loop until something holds; RuntimeError after three minutes."""
        loop, clock, timer = QEventLoop(), QElapsedTimer(), QTimer()
        timer.setObjectName(POLLING)
        clock.start()

        def look() -> None:
            if holds() or self.problems or clock.elapsed() > PATIENCE_MS:
                loop.quit()

        timer.timeout.connect(look)
        timer.start(TICK_MS)
        if not holds():
            loop.exec()
        if self.problems or not holds():
            raise RuntimeError(f"waited in vain: {self.problems}")

    def settle(self, ms: int) -> None:
        """Run the event loop for a while."""
        loop, timer = QEventLoop(), QTimer()
        timer.setObjectName(POLLING)
        timer.setSingleShot(True)
        timer.timeout.connect(loop.quit)
        timer.start(ms)
        loop.exec()

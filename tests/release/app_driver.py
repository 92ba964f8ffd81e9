"""The real window, offscreen, working through a scripted sitting until it is killed.

``... CASE SEED`` draws with the tests' fake engine; ``... CASE SEED engine`` with the real one and
the bundled model.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from app.engine.service import EngineService
from app.models.settings import Settings
from app.models.store_sealed import SealedCase
from app.views.launch import make_application, make_window
from app.views.state import EngineFactory
from tests.release import sitting
from tests.views.conftest import do_interview
from tests.views.fakes import FakeEngine
from tests.views.test_controller_walk import random_verb

PATIENCE_S = 120.0  # the real engine on a machine that does other things


def main(path: Path, seed: int, factory: EngineFactory = FakeEngine) -> None:
    """Open the case in the window and do random things, with and without a round open."""
    _tell_each_commit()
    app = make_application()
    window = make_window(app, factory, Settings(language="en"), None)
    window.show()
    controller = window.controller

    def wait(holds: Callable[[], Any], timeout: int = 0) -> None:
        limit = time.monotonic() + PATIENCE_S
        while not holds():
            app.processEvents()
            if time.monotonic() > limit:
                sys.exit("the window did not get there")
            time.sleep(0.001)

    controller.start_engine()
    controller.open_case(path, sitting.PASSPHRASE)
    wait(lambda: controller.model_ready and controller.case is not None)
    if not controller.session.description.attributes:
        do_interview(controller)
        wait(lambda: controller.session.description.attributes)
        controller.confirm_all()
    dice = random.Random(seed)
    while True:
        random_verb(controller, dice, wait)
        app.processEvents()


def _tell_each_commit() -> None:
    """Say each event to the parent when ``append`` has returned, before the window goes on."""
    append = SealedCase.append

    def told(self: SealedCase, *args: Any, **kwargs: Any) -> Any:
        event = append(self, *args, **kwargs)
        os.write(1, f"{event.hash}\n".encode())
        return event

    SealedCase.append = told  # type: ignore[method-assign]


if __name__ == "__main__":
    chosen: EngineFactory = EngineService if sys.argv[3:] == ["engine"] else FakeEngine
    main(Path(sys.argv[1]), int(sys.argv[2]), chosen)

"""A controller and a window on the fake engine, and patience that ends with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QThreadPool
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.models.interview import QUESTIONS
from app.models.settings import Settings
from app.models.store import KdfParameters
from app.views.controller import Controller
from app.views.launch import make_window
from app.views.window import Window
from tests.views.fakes import FakeEngine

TEXT = "A man of fifty with a big nose, maybe a beard"
Wait = Callable[..., None]


@pytest.fixture(autouse=True)
def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real Argon2id at its floor: calibrating it to a second is tested with the case file."""
    monkeypatch.setattr("app.models.store_create.calibrated", KdfParameters)


@pytest.fixture
def wait(qtbot: QtBot) -> Wait:
    """Wait until something is true; fails after five seconds."""

    def until(condition: Callable[[], Any], timeout: int = 5000) -> None:
        qtbot.waitUntil(lambda: bool(condition()), timeout=timeout)

    return until


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def problems() -> list[str]:
    """Codes of every problem that the controller said."""
    return []


@pytest.fixture
def controller(
    qapp: QApplication, engine: FakeEngine, wait: Wait, problems: list[str]
) -> Iterator[Controller]:
    """A controller with the model loaded and no case, without any window."""
    made = Controller(lambda: engine, Settings(language="en"))
    made.problem.connect(lambda error: problems.append(error.code))
    made.start_engine()
    wait(lambda: made.model_ready)
    yield made
    made.shut_down()
    QThreadPool.globalInstance().waitForDone(1000)


@pytest.fixture
def practice(controller: Controller, wait: Wait) -> Controller:
    """A practice case at its very beginning."""
    controller.start_practice()
    wait(lambda: controller.case is not None)
    return controller


@pytest.fixture
def described(practice: Controller, wait: Wait) -> Controller:
    """The interview done, the description read and confirmed."""
    do_interview(practice)
    wait(lambda: practice.session.description.attributes)
    practice.confirm_all()
    return practice


@pytest.fixture
def offered(described: Controller, wait: Wait) -> Controller:
    """The first array on the table."""
    described.offer_round()
    wait(lambda: described.session.open_round)
    return described


@pytest.fixture
def refining(offered: Controller, wait: Wait) -> Controller:
    """The third face of the first array taken into refinement."""
    offered.use_portrait(2)
    wait(lambda: offered.was_shown(offered.session.portrait))
    return offered


@pytest.fixture
def window(qapp: QApplication, engine: FakeEngine, wait: Wait) -> Iterator[Window]:
    """The real window on the fake engine, on screen, model loaded, no case."""
    made = make_window(qapp, lambda: engine, Settings(language="en", theme="light"), None)
    made.resize(1366, 768)
    made.show()
    made.controller.start_engine()
    wait(lambda: made.controller.model_ready)
    yield made
    made.controller.close_case()
    made.close()
    made.controller.shut_down()
    made.deleteLater()
    qapp.setStyleSheet("")


def do_interview(controller: Controller, text: str = TEXT) -> None:
    """Answer every question so that nothing speaks against going on; give the recall."""
    for question in QUESTIONS:
        good = next(v for v in question.values if v not in question.against)
        controller.set_eligibility(question.key, good)
    controller.set_recall(text)
    controller.confirm_recall()

"""Codes become sentences: what happened and what helps, whatever the facts."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.models.errors import PortraitError
from app.views.messages import MessageBar
from app.views.sentences import known_problems, notice_sentence, problem_sentence

APP = Path(__file__).resolve().parents[2] / "app"
CODE = re.compile(r"[a-z_]+\.[a-z_]+")
RAISED_BY = {"PortraitError", "BadInput", "ModelError", "StoreError"}
# families whose errors the window can meet; the others belong to commands without a window
FAMILIES = ("case", "model", "engine", "session", "round", "portrait", "settings", "attribute",
            "export", "journal", "direction", "recipe", "description", "resource", "event",
            "blend", "vocabulary", "lexicon", "package")


def raised_codes() -> dict[str, str]:
    """Every code that models, engine (without commands) and views can raise, and where."""
    found = {}
    for layer in ("models", "engine", "views"):
        for path in (APP / layer).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not node.args:
                    continue
                name = getattr(node.func, "id", "")
                code = node.args[0]
                if name in RAISED_BY and isinstance(code, ast.Constant):
                    found[str(code.value)] = f"{path.name}:{node.lineno}"
    return found


def test_there_are_codes_to_check() -> None:
    assert len(raised_codes()) > 40


def test_every_code_that_can_reach_the_window_is_said_in_words(qapp: QApplication) -> None:
    unsaid = {}
    for code, place in raised_codes().items():
        if code.split(".")[0] in FAMILIES:
            what, _ = problem_sentence(PortraitError(code))
            if what == "Something did not work.":
                unsaid[code] = place
    assert unsaid == {}


@pytest.mark.parametrize("code", sorted(known_problems()))
def test_a_sentence_stands_without_its_facts_and_names_a_remedy(
    qapp: QApplication, code: str
) -> None:
    what, remedy = problem_sentence(PortraitError(code))
    assert what
    assert remedy
    assert "{" not in what + remedy


def test_facts_with_braces_and_markup_are_shown_as_they_are(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.show_problem(PortraitError("case.missing", file="<b>{evil}</b>"))
    assert "<b>{evil}</b>" in bar.text


def test_an_unknown_code_still_says_something_with_its_code(qapp: QApplication) -> None:
    what, remedy = problem_sentence(PortraitError("from.the_future", depth=3))
    assert what
    assert "from.the_future" in remedy
    assert "depth: 3" in remedy


def test_an_unknown_notice_says_nothing(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.show_notice("no.such", {})
    assert bar.text == ""
    assert not bar.isVisible()
    assert notice_sentence("no.such", {}) == ""


def test_the_newest_message_replaces_the_older_and_its_button(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    pressed: list[int] = []
    bar.show_problem(PortraitError("case.held", who="a", where="b", since="c"))
    bar.offer("Copy", lambda: pressed.append(1))
    bar.show_notice("recall.empty", {})
    assert not bar._action.isVisible()
    bar.show_problem(PortraitError("case.held", who="a", where="b", since="c"))
    bar.offer("Copy", lambda: pressed.append(2))
    bar._action.click()
    assert pressed == [2]
    assert not bar.isVisible()

"""Hundreds of random verbs: the history stays whole and equals the journal at every step."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from app.models.history import History
from app.models.replay import replay
from app.models.round import Answer
from app.models.session import Session, Stage
from app.views.controller import Controller
from tests.views.conftest import Wait
from tests.views.fakes import DIRECTIONS

STEPS = 500
HARMLESS = {
    "session.no_open_round", "round.answer_without_pick", "round.bad_picks", "session.held",
    "session.no_portrait", "portrait.not_drawn", "attribute.bad_value",
}  # fmt: skip


def check(history: History[Session]) -> None:
    """The tree is a tree, ids are places, and redo leads to children only."""
    for place, node in enumerate(history.nodes):
        assert node.id == place
        assert (node.parent is None) == (place == 0)
        assert node.parent is None or node.parent < place
        numbers = [r.number for r in node.state.rounds]
        assert len(set(numbers)) == len(numbers)
    assert 0 <= history.head < len(history.nodes)
    for parent, child in history.last_child.items():
        assert history.nodes[child].parent == parent


def random_verb(controller: Controller, dice: random.Random, wait: Wait) -> None:
    session, name = controller.session, dice.choice(DIRECTIONS).name

    def offer() -> None:
        controller.offer_round(dice.choice((6, 9)))
        if dice.random() < 0.2:
            controller.cancel("round")
        wait(lambda: not controller.jobs.is_busy("round"))

    def answer() -> None:
        answer = dice.choice(list(Answer))
        count = dice.randint(1, 3) if answer is Answer.picked else 0
        controller.answer_round(answer, dice.sample(range(6), count), dice.random() < 0.5)

    verbs: list[tuple[int, Callable[[], object]]] = [
        (3, offer),
        (3, answer),
        (2, lambda: controller.use_portrait(dice.randint(-1, 9))),
        (5, lambda: controller.set_edit(name, dice.uniform(-9, 9), dice.random() < 0.8)),
        (1, lambda: controller.reset_edit(name)),
        (1, lambda: controller.set_hold(name, dice.random() < 0.5)),
        (3, controller.undo),
        (2, controller.redo),
        (1, lambda: controller.jump(dice.randrange(len(controller.history.nodes)))),
        (2, lambda: controller.go(dice.choice(list(Stage)))),
        (1, lambda: controller.confirm_attribute(dice.randint(0, 4))),
        (1, lambda: controller.drop_attribute(dice.randint(0, 4))),
        (1, lambda: controller.add_attribute("eye_color", dice.choice(("green", "brown")))),
        (1, controller.accept_portrait),
        (1, lambda: controller.rate(dice.randint(1, 5)) if session.portrait else None),
        (1, lambda: (controller.take_break(), controller.resume())),
    ]
    weights, runs = zip(*verbs, strict=True)
    dice.choices(runs, weights)[0]()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_random_walk_keeps_history_and_journal_together(
    described: Controller, wait: Wait, problems: list[str], seed: int
) -> None:
    dice = random.Random(seed)
    seen = len(described.history.nodes)
    for count in range(STEPS):
        random_verb(described, dice, wait)
        history = described.history
        check(history)
        assert len(history.nodes) >= seen, "a node was lost"
        seen = len(history.nodes)
        if count % 50 == 0:
            assert described.case is not None
            assert replay(described.case.events()) == history
    wait(lambda: not described.jobs.is_busy("portrait"))
    assert described.case is not None
    assert replay(described.case.events()) == described.history
    assert set(problems) <= HARMLESS
    assert seen > 60

"""A step stays cheap in a long history, and the way down is remembered from anywhere."""

from __future__ import annotations

import random

from app.models.history import History


def test_redo_leads_back_to_where_a_jump_or_undo_came_from() -> None:
    dice, history = random.Random(3), History.start("0")
    for i in range(300):
        verb = dice.random()
        if verb < 0.5:
            history = history.push("step", str(i), when=float(i))
        elif verb < 0.7:
            before = history.head
            history = history.undo()
            if history.head != before:
                assert history.redo().head == before
        elif verb < 0.8:
            history = history.redo()
        else:
            there = dice.randrange(len(history.nodes))
            history = history.jump(there)
            up = history
            while up.can_undo:
                up = up.undo()
            while up.head != there:
                up = up.redo()  # every ancestor knows the way down
        for node in history.path()[:-1]:
            assert node.id in history.last_child


def test_a_long_history_is_pushed_to_without_walking_it() -> None:
    history = History.start(0)
    for i in range(2_000):
        history = history.push("step", i + 1, when=float(i))
    assert len(history.path()) == 2_001
    assert history.jump(1_999).redo().head == 2_000

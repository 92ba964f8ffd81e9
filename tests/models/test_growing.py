"""Histories that share what they have in common are those that copied all, on every branch."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from app.models.growing import Shared, Ways
from app.models.history import History


@dataclass(frozen=True)
class Plain:
    """The history as a tuple and a dict that are copied at every step: what must come out."""

    nodes: tuple[tuple[int | None, int], ...]  # parent, state
    head: int
    ways: dict[int, int]

    def push(self, state: int) -> Plain:
        new = len(self.nodes)
        return Plain((*self.nodes, (self.head, state)), new, {**self.ways, self.head: new})

    def merged(self, state: int) -> Plain:
        parent = self.nodes[-1][0]
        if self.head != len(self.nodes) - 1 or parent is None:
            return self.push(state)
        return Plain((*self.nodes[:-1], (parent, state)), self.head, self.ways)


def same(history: History[int], plain: Plain) -> bool:
    nodes = [(n.parent, n.state) for n in history.nodes]
    return (
        nodes == list(plain.nodes)
        and history.head == plain.head
        and dict(history.last_child) == plain.ways
        and len(history.last_child) == len(plain.ways)
        and [n.id for n in history.nodes] == list(range(len(nodes)))
    )


@pytest.mark.parametrize("seed", range(8))
def test_any_of_many_versions_can_grow_and_none_sees_the_others(seed: int) -> None:
    dice, state = random.Random(seed), 0
    versions = [(History.start(0), Plain(((None, 0),), 0, {}))]
    for _ in range(400):
        history, plain = versions[-1] if dice.random() < 0.6 else dice.choice(versions)
        verb, state = dice.random(), state + 1
        if verb < 0.5:
            history, plain = history.push("a", state, when=float(state)), plain.push(state)
        elif verb < 0.7:
            when = history.nodes[-1].when  # a repeat at once
            label, detail, actor = (
                getattr(history.nodes[-1], n) for n in ("label", "detail", "actor")
            )
            history = history.coalesce(label, state, detail=detail, actor=actor, when=when)
            plain = plain.merged(state)
        elif verb < 0.85:
            history = history.undo()
            plain = Plain(plain.nodes, history.head, plain.ways)
        else:
            history = history.jump(dice.randrange(len(history.nodes)))
            plain = Plain(plain.nodes, history.head, dict(history.last_child))
        versions.append((history, plain))
    assert all(same(history, plain) for history, plain in versions)


def test_two_that_grow_from_one_are_apart() -> None:
    base = History.start(0).push("a", 1, when=1.0).push("a", 2, when=2.0).undo()
    left = base.push("b", 3, when=3.0)
    right = base.undo().push("c", 4, when=4.0)
    assert [n.state for n in left.nodes] == [0, 1, 2, 3]
    assert [n.state for n in right.nodes] == [0, 1, 2, 4]
    assert left.undo().redo().state == 3
    assert right.undo().redo().state == 4
    assert base.redo().state == 2
    assert right.jump(1).redo().state == 2


def test_a_shared_sequence_is_a_tuple_to_who_reads_it() -> None:
    items = Shared.of((1, 2)).plus(3)
    assert items == (1, 2, 3)
    assert (items[0], items[-1], items[1:], len(items)) == (1, 3, (2, 3), 3)
    assert list(reversed(items)) == [3, 2, 1]
    assert hash(items) == hash((1, 2, 3))
    assert repr(items) == "(1, 2, 3)"
    assert items.with_last(4) == (1, 2, 4)
    assert items != (1, 2)
    assert 2 in items
    for outside in (3, -4):
        with pytest.raises(IndexError):
            items[outside]


def test_adding_copies_nothing_while_one_line_grows() -> None:
    items = Shared.of((0,))
    for i in range(1, 1000):
        before, items = items, items.plus(i)
        assert items._before is before._before
    ways = Ways.of({})
    for i in range(1, 1000):
        before_ways, ways = ways, ways.plus(i - 1, i)
        assert ways._children is before_ways._children
    assert len(ways) == 999


def test_a_way_that_is_not_known_is_a_key_error() -> None:
    ways = Ways.of({3: 4})
    assert ways[3] == 4
    assert ways.get(-1) is None
    with pytest.raises(KeyError):
        ways[5]

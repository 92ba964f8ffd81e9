"""An append-only tree of states with a movable head: undo moves the head, nothing is ever lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from app.models.growing import Shared, Ways

State = TypeVar("State")


@dataclass(frozen=True)
class Node(Generic[State]):
    """One state: what was done (``label``, a stable key, not a sentence), to what, and by whom."""

    id: int
    parent: int | None
    label: str
    detail: str
    actor: str
    when: float
    state: State


@dataclass(frozen=True)
class History(Generic[State]):
    """The tree as a value. ``nodes[i].id == i``; ``head`` is the current node.

    ``last_child`` remembers, for each node left by undo, the child to which redo returns.
    """

    nodes: Sequence[Node[State]]
    head: int = 0
    last_child: Mapping[int, int] = field(default_factory=dict)

    @staticmethod
    def start(state: State, when: float = 0.0) -> History[State]:
        """A tree with only its root."""
        return History((Node(0, None, "start", "", "app", when, state),))

    @property
    def current(self) -> Node[State]:
        """The node at the head."""
        return self.nodes[self.head]

    @property
    def state(self) -> State:
        """The state at the head."""
        return self.current.state

    def push(
        self, label: str, state: State, *, detail: str = "", actor: str = "officer", when: float
    ) -> History[State]:
        """Add a child of the head and move to it; an equal state changes nothing."""
        if state == self.state:
            return self
        node = Node(len(self.nodes), self.head, label, detail, actor, when, state)
        # every ancestor of the head remembers the way down to it, so one entry is enough
        ways = Ways.of(self.last_child).plus(self.head, node.id)
        return History(Shared.of(self.nodes).plus(node), node.id, ways)

    def coalesce(
        self,
        label: str,
        state: State,
        *,
        detail: str = "",
        actor: str = "officer",
        when: float,
        within_s: float = 1.0,
    ) -> History[State]:
        """Like ``push``, but a quick repeat of the same label and detail replaces the last node.

        Only the newest node may be replaced, and only while it has no children, so no branch that
        anyone has seen and left can disappear.
        """
        last = self.nodes[-1]
        is_repeat = (
            self.head == last.id
            and last.parent is not None
            and (last.label, last.detail, last.actor) == (label, detail, actor)
            and 0 <= when - last.when < within_s
        )
        if not is_repeat:
            return self.push(label, state, detail=detail, actor=actor, when=when)
        nodes = Shared.of(self.nodes).with_last(replace(last, state=state, when=when))
        return replace(self, nodes=nodes)

    @property
    def can_undo(self) -> bool:
        """Whether the head has a parent."""
        return self.current.parent is not None

    @property
    def can_redo(self) -> bool:
        """Whether undo has left a child of the head."""
        return self._redo_target() is not None

    def undo(self) -> History[State]:
        """Move to the parent; at the root, stay."""
        parent = self.current.parent
        return self if parent is None else replace(self, head=parent)

    def redo(self) -> History[State]:
        """Move to the child last left; where there is none, stay."""
        target = self._redo_target()
        return self if target is None else replace(self, head=target)

    def jump(self, node_id: int) -> History[State]:
        """Move to any node; IndexError when there is no such node."""
        if not 0 <= node_id < len(self.nodes):
            raise IndexError(node_id)
        if node_id == self.current.parent:
            return replace(self, head=node_id)
        remembered, nodes = dict(self.last_child), tuple(self.nodes)
        node = nodes[node_id]
        while node.parent is not None:
            remembered[node.parent] = node.id
            if node.parent == self.head:
                break  # above, the way is remembered
            node = nodes[node.parent]
        return History(self.nodes, node_id, remembered)

    def children(self, node_id: int) -> tuple[int, ...]:
        """Ids of a node's children, oldest first."""
        return tuple(n.id for n in self.nodes if n.parent == node_id)

    def path(self) -> tuple[Node[State], ...]:
        """Nodes from the root to the head."""
        nodes = tuple(self.nodes)
        node = nodes[self.head]
        out = [node]
        while node.parent is not None:
            node = nodes[node.parent]
            out.append(node)
        return tuple(reversed(out))

    def _redo_target(self) -> int | None:
        return self.last_child.get(self.head)

"""Values that grow by one at the same cost however long they are, as a long history needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar, overload

Item = TypeVar("Item")
NEWEST = -1  # where ``Ways`` keeps the largest child of all that share


class Shared(Sequence[Item]):
    """A tuple to whoever holds it; one that is longer by an item shares all the others.

    Adding and changing the last item cost the same however many there are, until two grow from one:
    the second then copies. Never empty.
    """

    __slots__ = ("_before", "_count", "_last")

    def __init__(self, items: Sequence[Item], last: Item, count: int) -> None:
        # only the first ``count`` of ``items`` are this one's: longer ones append theirs
        self._before = items if isinstance(items, list) else list(items)
        self._last, self._count = last, count

    @staticmethod
    def of(items: Sequence[Item]) -> Shared[Item]:
        """The same items; at least one."""
        return items if isinstance(items, Shared) else Shared(items[:-1], items[-1], len(items) - 1)

    def plus(self, item: Item) -> Shared[Item]:
        """With one item more."""
        before = self._before
        if len(before) != self._count:
            before = before[: self._count]
        before.append(self._last)
        return Shared(before, item, self._count + 1)

    def with_last(self, item: Item) -> Shared[Item]:
        """With another last item."""
        return Shared(self._before, item, self._count)

    def __len__(self) -> int:
        return self._count + 1

    def __iter__(self) -> Iterator[Item]:
        return iter([*self._before[: self._count], self._last])

    @overload
    def __getitem__(self, at: int) -> Item: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Item, ...]: ...

    def __getitem__(self, at: int | slice) -> Item | tuple[Item, ...]:
        if isinstance(at, slice):
            return tuple(self)[at]
        index = at + len(self) if at < 0 else at
        if not 0 <= index <= self._count:
            raise IndexError(at)
        return self._last if index == self._count else self._before[index]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Shared | tuple):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


class Ways(Mapping[int, int]):
    """By node the child to which redo returns.

    A longer history's ways share all those of the one that it grew from; each takes the newest
    child that it knows, which is one below its ``count``.
    """

    __slots__ = ("_children", "_count", "_first")

    def __init__(
        self, first: Mapping[int, int], children: dict[int, list[int]] | None = None, count: int = 0
    ) -> None:
        self._first, self._count = first, count
        self._children = {NEWEST: [-1]} if children is None else children

    @staticmethod
    def of(ways: Mapping[int, int]) -> Ways:
        """The same ways."""
        return ways if isinstance(ways, Ways) else Ways(dict(ways))

    def plus(self, parent: int, child: int) -> Ways:
        """With the way from ``parent`` to a new ``child``, whose id is the largest in its tree."""
        if self._children[NEWEST][0] >= child:  # another one grew from here: no more sharing
            return Ways({**self, parent: child})
        self._children[NEWEST][0] = child
        self._children.setdefault(parent, []).append(child)
        return Ways(self._first, self._children, child + 1)

    def _newest(self, node: int) -> int | None:
        for child in reversed(self._children.get(node, ()) if node != NEWEST else ()):
            if child < self._count:
                return child
        return self._first.get(node)

    def __getitem__(self, node: int) -> int:
        found = self._newest(node)
        if found is None:
            raise KeyError(node)
        return found

    def __iter__(self) -> Iterator[int]:
        known = {*self._first, *self._children}
        return (node for node in known if self._newest(node) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

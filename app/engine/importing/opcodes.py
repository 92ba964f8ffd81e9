"""Interprets a pickle as data: containers, numbers, text, and the few names a reader knows.

Python's own unpickler is never used. ``pickletools.genops`` splits the stream into opcodes; this
module builds containers from them. A global name must be in the reader's table, whose entries are
functions of this project; anything else is refused before it could matter.
"""

from __future__ import annotations

import io
import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.models.errors import ModelError

MAX_OPCODES = 20_000_000

Call = Callable[..., Any]


class _Mark:
    """The MARK object on the stack."""


@dataclass(eq=False)
class Inert(dict[str, Any]):
    """An object of a class that is known but not wanted: its state, and no behaviour."""

    name: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)

    __hash__ = object.__hash__  # type: ignore[assignment]  # compared by identity


@dataclass(frozen=True)
class Known:
    """A global name that the table allows, with what to do when the pickle calls it."""

    name: str
    call: Call | None


class Refused(ValueError):
    """The stream does something that is not data; ``args[0]`` says what."""


def read_stream(
    stream: io.BytesIO, known: Mapping[str, Call | None], persistent: Call | None = None
) -> Any:
    """One pickle from ``stream``; leaves the stream after its STOP. Raises ``Refused``."""
    machine = _Machine(known, persistent)
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
            if count > MAX_OPCODES:
                raise Refused("too many opcodes")
            machine.step(opcode.name, argument)
    except Refused:
        raise
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise Refused(f"{type(error).__name__}: {error}") from error
    if not machine.done:
        raise Refused("the pickle has no end")
    return machine.result


class _Machine:
    """Stack, memo and the opcodes."""

    def __init__(self, known: Mapping[str, Call | None], persistent: Call | None) -> None:
        self.known, self.persistent = known, persistent
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.result: Any = None
        self.done = False

    def step(self, name: str, argument: Any) -> None:
        """Do one opcode."""
        if name in _PUSH_ARGUMENT:
            self.stack.append(argument)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name]())
        else:
            method = getattr(self, f"_op_{name.lower()}", None)
            if method is None:
                raise Refused(f"opcode {name} is not allowed")
            method(argument)

    def _to_mark(self) -> list[Any]:
        for at in range(len(self.stack) - 1, -1, -1):
            if isinstance(self.stack[at], _Mark):
                items = self.stack[at + 1 :]
                del self.stack[at:]
                return items
        raise Refused("no mark")

    def _last(self, count: int) -> list[Any]:
        if len(self.stack) < count:
            raise Refused("stack underflow")
        items = self.stack[-count:]
        del self.stack[-count:]
        return items

    # ---- structure

    def _op_proto(self, argument: int) -> None:
        if argument > 5:
            raise Refused(f"protocol {argument}")

    def _op_frame(self, _: int) -> None:
        """Frames only help buffering."""

    def _op_stop(self, _: None) -> None:
        (self.result,) = self._last(1)
        self.done = True

    def _op_mark(self, _: None) -> None:
        self.stack.append(_Mark())

    def _op_pop(self, _: None) -> None:
        self._last(1)

    def _op_pop_mark(self, _: None) -> None:
        self._to_mark()

    def _op_dup(self, _: None) -> None:
        self.stack.append(self.stack[-1])

    # ---- containers

    def _op_tuple(self, _: None) -> None:
        self.stack.append(tuple(self._to_mark()))

    def _op_tuple1(self, _: None) -> None:
        self.stack.append(tuple(self._last(1)))

    def _op_tuple2(self, _: None) -> None:
        self.stack.append(tuple(self._last(2)))

    def _op_tuple3(self, _: None) -> None:
        self.stack.append(tuple(self._last(3)))

    def _op_list(self, _: None) -> None:
        self.stack.append(list(self._to_mark()))

    def _op_dict(self, _: None) -> None:
        items = self._to_mark()
        self.stack.append(dict(zip(items[::2], items[1::2], strict=True)))

    def _op_append(self, _: None) -> None:
        (item,) = self._last(1)
        self._top(list).append(item)

    def _op_appends(self, _: None) -> None:
        items = self._to_mark()
        self._top(list).extend(items)

    def _op_setitem(self, _: None) -> None:
        key, value = self._last(2)
        self._top(dict)[key] = value

    def _op_setitems(self, _: None) -> None:
        items = self._to_mark()
        self._top(dict).update(zip(items[::2], items[1::2], strict=True))

    def _op_additems(self, _: None) -> None:
        items = self._to_mark()
        self._top(set).update(items)

    def _op_frozenset(self, _: None) -> None:
        self.stack.append(frozenset(self._to_mark()))

    def _top(self, kind: type) -> Any:
        if not self.stack or not isinstance(self.stack[-1], kind):
            raise Refused(f"no {kind.__name__} to add to")
        return self.stack[-1]

    # ---- memo

    def _op_put(self, argument: int) -> None:
        self.memo[int(argument)] = self.stack[-1]

    _op_binput = _op_long_binput = _op_put

    def _op_memoize(self, _: None) -> None:
        self.memo[len(self.memo)] = self.stack[-1]

    def _op_get(self, argument: int) -> None:
        self.stack.append(self.memo[int(argument)])

    _op_binget = _op_long_binget = _op_get

    # ---- names and calls

    def _op_global(self, argument: str) -> None:
        module, _, name = argument.partition(" ")
        self._name(module, name)

    def _op_stack_global(self, _: None) -> None:
        module, name = self._last(2)
        if not isinstance(module, str) or not isinstance(name, str):
            raise Refused("a name that is not text")
        self._name(module, name)

    def _name(self, module: str, name: str) -> None:
        full = f"{module}.{name}"
        if full not in self.known:
            raise Refused(f"it names {full[:120]}, which is not data")
        self.stack.append(Known(full, self.known[full]))

    def _op_reduce(self, _: None) -> None:
        function, arguments = self._last(2)
        self.stack.append(_call(function, arguments))

    _op_newobj = _op_reduce

    def _op_build(self, _: None) -> None:
        (state,) = self._last(1)
        target = self.stack[-1]
        if isinstance(target, Inert) and isinstance(state, dict):
            target.attributes.update(state)
        elif not isinstance(target, dict | Built):
            raise Refused("state for something that has none")

    def _op_binpersid(self, _: None) -> None:
        (key,) = self._last(1)
        if self.persistent is None:
            raise Refused("it refers to objects outside the file")
        self.stack.append(self.persistent(key))


class Built:
    """Base of values that a known call returns and that may be given a state (ignored)."""


def _call(function: Any, arguments: Any) -> Any:
    if not isinstance(function, Known) or not isinstance(arguments, tuple):
        raise Refused("a call of something that is not a known name")
    if function.call is None:
        raise Refused(f"a call of {function.name}")
    return function.call(*arguments)


_PUSH_ARGUMENT = frozenset({
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT",
    "STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE",
    "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8",
})  # fmt: skip
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_SET": set,
}


def refuse(path: object, error: Refused) -> ModelError:
    """The error for the command line."""
    return ModelError("import.refused", file=str(path), why=str(error))

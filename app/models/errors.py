"""Typed errors: a code that views turn into a sentence, and the facts that the sentence needs."""

from __future__ import annotations


class PortraitError(Exception):
    """Something that can be explained to the officer.

    ``code`` is a stable dotted name such as ``model.hash_mismatch``; ``facts`` are plain values
    (file name, expected, found, remedy key) that the sentence for the code needs. The text of the
    exception is for logs and the command line, never for the window.
    """

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = facts
        shown = ", ".join(f"{k}={v}" for k, v in facts.items())
        super().__init__(f"{code}: {shown}" if shown else code)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.code, self.facts))


def _rebuild(kind: type[PortraitError], code: str, facts: dict[str, object]) -> PortraitError:
    return kind(code, **facts)


class BadInput(PortraitError):
    """A file or value from outside is refused; the facts name it and say why (exit code 3)."""


class ModelError(PortraitError):
    """A model folder is missing, damaged or of the wrong kind (exit code 3)."""


class Cancelled(PortraitError):
    """The work was stopped on request; nothing is wrong and nothing is shown."""

    def __init__(self) -> None:
        super().__init__("cancelled")

    def __reduce__(self) -> tuple[object, ...]:
        return (Cancelled, ())

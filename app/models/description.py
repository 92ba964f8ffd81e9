"""What was said of a face, word for word, and the attributes that the officer made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from app.models.errors import BadInput

Certainty = Literal["said", "doubtful"]
Source = Literal["words", "officer", "picture"]
Span = tuple[int, int]
Key = tuple[str, str | tuple[int, int], bool]

CERTAINTIES: tuple[str, ...] = ("said", "doubtful")
SOURCES: tuple[str, ...] = ("words", "officer", "picture")


@dataclass(frozen=True)
class Attribute:
    """One attribute with where it comes from.

    ``value``: a word of the vocabulary, or for age an interval of years, ends included (equal ends
    for one number). ``negated``: the witness said that it is not so. ``span``: characters
    ``[start, end)`` of the text it was read from, None when it comes from elsewhere; ``text`` is
    then what to show instead. ``where`` and ``side`` place a mark, as said by the witness;
    ``style`` is the kind of a moustache. ``confirmed``: the officer has confirmed it.
    """

    name: str
    value: str | tuple[int, int]
    negated: bool = False
    certainty: Certainty = "said"
    span: Span | None = None
    text: str = ""
    where: str | None = None
    style: str | None = None
    source: Source = "words"
    confirmed: bool = False
    side: str | None = None

    @property
    def key(self) -> Key:
        """What it says, without where it was read."""
        return (self.name, self.value, self.negated)

    def reading_json(self) -> dict[str, Any]:
        """JSON as ``describe --json`` prints it; keys that do not apply are left out."""
        out: dict[str, Any] = {
            "name": self.name,
            "value": _value_json(self.value),
            "negated": self.negated,
            "certainty": self.certainty,
            "span": None if self.span is None else list(self.span),
            "text": self.text,
        }
        extras = {"where": self.where, "side": self.side, "style": self.style}
        return {**out, **{key: value for key, value in extras.items() if value is not None}}

    def to_json(self) -> dict[str, Any]:
        """JSON of everything, with source and confirmation."""
        return {**self.reading_json(), "source": self.source, "confirmed": self.confirmed}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Attribute:
        """Read what ``to_json`` or ``reading_json`` wrote; raises BadInput on anything else."""
        try:
            span = data.get("span")
            read = Attribute(
                name=str(data["name"]),
                value=_value_from(data["value"]),
                negated=bool(data.get("negated", False)),
                certainty=data.get("certainty", "said"),
                span=None if span is None else _pair(span),
                text=str(data.get("text", "")),
                where=_optional(data.get("where")),
                style=_optional(data.get("style")),
                source=data.get("source", "words"),
                confirmed=bool(data.get("confirmed", False)),
                side=_optional(data.get("side")),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise BadInput("description.unreadable", why=str(error)) from error
        if read.certainty not in CERTAINTIES or read.source not in SOURCES:
            raise BadInput("description.unreadable", why=f"{read.certainty}, {read.source}")
        return read


@dataclass(frozen=True)
class Reading:
    """What was made of a text by itself: attributes in the order of the text, and unread spans."""

    text: str
    attributes: tuple[Attribute, ...] = ()
    unread: tuple[Span, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON as ``describe --json`` prints it."""
        return {
            "text": self.text,
            "attributes": [a.reading_json() for a in self.attributes],
            "unread": [list(span) for span in self.unread],
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Reading:
        """Read what ``to_json`` wrote; raises BadInput on anything else."""
        try:
            return Reading(
                str(data["text"]),
                tuple(Attribute.from_json(a) for a in data["attributes"]),
                tuple(_pair(span) for span in data["unread"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput("description.unreadable", why=str(error)) from error


@dataclass(frozen=True)
class Decision:
    """What the officer made of one attribute as read; no ``outcome`` means dropped."""

    key: Key
    outcome: Attribute | None = None


@dataclass(frozen=True)
class Description:
    """The officer's working copy. Every step returns a new one.

    ``decisions`` remember, by what was read, what the officer confirmed, changed or dropped, so
    that they hold when the text is edited and read again.
    """

    text: str = ""
    attributes: tuple[Attribute, ...] = ()
    unread: tuple[Span, ...] = ()
    language: str = "en"
    decisions: tuple[Decision, ...] = ()

    def with_reading(self, reading: Reading) -> Description:
        """The description after the text was read again.

        Decisions of the officer hold where the attribute is still read; what the officer added,
        or what comes from a picture, stays.
        """
        decided = {d.key: d for d in self.decisions}
        kept: list[Attribute] = []
        for read in reading.attributes:
            decision = decided.get(read.key)
            if decision is None:
                kept.append(read)
            elif decision.outcome is not None:
                kept.append(replace(decision.outcome, span=read.span, text=read.text))
        outcomes = {d.outcome.key for d in self.decisions if d.outcome is not None}
        own = [a for a in self.attributes if a.source != "words" and a.key not in outcomes]
        return replace(self, text=reading.text, unread=reading.unread, attributes=(*kept, *own))

    def confirm(self, index: int) -> Description:
        """One attribute confirmed; IndexError when there is no such one."""
        return self._decided(index, replace(self._at(index), confirmed=True))

    def confirm_all(self) -> Description:
        """Every attribute confirmed."""
        description = self
        for index in range(len(self.attributes)):
            description = description.confirm(index)
        return description

    def change(self, index: int, value: str | tuple[int, int]) -> Description:
        """One attribute given another value by the officer, and with it confirmed."""
        changed = replace(
            self._at(index), value=value, negated=False, source="officer", confirmed=True
        )
        return self._decided(index, changed)

    def drop(self, index: int) -> Description:
        """One attribute taken out."""
        return self._decided(index, None)

    def add(self, attribute: Attribute) -> Description:
        """One attribute more, unless one that says the same is there already."""
        if any(a.key == attribute.key for a in self.attributes):
            return self
        return replace(self, attributes=(*self.attributes, attribute))

    def confirmed_attributes(self) -> tuple[Attribute, ...]:
        """What the officer has confirmed, in order."""
        return tuple(a for a in self.attributes if a.confirmed)

    def to_json(self) -> dict[str, Any]:
        """JSON of everything, decisions included."""
        decisions = [
            {
                "name": d.key[0],
                "value": _value_json(d.key[1]),
                "negated": d.key[2],
                "outcome": None if d.outcome is None else d.outcome.to_json(),
            }
            for d in self.decisions
        ]
        return {
            "text": self.text,
            "language": self.language,
            "attributes": [a.to_json() for a in self.attributes],
            "unread": [list(span) for span in self.unread],
            "decisions": decisions,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Description:
        """Read what ``to_json`` wrote; raises BadInput on anything else."""
        try:
            return Description(
                text=str(data["text"]),
                attributes=tuple(Attribute.from_json(a) for a in data["attributes"]),
                unread=tuple(_pair(span) for span in data.get("unread", ())),
                language=str(data.get("language", "en")),
                decisions=tuple(_decision(d) for d in data.get("decisions", ())),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise BadInput("description.unreadable", why=str(error)) from error

    def _at(self, index: int) -> Attribute:
        if not 0 <= index < len(self.attributes):
            raise IndexError(index)
        return self.attributes[index]

    def _decided(self, index: int, outcome: Attribute | None) -> Description:
        before = self._at(index)
        key = self._read_key(before)
        others = tuple(d for d in self.decisions if d.key != key)
        middle = () if outcome is None else (outcome,)
        attributes = (*self.attributes[:index], *middle, *self.attributes[index + 1 :])
        return replace(self, attributes=attributes, decisions=(*others, Decision(key, outcome)))

    def _read_key(self, attribute: Attribute) -> Key:
        """What was read where the attribute now stands: itself, or what it was changed from."""
        for decision in self.decisions:
            if decision.outcome == attribute:
                return decision.key
        return attribute.key


def _value_json(value: str | tuple[int, int]) -> Any:
    if isinstance(value, str):
        return value
    return value[0] if value[0] == value[1] else list(value)


def _value_from(value: Any) -> str | tuple[int, int]:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return (value, value)
    return _pair(value)


def _pair(value: Any) -> tuple[int, int]:
    low, high = value
    if isinstance(low, bool) or not isinstance(low, int) or not isinstance(high, int):
        raise TypeError(f"{value!r} is not a pair of whole numbers")
    return (low, high)


def _optional(value: Any) -> str | None:
    return None if value is None else str(value)


def _decision(data: Mapping[str, Any]) -> Decision:
    outcome = data.get("outcome")
    key = (str(data["name"]), _value_from(data["value"]), bool(data.get("negated", False)))
    return Decision(key, None if outcome is None else Attribute.from_json(outcome))

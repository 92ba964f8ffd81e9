"""The vocabulary: what can be said of a face, read once from resources/attributes.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.models.errors import BadInput
from app.models.resources import resource

REGIONS = (
    "whole", "hair", "forehead", "eyebrows", "eyes", "nose", "mouth", "cheeks", "jaw", "ears",
    "skin", "accessories",
)  # fmt: skip

Value = str | tuple[int, int]


@dataclass(frozen=True)
class Entry:
    """One attribute of the vocabulary.

    ``values`` is empty for an interval attribute (age), which has ``unit`` and ``bounds`` instead.
    ``single`` says whether two different values contradict each other. ``opposites`` are pairs of
    scale ends; ``middle`` lies between them; ``absent`` is the value that means "has none".
    ``order`` is the place on screen and in reports, from 0.
    """

    name: str
    region: str
    order: int
    values: tuple[str, ...] = ()
    unit: str = ""
    bounds: tuple[int, int] | None = None
    single: bool = True
    opposites: tuple[tuple[str, str], ...] = ()
    middle: str | None = None
    absent: str | None = None
    places: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()

    @property
    def is_interval(self) -> bool:
        """Whether values are intervals of a number (age in years) instead of words."""
        return self.bounds is not None

    def opposite(self, value: str) -> str | None:
        """The other end of the scale, where the value is one end of it."""
        for low, high in self.opposites:
            if value in (low, high):
                return high if value == low else low
        return None

    def accepts(self, value: object) -> bool:
        """Whether the value belongs to this attribute."""
        if self.bounds is None:
            return isinstance(value, str) and value in self.values
        if not isinstance(value, tuple) or len(value) != 2:
            return False
        if not all(isinstance(v, int) and not isinstance(v, bool) for v in value):
            return False
        return bool(self.bounds[0] <= value[0] <= value[1] <= self.bounds[1])


@dataclass(frozen=True)
class CelebaLabel:
    """What one of CelebA's 40 names means here; ``attribute`` is None where it means nothing."""

    name: str
    attribute: str | None = None
    value: Value | None = None
    otherwise: Value | None = None


@dataclass(frozen=True)
class Vocabulary:
    """All entries in the order of display, and CelebA's names."""

    entries: tuple[Entry, ...]
    celeba: tuple[CelebaLabel, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Attribute names in the order of display."""
        return tuple(e.name for e in self.entries)

    def __contains__(self, name: object) -> bool:
        return any(e.name == name for e in self.entries)

    def entry(self, name: str) -> Entry:
        """The entry of that name; raises BadInput ``attribute.unknown``."""
        for entry in self.entries:
            if entry.name == name:
                return entry
        raise BadInput("attribute.unknown", name=name, known=", ".join(self.names))

    def validate(self, name: str, value: object) -> Value:
        """The value, if the attribute can have it; raises BadInput with what it can be.

        For age a number or a list of two numbers is taken as well; the answer is a tuple of two.
        """
        entry = self.entry(name)
        normal = _interval(value) if entry.is_interval else value
        if not entry.accepts(normal):
            known = ", ".join(entry.values) or f"{entry.bounds} {entry.unit}"
            raise BadInput("attribute.bad_value", name=name, value=str(value), known=known)
        assert isinstance(normal, str | tuple)
        return normal

    def opposite(self, name: str, value: str) -> str | None:
        """The other end of the scale of one attribute, if the value is an end of it."""
        return self.entry(name).opposite(value)

    def in_region(self, region: str) -> tuple[Entry, ...]:
        """The entries of one region of the face."""
        return tuple(e for e in self.entries if e.region == region)

    def celeba_label(self, name: str) -> CelebaLabel:
        """What one of CelebA's 40 names means; raises BadInput ``attribute.unknown``."""
        for label in self.celeba:
            if label.name == name:
                return label
        known = ", ".join(label.name for label in self.celeba)
        raise BadInput("attribute.unknown", name=name, known=known)


def load_vocabulary(path: Path | None = None) -> Vocabulary:
    """Read a vocabulary file (None: the one that ships with the program).

    Raises BadInput ``vocabulary.unreadable`` naming the file and what is wrong with it.
    """
    file = resource("attributes.toml") if path is None else path
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        rows = list(data["attribute"].items())
        entries = tuple(_entry(name, order, row) for order, (name, row) in enumerate(rows))
        labels = tuple(_label(name, row) for name, row in data.get("celeba", {}).items())
        read = Vocabulary(entries, labels)
        _check(read)
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise BadInput("vocabulary.unreadable", file=str(file), why=str(error)) from error
    return read


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary that ships with the program, read on first use."""
    return load_vocabulary()


def _entry(name: str, order: int, row: Mapping[str, Any]) -> Entry:
    bounds = row.get("range")
    return Entry(
        name=name,
        region=str(row["region"]),
        order=order,
        values=tuple(str(v) for v in row.get("values", ())),
        unit=str(row.get("unit", "")),
        bounds=None if bounds is None else (int(bounds[0]), int(bounds[1])),
        single=not row.get("multi", False),
        opposites=tuple((str(a), str(b)) for a, b in row.get("opposite", {}).items()),
        middle=row.get("middle"),
        absent=row.get("absent"),
        places=tuple(str(p) for p in row.get("places", ())),
        styles=tuple(str(s) for s in row.get("styles", ())),
    )


def _label(name: str, row: Mapping[str, Any]) -> CelebaLabel:
    value, otherwise = (
        _interval(row[key]) if isinstance(row.get(key), list) else row.get(key)
        for key in ("value", "otherwise")
    )
    return CelebaLabel(name, row.get("attribute"), value, otherwise)


def _interval(value: object) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return (value, value)
    if isinstance(value, list | tuple):
        return tuple(value)
    return value


def _check(read: Vocabulary) -> None:
    for entry in read.entries:
        if entry.region not in REGIONS:
            raise ValueError(f"{entry.name}: unknown region {entry.region}")
        if bool(entry.values) == entry.is_interval:
            raise ValueError(f"{entry.name}: needs either values or a range")
        named = {v for pair in entry.opposites for v in pair} | {entry.middle, entry.absent}
        if strange := named - {None} - set(entry.values):
            raise ValueError(f"{entry.name}: {sorted(map(str, strange))} is not among its values")
    for label in read.celeba:
        if label.attribute is not None:
            for value in (label.value, label.otherwise):
                if value is not None and not read.entry(label.attribute).accepts(value):
                    raise ValueError(f"{label.name}: {label.attribute} cannot be {value}")

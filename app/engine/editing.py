"""Edits by name: slider amounts, years, or vocabulary words, with other things held still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.engine.directions import Direction
from app.engine.keeping import kept
from app.engine.painter import Painter
from app.engine.wishes import Wish, measured_readings, wishes_for
from app.models.attributes import vocabulary
from app.models.description import Attribute
from app.models.errors import BadInput
from app.models.portrait import Recipe

LOOKS = 4  # times a word's amount is corrected by what the attribute net reads


@dataclass(frozen=True)
class Change:
    """One change made: the direction moved, its amount before and after, and the reading after.

    ``reached`` is False where a word's bounds lie beyond the direction's range.
    """

    asked: str
    direction: str
    before: float
    after: float
    reading: float
    reached: bool = True


@dataclass(frozen=True)
class Edited:
    """The edited portrait, what was changed, and how far each held reading moved (linear, in its
    unit), before and after compensation."""

    recipe: Recipe
    changes: tuple[Change, ...]
    held: tuple[tuple[str, float, float], ...] = ()


def edit_recipe(
    painter: Painter, net: Any | None, recipe: Recipe, settings: Sequence[str],
    held: Sequence[str] = (),
) -> Edited:  # fmt: skip
    """Apply ``NAME=VALUE`` settings in order; BadInput names what is not understood.

    NAME is a direction and VALUE its amount (age: years of age, or +10 for a shift), or NAME is an
    attribute of the vocabulary and VALUE one of its words.
    """
    directions = painter.model.directions
    holds = _holds(painter, held)
    editor = _Editor(painter, net, recipe)
    for setting in settings:
        name, separator, value = setting.partition("=")
        if not separator or not name or not value:
            raise BadInput("edit.bad_setting", setting=setting)
        editor.apply(name.strip(), value.strip())
    plain = editor.recipe
    amounts = directions.compensated(dict(plain.edits), [h.name for h in holds])
    compensated = tuple(sorted((n, a) for n, a in amounts.items() if abs(a) > 1e-9))
    final = Recipe.from_json({**plain.to_json(), "edits": [list(e) for e in compensated]})
    final = kept(painter, net, recipe, final, holds)
    changes = tuple(c for c in editor.changes if c.direction not in {h.name for h in holds})
    moves = tuple(
        (h.name, _moved(painter, net, h, recipe, plain), _moved(painter, net, h, recipe, final))
        for h in holds
    )
    return Edited(final, changes, moves)


def _holds(painter: Painter, held: Sequence[str]) -> tuple[Direction, ...]:
    directions = painter.model.directions
    for name in held:
        if not directions.named([name]):
            known = ", ".join(sorted(directions.by_name))
            raise BadInput("direction.unknown", name=name, known=known)
    return directions.named(held)


def _moved(
    painter: Painter, net: Any | None, d: Direction, first: Recipe, second: Recipe
) -> float:  # fmt: skip
    a, b = (_reading(painter, net, r, d) for r in (first, second))
    return round(b - a, 4)


def _reading(painter: Painter, net: Any | None, recipe: Recipe, d: Direction) -> float:
    """A direction's reading: from pixels where the net measures it, else linear."""
    ws = painter.ws_of(recipe)
    if net is not None:
        read = net.read(painter.pixels_of(ws)[None])
        seen = float(measured_readings(net, read, [Wish(d, 0.0, 0.0, 0.0)])[0, 0])
        if np.isfinite(seen):
            return seen
    return float(d.reading(ws.mean(0)))


class _Editor:
    """Applies settings one after the other to a growing recipe."""

    def __init__(self, painter: Painter, net: Any | None, recipe: Recipe) -> None:
        self.painter, self.net, self.recipe = painter, net, recipe
        self.directions = painter.model.directions
        self.changes: list[Change] = []
        painter.ws_of(recipe)  # refuses a foreign recipe before anything is done

    def apply(self, name: str, value: str) -> None:
        """One setting."""
        number = _number(value)
        direction = self.directions.by_name.get(name)
        if direction is not None and number is not None:
            if direction.info.unit == "years":
                self._years(direction, value, number)
            else:
                self._set(f"{name}={value}", direction, number)
            return
        if name in vocabulary():
            self._word(name, value)
            return
        if direction is not None:
            raise BadInput("edit.not_a_number", name=name, value=value)
        self.directions.find(name)  # raises, naming what there is

    def _set(self, asked: str, d: Direction, amount: float, reached: bool = True) -> None:
        if not d.info.low - 1e-9 <= amount <= d.info.high + 1e-9:
            raise BadInput(
                "edit.out_of_range", name=d.name, value=amount, low=d.info.low, high=d.info.high
            )
        before = self.recipe.edit(d.name)
        self.recipe = self.recipe.with_edit(d.name, amount)
        reading = round(self._reading(d), 3)
        self.changes.append(Change(asked, d.name, before, amount, reading, reached))

    def _years(self, d: Direction, value: str, number: float) -> None:
        if value[0] in "+-":
            self._set(f"{d.name}={value}", d, self.recipe.edit(d.name) + number)
            return
        years = round(number)
        self._reach(f"{d.name}={value}", Wish(d, years - 1.0, years + 1.0, number))

    def _word(self, name: str, value: str) -> None:
        number = _number(value)
        entry = vocabulary().entry(name)
        said: Any = value
        if entry.is_interval:
            if number is None:
                raise BadInput("edit.not_a_number", name=name, value=value)
            said = round(number)
        attribute = Attribute(name, vocabulary().validate(name, said))
        wishes, _ = wishes_for([attribute], self.directions)
        if not wishes:
            raise BadInput("edit.no_direction", name=name, value=value)
        for other in self.directions.of_attribute(name):  # blond takes the place of black
            if (
                other.name != wishes[0].direction.name
                and other.info.high_value
                and not other.info.low_value
            ):
                self.recipe = self.recipe.with_edit(
                    other.name, min(0.0, self.recipe.edit(other.name))
                )
        self._reach(f"{name}={value}", wishes[0])

    def _reach(self, asked: str, wish: Wish) -> None:
        """Move one direction until its reading is inside the bounds, or its range ends."""
        d = wish.direction
        start = self.recipe
        amount = start.edit(d.name)
        inside = False
        for _ in range(LOOKS):
            self.recipe = start.with_edit(d.name, amount)
            reading = self._reading(d)
            inside = float(wish.violation(np.array(reading))) == 0.0
            if inside:
                break
            amount = float(np.clip(amount + wish.aim - reading, d.info.low, d.info.high))
        self.recipe = start
        self._set(
            asked, d, round(amount, 4), inside or not wish.violation(np.array(self._at(d, amount)))
        )

    def _at(self, d: Direction, amount: float) -> float:
        kept, self.recipe = self.recipe, self.recipe.with_edit(d.name, amount)
        reading = self._reading(d)
        self.recipe = kept
        return reading

    def _reading(self, d: Direction) -> float:
        """The direction's reading of the recipe as it now is."""
        return _reading(self.painter, self.net, self.recipe, d)


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if np.isfinite(number) else None

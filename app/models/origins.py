"""Where each feature of a portrait comes from: said, chosen, put on, or made up by the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.models.description import Attribute
from app.models.overlay import Overlay
from app.models.overlay_catalogue import catalogue
from app.models.portrait import Recipe
from app.models.region import LocalEdit
from app.models.session import Session


@dataclass(frozen=True)
class Origins:
    """Kept apart, as the report keeps them.

    ``said``: confirmed attributes. ``picks``: faces that the witness picked, over how many answered
    ``arrays``. ``moved``: (direction, amount) over the whole face; ``local``: within a part;
    ``put_on``: what lies on top. ``invented``: attributes that nobody said, moved or put on.
    """

    said: tuple[Attribute, ...]
    picks: int
    arrays: int
    moved: tuple[tuple[str, float], ...]
    local: tuple[LocalEdit, ...]
    put_on: tuple[Overlay, ...]
    invented: tuple[str, ...]


def origins_of(
    session: Session, vocabulary: Sequence[str], directions: Mapping[str, str]
) -> Origins:
    """Of the present portrait. ``directions``: the attribute that each direction moves."""
    said = session.description.confirmed_attributes()
    recipe = session.portrait
    touched = {a.name for a in said} | (touched_by(recipe, directions) if recipe else set())
    rounds = session.answered_rounds
    return Origins(
        said=said,
        picks=sum(len(r.picks) for r in rounds),
        arrays=len(rounds),
        moved=recipe.edits if recipe else (),
        local=tuple(e for e in recipe.local if e.edits) if recipe else (),
        put_on=recipe.overlays if recipe else (),
        invented=tuple(name for name in vocabulary if name not in touched),
    )


def touched_by(recipe: Recipe, directions: Mapping[str, str]) -> set[str]:
    """Attributes that were moved, in the whole face or in a part, or put on."""
    names = [name for name, _ in recipe.edits]
    names += [name for local in recipe.local for name, _ in local.edits]
    known = catalogue()
    worn = {known[o.name].attribute for o in recipe.overlays if o.name in known}
    return {directions.get(name, name) for name in names} | worn


def added_json(recipe: Recipe) -> list[dict[str, object]]:
    """What lies on a portrait, for the record: each overlay with the word that it shows."""
    known, out = catalogue(), list[dict[str, object]]()
    for overlay in recipe.overlays:
        entry = known.get(overlay.name)
        word = {"attribute": entry.attribute, "value": entry.value} if entry else {}
        out.append({**overlay.to_json(), **word})
    return out

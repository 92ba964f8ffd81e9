"""The order of the sliders: favourites first, then by region, the whole face before its parts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from app.engine.api import DirectionInfo
from app.views import terms
from app.views.translation import tr

FAVOURITES = "favourites"


def grouped(
    directions: Sequence[DirectionInfo], favourites: Sequence[str] = ()
) -> list[tuple[str, list[DirectionInfo]]]:
    """(region, directions), whole face first; holistic ones belong to the whole face.

    ``favourites`` (names) stand in a group of their own at the top, and only there.
    """

    def region(direction: DirectionInfo) -> str:
        return "whole" if direction.holistic else direction.region

    chosen = [d for d in directions if d.name in favourites]
    others = [d for d in directions if d.name not in favourites]
    ordered = sorted(others, key=lambda d: (terms.region_order(region(d)), region(d)))
    groups = [(name, list(group)) for name, group in groupby(ordered, key=region)]
    return [(FAVOURITES, chosen), *groups] if chosen else groups


def group_label(name: str) -> str:
    """The heading of a group."""
    return tr("Favourites") if name == FAVOURITES else terms.region_label(name)

"""The closed list of what may ever appear on the witness's screen; a test explores and checks it.

Anything that is not here does not belong there: no name, score, note, number, file name, tooltip,
notification, and no face before its array is whole and in the case file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.views.translation import tr

MOST_FACES = 18


@dataclass(frozen=True)
class Scene:
    """One state of the screen: how many faces at most, and which buttons."""

    faces: int
    buttons: tuple[str, ...]


SCENES: Mapping[str, Scene] = {
    "blank": Scene(0, ()),  # between two arrays, and while no face belongs on the table
    "curtain": Scene(0, ()),  # the officer's key: neutral grey at once
    "rest": Scene(0, ("go_on",)),  # the witness asked for a break
    "array": Scene(MOST_FACES, ("this_one", "none", "not_sure", "break")),
    "portrait": Scene(1, ("this_one", "break")),
    "look": Scene(1, ("break",)),
}


def button_words(key: str, picks: int = 0) -> str:
    """What stands on a button: nothing else is ever written on the screen."""
    if key == "this_one" and picks > 1:
        return tr("These")
    return {
        "this_one": tr("This one"), "none": tr("None of these"), "not_sure": tr("Not sure"),
        "break": tr("Break"), "go_on": tr("Go on"),
    }[key]  # fmt: skip


def all_words() -> frozenset[str]:
    """Every word that may be read there, in the present language."""
    keys = {key for scene in SCENES.values() for key in scene.buttons}
    return frozenset({button_words(key) for key in keys} | {button_words("this_one", 2)})

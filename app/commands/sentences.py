"""The command line's words for each error code: what is wrong and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from app.models.errors import PortraitError

SENTENCES: dict[str, str] = {
    "cancelled": "stopped on request",
    "case.missing": "{file}: there is no such case file; check the path, or start without one",
    "display.none": (
        "no screen was found (neither DISPLAY nor WAYLAND_DISPLAY is set); start it from a desktop "
        "session, or use the commands (portrait-parle --help), which need no screen"
    ),
    "display.unreachable": (
        "the screen {display} does not answer; start it from a desktop session, or use the "
        "commands (portrait-parle --help), which need no screen"
    ),
    "display.libraries": (
        "system libraries that the window needs are missing: {missing}; "
        "on Debian: apt-get install {packages}"
    ),
    "package.missing": "the Python package {package} is not installed; run: python3 run.py",
    "resource.missing": (
        "{file}: a file that ships with the program is missing; get a whole copy of it, or set "
        "{variable} to the folder of its resources"
    ),
}


def sentence(error: PortraitError) -> str:
    """One line for the officer's terminal; unknown codes show the code with its facts."""
    template = SENTENCES.get(error.code)
    return template.format_map(_Facts(error.facts)) if template else str(error)


class _Facts(dict[str, object]):
    """Facts for a template; a fact that was not given shows as a question mark."""

    def __init__(self, facts: Mapping[str, object]) -> None:
        super().__init__(facts)

    def __missing__(self, key: str) -> str:
        return "?"

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
    """One line for the officer's terminal, naming the file where the facts have one.

    Codes that the command line has no words of its own for are said in the window's words; codes
    that nobody knows show themselves with their facts.
    """
    template = SENTENCES.get(error.code)
    text = template.format_map(_Facts(error.facts)) if template else _said_by_the_window(error)
    file = str(error.facts.get("file", ""))
    return f"{file}: {text}" if file and file not in text else text


def _said_by_the_window(error: PortraitError) -> str:
    try:
        from app.views.sentences import known_problems, problem_sentence
    except ImportError:  # no Qt on this machine
        return str(error)
    if error.code not in known_problems():
        return str(error)
    return " ".join(problem_sentence(error))


class _Facts(dict[str, object]):
    """Facts for a template; a fact that was not given shows as a question mark."""

    def __init__(self, facts: Mapping[str, object]) -> None:
        super().__init__(facts)

    def __missing__(self, key: str) -> str:
        return "?"

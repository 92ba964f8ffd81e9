"""Fetching for the window, in a process of its own: ending the process is the cancel button.

``python -m app.engine.fetching.process NAME [--file FILE] [--url URL]``, started only after the
licence was accepted. stdout, one JSON object a line: ``{"event": "progress", "done", "total"}``,
then ``{"event": "done", "folder"}`` or ``{"event": "problem", "code", "facts"}``. ``--list``
uses no network: ``{"event": "list", "installed": [names], "speech": {language: name}}``, the
latter being the recogniser that dictation would use (empty: none, or the built-in one).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from app.models.errors import PortraitError

EVERY_S = 0.1


def main() -> int:
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    parser = argparse.ArgumentParser()
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--file", type=Path)
    parser.add_argument("--url", default="")
    options = parser.parse_args()
    last = [0.0]

    def say(**message: Any) -> None:
        out.write(json.dumps(message) + "\n")
        out.flush()

    def report(done: int, total: int) -> None:
        if done == total or time.monotonic() - last[0] >= EVERY_S:
            last[0] = time.monotonic()
            say(event="progress", done=done, total=total)

    os.umask(0o077)
    try:
        from app.engine.fetching.install import fetch
        from app.models.offers import find_offer

        if options.list:
            say(event="list", **_present())
            return 0
        folder = fetch(find_offer(options.name), report, url=options.url, given=options.file)
    except PortraitError as error:
        facts = {key: str(value) for key, value in error.facts.items()}
        say(event="problem", code=error.code, facts=facts)
        return 3
    say(event="done", folder=str(folder))
    return 0


def _present() -> dict[str, Any]:
    from app.engine.fetching.install import is_installed
    from app.engine.speech.vosk_models import find_vosk_model
    from app.models.offers import offers

    known = offers()
    found = {o.language: find_vosk_model(o.language) for o in known if o.kind == "speech"}
    names = {language: model.folder.name if model else "" for language, model in found.items()}
    return {"installed": [o.name for o in known if is_installed(o)], "speech": names}


if __name__ == "__main__":
    sys.exit(main())

"""Fetching for the window, in a process of its own: ending the process is the cancel button.

``python -m app.engine.fetching.process NAME [--file FILE] [--url URL]``, started only after the
licence was accepted. stdout, one JSON object a line: ``{"event": "progress", "done", "total"}``,
then ``{"event": "done", "folder"}`` or ``{"event": "problem", "code", "facts"}``.
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
    parser.add_argument("name")
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

        folder = fetch(find_offer(options.name), report, url=options.url, given=options.file)
    except PortraitError as error:
        facts = {key: str(value) for key, value in error.facts.items()}
        say(event="problem", code=error.code, facts=facts)
        return 3
    say(event="done", folder=str(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())

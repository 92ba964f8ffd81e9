"""Reading a note in a process of its own.

``python -m app.engine.notes.process IMAGE PAGE.png LANGUAGE`` writes the straightened page and
prints one JSON object: the note as ``Note.to_json`` gives it, or the ``{"code": ...}`` of a
refusal.
"""

from __future__ import annotations

import json
import os
import sys

from app.models.errors import PortraitError


def main() -> int:
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries print where they like
    path, page_path, language = sys.argv[1:]
    try:
        from app.engine.notes.reader import read_note, write_page

        note, page = read_note(path, language)
        write_page(page_path, page)
        answer = note.to_json()
    except PortraitError as error:
        answer = {"code": error.code}
    json.dump(answer, out)
    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())

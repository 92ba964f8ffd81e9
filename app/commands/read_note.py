"""``read-note IMAGE``: photographed handwriting or print to text."""

from __future__ import annotations

import argparse
from typing import Any


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json

    parser = subparsers.add_parser(
        "read-note",
        help="photographed handwriting or print -> text",
        description="Read a photographed or scanned note (JPEG or PNG), offline. Words that were "
        "put right with the face lexicon are listed with what was read.",
    )
    parser.add_argument("image", metavar="IMAGE", help="JPEG or PNG")
    parser.add_argument("--language", choices=("en", "fr"), default="en")
    parser.add_argument("--as-read", action="store_true", help="put no word right")
    parser.add_argument("--page", metavar="PNG", help="also write the straightened page")
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the text, or everything with ``--json``."""
    from app.commands.output import emit, progress
    from app.engine.notes.reader import read_note, write_page

    progress("reading the note")
    note, page = read_note(args.image, args.language, repair=not args.as_read)
    if args.page:
        write_page(args.page, page)
    return emit(args, note.to_json(), note.text.splitlines())

"""``models fetch``: the pinned list, the licence first, then a verified model in its place."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

YES = ("yes", "y", "oui", "o")


def add_fetch(actions: Any) -> argparse.ArgumentParser:
    """Add the action's parser to ``models``."""
    parser: argparse.ArgumentParser = actions.add_parser(
        "fetch",
        help="fetch a model of the pinned list (the only command that uses a network)",
        description="Without NAME: what can be fetched. With NAME: shows the licence, and after it "
        "was accepted downloads the file, goes on where an earlier try broke off, checks size and "
        "SHA-256, and puts the model where the program finds it. Ctrl+C stops; run again to go on.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.add_argument("--accept", action="store_true", help="accept the licence without asking")
    parser.add_argument(
        "--file", type=Path, metavar="FILE", help="the file itself, brought by hand: no network"
    )
    parser.add_argument(
        "--from", dest="url", metavar="URL", default="",
        help="another place of the same file, such as a mirror of your own (https)",
    )  # fmt: skip
    return parser


def run_fetch(args: argparse.Namespace) -> int:
    """List the offers, or fetch one."""
    if not args.name:
        return _list(args)
    from app.commands.output import emit, progress
    from app.engine.fetching.install import fetch, is_installed, place_of
    from app.models.errors import BadInput
    from app.models.offers import find_offer

    offer = find_offer(args.name)
    if not offer.is_pinned:
        raise BadInput("fetch.not_pinned", name=offer.name)
    was_there = is_installed(offer)
    if not was_there:
        _need_consent(offer, args.accept)

    def show(done: int, total: int) -> None:
        progress(f"{offer.name}, MB", done // 10**6, total // 10**6)

    folder = place_of(offer) if was_there else fetch(offer, show, url=args.url, given=args.file)
    result = {
        "name": offer.name, "kind": offer.kind, "folder": str(folder), "sha256": offer.sha256,
        "licence": offer.licence, "was_there": was_there,
    }  # fmt: skip
    return emit(args, result, [f"{offer.name}: {'is' if was_there else 'now'} in {folder}"])


def _list(args: argparse.Namespace) -> int:
    from app.commands.output import emit
    from app.engine.fetching.install import is_installed
    from app.models.offers import offers

    rows = [
        {
            "name": o.name, "kind": o.kind, "language": o.language, "title": o.title, "by": o.by,
            "size": o.size, "sha256": o.sha256 or None, "licence": o.licence, "url": o.url,
            "pinned_by": o.pinned_by, "installed": is_installed(o),
        }
        for o in offers()
    ]  # fmt: skip
    lines = [
        f"{r['name']:<30} {r['kind']:<7} {-(-int(str(r['size'])) // 10**6):>4} MB  "
        f"{'installed' if r['installed'] else r['licence']}"
        for r in rows
    ]
    return emit(args, {"models": rows}, lines)


def _need_consent(offer: Any, accepted: bool) -> None:
    from app.models.errors import BadInput

    print(offer.licence_text(), file=sys.stderr)
    print(f"{offer.name}, by {offer.by}: {offer.licence}", file=sys.stderr, flush=True)
    if accepted:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise BadInput("fetch.not_accepted", name=offer.name)
    print(f"Fetch {offer.megabytes} MB under this licence? Type yes: ", end="", file=sys.stderr)
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in YES:
        raise BadInput("fetch.not_accepted", name=offer.name)

"""portrait-parle verify BUNDLE: the independent check of a sealed export."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from app.commands.output import EXIT_OK, EXIT_REFUSED, add_json, emit


def register(subparsers: Any) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        "verify",
        help="check a sealed export independently",
        description="Check a bundle (folder or zip) against resources/formats/bundle.md: its "
        "files, the chain of events, the marks in the pictures. Exit 0: good; 3: not.",
    )
    parser.add_argument("bundle", metavar="BUNDLE", type=Path)
    parser.add_argument("--head", metavar="HEX", help="64 hex digits as printed or noted")
    parser.add_argument("--words", metavar="WORDS", help="eight words as printed or noted, quoted")
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check, print each file and the chain, and say good or not."""
    from app.commands.verifier.report import look_for_noted, verify

    answer = verify(args.bundle)
    if args.head or args.words:
        look_for_noted(answer, args.head or "", args.words or "")
    data = {k: value for k, value in vars(answer).items() if k != "hashes"}
    emit(args, {**data, "good": answer.good}, _lines(answer))
    if answer.good:
        return EXIT_OK
    more = f" (and {len(answer.problems) - 1} more)" if len(answer.problems) > 1 else ""
    print(f"portrait-parle: {args.bundle}: refused: {answer.problems[0]}{more}", file=sys.stderr)
    return EXIT_REFUSED


def _lines(answer: Any) -> list[str]:
    results = {**answer.files, "chain": answer.chain}
    lines = [
        f"good {name}" if result == "good" else f"BAD  {name}: {result}"
        for name, result in results.items()
    ]
    lines += [f"BAD  {problem}" for problem in answer.problems]
    if answer.good:
        lines.append(f"printed words: {' '.join(answer.printed['words'])}")
        lines.append(f"printed head:  {answer.printed['head']}")
        lines.append(_noted(answer.noted) or answer.unseen)
    return lines


def _noted(noted: dict[str, int]) -> str:
    if not noted:
        return ""
    return f"the noted head is event {noted['event']}; {noted['events_after']} came after it"

"""A passphrase comes from a prompt or a file descriptor, never from the command line itself."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Sequence

from app.models.errors import BadInput
from app.models.passphrase import passphrase_fault
from app.models.seal import ADVISED_PASSPHRASE

LIMIT = 4096
WEAK = {
    "short": f"it has fewer than {ADVISED_PASSPHRASE} characters",
    "repeated": "it is the same few characters again and again",
    "row": "it is keys in a row",
    "known": "it stands on the file's cover",
}


def add_passphrase(parser: argparse.ArgumentParser) -> None:
    """Give a command's parser ``--passphrase-fd``."""
    parser.add_argument(
        "--passphrase-fd",
        type=int,
        metavar="N",
        help="read the passphrase's line from file descriptor N (0: stdin) instead of asking",
    )


def read_passphrase(
    args: argparse.Namespace, *, new: bool = False, known: Sequence[str] = ()
) -> str:
    """The passphrase; a new one is asked for twice at a terminal. BadInput for none.

    A new one that is easy to guess is refused at a terminal (``case.weak_passphrase``), and only
    warned about where a program hands it over. ``known``: what stands on the file's cover.
    """
    if args.passphrase_fd is not None:
        text = _line_of(args.passphrase_fd)
    elif sys.stdin.isatty():
        text = _asked(new)
    else:
        text = _line_of(sys.stdin.fileno())
    if not text:
        raise BadInput("case.no_passphrase")
    fault = passphrase_fault(text, known) if new else ""
    if fault and args.passphrase_fd is None and sys.stdin.isatty():
        raise BadInput("case.weak_passphrase", why=WEAK[fault])
    if fault:  # a program gave it: it is the program's own business, but said
        print(f"portrait-parle: this passphrase is weak: {WEAK[fault]}", file=sys.stderr)
    return text


def _asked(new: bool) -> str:
    try:
        text = getpass.getpass("Passphrase: ")
        if new and getpass.getpass("The same again: ") != text:
            raise BadInput("case.passphrases_differ")
    except EOFError:
        return ""
    return text


def _line_of(descriptor: int) -> str:
    data = b""
    try:
        while b"\n" not in data and len(data) < LIMIT:
            more = os.read(descriptor, LIMIT)
            if not more:
                break
            data += more
    except OSError as error:
        raise BadInput("case.bad_descriptor", descriptor=descriptor, why=str(error)) from error
    try:
        return data.split(b"\n")[0].removesuffix(b"\r").decode()
    except UnicodeDecodeError as error:
        raise BadInput("case.passphrase_not_text") from error

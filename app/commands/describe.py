"""``portrait-parle describe``: words to attributes, with spans, negation and certainty."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from app.commands.output import add_json, emit
from app.models.errors import BadInput

if TYPE_CHECKING:
    from app.models.description import Attribute, Reading

LONGEST_TEXT = 200_000  # characters; an hour of speech is about 50,000
LANGUAGES = ("en", "fr")


def register(subparsers: Any) -> None:
    """Add this command's parser."""
    parser = subparsers.add_parser(
        "describe",
        help="words -> attributes, with spans, negation and certainty",
        description="Read the attributes of a face from a witness's words.",
    )
    parser.add_argument("text", metavar="TEXT|-", help="the words; - reads them from stdin")
    parser.add_argument(
        "--language", choices=LANGUAGES, default="en", help="language of the words (default: en)"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print what was read; raises BadInput for an empty, endless or undecodable text."""
    from app.engine.language import describe

    reading = describe(_text(args.text), args.language)
    return emit(args, reading.to_json(), _lines(reading))


def _text(argument: str) -> str:
    text = _from_stdin() if argument == "-" else argument
    text = text.removeprefix("\ufeff")
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise BadInput("describe.not_text", where="stdin" if argument == "-" else "TEXT")
    if not text.strip():
        raise BadInput("describe.empty", where="stdin" if argument == "-" else "TEXT")
    if len(text) > LONGEST_TEXT:
        raise BadInput("describe.too_long", characters=len(text), most=LONGEST_TEXT)
    return text


def _from_stdin() -> str:
    data = sys.stdin.buffer.read(4 * LONGEST_TEXT + 1)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(data) > 4 * LONGEST_TEXT:
            return " " + "x" * (LONGEST_TEXT + 1)  # cut in the middle of a character: too long
        raise BadInput("describe.not_text", where="stdin") from error


def _lines(reading: Reading) -> Iterator[str]:
    if not reading.attributes:
        yield "nothing was read from these words"
    for attribute in reading.attributes:
        yield _line(attribute)
    for start, end in reading.unread:
        yield f"{'not understood':<18} “{reading.text[start:end]}”"


def _line(attribute: Attribute) -> str:
    value = attribute.value
    shown = value.replace("_", " ") if isinstance(value, str) else _years(value)
    notes = [attribute.style, attribute.where, attribute.side]
    notes += ["doubtful"] if attribute.certainty == "doubtful" else []
    said = ", ".join(note.replace("_", " ") for note in notes if note and note != "unspecified")
    negation = "not " if attribute.negated else ""
    extra = f" ({said})" if said else ""
    return f"{attribute.name.replace('_', ' '):<18} {negation}{shown}{extra}  “{attribute.text}”"


def _years(value: tuple[int, int]) -> str:
    low, high = value
    return str(low) if low == high else f"{low} to {high}"

"""``transcribe WAV``: speech to text, with times and confidence of every word."""

from __future__ import annotations

import argparse
from typing import Any


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json

    parser = subparsers.add_parser(
        "transcribe",
        help="speech in a sound file -> text",
        description="Read the words of a PCM WAV or FLAC file, offline. Uses a vosk model where "
        "one is found, else the weaker recogniser that ships with the program (English only).",
    )
    parser.add_argument("wav", metavar="WAV", help="PCM WAV or FLAC, any rate and channel count")
    parser.add_argument("--language", choices=("en", "fr"), default="en")
    parser.add_argument("--model", metavar="FOLDER", default="", help="a vosk model folder")
    parser.add_argument(
        "--free", action="store_true", help="any words, not only those that describe faces"
    )
    parser.add_argument(
        "--embedded", action="store_true", help="the recogniser that ships with the program"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the text, or everything with ``--json``."""
    from app.commands.output import emit, progress
    from app.engine.speech.transcribe import SpeechOptions, transcribe

    options = SpeechOptions(args.language, args.model, args.free, args.embedded)

    def show(done: float, total: float) -> None:
        if total > 20:
            progress("seconds heard", min(round(done), round(total)), round(total))

    heard = transcribe(args.wav, options, show)
    return emit(args, heard.to_json(), [heard.text])

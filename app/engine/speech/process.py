"""The recogniser's own process: sound comes on stdin, lines of JSON go to stdout.

``python -m app.engine.speech.process [--language L] [--model FOLDER] [--prefer FOLDER]
[--free] [--embedded] [--offset SECONDS]``. ``--prefer``: a model folder that is used if it is of
that language. stdin: blocks, each a little-endian uint32 length and that many bytes of
16 kHz mono int16; length 0 ends the recording. stdout, one JSON object a line: ``{"event":
"ready", "recogniser", "biased"}``, ``{"event": "partial", "text"}``, ``{"event": "words",
"words"}``, ``{"event": "heard", "seconds"}`` after every block, ``{"event": "end"}``, or
``{"event": "problem", "code", "facts"}``. Libraries that write to stdout are sent to stderr.
"""

from __future__ import annotations

import argparse
import json
import os
import struct
import sys
from typing import Any, TextIO

from app.models.errors import PortraitError

BLOCK = struct.Struct("<I")
MOST = 2**22


def main() -> int:
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # Kaldi and its friends print where they like
    options = _options()
    try:
        _listen(options, out)
    except PortraitError as error:
        facts = {key: str(value) for key, value in error.facts.items()}
        _say(out, event="problem", code=error.code, facts=facts)
        return 3
    except BrokenPipeError:
        os._exit(0)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--language", default="en")
    parser.add_argument("--model", default="")
    parser.add_argument("--prefer", default="")
    parser.add_argument("--free", action="store_true")
    parser.add_argument("--embedded", action="store_true")
    parser.add_argument("--offset", type=float, default=0.0)
    return parser.parse_args()


def _listen(options: argparse.Namespace, out: TextIO) -> None:
    from app.engine.speech.listener import Listener, open_recogniser
    from app.engine.speech.vosk_models import listens_in

    chosen = options.model
    if not chosen and options.prefer and listens_in(options.prefer, options.language):
        chosen = options.prefer
    recogniser = open_recogniser(options.language, chosen, options.free, options.embedded)
    listener = Listener(recogniser, options.offset)
    _say(out, event="ready", recogniser=recogniser.name, biased=recogniser.biased)
    source = sys.stdin.buffer
    while len(head := source.read(BLOCK.size)) == BLOCK.size:
        size = BLOCK.unpack(head)[0]
        if size == 0 or size > MOST or size % 2 or len(pcm := source.read(size)) != size:
            break
        for event in listener.feed(pcm):
            _tell(out, event)
        _say(out, event="heard", seconds=round(listener.seconds, 3))
    for event in listener.finish():
        _tell(out, event)
    _say(out, event="end")


def _tell(out: TextIO, event: Any) -> None:
    from app.engine.speech.listener import Partial

    if isinstance(event, Partial):
        _say(out, event="partial", text=event.text)
    else:
        _say(out, event="words", words=[word.to_json() for word in event.words])


def _say(out: TextIO, **message: Any) -> None:
    out.write(json.dumps(message) + "\n")
    out.flush()


if __name__ == "__main__":
    sys.exit(main())

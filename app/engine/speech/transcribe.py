"""A sound file to words: the decoding process feeds the recogniser's process, block by block."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from app.engine.media.decode import ROOT, SoundFile, open_sound
from app.engine.speech.process import BLOCK
from app.models.errors import BadInput, PortraitError
from app.models.speech import Transcript, Word, words_from_json

BLOCK_BYTES = 6400  # 0.2 s


@dataclass(frozen=True)
class SpeechOptions:
    """Which recogniser: ``model`` a vosk folder (empty: look in the usual places); ``free`` not
    biased to face words; ``embedded`` the one that ships with the program, whatever is found."""

    language: str = "en"
    model: str = ""
    free: bool = False
    embedded: bool = False

    def arguments(self, offset: float = 0.0) -> list[str]:
        """The command line of the recogniser's process, without the interpreter."""
        flags = ["--free"] * self.free + ["--embedded"] * self.embedded
        named = ["--language", self.language, "--model", self.model, "--offset", str(offset)]
        return ["-m", "app.engine.speech.process", *named, *flags]


def transcribe(
    path: Path | str,
    options: SpeechOptions = SpeechOptions(),
    on_progress: Callable[[float, float], None] | None = None,
) -> Transcript:
    """The words of a PCM WAV or FLAC file of any rate, channel count and length.

    ``on_progress`` gets seconds done and seconds in all. Memory stays bounded. BadInput
    ``media.*`` for the file, ``speech.*`` for the recogniser.
    """
    with open_sound(path) as sound, _Process(options) as process:
        ready = process.wait_for("ready")
        feeder = threading.Thread(target=_feed, args=(sound, process), name="sound feeder")
        feeder.start()
        words: list[Word] = []
        try:
            for message in process.messages():
                if message["event"] == "words":
                    words += words_from_json(message["words"])
                elif message["event"] == "heard" and on_progress:
                    on_progress(float(message["seconds"]), sound.seconds)
        finally:
            process.kill()
            feeder.join()
    if process.refusal is not None:
        raise process.refusal
    return Transcript(tuple(words), str(ready["recogniser"]))


def _feed(sound: SoundFile, process: _Process) -> None:
    try:
        for pcm, _ in sound.blocks():
            for at in range(0, len(pcm), BLOCK_BYTES):
                process.send(pcm[at : at + BLOCK_BYTES])
        process.send(b"")
    except PortraitError as error:
        process.refusal = error
        process.kill()
    except (OSError, ValueError):
        return  # the recogniser is gone; whoever reads from it says so


class _Process:
    """The recogniser's process as its parent sees it."""

    def __init__(self, options: SpeechOptions) -> None:
        self.refusal: PortraitError | None = None
        self._popen = subprocess.Popen(
            [sys.executable, *options.arguments()],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=ROOT, start_new_session=True,
        )  # fmt: skip

    def __enter__(self) -> _Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        for pipe in (self._popen.stdin, self._popen.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except OSError:
                continue  # sound that was still on its way
        self._popen.wait()

    def kill(self) -> None:
        """End it at once; what it said before stays readable."""
        self._popen.kill()

    def send(self, pcm: bytes) -> None:
        """Give it a block; empty: the recording is over. OSError when it is gone."""
        pipe: IO[bytes] | None = self._popen.stdin
        assert pipe is not None
        pipe.write(BLOCK.pack(len(pcm)) + pcm)
        pipe.flush()

    def wait_for(self, event: str) -> dict[str, Any]:
        """The first message of a kind."""
        return next(m for m in self.messages() if m["event"] == event)

    def messages(self) -> Iterator[dict[str, Any]]:
        """What it says until its ``end``; BadInput ``speech.died`` if it goes without one."""
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            message: dict[str, Any] = json.loads(line)
            if message["event"] == "end":
                return
            if message["event"] == "problem":
                raise BadInput(message["code"], **message["facts"])
            yield message
        if self.refusal is not None:
            raise self.refusal
        raise BadInput("speech.died")

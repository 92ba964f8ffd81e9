"""Speech that the toy vosk models understand, and a microphone that plays it."""

from __future__ import annotations

import importlib.util
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

BLOCK = 3200  # bytes, 0.1 s


def toy(shared_data: Path) -> ModuleType:
    """The module that speaks in tones and knows the toy models' words."""
    spec = importlib.util.spec_from_file_location(
        "toy", shared_data / "vosk-toy" / "vosk_toy_model.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tones(shared_data: Path, text: str) -> bytes:
    """16 kHz mono int16 of a sentence in tones."""
    module = toy(shared_data)
    spoken: bytes = module.speak(text.split(), module.LEX)
    return spoken


class PlayingMicrophone:
    """Opens streams that give the same sound, block by block, then silence."""

    def __init__(self, pcm: bytes, pace_s: float = 0.005) -> None:
        self.pcm, self.pace_s = pcm, pace_s
        self.at = 0
        self.opened = 0

    def __call__(self, take: Callable[[bytes], None]) -> PlayingMicrophone:
        self.take = take
        return self

    def start(self) -> None:
        self.opened += 1
        self.going = True
        self.thread = threading.Thread(target=self.run, name="fake microphone")
        self.thread.start()

    def run(self) -> None:
        while self.going:
            block = self.pcm[self.at : self.at + BLOCK]
            self.at += len(block)
            self.take(block.ljust(BLOCK, b"\0"))
            time.sleep(self.pace_s)

    def stop(self) -> None:
        self.going = False
        self.thread.join()

    def close(self) -> None:
        pass

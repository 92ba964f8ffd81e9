"""The speech gate: only what stands out from the room and sounds like a voice is recognised."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

RATE = 16000
FRAME = 480  # 30 ms, one of the lengths that the voice detector takes
FRAME_BYTES = 2 * FRAME
FRAME_S = FRAME / RATE
ABOVE_ROOM_DB = 6.0
CLEARLY_ABOVE_DB = 18.0  # loud enough to be let in whatever the voice detector says
NOISY_DB = -55.0  # of full scale; a quiet room with a close microphone stays below
QUIET_DB = -62.0  # of full scale; below this nobody speaks into a microphone
SECOND, ROOM_WINDOW = 33, 330  # frames: 1 s and 10 s
ROOM_SHARE = 0.1
FIRST_ROOM_DB = -45.0  # what a room is taken for until a second of it was heard
OPEN_AFTER, OPEN_OF = 4, 8
PREROLL = 14  # frames kept from before the opening, 0.4 s
CLOSE_AFTER = 24  # frames without a voice, 0.7 s
LONG_S, LONGEST_S = 14.0, 24.0  # past LONG_S a shorter pause is enough
LIVELY_DB = 7.0  # a voice rises and falls at least so much; steady noise does not


@dataclass(frozen=True)
class Opened:
    """Speech seems to begin at ``start`` seconds; ``pcm`` is what was said so far; ``noisy`` tells
    whether the room is so loud that its noise should be taken away first."""

    start: float
    pcm: bytes
    noisy: bool = False


@dataclass(frozen=True)
class Spoken:
    """The next samples of the speech that is going on."""

    pcm: bytes


@dataclass(frozen=True)
class Closed:
    """The speech ended; ``lively`` is False for sound that never rose and fell as voices do."""

    end: float
    lively: bool


GateEvent = Opened | Spoken | Closed


class SpeechGate:
    """Cuts 16 kHz mono int16 sound into stretches of speech, as it comes.

    Voice detector: WebRTC's, as pocketsphinx carries it. The room's level is the tenth percentile
    of the last ten seconds.
    """

    def __init__(self) -> None:
        from pocketsphinx import Vad

        self._vad = Vad(2, RATE, FRAME_S)
        self._rest = b""
        self._frames = 0
        self._room: deque[float] = deque(maxlen=ROOM_WINDOW)
        self._recent: deque[bool] = deque(maxlen=OPEN_OF)
        self._before: deque[bytes] = deque(maxlen=PREROLL)
        self._levels: list[float] = []
        self._silent = 0
        self._open = False

    @property
    def seconds(self) -> float:
        """How much sound was fed."""
        return (self._frames * FRAME + len(self._rest) // 2) / RATE

    @property
    def is_noisy(self) -> bool:
        """Whether the room, heard for a second at least, has noise that a recogniser minds."""
        return len(self._room) >= SECOND and self._room_level() > NOISY_DB

    def feed(self, pcm: bytes) -> Iterator[GateEvent]:
        """Take more sound; yields what it means for the recogniser."""
        data = self._rest + pcm
        whole = len(data) // FRAME_BYTES * FRAME_BYTES
        self._rest = data[whole:]
        for at in range(0, whole, FRAME_BYTES):
            yield from self._frame(data[at : at + FRAME_BYTES])

    def finish(self) -> Iterator[GateEvent]:
        """The sound is over; closes what is open."""
        if self._open:
            if rest := self._rest[: len(self._rest) // 2 * 2]:
                yield Spoken(rest)
            yield self._close()

    def _frame(self, frame: bytes) -> Iterator[GateEvent]:
        level = level_db(frame)
        voiced = self._is_voice(frame, level)
        self._room.append(level)
        self._frames += 1
        if self._open:
            yield Spoken(frame)
            self._levels.append(level)
            self._silent = 0 if voiced else self._silent + 1
            if self._silent >= self._patience():
                yield self._close()
            return
        self._before.append(frame)
        self._recent.append(voiced)
        if sum(self._recent) >= OPEN_AFTER:
            yield self._opened()

    def _is_voice(self, frame: bytes, level: float) -> bool:
        above = level - self._room_level()
        if level < QUIET_DB or above < ABOVE_ROOM_DB:
            return False
        return above >= CLEARLY_ABOVE_DB or bool(self._vad.is_speech(frame))

    def _room_level(self) -> float:
        if len(self._room) < SECOND:
            return min([FIRST_ROOM_DB, *self._room])
        return float(np.quantile(np.fromiter(self._room, float), ROOM_SHARE))

    def _patience(self) -> int:
        long = len(self._levels) * FRAME_S
        if long >= LONGEST_S:
            return 0
        return CLOSE_AFTER // 3 if long >= LONG_S else CLOSE_AFTER

    def _opened(self) -> Opened:
        self._open, self._silent = True, 0
        self._levels = [level_db(frame) for frame in self._before]
        start = (self._frames - len(self._before)) * FRAME_S
        return Opened(start, b"".join(self._before), self.is_noisy)

    def _close(self) -> Closed:
        self._open = False
        self._recent.clear()
        self._before.clear()
        low, high = np.quantile(self._levels, (0.1, 0.9))
        return Closed(self._frames * FRAME_S, bool(high - low >= LIVELY_DB))


def level_db(frame: bytes) -> float:
    """Root mean square of int16 samples in decibels of full scale; -100 for digital silence."""
    samples = np.frombuffer(frame, "<i2").astype(np.float32) / 32768.0
    power = float(np.mean(np.square(samples - samples.mean()))) if len(samples) else 0.0
    return 10.0 * float(np.log10(max(power, 1e-10)))

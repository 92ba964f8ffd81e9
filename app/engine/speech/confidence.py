"""How sure a word of the embedded recogniser is: does a search without bias hear the same?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

# Fitted on 30 template sentences and 20 about other things, one clean synthetic voice (flite rms),
# with the features below. Cross-validated: doubtful are 1 % of the right words about faces and
# 98 % of the wrong ones about other things. scripts/fit_speech_confidence.py repeats the fit;
# with noise among the samples it gave weights that trust noise more, which were not taken.
WEIGHTS = (0.527, 0.086, 0.845, 0.497, 0.28, 1.561, 4.398, 0.415)
BIAS = 1.504
LEAST_LOG = -12.0
LEAST_PER_FRAME = -12.0
SMALLEST = 1e-290  # scores below this have lost their meaning to underflow
LONGEST = 180  # frames; no word takes 1.8 seconds


@dataclass(frozen=True)
class Heard:
    """A word as pocketsphinx gives it: frames of 10 ms, ends included; scores not in logs."""

    word: str
    first: int
    last: int
    posterior: float
    acoustic: float

    @property
    def frames(self) -> int:
        """How long it is."""
        return self.last - self.first + 1

    @property
    def log_posterior(self) -> float:
        """Natural logarithm, bounded below."""
        return max(LEAST_LOG, min(0.0, math.log(max(self.posterior, SMALLEST))))

    @property
    def per_frame(self) -> float:
        """Acoustic log likelihood per frame, relative to the best senone of each frame."""
        if self.acoustic < SMALLEST:
            return LEAST_PER_FRAME
        return max(LEAST_PER_FRAME, math.log(self.acoustic) / self.frames)

    @property
    def possible(self) -> bool:
        """Whether it is short enough to be one word."""
        return self.frames <= LONGEST


Features = tuple[float, ...]


def features(heard: Sequence[Heard], free: Sequence[Heard]) -> list[Features]:
    """What the confidence of each word is made of.

    ``free`` is what a search over any English words heard in the same sound, pauses included.
    Per word: log posterior, acoustic score per frame, their means over the stretch, how much
    better the free search fits here and over the stretch, whether it heard the same word here,
    and the share of the stretch where it did.
    """
    total = sum(word.frames for word in heard) or 1
    fits = _per_frame(free, max((word.last for word in heard), default=0) + 1)
    gains = [w.per_frame - sum(fits[w.first : w.last + 1]) / w.frames for w in heard]
    same = [float(any(_is_same(w, other) for other in free)) for w in heard]

    def mean(values: Sequence[float]) -> float:
        return sum(v * w.frames for v, w in zip(values, heard, strict=True)) / total

    posterior = mean([w.log_posterior for w in heard])
    acoustic = mean([w.per_frame for w in heard])
    gain, share = mean(gains), mean(same)
    return [
        (w.log_posterior, w.per_frame, posterior, acoustic, gains[i], gain, same[i], share)
        for i, w in enumerate(heard)
    ]


def confidences(heard: Sequence[Heard], free: Sequence[Heard]) -> tuple[float, ...]:
    """The probability that each word is right, for one stretch of speech."""
    rows = features(heard, free)
    return tuple(_sure(row) if w.possible else 0.0 for w, row in zip(heard, rows, strict=True))


def _sure(row: Features) -> float:
    score = BIAS + sum(w * x for w, x in zip(WEIGHTS, row, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, score))))


def _per_frame(free: Sequence[Heard], length: int) -> list[float]:
    fits = [0.0] * length
    for word in free:
        for at in range(word.first, min(word.last + 1, length)):
            fits[at] = word.per_frame
    return fits


def _is_same(word: Heard, other: Heard) -> bool:
    shared = min(word.last, other.last) - max(word.first, other.first) + 1
    return word.word == other.word and 2 * shared > word.frames

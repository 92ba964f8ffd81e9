"""How sure a word of the embedded recogniser is: a small logistic model of what the search knew."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Fitted by scripts/fit_speech_confidence.py on sentences of the templates and on sentences about
# other things, three synthetic voices, clean and in noise. Weights of: the word's log posterior,
# its acoustic log score per frame, and both averaged over the stretch of speech.
WEIGHTS = (0.3150, 0.1519, 0.3215, 0.8456)
BIAS = 4.1026
LEAST_LOG = -12.0
SMALLEST = 1e-300


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
    def acoustic_per_frame(self) -> float:
        """Log likelihood per frame, relative to the best senone of each frame."""
        return math.log(max(self.acoustic, SMALLEST)) / self.frames


def confidences(heard: tuple[Heard, ...]) -> tuple[float, ...]:
    """The probability that each word is right, for one stretch of speech."""
    total = sum(word.frames for word in heard) or 1
    posterior = sum(word.log_posterior * word.frames for word in heard) / total
    acoustic = sum(word.acoustic_per_frame * word.frames for word in heard) / total
    return tuple(_sure(word, posterior, acoustic) for word in heard)


def _sure(word: Heard, posterior: float, acoustic: float) -> float:
    features = (word.log_posterior, word.acoustic_per_frame, posterior, acoustic)
    score = BIAS + sum(w * x for w, x in zip(WEIGHTS, features, strict=True))
    return 1.0 / (1.0 + math.exp(-score))

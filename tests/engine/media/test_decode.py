"""Foreign pictures and sound go through the limited process, and only numbers come back."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import soundfile

from app.engine.media import decode
from app.engine.media.decode import ImageDecoder, decode_image, open_sound
from app.models.errors import BadInput


def picture(height: int = 40, width: int = 60) -> np.ndarray:
    """A gradient with a red corner: uint8 RGB [height, width, 3]."""
    rows, columns = np.mgrid[0:height, 0:width]
    image = np.stack([columns * 4 % 256, rows * 5 % 256, (rows + columns) % 256], -1)
    image[:10, :10] = (250, 10, 10)
    return image.astype(np.uint8)


def save(path: Path, image: np.ndarray, *options: int) -> Path:
    path.write_bytes(cv2.imencode(path.suffix, image[..., ::-1], list(options))[1].tobytes())
    return path


def code(action: object, *args: object) -> str:
    with pytest.raises(BadInput) as caught:
        action(*args)  # type: ignore[operator]
    assert "file" in caught.value.facts
    return caught.value.code


def png_saying(width: int, height: int) -> bytes:
    """A small file that claims to be a big picture."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 4096)
    chunks = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks
    )


def test_a_png_comes_back_pixel_for_pixel(tmp_path: Path) -> None:
    image = picture()
    assert np.array_equal(decode_image(save(tmp_path / "a.png", image)), image)


def test_the_cameras_orientation_is_applied(tmp_path: Path) -> None:
    plain = save(tmp_path / "a.jpg", picture(), cv2.IMWRITE_JPEG_QUALITY, 95).read_bytes()
    tiff = b"II*\0" + struct.pack("<IHHHIIH", 8, 1, 0x0112, 3, 1, 6, 0) + b"\0\0\0\0"
    exif = b"Exif\0\0" + tiff
    turned = tmp_path / "b.jpg"
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    turned.write_bytes(plain[:2] + segment + plain[2:])
    upright = decode_image(tmp_path / "a.jpg")
    assert np.array_equal(decode_image(turned), np.rot90(upright, -1))


def test_what_is_transparent_is_paper(tmp_path: Path) -> None:
    image = np.zeros((8, 8, 4), np.uint8)
    image[:4, :, 3] = 255
    path = tmp_path / "a.png"
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    got = decode_image(path)
    assert got[0, 0].tolist() == [0, 0, 0]
    assert got[7, 7].tolist() == [255, 255, 255]


def test_a_picture_that_claims_to_be_huge_is_refused_undecoded(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    for sides in ((30_000, 30_000), (10_000, 10_000), (2**20, 1)):
        path.write_bytes(png_saying(*sides))
        assert code(decode_image, path) == "media.too_many_pixels"


def test_everything_but_jpeg_and_png_is_refused_by_its_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    for head in (b"GIF89a", b"II*\0", b"<svg xmlns", b"%PDF-1.4", b"BM", b"RIFF____WEBP", b"%!PS"):
        path.write_bytes(head + b"\0" * 100)
        assert code(decode_image, path) == "media.kind"


def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "empty.png").touch()
    assert code(decode_image, tmp_path / "pipe.png") == "media.no_file"
    assert code(decode_image, tmp_path) == "media.no_file"
    assert code(decode_image, tmp_path / "gone.png") == "media.missing"
    assert code(decode_image, tmp_path / "empty.png") == "media.empty"
    assert code(decode_image, "a\0b.png") == "media.unreadable"


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    with path.open("wb") as file:
        file.write(b"\xff\xd8\xff")
        file.truncate(65 * 2**20)
    assert code(decode_image, path) == "media.too_big"


def test_a_worker_that_hangs_is_killed_and_the_next_picture_still_comes(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", picture())
    with ImageDecoder() as decoder:
        decoder.decode(path)
        assert decoder._process is not None
        decoder._process.send_signal(signal.SIGSTOP)
        decoder._wait_s = 0.3 - decode.START_WAIT_S
        assert code(decoder.decode, path) == "media.too_slow"
        decoder._wait_s = 20
        assert decoder.decode(path).shape == (40, 60, 3)


def test_a_worker_that_dies_is_a_refusal_of_that_file_only(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", picture())
    with ImageDecoder() as decoder:
        decoder.decode(path)
        assert decoder._process is not None
        decoder._process.kill()
        decoder._process.wait()
        assert code(decoder.decode, path) == "media.worker_died"
        assert decoder.decode(path).shape == (40, 60, 3)


PROBE = """
import socket, sys
from app.engine.media.limits import confine
confine(20, headroom=100 * 2**20)
failed = []
for name, attempt in {
    "read": lambda: open("/etc/passwd"), "write": lambda: open(sys.argv[1], "w"),
    "connect": lambda: socket.socket(), "memory": lambda: bytearray(400 * 2**20),
}.items():
    try:
        attempt()
    except (OSError, MemoryError):
        failed.append(name)
print(*failed)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="resource limits differ elsewhere")
def test_a_confined_process_opens_nothing_and_takes_little(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROBE, str(tmp_path / "x")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=decode.ROOT, check=True)
    assert done.stdout.split() == ["read", "write", "connect", "memory"]


# ------------------------------------------------------------------ sound


@pytest.mark.parametrize(
    ("name", "rate", "channels", "subtype"),
    [
        ("a.wav", 44100, 2, "PCM_24"), ("b.flac", 8000, 1, "PCM_16"), ("c.wav", 48000, 6, "FLOAT"),
        ("d.wav", 16000, 1, "PCM_U8"), ("e.flac", 96000, 8, "PCM_24"),
        ("f.wav", 22050, 1, "DOUBLE"),
    ],
)  # fmt: skip
def test_any_rate_and_channel_count_comes_as_16_khz_mono(
    tmp_path: Path, name: str, rate: int, channels: int, subtype: str
) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate * 2) / rate)
    soundfile.write(tmp_path / name, np.repeat(tone[:, None], channels, 1), rate, subtype=subtype)
    with open_sound(tmp_path / name) as sound:
        assert (sound.rate, sound.channels, sound.seconds) == (rate, channels, 2.0)
        pcm = np.frombuffer(b"".join(block for block, _ in sound.blocks()), "<i2")
    assert abs(len(pcm) - 32000) <= 2
    spectrum = np.abs(np.fft.rfft(pcm[:32000].astype(float)))
    assert spectrum.argmax() == 880  # 440 Hz over 2 s
    assert abs(np.abs(pcm).max() - 16384) < 700


def test_sound_that_breaks_off_gives_what_is_there(tmp_path: Path) -> None:
    tone = np.sin(np.arange(32000) * 0.1) * 0.3
    soundfile.write(tmp_path / "a.wav", tone, 16000, subtype="PCM_16")
    data = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "a.wav").write_bytes(data[: len(data) // 2])
    with open_sound(tmp_path / "a.wav") as sound:
        assert sum(len(block) for block, _ in sound.blocks()) // 2 in range(15900, 16001)


def test_what_is_no_pcm_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(8000), 8000, subtype="IMA_ADPCM")
    soundfile.write(tmp_path / "b.ogg", np.zeros(8000), 8000)
    (tmp_path / "c.wav").write_bytes(b"RIFF\xff\xff\xff\xffWAVE" + b"\0" * 30)
    assert code(open_sound, tmp_path / "a.wav") == "media.no_pcm"
    assert code(open_sound, tmp_path / "b.ogg") == "media.kind"
    assert code(open_sound, tmp_path / "c.wav") == "media.damaged"


# ------------------------------------------------------------------ mutants


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_mutated_pictures_are_decoded_or_refused(tmp_path: Path, suffix: str) -> None:
    seed = save(tmp_path / f"seed{suffix}", picture(120, 160)).read_bytes()
    random = np.random.default_rng(1)
    outcomes = set()
    with ImageDecoder() as decoder:
        for _ in range(150):
            data = mutant(seed, random)
            outcomes.add(picture_outcome(decoder, data))
            outcomes.add(picture_outcome(decoder, with_right_sums(data)))
    assert outcomes <= {"decoded", "media.damaged", "media.kind", "media.too_many_pixels"}
    assert len(outcomes) >= 2  # the mutants do reach the decoder


def mutant(seed: bytes, random: np.random.Generator) -> bytes:
    """The seed with a few bytes changed, a slice cut, doubled or blanked."""
    data = bytearray(seed)
    for _ in range(int(random.integers(1, 8))):
        at, size = int(random.integers(0, len(data))), int(random.integers(1, 200))
        match int(random.integers(0, 5)):
            case 0:
                data[at] = int(random.integers(0, 256))
            case 1:
                data[at] ^= 1 << int(random.integers(0, 8))
            case 2:
                del data[at : at + size]
            case 3:
                data[at:at] = data[at : at + size]
            case _:
                data[at : at + 4] = bytes([int(random.choice([0, 255, 127, 128]))]) * 4
        if not data:
            return b"\0"
    return bytes(data)


def with_right_sums(data: bytes) -> bytes:
    """PNG chunks with the checksums that fit them, so that mutants get past the first check."""
    out, at = bytearray(data), 8
    while at + 12 <= len(out):
        size = struct.unpack_from(">I", out, at)[0]
        if at + 12 + size > len(out):
            break
        struct.pack_into(">I", out, at + 8 + size, zlib.crc32(out[at + 4 : at + 8 + size]))
        at += 12 + size
    return bytes(out) if data.startswith(b"\x89PNG") else data


def picture_outcome(decoder: ImageDecoder, data: bytes) -> str:
    try:
        decoder.decode_bytes(data, "mutant")
    except BadInput as error:
        return error.code
    return "decoded"


def test_mutated_sound_is_decoded_or_refused(tmp_path: Path) -> None:
    random, outcomes = np.random.default_rng(2), set()
    soundfile.write(tmp_path / "a.wav", random.normal(0, 0.1, 4000), 16000, subtype="PCM_16")
    soundfile.write(tmp_path / "a.flac", random.normal(0, 0.1, 4000), 16000)
    seeds = [(tmp_path / name).read_bytes() for name in ("a.wav", "a.flac")]
    for turn in range(20):
        data = bytearray(mutant(seeds[turn % 2], random))
        data[: len(seeds[turn % 2][:12])] = seeds[turn % 2][:12]
        (tmp_path / "m").write_bytes(data)
        try:
            with open_sound(tmp_path / "m") as sound:
                outcomes.update("decoded" for _ in sound.blocks())
        except BadInput as error:
            outcomes.add(error.code)
    assert outcomes <= {"decoded", "media.damaged", "media.no_pcm", "media.broken_off"}

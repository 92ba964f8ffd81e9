"""Measures words in: speech to words to attributes, notes to words, mutated files, latency.

    python -m tests.release.speech_notes speech [--sentences 40] [--voices rms slt awb]
    python -m tests.release.speech_notes noise [--seconds 60]
    python -m tests.release.speech_notes notes [--count 100]
    python -m tests.release.speech_notes mutants [--count 1000]
    python -m tests.release.speech_notes hour [--seconds 3600]

Needs flite, espeak-ng, festival and festvox-us-slt-hts (apt) for speech and handwriting fonts (apt:
fonts-dkg-handwriting fonts-breip fonts-bwht fonts-ecolier-court fonts-femkeklaver
fonts-humor-sans fonts-kristi fonts-kaushanscript fonts-rufscript fonts-dancingscript) for notes.
Prints JSON, a line a result.
The sentences of SAID were written after the templates and before anything was measured on them;
KNOWN (../shared/data/speech/sentences.txt) were seen by whoever wrote the templates.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import soundfile
import soxr
from rapidfuzz.distance import Levenshtein

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from app.engine.language import describe
from app.engine.media.decode import ImageDecoder, open_sound
from app.engine.notes.reader import read_pixels
from app.engine.notes.repair import face_model, put_right
from app.engine.speech.gate import RATE
from app.engine.speech.listener import Final, Listener, Partial
from app.engine.speech.recognisers import Recogniser, SphinxRecogniser
from app.engine.speech.transcribe import SpeechOptions, transcribe
from app.models.errors import BadInput
from tests.engine.media.test_decode import mutant, with_right_sums
from tests.views.tone_speech import tones

KNOWN = ROOT.parent / "shared" / "data" / "speech" / "sentences.txt"
SAID = (
    "he was a skinny guy in his late twenties with messy dark hair and a crooked nose",
    "she had her blonde hair in a ponytail and wore big round glasses",
    "i think he was around sixty with a grey moustache and deep wrinkles",
    "no beard but he hadn't shaved for a few days",
    "the woman had a heart shaped face and very full lips",
    "he was wearing a black baseball cap so i couldn't see his hair",
    "she was an older asian lady with short white hair",
    "a fat man with a double chin and hollow eyes",
    "his eyes were dark brown and set close together",
    "there was a long scar across his right cheek",
    "she looked about forty five and wore red lipstick and gold earrings",
    "he had bushy eyebrows and a wide flat nose",
    "tall black man between thirty and forty completely bald with a goatee",
    "her forehead was high and her hair was tied back in a bun",
    "a teenage boy with freckles and ginger curly hair",
    "he had a tattoo on his neck and a nose ring",
    "it was not a beard it was more like stubble",
    "she had a small mouth thin lips and protruding teeth",
    "his hair was receding at the front and going grey at the sides",
    "the guy had a narrow jaw and big ears that stick out",
)
BLOCK = 3200  # bytes, 0.1 s


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("speech", "noise", "notes", "mutants", "hour"))
    parser.add_argument("--sentences", type=int, default=40)
    parser.add_argument("--voices", nargs="+", default=["rms", "festival", "espeak"])
    parser.add_argument("--conditions", nargs="+", default=["clean", "silence", "noise", "free"])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--count", type=int, default=100)
    args = parser.parse_args()
    measures = {"speech": speech, "noise": noise, "notes": notes, "mutants": mutants,
                "hour": hour}  # fmt: skip
    for row in measures[args.what](args):
        print(json.dumps(row), flush=True)


# ------------------------------------------------------------------ speech


def speech(args: argparse.Namespace) -> Iterator[dict[str, object]]:
    known = KNOWN.read_text().splitlines() if KNOWN.is_file() else []
    texts = [*SAID, *known][: args.sentences]
    for condition in args.conditions:
        recogniser = SphinxRecogniser(free=condition == "free")
        for voice in args.voices:
            yield {
                "condition": condition,
                "voice": voice,
                **hear_all(recogniser, texts, voice, condition),
            }


def hear_all(
    recogniser: Recogniser, texts: Sequence[str], voice: str, condition: str
) -> dict[str, object]:
    edits = words = hits = extra = missed = sure_wrong = 0
    delays: list[float] = []
    seconds = cpu = 0.0
    for number, text in enumerate(texts):
        pcm = spoken(text, voice, condition, number)
        started = time.process_time()
        heard, partial_delays = listen(recogniser, pcm)
        cpu += time.process_time() - started
        seconds += len(pcm) / 2 / RATE
        delays += partial_delays
        said = text.split()
        edits += Levenshtein.distance(said, [w.word for w in heard])
        words += len(said)
        sure_wrong += sum(not w.doubtful and w.word not in said for w in heard)
        want, got = keys(text), keys(" ".join(w.word for w in heard))
        hits, extra, missed = (
            hits + len(want & got),
            extra + len(got - want),
            missed + len(want - got),
        )
    return {
        "word_error": round(edits / words, 4),
        "attribute_f1": round(2 * hits / max(1, 2 * hits + extra + missed), 4),
        "wrong_and_not_doubtful": round(sure_wrong / words, 4),
        "cpu_per_second": round(cpu / seconds, 3),
        "partial_delay_ms": round(1000 * float(np.median(delays))) if delays else None,
        "sentences": len(texts),
    }


def keys(text: str) -> set[object]:
    return {attribute.key for attribute in describe(text, "en").attributes}


def spoken(text: str, voice: str, condition: str, seed: int) -> bytes:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        command = ["flite", "-voice", voice, "-t", text, "-o", file.name]
        if voice == "espeak":
            command = ["espeak-ng", "-v", "en-us", "-s", "150", "-w", file.name, text]
        if voice == "festival":  # a natural voice: apt festvox-us-slt-hts
            command = ["text2wave", "-o", file.name, "-eval", "(voice_cmu_us_slt_arctic_hts)"]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL, input=text.encode())
        sound, rate = soundfile.read(file.name, dtype="float32")
    sound = soxr.resample(sound, rate, RATE)
    sound *= 0.3 / np.abs(sound).max()
    around = np.zeros(RATE * (30 if condition == "silence" else 1), np.float32)
    sound = np.concatenate([around, sound, around])
    random = np.random.default_rng(seed)
    level = float(np.sqrt(np.mean(sound[np.abs(sound) > 0.01] ** 2)))
    below = {"noise": 10, "noise20": 20}.get(condition)  # dB of white noise under the voice
    loudness = 0.0003 if below is None else level * 10 ** (-below / 20)
    sound = sound + random.normal(0, loudness, len(sound))
    return (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()


def listen(recogniser: Recogniser, pcm: bytes) -> tuple[list, list[float]]:
    """Words, and for each by how many seconds its first showing came after its end (sound time
    waited for, plus time computed)."""
    listener, heard, shown = Listener(recogniser), [], []
    for at in range(0, len(pcm), BLOCK):
        started = time.perf_counter()
        for event in listener.feed(pcm[at : at + BLOCK]):
            now = (at + BLOCK) / 2 / RATE + time.perf_counter() - started
            if isinstance(event, Partial):
                shown.append((now, event.text.split()))
            else:
                heard += event.words
    heard += [w for e in listener.finish() if isinstance(e, Final) for w in e.words]
    return heard, delays(heard, shown)


def delays(heard: list, shown: list[tuple[float, list[str]]]) -> list[float]:
    out = []
    for word in heard:
        times = [now for now, words in shown if word.word in words and now >= word.start]
        if times:
            out.append(max(0.0, min(times) - word.end))
    return out


def noise(args: argparse.Namespace) -> Iterator[dict[str, object]]:
    recogniser, count = SphinxRecogniser(), args.seconds * RATE
    random, t = np.random.default_rng(5), np.arange(count) / RATE
    white = random.normal(0, 1, count)
    spectrum = np.fft.rfft(white) / np.sqrt(np.maximum(np.fft.rfftfreq(count), 1 / count))
    pink = np.fft.irfft(spectrum, count)
    sounds = {
        "silence": np.zeros(count), "hiss": 0.05 * white, "faint hiss": 0.0005 * white,
        "pink": pink / np.abs(pink).max() * 0.3, "hum": 0.2 * np.sin(2 * np.pi * 50 * t),
        "waves": 0.05 * white * (1 + np.sin(2 * np.pi * 3 * t)), "tone": 0.2 * np.sin(2765 * t),
        "knocks": np.where(random.random(count) < 0.0003, 0.8, 0.0),
        "bursts": 0.2 * white * ((t % 2) < 0.3),
        "warble": 0.2 * np.sin(1885 * t + 5 * np.sin(25 * t)) * (0.5 + 0.5 * np.sin(12.6 * t)),
    }  # fmt: skip
    for name, samples in sounds.items():
        heard, _ = listen(recogniser, (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
        yield {"sound": name, "seconds": args.seconds, "words": [w.word for w in heard]}


def hour(args: argparse.Namespace) -> Iterator[dict[str, object]]:
    """A long recording in tones through ``transcribe`` and a toy vosk model: time and memory."""
    shared = ROOT.parent / "shared" / "data"
    sentence = tones(shared, "he has short brown hair a square jaw and a thick moustache")
    piece = np.frombuffer(sentence + bytes(2 * RATE * 6), "<i2")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.wav"
        with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as file:
            for _ in range(args.seconds * RATE // len(piece) + 1):
                file.write(piece)
        started = time.perf_counter()
        model = str(shared / "vosk-toy" / "lookahead")
        heard = transcribe(path, SpeechOptions(model=model, free=True))
        used = {
            who: resource.getrusage(which)
            for who, which in (("own", resource.RUSAGE_SELF), ("workers", resource.RUSAGE_CHILDREN))
        }
        yield {
            "seconds": soundfile.info(path).duration, "megabytes": path.stat().st_size // 10**6,
            "words": len(heard.words), "took_s": round(time.perf_counter() - started),
            "cpu_s": round(used["workers"].ru_utime),
            **{f"peak_mb_{who}": u.ru_maxrss // 1024 for who, u in used.items()},
        }


# ------------------------------------------------------------------ notes


HANDS = (
    "dkg.ttf", "Breip.ttf", "breipfont.ttf", "BecauseWeLearn-Regular.otf", "Ecolier-court.ttf",
    "BecauseWeMentor-Regular.otf", "BecauseWeConnect-Regular.otf", "BecauseWeBuild-Regular.otf",
    "femkeklaver.ttf", "Humor-Sans.ttf", "Kristi.ttf", "KaushanScript-Regular.otf",
    "Rufscript010.ttf", "DancingScript-Regular.otf", "dkgIt.ttf",
)  # fmt: skip
PRINTS = ("DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf", "ComicNeue-Regular.otf")


def notes(args: argparse.Namespace) -> Iterator[dict[str, object]]:
    fonts = {path.name: path for path in Path("/usr/share/fonts").rglob("*.[ot]tf")}
    random = np.random.default_rng(11)
    for kind, names in (("handwriting", HANDS), ("print", PRINTS)):
        have = [fonts[name] for name in names if name in fonts]
        share = args.count * 3 // 4 if kind == "handwriting" else args.count // 4
        rows = [read_one(have[i % len(have)], random) for i in range(share)] if have else []
        for font in sorted({row["font"] for row in rows}):
            yield {"kind": kind, "font": font, **summed([r for r in rows if r["font"] == font])}
        yield {"kind": kind, "fonts": len(have), "pictures": len(rows), **summed(rows)}


def read_one(font: Path, random: np.random.Generator) -> dict:
    chosen = random.choice(len(SAID), 4, replace=False)
    lines = [line for i in chosen for line in wrapped(SAID[i].capitalize() + ".")]
    photo = photographed(lines, font, random)
    started = time.perf_counter()
    wanted, row = " ".join(lines), {"font": font.name}
    note, _ = read_pixels(photo, repair=False)
    row["seconds"] = time.perf_counter() - started
    read = [word for line in note.lines for word in line.words]
    for name, found in (("", put_right(read, face_model("en"))), ("as_read_", read)):
        got = " ".join(word.text for word in found)
        row[f"{name}letters"] = Levenshtein.distance(folded(wanted), folded(got))
        row[f"{name}words"] = Levenshtein.distance(folded(wanted).split(), folded(got).split())
        want, have = keys(wanted), keys(got)
        row[f"{name}f1"] = (len(want & have), len(have - want), len(want - have))
    return {**row, "all_letters": len(folded(wanted)), "all_words": len(wanted.split())}


def wrapped(text: str, width: int = 38) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def folded(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def photographed(lines: Sequence[str], font: Path, random: np.random.Generator) -> np.ndarray:
    """uint8 RGB: lines on ruled paper, under a shadow, sloping, blurred, noisy, on a table."""
    from PIL import Image, ImageDraw, ImageFont

    size = int(random.integers(40, 56))
    face = ImageFont.truetype(str(font), size)
    step = int(size * 1.75)
    sheet = Image.new("RGB", (int(size * 24), step * (len(lines) + 2)), (247, 245, 238))
    draw, ruled = ImageDraw.Draw(sheet), random.random() < 0.5
    for row, line in enumerate(lines):
        y = step + row * step
        if ruled:
            draw.line([(0, y + size * 1.2), (sheet.width, y + size * 1.2)], (170, 190, 220), 2)
        x = 50 + int(random.integers(0, 25))
        draw.text((x, y + int(random.integers(-4, 5))), line, (35, 35, 70), face)
    image = np.asarray(sheet, np.float32)
    shade = np.linspace(1, random.uniform(0.6, 1), image.shape[1])[None, :, None]
    image = image * shade
    table = np.full((image.shape[0] + 160, image.shape[1] + 160, 3), 45, np.float32)
    table[80:-80, 80:-80] = image
    height, width = table.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + random.uniform(-0.02, 0.02, (4, 2)).astype(np.float32) * width
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), random.uniform(-3, 3), 0.95)
    table = cv2.warpPerspective(table, matrix, (width, height), borderValue=(45, 45, 45))
    table = cv2.warpAffine(table, turn, (width, height), borderValue=(45, 45, 45))
    table = cv2.GaussianBlur(table, (0, 0), random.uniform(0.5, 1.2))
    table = table + random.normal(0, random.uniform(2, 7), table.shape)
    return np.clip(table, 0, 255).astype(np.uint8)


def summed(rows: list[dict]) -> dict[str, object]:
    out: dict[str, object] = {}
    for name in ("", "as_read_"):
        hits, extra, missed = (sum(r[f"{name}f1"][i] for r in rows) for i in range(3))
        out[f"{name}letter_error"] = share(rows, f"{name}letters", "all_letters")
        out[f"{name}word_error"] = share(rows, f"{name}words", "all_words")
        out[f"{name}attribute_f1"] = round(2 * hits / max(1, 2 * hits + extra + missed), 3)
    out["seconds"] = round(float(np.median([r["seconds"] for r in rows] or [0])), 2)
    return out


def share(rows: list[dict], part: str, whole: str) -> float:
    return round(sum(r[part] for r in rows) / max(1, sum(r[whole] for r in rows)), 4)


# ------------------------------------------------------------------ mutants


def mutants(args: argparse.Namespace) -> Iterator[dict[str, object]]:
    random = np.random.default_rng(17)
    image = random.integers(0, 255, (60, 80, 3)).astype(np.uint8).repeat(4, 0).repeat(4, 1)
    for suffix in (".png", ".jpg"):
        seed = cv2.imencode(suffix, image)[1].tobytes()
        with ImageDecoder() as decoder:
            yield outcomes(
                suffix, args.count, lambda data: decoder.decode_bytes(data, "m"), seed, random
            )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.wav"
        for suffix, subtype in ((".wav", "PCM_16"), (".flac", "PCM_16")):
            seed_path = Path(folder) / f"seed{suffix}"
            soundfile.write(seed_path, random.normal(0, 0.1, 8000), 16000, subtype=subtype)

            def decode(data: bytes) -> None:
                path.write_bytes(data)
                with open_sound(path) as sound:
                    for _ in sound.blocks():
                        continue

            yield outcomes(suffix, args.count, decode, seed_path.read_bytes(), random)


def outcomes(kind: str, count: int, decode, seed: bytes, random) -> dict[str, object]:
    found: dict[str, int] = {}
    slowest = 0.0
    for _ in range(count):
        data = mutant(seed, random)
        if random.random() < 0.7:  # most keep their first bytes, so that they get further
            data = seed[:12] + data[12:]
        data = with_right_sums(data)
        started = time.perf_counter()
        try:
            decode(data)
            code = "decoded"
        except BadInput as error:
            code = error.code
        slowest = max(slowest, time.perf_counter() - started)
        found[code] = found.get(code, 0) + 1
    return {"kind": kind, "mutants": count, "outcomes": found, "slowest_s": round(slowest, 2)}


if __name__ == "__main__":
    main()

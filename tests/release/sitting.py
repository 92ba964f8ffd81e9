"""A sitting to put into a case file: events as the app writes them, with small real pictures."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.models.case import CaseFacts
from app.models.export.bundle import ReportContent
from app.models.portrait import Recipe
from app.models.seal import KdfParameters
from app.models.store import CaseFile, StoreOptions, create_case, open_case

PASSPHRASE = "a passphrase for tests"
CHEAP = KdfParameters(memory_kib=64, passes=1, lanes=1)
SMALL = StoreOptions(reserve_bytes=0, backups=False, journal="wal")
FACTS = CaseFacts("R/2026/17", officer="PC 1234", witness_code="W1", notes="seen at dusk")
MODEL = "5f" * 32

Entry = tuple[str, str, Mapping[str, Any], Sequence[bytes]]


def png(seed: int, side: int = 16) -> bytes:
    """A valid PNG of ``side`` x ``side`` RGB noise, different for each seed."""
    pixels = np.random.default_rng(seed).integers(0, 255, (side, side, 3), dtype=np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def recipe(seed: int, size: int = 32) -> Recipe:
    """A recipe with a random latent."""
    w = np.random.default_rng(seed).standard_normal(size).astype(np.float32)
    return Recipe.from_array(MODEL, w, seed=seed, psi=0.7)


def opening() -> Iterator[Entry]:
    """The interview, up to the first face."""
    yield "session.started", "officer", {"session": "s-1", "app_version": "test"}, ()
    yield "eligibility", "officer", {"answers": {"photos_shown": "no"}, "reason": "",
                                     "authority": ""}, ()  # fmt: skip
    text = "A thin man, about fifty, grey beard & a scar <left>.\nAnd, she said, 'cold eyes'."
    yield "description.first", "witness", {"text": text, "how": "typed"}, ()
    said = [{"name": "sex", "value": "male", "negated": False, "certainty": "said"}]
    yield "attributes.confirmed", "officer", {"attributes": said}, ()


def rounds(count: int, faces: int = 9, side: int = 16, first: int = 1) -> Iterator[Entry]:
    """Arrays, each answered, with a slider move between."""
    for number in range(first, first + count):
        shown = [recipe(100 * number + tile) for tile in range(faces)]
        pictures = [png(100 * number + tile, side) for tile in range(faces)]
        data = {"round": number, "seed": number, "recipes": [r.to_json() for r in shown]}
        yield "round.shown", "model", data, pictures
        answer = {"round": number, "answer": "picked", "picks": [number % faces], "ranked": False}
        yield "round.answered", "witness", answer, ()
        move = {"name": "age", "from": 0.0, "to": number / 10}
        yield "portrait.edited", "witness", move, ()


def ending() -> Iterator[Entry]:
    """The portrait accepted as shown, and rated."""
    final = recipe(100).with_edit("age", 0.5)
    yield "portrait.accepted", "witness", {"recipe": final.to_json()}, [png(7, 64)]
    yield "portrait.rated", "witness", {"rating": 4, "remark": "quite like him"}, ()


def whole(count: int = 2, faces: int = 3) -> Iterator[Entry]:
    """A whole sitting."""
    yield from opening()
    yield from rounds(count, faces)
    yield from ending()


def random_entries(rng: random.Random, count: int) -> Iterator[Entry]:
    """Events of random size: small moves mostly, now and then an array with pictures."""
    for number in range(count):
        if rng.random() < 0.3:
            yield from list(rounds(1, rng.randint(1, 9), rng.choice((4, 16, 40)), number + 1))[:1]
        else:
            move = {"name": "age", "from": 0, "to": rng.random(), "note": "x" * rng.randint(0, 900)}
            yield "portrait.edited", "witness", move, ()


def made(path: Path, entries: Iterator[Entry], options: StoreOptions = SMALL) -> CaseFile:
    """A case with these events, still open."""
    case = create_case(path, PASSPHRASE, FACTS, kdf=CHEAP, options=options)
    for entry in entries:
        case.append(*entry)
    return case


def opened(path: Path, options: StoreOptions = SMALL) -> CaseFile:
    """The case opened with the tests' passphrase."""
    return open_case(path, PASSPHRASE, options=options)


class PlainPainter:
    """Stands in for app.views.report where Qt may be absent; gives real, tiny PNG files."""

    def portrait(self, picture: bytes, width: int) -> bytes:
        """A PNG of its own."""
        return png(width, 8)

    def sheet(self, title: str, tiles: Sequence[bytes], picked: Sequence[int]) -> bytes:
        """A PNG of its own."""
        return png(len(tiles), 12)

    def report(self, content: ReportContent) -> bytes:
        """Enough of a PDF to carry the head."""
        return b"%PDF-1.6\n" + content.xmp.encode() + b"\n%%EOF\n"


Progress = Callable[[str], None]

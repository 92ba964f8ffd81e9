"""Goes through a folder of photographs and keeps the faces worth training on, in a journal.

The filters follow LiGAN's preparation of its training set (Dokoupil and Peska 2021): colour,
sharpness, size, one face, no near-duplicates; and those of this project: a frontal, lit, uncovered
face of an adult. Every picture that is left out is listed with its reason.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from app.engine.align import Face, aligned, the_one_face
from app.engine.media.decode import ImageDecoder, image_bytes
from app.engine.photo import PhotoReader
from app.engine.pictures.quality import measure_quality
from app.models.errors import BadInput

Pixels = npt.NDArray[np.uint8]
Check = Callable[[], None]
PICTURES = (".jpg", ".jpeg", ".png")
ADULT = 18
THUMBNAIL = 16
EDGE = 0.3  # of the longer side
LABELS = "labels.csv"
ORIGINS = ("white", "black", "asian", "indian", "other")  # the kit's numbers 0..4
REASONS = (
    "unreadable", "no_face", "several_faces", "small", "grey", "blurred", "turned", "dark",
    "bright", "covered", "young", "near_duplicate",
)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """``least_px``: distance of the outer eye corners; ``colour``: mean distance from grey in Lab
    units under which a picture counts as black and white; ``alike``: correlation of two thumbnails
    from which the later picture is a near-duplicate (measured: other people at most .87, the same
    picture halved, cropped, brighter or in JPEG 30 at least .97, mirrored .94)."""

    least_px: float = 40.0
    colour: float = 3.0
    alike: float = 0.95


@dataclass
class Sorted:
    """The journal so far: one entry per picture, and the thumbnails of those kept."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    thumbnails: list[npt.NDArray[np.float32]] = field(default_factory=list)

    @property
    def kept(self) -> list[dict[str, Any]]:
        """Entries of the faces that are kept, in order."""
        return [e for e in self.entries if e["reason"] is None]

    def counts(self) -> dict[str, int]:
        """How many pictures were kept, and left out for each reason."""
        left_out = Counter(e["reason"] for e in self.entries if e["reason"])
        return {"kept": len(self.kept), **{r: left_out[r] for r in REASONS if left_out[r]}}


class Preparation:
    """One resumable pass over a folder; kept faces and the journal lie in ``work``."""

    def __init__(self, photos: Path, work: Path, reader: PhotoReader, limits: Limits) -> None:
        if not photos.is_dir():
            raise BadInput("training.no_photos", file=str(photos))
        self.photos, self.work, self.reader, self.limits = photos, work, reader, limits
        self.labels = read_labels(photos / LABELS)
        self.journal = work / "journal.jsonl"
        work.mkdir(parents=True, exist_ok=True)
        self.sorted = self._read_journal()

    def run(self, report: Callable[[str], None], check: Check = lambda: None) -> Sorted:
        """Look at every picture not yet in the journal; ``check`` may raise to stop."""
        done = {e["file"] for e in self.sorted.entries}
        files = [p for p in pictures_in(self.photos) if self._name(p) not in done]
        with ImageDecoder() as decoder, self.journal.open("a", encoding="utf-8") as journal:
            for number, path in enumerate(files, 1):
                check()
                entry = self._look(decoder, path)
                journal.write(json.dumps(entry, ensure_ascii=False) + "\n")
                journal.flush()
                self.sorted.entries.append(entry)
                if number % 20 == 0 or number == len(files):
                    kept = len(self.sorted.kept)
                    report(f"{number}/{len(files)} pictures, {kept} faces kept")
        if not self.sorted.entries:
            raise BadInput("training.no_photos", file=str(self.photos))
        return self.sorted

    def faces(self) -> Pixels:
        """The kept faces, aligned, uint8 RGB [n, 128, 128, 3]."""
        return np.stack([_read(self.work / e["face"]) for e in self.sorted.kept])

    def _look(self, decoder: ImageDecoder, path: Path) -> dict[str, Any]:
        entry: dict[str, Any] = {"file": self._name(path), "sha256": None, "reason": None}
        try:
            data = image_bytes(path)
            entry["sha256"] = hashlib.sha256(data).hexdigest()
            picture, face = self._face(decoder.decode_bytes(data, str(path)), str(path))
        except BadInput as error:
            known = {"photo.no_face": "no_face", "photo.several_faces": "several_faces",
                     "photo.face_too_small": "small"}  # fmt: skip
            return {**entry, "reason": known.get(error.code, "unreadable"), "code": error.code}
        crop = aligned(picture, face)
        quality = measure_quality(picture, face, crop)
        entry |= {"quality": asdict(quality), **self._labels(entry["file"], crop)}
        entry["reason"] = self._reason(crop, quality.size_px, quality.problems, entry["age"])
        if entry["reason"] is None:
            entry["face"] = f"{len(self.sorted.entries):06d}.png"
            _write(self.work / entry["face"], crop)
            self.sorted.thumbnails.append(thumbnail(crop))
        return entry

    def _face(self, picture: Pixels, name: str) -> tuple[Pixels, Face]:
        try:
            return picture, the_one_face(self.reader.finder, picture, name)
        except BadInput as error:
            if error.code != "photo.no_face":
                raise
        # a face that fills its picture: detectors want to see what is around it
        edge = round(EDGE * max(picture.shape[:2]))
        wide = cv2.copyMakeBorder(picture, edge, edge, edge, edge, cv2.BORDER_REPLICATE)
        return wide, the_one_face(self.reader.finder, wide.astype(np.uint8), name)

    def _reason(
        self, crop: Pixels, size: float, problems: tuple[str, ...], age: float
    ) -> str | None:
        if size < self.limits.least_px:
            return "small"
        if colourfulness(crop) < self.limits.colour:
            return "grey"
        for problem in problems:
            if problem != "small":
                return problem
        if age < ADULT:
            return "young"
        others = self.sorted.thumbnails
        if others and likeness(crop, others).max() > self.limits.alike:
            return "near_duplicate"
        return None

    def _labels(self, name: str, crop: Pixels) -> dict[str, Any]:
        """Age, sex and origin: as the table says, else as the net reads them, and which of both."""
        read = self.reader.net.read(crop[None])
        sex = self.reader.net.values("sex")
        found = {
            "age": round(float(read.scalars["age"][0])),
            "sex": int(sex[int(read.probabilities["sex"][0].argmax())] == "female"),
            "origin": _origin(self.reader, read.probabilities["ethnicity"][0]),
        }
        said = self.labels.get(name, {})
        known = {k: said[k] for k in found if k in said}
        hand = {k: v for k, v in said.items() if k not in found}
        return {**found, **known, "said": sorted(known), "hand": hand}

    def _name(self, path: Path) -> str:
        return path.relative_to(self.photos).as_posix()

    def _read_journal(self) -> Sorted:
        found = Sorted()
        if not self.journal.is_file():
            return found
        whole = self.journal.read_text(encoding="utf-8")
        lines = whole[: whole.rfind("\n") + 1].splitlines()  # a torn last line is done again
        self.journal.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        found.entries = [json.loads(line) for line in lines]
        found.thumbnails = [thumbnail(_read(self.work / e["face"])) for e in found.kept]
        return found


def pictures_in(folder: Path) -> Iterator[Path]:
    """JPEG and PNG files of a folder and its folders, by name."""
    yield from sorted(p for p in folder.rglob("*") if p.suffix.lower() in PICTURES and p.is_file())


def read_labels(path: Path) -> dict[str, dict[str, Any]]:
    """``labels.csv``: a column ``file``, and any of age (years), sex (male, female), origin (white,
    black, asian, indian, other) and the kit's hand labels; empty cells are unknown.

    BadInput ``training.bad_label`` names line and column.
    """
    if not path.is_file():
        return {}
    found: dict[str, dict[str, Any]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), 2):
            said = {k: v.strip() for k, v in row.items() if k and v and v.strip()}
            name = said.pop("file", "")
            found[name] = {k: _value(path, line, k, v) for k, v in said.items()}
    return found


def _value(path: Path, line: int, column: str, text: str) -> Any:
    words: dict[str, tuple[str, ...]] = {"sex": ("male", "female"), "origin": ORIGINS}
    try:
        if column in words:
            return words[column].index(text.lower())
        if column == "age":
            return float(text)
    except ValueError as error:
        raise BadInput(
            "training.bad_label", file=str(path), line=line, column=column, value=text
        ) from error
    return int(text) if text.lstrip("-").isdigit() else text


def colourfulness(crop: Pixels) -> float:
    """Mean distance from grey of uint8 RGB [h, w, 3], in Lab units (0: black and white)."""
    lab = cv2.cvtColor(crop, cv2.COLOR_RGB2LAB).astype(np.float32) - 128
    tint = np.median(lab[..., 1:].reshape(-1, 2), axis=0)  # a toned picture has one tint only
    return float(np.hypot(*(lab[..., 1:] - tint).reshape(-1, 2).T).mean())


def thumbnail(crop: Pixels) -> npt.NDArray[np.float32]:
    """The face in little, mean 0 and length 1, [256]; two of them correlate by a dot product."""
    small = cv2.resize(
        cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA
    )
    flat = small.astype(np.float32).ravel()
    flat -= flat.mean()
    return flat / max(float(np.linalg.norm(flat)), 1e-6)


def likeness(crop: Pixels, others: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    """Correlation [n] of a face, or of its mirror image where that is nearer, with others."""
    ways = np.stack([thumbnail(crop), thumbnail(np.ascontiguousarray(crop[:, ::-1]))])
    return np.asarray((np.stack(others) @ ways.T).max(1), np.float32)


def _origin(reader: PhotoReader, probabilities: npt.NDArray[np.float32]) -> int:
    named = {"white": 0, "black": 1, "east_asian": 2, "south_asian": 3, "other": 4}
    return named[reader.net.values("ethnicity")[int(probabilities.argmax())]]


def _read(path: Path) -> Pixels:
    found = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    if found is None:
        raise BadInput("training.missing_file", file=str(path))
    return np.asarray(found, np.uint8)


def _write(path: Path, crop: Pixels) -> None:
    if not cv2.imwrite(str(path), crop[:, :, ::-1]):
        raise BadInput("out.not_written", file=str(path))

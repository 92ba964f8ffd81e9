"""A photographed note to text: the page, its lines, and the words on them with confidence."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.media.decode import decode_image
from app.engine.notes.page import straight_page
from app.engine.notes.repair import face_model, put_right
from app.models.errors import BadInput
from app.models.note import Box, Note, NoteLine, NoteWord

Pixels = npt.NDArray[np.uint8]

READER = "rapidocr PP-OCRv6"
# The direction classifier turns upright handwriting upside down; 960 reads as well as more.
SETTINGS: dict[str, Any] = {
    "Global.use_cls": False,
    "Global.log_level": "critical",
    "Global.text_score": 0.3,
    "Det.limit_type": "max",
    "Det.limit_side_len": 960,
    "EngineConfig.onnxruntime.intra_op_num_threads": 2,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
POOR = 0.6  # mean confidence under which the page may lie on its side
CHOPPED = 2.5  # mean letters of a word
SAME_LINE = 0.5  # of the lower of two boxes that must overlap for one line
PIECES = ",.;:!?"


def read_note(path: Path | str, language: str = "en", repair: bool = True) -> tuple[Note, Pixels]:
    """What is written in a photograph or scan, and the straightened page, uint8 RGB [h, w, 3].

    Boxes are in pixels of that page. BadInput ``media.*`` for the file, ``note.no_text`` when
    nothing was found, ``package.missing`` without rapidocr.
    """
    note, page = read_pixels(decode_image(path), language, repair)
    if not note.lines:
        raise BadInput("note.no_text", file=str(path))
    return note, page


def read_pixels(photo: Pixels, language: str = "en", repair: bool = True) -> tuple[Note, Pixels]:
    """As ``read_note``, of pixels; a note without lines where nothing was found."""
    page = straight_page(photo)
    words = _upright_words(page)
    if looks_turned(words):
        page, words = max(
            ((np.ascontiguousarray(np.rot90(page, turn)), _upright_words(np.rot90(page, turn)))
             for turn in range(4)),
            key=lambda read: sum(w.confidence * len(w.text) for w in read[1] if not _upended(w)),
        )  # fmt: skip
    lines = in_lines(words)
    if repair:
        fixed = iter(put_right([w for line in lines for w in line.words], face_model(language)))
        lines = [NoteLine(tuple(next(fixed) for _ in line.words)) for line in lines]
    height, width = page.shape[:2]
    return Note(tuple(lines), width, height, READER), page


def looks_turned(words: list[NoteWord]) -> bool:
    """Whether what was read is so poor, chopped or upended that the page may lie on its side."""
    upended = sum(map(_upended, words)) > len(words) / 3
    sure = np.mean([word.confidence for word in words] or [0.0])
    return bool(upended or sure < POOR or np.mean([len(word.text) for word in words]) < CHOPPED)


def _upended(word: NoteWord) -> bool:
    return len(word.text) > 2 and word.box[3] > word.box[2]  # the reader turns tall words itself


def write_page(path: str, page: Pixels) -> None:
    """Write the page as PNG; OSError where it cannot be written."""
    import cv2

    done, data = cv2.imencode(".png", page[..., ::-1])
    if not done:
        raise BadInput("note.no_text", file=path)
    Path(path).write_bytes(data.tobytes())


def in_lines(words: list[NoteWord]) -> list[NoteLine]:
    """Words sorted into lines by how much they overlap in height, top to bottom, left to right."""
    lines: list[list[NoteWord]] = []
    for word in sorted(words, key=lambda w: w.box[1] + w.box[3] / 2):
        home = next((line for line in reversed(lines[-3:]) if _beside(line, word.box)), None)
        if home is None:
            lines.append([word])
        else:
            home.append(word)
    lines.sort(key=lambda line: float(np.median([w.box[1] + w.box[3] / 2 for w in line])))
    return [NoteLine(tuple(sorted(line, key=lambda w: w.box[0]))) for line in lines]


def _beside(line: list[NoteWord], box: Box) -> bool:
    near = min(line, key=lambda w: abs(w.box[0] + w.box[2] / 2 - box[0] - box[2] / 2)).box
    shared = min(near[1] + near[3], box[1] + box[3]) - max(near[1], box[1])
    across = min(near[0] + near[2], box[0] + box[2]) - max(near[0], box[0])
    one_above_other = across > 0.5 * min(near[2], box[2])
    return shared > SAME_LINE * min(near[3], box[3]) and not one_above_other


def _upright_words(page: Pixels) -> list[NoteWord]:
    bgr = np.ascontiguousarray(page[..., ::-1])
    found = _engine()(bgr, use_cls=False, return_word_box=True)
    words = []
    if found.boxes is None:
        return []
    for line in found.word_results:
        words += [_word(*piece) for piece in line if piece[2] is not None]
    return _joined([word for word in words if word.text.strip()])


def _word(text: str, score: float, corners: Any) -> NoteWord:
    points = np.asarray(corners, float)
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    sure = min(1.0, max(0.0, float(score)))
    return NoteWord(_latin(text), (left, top, right - left, bottom - top), sure)


def _latin(text: str) -> str:
    """Full-width and Chinese signs that the reader also knows, as what a Latin hand meant."""
    plain = text.translate(str.maketrans("，。；：！？（）‘’“”、", ",.;:!?()''\"\","))
    return "".join(c for c in plain if ord(c) < 0x250 or c in "–—…€")


def _joined(words: list[NoteWord]) -> list[NoteWord]:
    """Punctuation that stands alone belongs to the word before it."""
    out: list[NoteWord] = []
    for word in words:
        if out and word.text in PIECES and _beside([out[-1]], word.box):
            last = out[-1]
            width = word.box[0] + word.box[2] - last.box[0]
            box = (last.box[0], last.box[1], width, last.box[3])
            out[-1] = NoteWord(last.text + word.text, box, last.confidence)
        else:
            out.append(word)
    return out


@cache
def _engine() -> Any:
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise BadInput("package.missing", package="rapidocr") from error
    return RapidOCR(params=SETTINGS)

"""Notes are read end to end by the real reader."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.engine.notes.reader import in_lines, read_note, read_pixels
from app.main import main
from app.models.errors import BadInput
from app.models.note import Note, NoteWord
from tests.engine.notes.note_pictures import LINES, note_picture

pytest.importorskip("rapidocr", reason="the reader of notes is not installed")


def save(path: Path, image: np.ndarray) -> Path:
    path.write_bytes(cv2.imencode(path.suffix, image[..., ::-1])[1].tobytes())
    return path


def test_a_photographed_note_is_read_line_by_line(tmp_path: Path) -> None:
    note, page = read_note(save(tmp_path / "note.jpg", note_picture(slope=3.0)))
    assert note.text.lower().splitlines() == [line.lower() for line in LINES]
    assert page.shape == (note.height, note.width, 3)
    for line in note.lines:
        left, top, width, height = line.box
        assert 0 <= left < left + width <= note.width + 3
        assert 0 <= top < top + height <= note.height + 3
        ink = page[int(top) : int(top + height), int(left) : int(left + width)]
        assert ink.min() < 130 < np.median(page)
        assert 0.5 < line.confidence <= 1.0
    assert Note.from_json(json.loads(json.dumps(note.to_json()))).text == note.text


def test_a_page_on_its_side_is_turned() -> None:
    note, page = read_pixels(np.ascontiguousarray(np.rot90(note_picture())))
    assert "crooked nose" in note.text
    assert page.shape[1] > page.shape[0]


def test_a_picture_without_writing_is_refused(tmp_path: Path) -> None:
    blank = save(tmp_path / "a.png", np.full((300, 400, 3), 240, np.uint8))
    with pytest.raises(BadInput) as caught:
        read_note(blank)
    assert caught.value.code == "note.no_text"


def test_the_command_prints_text_and_writes_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save(tmp_path / "note.png", note_picture())
    page = tmp_path / "page.png"
    assert main(["read-note", str(path), "--json", "--page", str(page)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["lines"][0]["words"][0]["text"] == "He"
    height, width = cv2.imread(str(page)).shape[:2]
    assert answer["page"] == [width, height]
    assert main(["read-note", str(tmp_path / "none.png")]) == 3
    assert "none.png" in capsys.readouterr().err


def test_words_side_by_side_are_a_line_whatever_their_order() -> None:
    words = [NoteWord(t, b, 1.0) for t, b in (
        ("d", (200, 64, 50, 20)), ("a", (10, 10, 50, 20)), ("c", (10, 60, 50, 20)),
        ("b", (100, 14, 50, 20)),
    )]  # fmt: skip
    assert [line.text for line in in_lines(words)] == ["a b", "c d"]

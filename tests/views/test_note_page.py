"""The page of a photographed note: read by the real process, corrected, handed over."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPixmap
from pytestqt.qtbot import QtBot

from app.models.note import Note, NoteLine, NoteWord
from app.views.note_page import NotePage, doubts, refusal
from tests.engine.notes.note_pictures import LINES, note_picture

NOTE = Note(
    (
        NoteLine((NoteWord("thick", (10, 10, 60, 20), 0.95),)),
        NoteLine((
            NoteWord("moustache", (10, 50, 90, 20), 0.9, read="moustacbe"),
            NoteWord("Kq", (110, 50, 30, 20), 0.4),
        )),
    ),
    300, 200, "test",
)  # fmt: skip


@pytest.fixture
def page(qtbot: QtBot) -> NotePage:
    made = NotePage()
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_picture_is_read_and_the_corrected_text_handed_over(
    page: NotePage, qtbot: QtBot, tmp_path: Path
) -> None:
    pytest.importorskip("rapidocr", reason="the reader of notes is not installed")
    path = tmp_path / "note.jpg"
    path.write_bytes(cv2.imencode(".jpg", note_picture()[..., ::-1])[1].tobytes())
    page.read(str(path))
    assert not page.open.isEnabled()
    qtbot.waitUntil(lambda: bool(page.edits), timeout=60000)
    assert [edit.text().lower() for edit in page.edits] == [line.lower() for line in LINES]
    page.edits[0].setText("She was about forty,")
    handed: list[str] = []
    page.text_ready.connect(handed.append)
    page.use.click()
    assert handed[0].splitlines()[0] == "She was about forty,"
    assert page.open.isEnabled()


def test_a_file_that_is_no_picture_gets_a_calm_sentence(
    page: NotePage, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "note.jpg"
    path.write_text("not a picture")
    page.read(str(path))
    qtbot.waitUntil(page.open.isEnabled, timeout=30000)
    assert "no JPEG or PNG" in page.status.text()
    assert not page.use.isEnabled()


def test_closing_the_page_ends_the_reading_and_removes_its_files(
    page: NotePage, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "note.png"
    path.write_bytes(cv2.imencode(".png", note_picture())[1].tobytes())
    page.read(str(path))
    assert page._folder is not None
    folder = Path(page._folder.name)
    page.close_page.click()
    assert page._process is None
    assert not folder.exists()


def test_every_line_has_a_name_and_says_what_is_doubtful(page: NotePage) -> None:
    page.show_note(NOTE, QPixmap(300, 200))
    assert [edit.accessibleName() for edit in page.edits] == ["Line 1", "Line 2"]
    assert doubts(NOTE.lines[0]) == ""
    assert "moustacbe" in page.edits[1].accessibleDescription()
    assert "Kq" in page.edits[1].accessibleDescription()
    assert "2" in page.status.text()


def test_the_line_being_corrected_is_marked_on_the_page(page: NotePage, qtbot: QtBot) -> None:
    page.show_note(NOTE, QPixmap(300, 200))
    page.activateWindow()
    page.picture.mark(NOTE.lines[1].box)
    mark = page.picture._mark
    assert mark is not None
    assert mark.rect().contains(QRectF(10, 50, 130, 20))


def test_each_refusal_has_a_sentence_of_its_own() -> None:
    codes = ["note.no_text", "media.too_big", "media.kind", "media.damaged", "package.missing", "?"]
    assert len({refusal(code) for code in codes}) == len(codes)

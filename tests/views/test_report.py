"""The pictures and the report of a bundle, painted by Qt and read back by other programs."""

from __future__ import annotations

import io
import re
from pathlib import Path

import cv2
import numpy as np
import pypdf
import pytest
from PySide6.QtWidgets import QApplication

from app.commands.verifier.report import verify
from app.models.errors import BadInput
from app.models.export import export_bundle, portrait_record
from app.models.export.marking import GENERATED, LABEL
from app.views.report import ReportPainter, application
from tests.release import sitting


@pytest.fixture
def painter(qapp: QApplication) -> ReportPainter:
    assert application() is qapp  # a running application is used, not a second one made
    return ReportPainter()


def pixels(png: bytes) -> np.ndarray:
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image


@pytest.mark.parametrize("width", [256, 512, 1024])
def test_every_size_carries_the_label_in_its_pixels(painter: ReportPainter, width: int) -> None:
    image = pixels(painter.portrait(sitting.png(1, 64), width))
    face, band = image[:width], image[width:]
    assert image.shape[1] == width
    assert image.shape[0] > width  # the label hides nothing of the face
    dark = (band.max(axis=2) < 100).any(axis=0)
    columns = np.flatnonzero(dark)
    assert columns[-1] - columns[0] > width * 0.6  # one long line of writing
    assert (band.min(axis=2) > 240).mean() > 0.5  # on white
    assert face.std() > 20


def test_the_face_is_scaled_but_not_changed(painter: ReportPainter) -> None:
    image = pixels(painter.portrait(sitting.png(1, 256), 256))
    assert np.array_equal(image[:256], pixels(sitting.png(1, 256)))


@pytest.mark.parametrize("count", [6, 9, 12, 18])
def test_an_array_shows_all_tiles_and_marks_the_picks(painter: ReportPainter, count: int) -> None:
    tiles = [sitting.png(n, 32) for n in range(count)]
    plain, picked = painter.sheet("1", tiles, ()), painter.sheet("1", tiles, (0, 2))
    assert pixels(plain).shape == pixels(picked).shape
    assert not np.array_equal(pixels(plain), pixels(picked))


def test_what_is_no_png_is_refused(painter: ReportPainter) -> None:
    for data in (b"", b"GIF89a", sitting.png(1)[:60]):
        with pytest.raises(BadInput):
            painter.portrait(data, 256)


def test_the_report_says_what_the_record_says(painter: ReportPainter, tmp_path: Path) -> None:
    case = sitting.made(tmp_path / "a.ppcase", sitting.whole(2, 9))
    record = portrait_record(
        case, ("sex", "age", "beard"), [("name", "tiny model"), ("licence", "CC0")],
        sitting.png(3, 64),
    )  # fmt: skip
    info = export_bundle(case, tmp_path / "b", "full", record, painter)
    case.close()
    answer = verify(info.path)
    assert answer.good, answer.problems
    data = (info.path / "report.pdf").read_bytes()
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))
    text = text.replace("ﬁ", "fi").replace("ﬂ", "fl").replace("ﬀ", "ff")
    for said in (
        "R/2026/17", "PC 1234", "W1", "seen at dusk", "A thin man, about fifty, grey beard &",
        "sex: male", "age: +0.50", "beard", "Array 1", "Array 2", "picked 2", "quite like him",
        "tiny model", sitting.MODEL, "It is no photo", " ".join(answer.printed["words"]),
        answer.printed["head"],
    ):  # fmt: skip
        assert said in text, said
    assert text.count(LABEL) >= len(pages)  # on every page
    assert GENERATED.encode() in data  # the mark, in the PDF's own metadata
    assert sum(len(page.images) for page in pages) >= 4  # portrait, sketch, two arrays

"""Paints what a bundle shows: the labelled portrait, the arrays as shown, and the report as PDF.

Needs a QGuiApplication (offscreen will do) and no window; may run on a worker thread.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from PySide6.QtCore import QBuffer, QIODevice, QRectF, QSizeF, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QPainter,
    QPdfWriter,
    QTextDocument,
)

from app.models.errors import BadInput
from app.models.export.bundle import ReportContent
from app.models.export.marking import LABEL
from app.models.store_base import PNG_MAGIC
from app.views.a4 import DPI, a4_pdf
from app.views.report_text import report_html
from app.views.theme import ON_PAPER
from app.views.translation import tr

INK, PAPER, SURROUND = (QColor(ON_PAPER[role]) for role in ("ink", "paper", "surround"))
SIDE_LIMIT = 8192
TILE, GAP = 192, 12

# PySide makes an enumeration's Python class when it is first touched, and that is not safe on two
# threads at once (three that touch Qt.AlignmentFlag together crash one run in four). The module is
# imported on the GUI thread; from then on everything that the worker needs is there.
SMOOTH = Qt.TransformationMode.SmoothTransformation
CENTRED, MIDDLE = Qt.AlignmentFlag.AlignCenter, Qt.AlignmentFlag.AlignVCenter
LEFT, RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
RGB, WRITE_ONLY = QImage.Format.Format_RGB888, QIODevice.OpenModeFlag.WriteOnly
IMAGE_RESOURCE = QTextDocument.ResourceType.ImageResource


class ReportPainter:
    """The Painter of app.models.export, in the language in force."""

    def __init__(self) -> None:
        """Raises BadInput ``export.no_font`` where text could not be drawn at all."""
        if not QFontDatabase.families():
            raise BadInput("export.no_font")

    def portrait(self, png: bytes, width: int) -> bytes:
        """The picture scaled to ``width`` pixels, under it a band with the label; PNG."""
        face = read_png(png).scaledToWidth(width, SMOOTH)
        band = _band_height(width)
        canvas = QImage(width, face.height() + band, RGB)
        canvas.fill(PAPER)
        painter = QPainter(canvas)
        painter.drawImage(0, 0, face)
        _draw_label(painter, QRectF(0, face.height(), width, band))
        painter.end()
        return _png(canvas)

    def sheet(
        self, title: str, tiles: Sequence[bytes], picked: Sequence[int], text: str = LABEL
    ) -> bytes:
        """The tiles in the order shown, numbered from 1, picks framed and ranked; PNG."""
        columns = min(len(tiles), 3) if len(tiles) <= 9 else 6
        rows = -(-len(tiles) // columns)
        width = columns * (TILE + GAP) + GAP
        head, band = 30, _band_height(width)
        height = head + rows * (TILE + GAP) + GAP + band
        canvas = QImage(width, height, RGB)
        canvas.fill(SURROUND)
        painter = QPainter(canvas)
        painter.fillRect(QRectF(0, 0, width, head), PAPER)
        painter.setPen(INK)
        painter.setFont(_font(14))
        label = tr("Array {number} as shown").format(number=title)
        painter.drawText(QRectF(GAP, 0, width, head), MIDDLE, label)
        for index, tile in enumerate(tiles):
            x = GAP + index % columns * (TILE + GAP)
            y = head + GAP + index // columns * (TILE + GAP)
            _draw_tile(painter, QRectF(x, y, TILE, TILE), tile, index, picked)
        painter.fillRect(QRectF(0, height - band, width, band), PAPER)
        _draw_label(painter, QRectF(0, height - band, width, band), text)
        painter.end()
        return _png(canvas)

    def report(self, content: ReportContent) -> bytes:
        """The report as PDF, A4, each page with the label, its number and the chain's words."""
        return a4_pdf(
            tr("Report on a composite portrait"), lambda writer: _paint_pages(writer, content),
            xmp=content.xmp,
        )  # fmt: skip


def application() -> QGuiApplication:
    """The running application, or an offscreen one for the command line; keep the reference."""
    running = QGuiApplication.instance()
    if isinstance(running, QGuiApplication):
        return running
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return QGuiApplication(sys.argv[:1])


def read_png(png: bytes) -> QImage:
    """A PNG of sane size as an image; BadInput ``export.bad_picture``."""
    if png[:8] != PNG_MAGIC:
        raise BadInput("export.bad_picture", step="read", why="no PNG", bytes=len(png))
    image = QImage.fromData(png)
    if image.isNull() or max(image.width(), image.height()) > SIDE_LIMIT:
        size = f"{image.width()} x {image.height()}"
        raise BadInput("export.bad_picture", step="read", why=size, bytes=len(png))
    return image.convertToFormat(RGB)


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(WRITE_ONLY)
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload, unused-ignore]
        size = f"{image.width()} x {image.height()}, buffer open: {buffer.isOpen()}"
        raise BadInput("export.bad_picture", step="write", why=size, bytes=0)
    return bytes(buffer.data().data())


def _font(pixels: int, bold: bool = False) -> QFont:
    font = QFont()
    font.setPixelSize(max(pixels, 6))
    font.setBold(bold)
    return font


def _band_height(width: int) -> int:
    return max(18, width // 14)


def _draw_label(painter: QPainter, band: QRectF, text: str = LABEL) -> None:
    """The label in the largest type that fits the band on one line, always in English as well."""
    size = int(band.height() * 0.6)
    while size > 6 and QFontMetricsF(_font(size)).horizontalAdvance(text) > band.width() * 0.96:
        size -= 1
    painter.setFont(_font(size))
    painter.setPen(INK)
    painter.drawText(band, CENTRED, text)


def _draw_tile(
    painter: QPainter, place: QRectF, png: bytes, index: int, picked: Sequence[int]
) -> None:
    painter.drawImage(place, read_png(png))
    corner = QRectF(place.left(), place.top(), 34 if index < 9 else 44, 24)
    painter.fillRect(corner, PAPER)
    painter.setPen(INK)
    painter.setFont(_font(15, bold=True))
    painter.drawText(corner, CENTRED, str(index + 1))
    if index not in picked:
        return
    pen = painter.pen()
    pen.setWidth(6)
    painter.setPen(pen)
    painter.drawRect(place.adjusted(-3, -3, 3, 3))
    rank = QRectF(place.right() - 84, place.bottom() - 26, 84, 26)
    painter.fillRect(rank, INK)
    painter.setPen(PAPER)
    chosen = tr("chosen {rank}").format(rank=list(picked).index(index) + 1)
    painter.drawText(rank, CENTRED, chosen)


# ------------------------------------------------------------------ pages


def _paint_pages(writer: QPdfWriter, content: ReportContent) -> None:
    page = QRectF(writer.pageLayout().paintRectPixels(DPI))
    footer = DPI * 0.45
    body = QSizeF(page.width(), page.height() - footer)
    document = _document(content, body)
    painter = QPainter(writer)
    document.documentLayout().setPaintDevice(writer)
    document.setPageSize(body)
    pages = document.pageCount()
    for number in range(pages):
        if number:
            writer.newPage()
        top = number * body.height()
        painter.save()
        painter.setClipRect(QRectF(0, 0, body.width(), body.height() - 2))
        painter.translate(0, -top)
        document.drawContents(painter, QRectF(0, top, body.width(), body.height()))
        painter.restore()
        place = QRectF(0, body.height(), page.width(), footer)
        draw_footer(painter, place, content.head.words, number, pages)
    painter.end()


def _document(content: ReportContent, body: QSizeF) -> QTextDocument:
    document = QTextDocument()
    font = QFont("DejaVu Sans")
    font.setPointSizeF(9.0)
    document.setDefaultFont(font)
    document.setDocumentMargin(0)
    # the window may be dark, paper is not
    document.setDefaultStyleSheet(f"h1, h2, p, li, td, b {{ color: {ON_PAPER['ink']}; }}")
    pictures = {"portrait.png": content.portrait, **content.sheets}
    if content.sketch is not None:
        pictures["sketch.png"] = content.sketch
    for name, png in pictures.items():
        document.addResource(IMAGE_RESOURCE, QUrl(name), read_png(png))
    document.setHtml(report_html(content, body.width() * 96 / DPI))
    return document


def draw_footer(
    painter: QPainter, place: QRectF, words: Sequence[str], number: int, pages: int,
    text: str = LABEL,
) -> None:  # fmt: skip
    """The label, the page's number, and the chain's words."""
    painter.setFont(_font(DPI // 11))
    painter.setPen(INK)
    line = place.height() / 2
    upper = QRectF(place.left(), place.top(), place.width(), line)
    lower = QRectF(place.left(), place.top() + line, place.width(), line)
    painter.drawText(upper, LEFT | MIDDLE, text)
    paging = tr("page {number} of {pages}").format(number=number + 1, pages=pages)
    painter.drawText(upper, RIGHT | MIDDLE, paging)
    painter.drawText(lower, LEFT | MIDDLE, " ".join(words))

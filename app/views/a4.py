"""The one way PDF files are begun and ended here: A4, even margins, title and creator."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter

DPI = 150
MARGIN_MM = 18.0


def a4_pdf(
    title: str, paint: Callable[[QPdfWriter], object], *,
    margin_mm: float = MARGIN_MM, xmp: str = "",
) -> bytes:
    """The bytes of a PDF whose pages ``paint`` draws; ``xmp`` is its metadata, if any."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(DPI)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    margins = QMarginsF(margin_mm, margin_mm, margin_mm, margin_mm)
    writer.setPageMargins(margins, QPageLayout.Unit.Millimeter)
    writer.setTitle(title)
    writer.setCreator("Portrait Parlé")
    if xmp:
        writer.setDocumentXmpMetadata(xmp.encode())
    paint(writer)
    buffer.close()
    return bytes(buffer.data().data())

"""The instructions for the witness on one sheet of paper, as PDF."""

from __future__ import annotations

from html import escape
from pathlib import Path

from PySide6.QtCore import QSizeF
from PySide6.QtGui import QFont, QPdfWriter, QTextDocument

from app.models.errors import BadInput
from app.views.a4 import a4_pdf
from app.views.theme import ON_PAPER
from app.views.translation import tr

MARGIN_MM = 22.0


def instructions() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(heading, sentences) of the sheet."""
    return (
        (tr("What happens today"), (
            tr("First you tell what you remember, in your own words. Nobody interrupts you."),
            tr("Then you see faces that a computer has drawn. None of them is a photo, and none is "
               "the person: they only help you to say what is alike and what is not."),
            tr("You choose what is most like. Step by step the faces come closer to what you "
               "remember. In the end one of them is changed until you are content with it."),
        )),
        (tr("You decide"), (
            tr("You may take as much time as you like. Looking longer helps."),
            tr("You may always say: none of these, or I am not sure. These are good answers."),
            tr("You may rest or stop at any time, without giving a reason."),
            tr("Please do not guess. It is fine not to know or not to remember."),
        )),
        (tr("Please heed"), (
            tr("The officer will not help you to choose: only your memory counts."),
            tr("Do not speak about the face with other witnesses, before and after."),
            tr("Do not look for the person on the internet or in the news."),
            tr("If somebody has shown you pictures already, please say so now."),
        )),
        (tr("What it is for"), (
            tr("The portrait is a likeness from memory. It is a lead for the enquiry and proves "
               "nothing about anybody."),
            tr("What you said, what you chose and what the computer made up are kept apart and "
               "sealed. You may ask what is kept."),
        )),
    )


def sheet_html(organisation: str) -> str:
    """The whole sheet; ``organisation`` stands at its head, if there is one."""
    parts = [f"<p>{escape(organisation)}</p>"] if organisation else []
    parts.append(f"<h1>{escape(tr('For you, the witness'))}</h1>")
    for heading, sentences in instructions():
        items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
        parts.append(f"<h2>{escape(heading)}</h2><ul>{items}</ul>")
    signed = tr("I have read this, or it was read to me.")
    line = tr("Date, time, signature:")
    parts.append(f"<p><br>{escape(signed)}</p><p>{escape(line)} {'_' * 34}</p>")
    return "".join(parts)


def sheet_pdf(organisation: str = "") -> bytes:
    """The sheet as PDF, A4, in the language in force."""
    return a4_pdf(
        tr("For you, the witness"), lambda writer: _paint(writer, organisation),
        margin_mm=MARGIN_MM,
    )  # fmt: skip


def _paint(writer: QPdfWriter, organisation: str) -> None:
    document = QTextDocument()
    document.setDocumentMargin(0)
    font = QFont("DejaVu Sans")
    font.setPointSizeF(11.0)
    document.setDefaultFont(font)
    ink = ON_PAPER["ink"]
    document.setDefaultStyleSheet(
        f"h1, h2, p, li {{ color: {ink}; }} li {{ margin-bottom: 5px; }} h2 {{ font-size: 13pt; }}"
    )
    document.setHtml(sheet_html(organisation))
    document.documentLayout().setPaintDevice(writer)
    document.setPageSize(QSizeF(writer.pageLayout().paintRectPixels(writer.resolution()).size()))
    document.print_(writer)


def save_sheet(path: Path, organisation: str = "") -> None:
    """Write the sheet; BadInput ``sheet.not_saved`` says why it could not be."""
    try:
        path.write_bytes(sheet_pdf(organisation))
    except OSError as error:
        raise BadInput("sheet.not_saved", file=path.name, why=str(error)) from error

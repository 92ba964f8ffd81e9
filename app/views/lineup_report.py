"""Paints a lineup's bundle: the numbered array and the report as PDF, in the language in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from PySide6.QtCore import QRectF, QSizeF, QUrl
from PySide6.QtGui import (
    QFont,
    QImage,
    QPainter,
    QPdfWriter,
    QTextDocument,
)

from app.models.export.lineup_bundle import LineupReport, label_of, shown_order
from app.models.lineup import SUSPECT, Lineup
from app.views.a4 import DPI, a4_pdf
from app.views.lineup_words import concern_sentence, figure_rows, instructions, origin_label
from app.views.report import ReportPainter, draw_footer, read_png
from app.views.theme import ON_PAPER
from app.views.translation import tr


class LineupReportPainter(ReportPainter):
    """The LineupPainter of app.models.export.lineup_bundle."""

    def array(self, tiles: Sequence[bytes], label: str) -> bytes:
        """The pictures in the order shown, numbered from 1, with the label; PNG."""
        return self.sheet(tr("of the lineup"), tiles, (), label)

    def lineup_report(self, content: LineupReport) -> bytes:
        """The report as PDF, A4, each page with the label, its number and the chain's words."""
        return a4_pdf(
            tr("Report on a lineup"), lambda writer: _paint(writer, content), xmp=content.xmp
        )


def _paint(writer: QPdfWriter, content: LineupReport) -> None:
    page = QRectF(writer.pageLayout().paintRectPixels(DPI))
    footer = DPI * 0.45
    body = QSizeF(page.width(), page.height() - footer)
    document = QTextDocument()
    font = QFont("DejaVu Sans")
    font.setPointSizeF(9.0)
    document.setDefaultFont(font)
    document.setDocumentMargin(0)
    # the window may be dark, paper is not
    document.setDefaultStyleSheet(f"h1, h2, p, li, td, b {{ color: {ON_PAPER['ink']}; }}")
    image: QImage = read_png(content.array)
    document.addResource(QTextDocument.ResourceType.ImageResource, QUrl("array.png"), image)
    document.setHtml(lineup_html(content, body.width() * 96 / DPI))
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
        label = label_of(content.lineup)
        draw_footer(painter, place, content.head.words, number, pages, label)
    painter.end()


def lineup_html(content: LineupReport, width: float) -> str:
    """The whole report; ``width`` is the text's in CSS pixels."""
    lineup, record = content.lineup, content.record
    practice = f"<h2>{escape(tr('PRACTICE: no real case'))}</h2>" if record["practice"] else ""
    figures = figure_rows(lineup.figures()) or [(tr("Choices"), tr("no mock witness yet"))]
    concerns = [concern_sentence(c, lineup.suspect) for c in lineup.concerns]
    parts = (
        "<style>h1{font-size:16pt} h2{font-size:11pt} td{padding:1px 10px 1px 0}</style>",
        f"<h1>{escape(tr('Report on a lineup'))}</h1>{practice}",
        f'<p><img src="array.png" width="{int(width * 0.7)}"></p>',
        f"<p><b>{escape(label_of(lineup))}</b></p>",
        _section(tr("Who, when, how"), _table(_facts(record["case"]))),
        _section(tr("Description that the fillers must match"), _text(lineup.description)),
        _section(tr("Where each picture comes from"), _table(_origins(lineup))),
        _section(tr("Warnings"), _list(concerns or [tr("Nothing stands out.")])),
        _section(tr("Fairness, from mock witnesses"), _table(figures)),
        _section(tr("What was shown and answered"), _list(_showings(lineup))),
        _section(tr("What the witness was told"), _list(instructions())),
        _section(tr("How this record can be checked"), _list(_checks(content))),
    )
    return "".join(parts)


def _facts(case: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = ((tr("Reference number"), "reference"), (tr("Officer"), "officer"),
            (tr("Organisation"), "organisation"), (tr("Authorised by"), "authority"))  # fmt: skip
    return [(label, str(case.get(key, ""))) for label, key in rows if case.get(key)]


def _origins(lineup: Lineup) -> list[tuple[str, str]]:
    rows = []
    for place, index in enumerate(shown_order(lineup), 1):
        member = lineup.members[index]
        who = tr("suspect") if member.role == SUSPECT else tr("filler")
        words = f"{origin_label(member.origin)} - {member.source}".rstrip(" -")
        rows.append((f"{place} ({who})", words))
    return rows


def _showings(lineup: Lineup) -> list[str]:
    lines = []
    for showing in lineup.showings:
        if showing.kind != "witness":
            continue
        answer = showing.answer
        said = tr("no answer") if answer is None else {
            "none": tr("none of these"), "not_sure": tr("not sure"),
        }.get(answer.answer, tr("picture {number}").format(number=(answer.place or 0) + 1))
        mode = tr("all at once") if showing.mode == "simultaneous" else tr("one by one")
        lines.append(tr(
            "{who}: {mode}, order drawn from {seed}; answer: {said}; in their words: “{words}”"
        ).format(who=showing.who, mode=mode, seed=showing.seed, said=said,
                 words=answer.statement if answer else ""))  # fmt: skip
    return lines or [tr("No witness has seen it.")]


def _checks(content: LineupReport) -> list[str]:
    return [
        tr("Head of the record: {words}").format(words=" ".join(content.head.words)),
        content.head.hash_hex,
        tr("The order is the one that its number gives; anybody can draw it again."),
        "portrait-parle verify BUNDLE",
    ]


def _section(title: str, inside: str) -> str:
    return f"<h2>{escape(title)}</h2>{inside}"


def _text(text: str) -> str:
    return f"<p>{escape(text) or '-'}</p>"


def _table(rows: Sequence[tuple[str, str]]) -> str:
    cells = "".join(
        f"<tr><td><b>{escape(what)}</b></td><td>{escape(value)}</td></tr>" for what, value in rows
    )
    return f"<table>{cells}</table>"


def _list(lines: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"

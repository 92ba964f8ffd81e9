"""One page that keeps apart what was said, what was chosen and what the model made up."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.models.attributes import vocabulary
from app.models.description import Attribute
from app.models.origins import Origins, origins_of
from app.views import terms
from app.views.controller import Controller
from app.views.dialogs import ReadingDialog
from app.views.forms import text_label
from app.views.images import shown
from app.views.overlay_words import overlay_label
from app.views.translation import tr

FACE = 220


def origins_dialog(controller: Controller, parent: QWidget | None = None) -> ReadingDialog:
    """The portrait, and below it where each of its features comes from."""
    dialog = ReadingDialog(tr("Said, chosen, made up"), parent)
    dialog.resize(720, 640)
    portrait = controller.session.portrait
    pixels = None if portrait is None else controller.known_face(portrait)
    if pixels is not None:
        face = QLabel()
        face.setPixmap(shown(pixels, FACE, ratio=dialog.devicePixelRatioF()))
        face.setAccessibleName(tr("The portrait as it is now"))
        dialog.column.addWidget(face, 0, Qt.AlignmentFlag.AlignLeft)
    info = controller.model_info
    directions = {d.name: d.attribute for d in info.directions} if info is not None else {}
    found = origins_of(controller.session, vocabulary().names, directions)
    _section(dialog, tr("Said by the witness"), [(a, "") for a in _said(found)])
    _section(dialog, tr("Chosen with the witness"), _chosen(found, controller))
    _section(dialog, tr("Put on the portrait"), [(overlay_label(o), "") for o in found.put_on])
    dialog.column.addWidget(text_label(tr("Made up by the model"), "heading"))
    invented = ", ".join(terms.attribute_label(name) for name in found.invented)
    dialog.column.addWidget(text_label(invented or tr("nothing")))
    dialog.column.addWidget(
        text_label(
            tr("Nobody said or chose these. They are the model's guess, and no memory."), "faint"
        )
    )
    dialog.column.addStretch(1)
    return dialog


def _section(dialog: ReadingDialog, title: str, rows: list[tuple[str, str]]) -> None:
    dialog.column.addWidget(text_label(title, "heading"))
    if rows:
        dialog.add_pairs(rows)
    else:
        dialog.column.addWidget(text_label(tr("nothing")))


def _said(found: Origins) -> list[str]:
    return [said_words(a) for a in found.said]


def said_words(attribute: Attribute) -> str:
    """One attribute as said: negation and doubt kept."""
    value = attribute.value
    words = (
        "-".join(str(v) for v in dict.fromkeys(value)) if isinstance(value, tuple)
        else terms.value_label(attribute.name, value)
    )  # fmt: skip
    text = tr("{attribute}: {value}").format(
        attribute=terms.attribute_label(attribute.name), value=words
    )
    if attribute.negated:
        text = tr("not: {what}").format(what=text)
    return text if attribute.certainty == "said" else tr("{what} (doubtful)").format(what=text)


def _chosen(found: Origins, controller: Controller) -> list[tuple[str, str]]:
    rows = []
    if found.arrays:
        picked = tr("{picks} faces picked, in {arrays} arrays").format(
            picks=found.picks, arrays=found.arrays
        )
        rows.append((tr("Picked"), picked))
    rows += [_moved(name, amount, controller) for name, amount in found.moved]
    for number, local in enumerate(found.local, 1):
        part = tr("Part {number}").format(number=number)
        for name, amount in local.edits:
            label, value = _moved(name, amount, controller)
            rows.append((tr("{part}: {what}").format(part=part, what=label), value))
    return rows


def _moved(name: str, amount: float, controller: Controller) -> tuple[str, str]:
    info = controller.model_info
    direction = info.direction(name) if info is not None else None
    if direction is None:
        return terms.plain(name).capitalize(), f"{amount:+.1f}"
    return terms.direction_label(direction), terms.amount_label(direction, amount)

"""What every slider moves besides its own thing, before and after it was projected, as measured."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from app.engine.api import DirectionInfo
from app.views import terms
from app.views.dialogs import ReadingDialog
from app.views.forms import text_label
from app.views.translation import tr

SHOWN = 6
LANDMARK = "landmark:"


def effects_dialog(directions: Sequence[DirectionInfo], parent: QWidget) -> ReadingDialog:
    """One paragraph per slider; the largest effects first."""
    dialog = ReadingDialog(tr("What sliders move"), parent)
    measured = max((d.measured_faces for d in directions), default=0)
    dialog.column.addWidget(text_label(_about(measured), "faint"))
    pairs = [(terms.direction_label(d), effects_text(d, directions)) for d in directions]
    dialog.add_pairs(pairs)
    dialog.column.addStretch(1)
    return dialog


def effects_text(direction: DirectionInfo, directions: Sequence[DirectionInfo]) -> str:
    """"Age 0.4 (before 1.2), mouth 0.3 (before 0.9)" for the largest effects."""
    known = {d.name: terms.direction_label(d) for d in directions}
    before = dict(direction.side_effects_before)
    words = []
    for name, amount in direction.side_effects[:SHOWN]:
        text = f"{_reading_label(name, known)} {amount:.2f}"
        if name in before:
            text = tr("{effect} (before {amount})").format(
                effect=text, amount=f"{before[name]:.2f}"
            )
        words.append(text)
    return ", ".join(words) or tr("Nothing is known of it.")


def _about(measured: int) -> str:
    if not measured:
        return tr("This model does not say on how many faces its sliders were measured.")
    template = tr(
        "Measured on {count} generated faces: how far each reading moves, in its own standard "
        "deviations, when the slider's own moves by two. In brackets: before the slider was freed "
        "of the other features. Readings by points are those of a second net."
    )
    return template.format(count=measured)


def _reading_label(name: str, known: dict[str, str]) -> str:
    if name.startswith(LANDMARK):
        shape = terms.plain(name[len(LANDMARK) :])
        return tr("{shape} (by points)").format(shape=shape)
    return known.get(name) or terms.attribute_label(name)

"""A model's card in the officer's order: what it is, what it is weak at, measured figures."""

from __future__ import annotations

from app.engine.api import ModelInfo
from app.views.terms import direction_label, plain
from app.views.translation import tr

Section = tuple[str, list[tuple[str, str]]]
WEAK_BELOW = 0.4  # a slider whose own attribute follows less than this is named as weak
HIDDEN = ("format", "sha256", "files", "sampling", "architecture", "name")


def card_rows(info: ModelInfo) -> list[Section]:
    """(heading, pairs) of the whole card; nothing of it is left out but file hashes."""
    told = [(key, text) for key, text in info.card if key.split(".")[0] not in HIDDEN]
    sections: list[Section] = [(tr("What it is"), _identity(info) + _part(told, _is_identity))]
    weak = [text for key, text in told if _is_weakness(key)] + _weak_sliders(info)
    if weak:
        sections.append((tr("What it is weak at"), [("\u2022", text) for text in weak]))
    figures = _part(told, lambda key: not _is_identity(key) and not _is_weakness(key))
    if figures:
        sections.append((tr("Measured, and how it was made"), figures))
    return sections


def _identity(info: ModelInfo) -> list[tuple[str, str]]:
    size = tr("{side} x {side} pixels").format(side=info.resolution)
    return [
        (tr("Name"), info.name), (tr("Size of a face"), size),
        (tr("Sliders"), str(len(info.directions))), (tr("Computed on"), info.device),
        (tr("Fingerprint"), info.sha256[:16]),
    ]


def _is_identity(key: str) -> bool:
    return key.split(".")[0] in ("title", "kind", "licence", "license", "training_data", "author")


def _is_weakness(key: str) -> bool:
    return key.split(".")[0] in ("limits", "known_bias", "limit", "weakness")


def _part(told: list[tuple[str, str]], wanted: object) -> list[tuple[str, str]]:
    assert callable(wanted)
    return [(card_label(key), text) for key, text in told if wanted(key)]


def _weak_sliders(info: ModelInfo) -> list[str]:
    weak = [direction_label(d) for d in info.directions if d.quality < WEAK_BELOW]
    if not weak:
        return []
    return [tr("These sliders follow weakly: {list}").format(list=", ".join(weak))]


def card_label(key: str) -> str:
    """The name of an entry of the card; unknown ones are shown as they are."""
    known = {
        "title": tr("Title"), "kind": tr("Kind"), "licence": tr("Licence"),
        "license": tr("Licence"), "training_data": tr("Made from"),
        "training.data": tr("Made from"), "training.method": tr("How it was made"),
        "training.command": tr("Command"), "training.commit": tr("Version of the program"),
    }
    return known.get(key) or plain(key.replace(".", ": ")).capitalize()

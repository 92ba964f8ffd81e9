"""Themes: the same roles in each, text that can be read, and no colour anywhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from app.models.resources import resource
from app.views.theme import apply_theme, colour, shown_theme, tokens

VIEWS = Path(__file__).resolve().parents[2] / "app" / "views"
THEMES = ("light", "dark", "high_contrast", "evening")
SURFACES = ("surface", "raised", "sunken", "message", "message_bad")
# (text, what it stands on)
PAIRS = [
    *((text, on) for text in ("text", "faint", "danger", "warning", "good") for on in SURFACES),
    *(("disabled", on) for on in ("surface", "raised", "sunken")),
    *(("accent", on) for on in ("surface", "raised", "sunken", "message", "message_bad")),
    *(("text", on) for on in ("said", "doubtful", "unread")),
    ("accent_text", "accent"),
    ("curtain_text", "curtain"),
    ("held", "surface"),
    ("held", "raised"),
]


def luminance(name: str) -> float:
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
                for c in QColor(name).getRgbF()[:3]]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast ratio, 1 to 21."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_itself_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_has_the_same_roles_and_only_colours(theme: str) -> None:
    assert set(tokens(theme)) == set(tokens("light"))
    assert all(re.fullmatch(r"#[0-9a-f]{6}", c) for c in tokens(theme).values())


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_everything_it_stands_on(theme: str) -> None:
    of, floor = tokens(theme), 7.0 if theme == "high_contrast" else 4.5
    weak = {(a, b): round(contrast(of[a], of[b]), 2) for a, b in PAIRS}
    assert {pair: c for pair, c in weak.items() if c < floor and "curtain" not in pair} == {}
    assert contrast(of["curtain_text"], of["curtain"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_focus_ring_and_edges_can_be_seen(theme: str) -> None:
    of = tokens(theme)
    for role in ("focus", "border"):
        for on in ("surface", "raised"):
            assert contrast(of[role], of[on]) >= 3.0, (role, on)


@pytest.mark.parametrize("theme", THEMES)
def test_behind_faces_is_the_same_neutral_grey_in_every_theme(theme: str) -> None:
    for role in ("face_surround", "curtain"):
        red, green, blue, _ = QColor(tokens(theme)[role]).getRgb()
        assert red == green == blue
    assert tokens(theme)["face_surround"] == tokens("light")["face_surround"]


def test_no_colour_is_written_anywhere_but_in_the_themes() -> None:
    literal = re.compile(
        r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b|QColor\(\s*\d|\brgba?\(|GlobalColor\.(?!transparent)"
    )
    wrong = [
        f"{path.name}:{number}"
        for path in sorted(VIEWS.rglob("*.py")) if path.name != "theme.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if literal.search(line.split("  #")[0])
    ]
    assert wrong == []


def test_the_style_sheet_uses_only_known_tokens(qapp: QApplication) -> None:
    sheet = resource("themes", "style.qss").read_text(encoding="utf-8")
    assert not re.findall(r"#[0-9a-fA-F]{3,6}\b", sheet)
    known = {*tokens("light"), "big_size", "title_size", "witness_size", "small_size",
             "tick", "up", "down", "names"}
    assert set(re.findall(r"@([a-z_]+)", sheet)) <= known


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_is_put_in_force_and_every_token_replaced(
    qapp: QApplication, theme: str
) -> None:
    before = qapp.font().pointSizeF()
    apply_theme(qapp, theme, 150)
    assert qapp.palette().window().color() == QColor(tokens(theme)["surface"])
    assert colour("accent") == QColor(tokens(theme)["accent"])
    assert "@" not in qapp.styleSheet().split("*/", 1)[1]
    large = qapp.font().pointSizeF()
    apply_theme(qapp, theme, 100)
    assert large == pytest.approx(1.5 * qapp.font().pointSizeF())
    assert qapp.font().pointSizeF() >= before or before > 10
    qapp.setStyleSheet("")


def test_system_is_light_or_dark(qapp: QApplication) -> None:
    assert shown_theme("system") in ("light", "dark")
    assert shown_theme("high_contrast") == "high_contrast"

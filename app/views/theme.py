"""Colours by role from TOML: a palette first, a style sheet for the little it cannot do."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from app.models.resources import resource

Role = QPalette.ColorRole
TOKENS_PROPERTY = "portrait_parle_theme"
# The report is paper, whatever the theme; a neutral grey is around its faces.
ON_PAPER = {"ink": "#000000", "paper": "#ffffff", "surround": "#808080"}


@cache
def tokens(name: str) -> Mapping[str, str]:
    """Role -> colour as ``#rrggbb`` of one theme: light, dark, high_contrast or evening."""
    return tomllib.loads(resource("themes", f"{name}.toml").read_text(encoding="utf-8"))


def shown_theme(setting: str) -> str:
    """The theme in force; ``system`` follows the desktop's light or dark."""
    if setting != "system":
        return setting
    hints = QGuiApplication.styleHints()
    return "dark" if hints.colorScheme() == Qt.ColorScheme.Dark else "light"


def colour(role: str) -> QColor:
    """The present theme's colour for a role; KeyError for a role that no theme has."""
    app = QApplication.instance()
    name = app.property(TOKENS_PROPERTY) if app is not None else None
    return QColor(tokens(str(name) if name else "light")[role])


def apply_theme(app: QApplication, setting: str, text_scale: int = 100) -> None:
    """Fusion with the theme's palette, sizes derived from the font of the desktop."""
    name = shown_theme(setting)
    app.setProperty(TOKENS_PROPERTY, name)
    if app.style().objectName().lower() != "fusion":
        app.setStyle("Fusion")
    app.setFont(_scaled_font(app, text_scale))
    app.setPalette(palette(tokens(name)))
    app.setStyleSheet(style_sheet(tokens(name), app.font().pointSizeF()))


def _scaled_font(app: QApplication, text_scale: int) -> QFont:
    first = app.property("portrait_parle_point_size")
    if first is None:
        first = max(app.font().pointSizeF(), 10.5)
        app.setProperty("portrait_parle_point_size", first)
    font = QFont(app.font())
    font.setPointSizeF(float(first) * text_scale / 100)
    return font


def palette(of: Mapping[str, str]) -> QPalette:
    """The tokens as a Qt palette; disabled text is the faint role."""
    made = QPalette()
    for role, token in {
        Role.Window: "surface", Role.WindowText: "text", Role.Base: "raised",
        Role.AlternateBase: "sunken", Role.Text: "text", Role.Button: "raised",
        Role.ButtonText: "text", Role.BrightText: "danger", Role.Highlight: "accent",
        Role.HighlightedText: "accent_text", Role.ToolTipBase: "raised",
        Role.ToolTipText: "text", Role.PlaceholderText: "faint", Role.Link: "accent",
        Role.LinkVisited: "accent", Role.Mid: "border", Role.Dark: "border",
        Role.Light: "raised", Role.Midlight: "sunken", Role.Accent: "accent",
    }.items():
        made.setColor(role, QColor(of[token]))
    for role in (Role.WindowText, Role.Text, Role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(of["disabled"]))
    return made


def style_sheet(of: Mapping[str, str], points: float) -> str:
    """What a palette cannot say: focus rings, big buttons, cards, type sizes, page roles."""
    sheet = resource("themes", "style.qss").read_text(encoding="utf-8")
    sizes = {
        "big_size": f"{points * 1.25:.1f}pt", "title_size": f"{points * 1.7:.1f}pt",
        "witness_size": f"{points * 1.4:.1f}pt", "small_size": f"{points * 0.92:.1f}pt",
    }
    on_accent, on_raised = (_tone(of[role]) for role in ("accent_text", "text"))
    icons = {"tick": on_accent, "down": on_raised, "up": on_raised}
    files = {
        icon: resource("themes", f"{icon}_{tone}.svg").as_posix() for icon, tone in icons.items()
    }
    words = {**of, **sizes, **files}
    for name, value in sorted(words.items(), key=lambda pair: -len(pair[0])):
        sheet = sheet.replace(f"@{name}", value)
    return sheet


def _tone(colour_name: str) -> str:
    return "light" if QColor(colour_name).lightness() > 127 else "dark"


def set_look(widget: QWidget, look: str) -> None:
    """Give a widget a look of the style sheet (title, big, primary, quiet, card, danger, ...)."""
    widget.setProperty("look", look)
    widget.style().unpolish(widget)
    widget.style().polish(widget)

"""Sentences in the officer's language: English is the source, the others are catalogues."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator

from app.models.resources import resources_folder

CONTEXT = "app"
_in_force = "en"  # set by install_language, as the installed translators are


def tr(text: str) -> str:
    """The sentence in the present language; English where the catalogue has none.

    Call with a literal: a test collects the literals and compares them with every catalogue.
    """
    return QCoreApplication.translate(CONTEXT, text)


def in_force() -> str:
    """The code of the present language."""
    return _in_force


def agreeing_value(attribute: str, value: str) -> str:
    """The word for a value that agrees with its attribute in the present language, or nothing.

    One English word serves many attributes; other languages bend it (lèvres fines, nez fin).
    """
    return _agreements(_in_force).get(attribute, {}).get(value, "")


@cache
def _agreements(language: str) -> dict[str, dict[str, str]]:
    path = catalogue_path(f"{language}_values")
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def catalogue_path(language: str) -> Path:
    """Where the catalogue of a language lies; English has none, it is the source."""
    return resources_folder() / "i18n" / f"{language}.toml"


@cache
def catalogue(language: str) -> dict[str, str]:
    """English sentence -> sentence of the language; empty for English and unknown languages."""
    path = catalogue_path(language)
    if language == "en" or not path.is_file():
        return {}
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {english: text for table in tables.values() for english, text in table.items()}


class CatalogueTranslator(QTranslator):
    """A translator that reads a catalogue, so that no build tool is needed on a fresh machine."""

    def __init__(self, sentences: dict[str, str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sentences = sentences

    def isEmpty(self) -> bool:  # noqa: N802 (Qt's name)
        return not self._sentences

    def translate(  # type: ignore[override]  # None is "not here"; "" would show as an empty text
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        return self._sentences.get(source) if context == CONTEXT else None


def chosen_language(setting: str) -> str:
    """``en`` or ``fr`` from the setting; ``system`` follows the desktop."""
    if setting != "system":
        return setting
    code = QLocale.system().name().split("_")[0]
    return code if catalogue_path(code).is_file() else "en"


def install_language(app: QCoreApplication, setting: str) -> str:
    """Put the language in force for the whole application; returns its code."""
    global _in_force
    language = _in_force = chosen_language(setting)
    for old in app.findChildren(QTranslator, "portrait_parle"):
        app.removeTranslator(old)
        old.deleteLater()
    qt_own = QTranslator(app)
    ours = CatalogueTranslator(catalogue(language), app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    qt_own.load(f"qtbase_{language}", folder)
    for translator in (qt_own, ours):
        translator.setObjectName("portrait_parle")
        app.installTranslator(translator)
    return language

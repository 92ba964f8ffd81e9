"""No sentence without its translation, and no sentence that is not a sentence of the catalogue."""

from __future__ import annotations

import ast
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.models.attributes import vocabulary
from app.views import terms
from app.views.translation import catalogue, catalogue_path, chosen_language, install_language, tr

VIEWS = Path(__file__).resolve().parents[2] / "app" / "views"
LANGUAGES = ("fr",)
# calls whose text is seen by people: none of them may be given a bare literal with letters
SHOWN_BY = {
    "setText", "setWindowTitle", "setToolTip", "setAccessibleName", "setAccessibleDescription",
    "setPlaceholderText", "text_label", "button", "field", "named", "QLabel", "QPushButton",
    "QCheckBox", "QRadioButton", "addAction", "addMenu", "setTitle", "setStatusTip",
}  # fmt: skip
SAME_EVERYWHERE = {"English", "Français", "F8"}


def trees() -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted(VIEWS.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def sentences() -> dict[str, str]:
    """Every literal given to ``tr`` and where it stands."""
    found = {}
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) == "tr" and node.args:
                literal = node.args[0]
                assert isinstance(literal, ast.Constant), f"{path.name}:{node.lineno}: no literal"
                found[str(literal.value)] = f"{path.name}:{node.lineno}"
    return found


def placeholders(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_there_are_sentences_at_all() -> None:
    assert len(sentences()) > 400


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    have = catalogue(language)
    missing = {text: place for text, place in sentences().items() if not have.get(text)}
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_left_over(language: str) -> None:
    left_over = sorted(set(catalogue(language)) - set(sentences()))
    assert not left_over


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_and_menu_keys_survive_translation(language: str) -> None:
    for english, text in catalogue(language).items():
        assert placeholders(english) == placeholders(text), english
        assert english.count("&") == text.count("&"), english


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_stands_in_two_tables(language: str) -> None:
    tables = tomllib.loads(catalogue_path(language).read_text(encoding="utf-8"))
    seen = [english for table in tables.values() for english in table]
    assert len(seen) == len(set(seen))


def test_nothing_is_shown_that_did_not_go_through_tr() -> None:
    bare = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or called(node) not in SHOWN_BY:
                continue
            for argument in node.args[:2]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    text = argument.value
                    is_look = called(node) == "text_label" and argument is not node.args[0]
                    is_word = any(c.isalpha() for c in text) and text not in SAME_EVERYWHERE
                    if is_word and not is_look:
                        bare.append(f"{path.name}:{node.lineno}: {text!r}")
    assert not bare


def test_every_entry_and_value_of_the_vocabulary_has_words() -> None:
    known = sentences()
    for entry in vocabulary().entries:
        assert terms.attribute_label(entry.name) in known, entry.name
        for value in entry.values:
            assert terms.value_label(entry.name, value) in known, (entry.name, value)


def test_the_language_is_put_in_force_and_taken_back(qapp: QApplication) -> None:
    try:
        assert install_language(qapp, "fr") == "fr"
        assert tr("Undo") == "Annuler"
        assert tr("no such sentence") == "no such sentence"
    finally:
        assert install_language(qapp, "en") == "en"
    assert tr("Undo") == "Undo"


def test_an_unknown_system_language_falls_back_to_english(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from PySide6.QtCore import QLocale

    monkeypatch.setattr(QLocale, "system", staticmethod(lambda: QLocale("fi_FI")))
    assert chosen_language("system") == "en"
    monkeypatch.setattr(QLocale, "system", staticmethod(lambda: QLocale("fr_CA")))
    assert chosen_language("system") == "fr"


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_that_agree_belong_to_the_vocabulary(language: str) -> None:
    tables = tomllib.loads(catalogue_path(f"{language}_values").read_text(encoding="utf-8"))
    for attribute, words in tables.items():
        assert set(words) <= set(vocabulary().entry(attribute).values), attribute


def test_a_value_agrees_with_its_attribute(qapp: QApplication) -> None:
    try:
        install_language(qapp, "fr")
        assert terms.value_label("lips", "thin") == "fines"
        assert terms.value_label("build", "thin") == "mince"
    finally:
        install_language(qapp, "en")
    assert terms.value_label("lips", "thin") == "thin"

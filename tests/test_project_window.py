"""The window as the entry point builds it: on screen, in words, and without torch."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6", reason="a run without Qt")
pytestmark = pytest.mark.needs_qt


@pytest.mark.parametrize("language", ["en", "fr", "xx"])
def test_a_sentence_without_a_translation_is_shown_as_it_is(qapp: object, language: str) -> None:
    from PySide6.QtWidgets import QApplication

    from app.views.translation import install_language, tr

    app = QApplication.instance()
    assert isinstance(app, QApplication)
    try:
        install_language(app, language)
        assert tr("a sentence that no catalogue has") == "a sentence that no catalogue has"
    finally:
        install_language(app, "en")

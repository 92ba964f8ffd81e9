"""Words to attributes: what a witness says of a face, read with the lexicon of a language."""

from app.engine.language.reader import describe, lexicon_phrases

__all__ = ["describe", "lexicon_phrases"]

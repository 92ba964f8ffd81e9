"""Words to attributes: what a witness says of a face, read with the lexicon of a language."""

from app.engine.language.edits import EditIntent, edits
from app.engine.language.reader import describe, lexicon_phrases

__all__ = ["EditIntent", "describe", "edits", "lexicon_phrases"]

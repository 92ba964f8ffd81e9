"""Text to tokens that remember their place; case, accents and apostrophes do not count."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

APOSTROPHES = "'’‘ʼ`´ʹ"
HYPHENS = "-‐‑"
DASHES = "–—―−"
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})
_TOKEN = re.compile(
    rf"(?P<word>[^\W\d_]+(?:[{APOSTROPHES}][^\W\d_]+)*)"
    r"|(?P<number>\d+)|(?P<blank>\n[ \t\r]*\n\s*)|(?P<dots>\.{2,}|…)|(?P<mark>[^\w\s]|\n|_)"
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or sign. ``norm`` is what is compared; ``joined``: a hyphen stands before
    it; ``glued``: nothing at all stands between it and the token before; ``possessive``: it ends in
    an apostrophe and s."""

    start: int
    end: int
    norm: str
    kind: str  # word, number, mark
    joined: bool = False
    glued: bool = False
    possessive: bool = False


def normal(text: str) -> str:
    """Lower case, without accents and apostrophes; may be longer or shorter than the text."""
    folded = unicodedata.normalize("NFKD", text.casefold()).translate(_LIGATURES)
    return "".join(c for c in folded if not unicodedata.combining(c) and c not in APOSTROPHES)


def tokenize(text: str, split_apostrophe: bool = False) -> list[Token]:
    """All tokens in order. Hyphens inside words vanish into ``joined`` of the word after them.

    ``split_apostrophe``: as in French, a word ends at its apostrophe ("d'années" is two words).
    """
    tokens: list[Token] = []
    hyphen_at = -1
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        glued = bool(tokens) and tokens[-1].end == start
        if match.lastgroup == "mark" and match.group() in HYPHENS and glued:
            if text[end : end + 1].isalnum():
                hyphen_at = end
                continue
        joined = hyphen_at == start
        for begin, stop in _pieces(text, start, end, match.lastgroup, split_apostrophe):
            kind = match.lastgroup if match.lastgroup in ("word", "number") else "mark"
            norm = "\n\n" if match.lastgroup == "blank" else normal(text[begin:stop])
            if match.lastgroup == "dots":
                norm = "..."
            owns = kind == "word" and stop - begin > 2 and text[stop - 2] in APOSTROPHES
            owns = owns and text[stop - 1] in "sS"
            tokens.append(Token(begin, stop, norm, str(kind), joined, glued, owns))
    return tokens


def words_of(phrase: str, split_apostrophe: bool = False) -> tuple[str, ...]:
    """The normal forms of a phrase's tokens, as they are compared with a text's."""
    return tuple(t.norm for t in tokenize(phrase, split_apostrophe))


def _pieces(
    text: str, start: int, end: int, group: str | None, split: bool
) -> list[tuple[int, int]]:
    if group != "word" or not split:
        return [(start, end)]
    cuts = [i for i in range(start, end) if text[i] in APOSTROPHES]
    edges = [start, *(c + 1 for c in cuts), end]
    return [(a, b) for a, b in zip(edges, edges[1:], strict=False) if b > a]

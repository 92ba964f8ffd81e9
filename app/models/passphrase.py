"""Which passphrases are too easy to guess to keep a case: length first, then what is no secret."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from app.models.seal import ADVISED_PASSPHRASE

LEAST_DIFFERENT = 6  # characters
LONGEST_UNIT = 6  # "abcabcabcabcabc" is three characters, however often
ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "azertyuiop", "qwertzuiop", "asdfghjkl",
        "zxcvbnm", "yxcvbnm", "wxcvbn", "01234567890")  # fmt: skip


def passphrase_fault(passphrase: str, known: Iterable[str] = ()) -> str:
    """``short``, ``repeated``, ``row`` or ``known``; empty for one that may keep a case.

    ``known``: what stands on the file's cover (reference, names, codes). No rules on kinds of
    characters: NIST SP 800-63B-4 asks for length and against what is guessed first.
    """
    text = unicodedata.normalize("NFC", passphrase)
    if len(text) < ADVISED_PASSPHRASE:
        return "short"
    plain = text.casefold()
    if len(set(plain)) < LEAST_DIFFERENT or _is_repeated(plain):
        return "repeated"
    if _in_rows(plain) > len(plain) // 2:
        return "row"
    return "known" if _told(plain, known) > len(plain) // 2 else ""


def _is_repeated(text: str) -> bool:
    return any(
        text == (text[:unit] * len(text))[: len(text)] for unit in range(1, LONGEST_UNIT + 1)
    )


def _in_rows(text: str) -> int:
    """How many characters only go on along a row of the keyboard or the alphabet."""
    steps = {row[i : i + 2] for row in ROWS for i in range(len(row) - 1)}
    steps |= {step[::-1] for step in steps}
    return sum(text[i : i + 2] in steps for i in range(len(text) - 1))


def _told(text: str, known: Iterable[str]) -> int:
    words = [w.casefold() for k in known for w in (k, *k.split()) if len(w) > 3]
    return max((len(w) * text.count(w) for w in words), default=0)

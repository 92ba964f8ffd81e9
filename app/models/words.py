"""A hash as words that two people can read to each other: BIP 39 English, 11 bits a word."""

from __future__ import annotations

from functools import cache

from app.models.resources import resource

WORDS = 8
BITS_PER_WORD = 11  # 2048 words; eight of them carry 88 bits of the hash


@cache
def word_list() -> tuple[str, ...]:
    """The 2,048 words in order; the first four letters tell any two apart (BIP 39, MIT licence)."""
    return tuple(resource("words.txt").read_text(encoding="ascii").split())


def words_of(digest: bytes) -> tuple[str, ...]:
    """The first 88 bits of a hash of at least 11 bytes, most significant first, as eight words."""
    bits = int.from_bytes(digest[: WORDS * BITS_PER_WORD // 8], "big")
    shifts = range((WORDS - 1) * BITS_PER_WORD, -1, -BITS_PER_WORD)
    return tuple(word_list()[(bits >> shift) & 0x7FF] for shift in shifts)

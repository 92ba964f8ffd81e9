"""Tokens to items: the longest phrase of the lexicon at each place, with spelling repaired."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.engine.language.ages import Age, find_ages
from app.engine.language.lexicon import Entry, Lexicon
from app.engine.language.tokens import DASHES, HYPHENS, Token

SENTENCE_ENDS = frozenset({".", "!", "?", ";", "\n\n", "¿", "¡", "。"})
COMMAS = frozenset({",", "(", ")", "[", "]", "\n", "...", "•", "*", "|", "،", '"', "“", "”"})
UNKNOWN = Entry("unknown")
END = Entry("end")
QUESTION = Entry("question")
COMMA = Entry("comma")
COLON = Entry("colon")
DASH = Entry("comma")
SLASH = Entry("or")
SIGN = Entry("sign")
AND = Entry("and")
LONGEST_WORD = 24


@dataclass(frozen=True)
class Item:
    """A phrase in the text: tokens ``[start, end)``, what it is, and its age if it is one."""

    start: int
    end: int
    entry: Entry
    age: Age | None = None

    @property
    def kind(self) -> str:
        """The kind of the lexicon entry."""
        return self.entry.kind


def find_items(tokens: list[Token], lexicon: Lexicon, today: datetime.date) -> list[Item]:
    """Items in order; every token belongs to exactly one."""
    tokens = [_repaired(token, lexicon) for token in tokens]
    ages = {age.start: age for age in find_ages(tokens, lexicon, today.year)}
    taken = {i for age in ages.values() for i in range(age.start, age.end)}
    items: list[Item] = []
    position = 0
    while position < len(tokens):
        if position in ages:
            age = ages[position]
            entry = Entry("age", part=lexicon.parts["person"] if age.is_stage else None)
            item = Item(position, age.end, entry, age)
        elif tokens[position].kind == "mark":
            item = Item(position, position + 1, _sign(tokens, position, lexicon))
        else:
            item = _longest(tokens, position, lexicon, taken)
        items.append(item)
        position = item.end
    items.append(Item(len(tokens), len(tokens), END))
    return items


def _longest(tokens: list[Token], position: int, lexicon: Lexicon, taken: set[int]) -> Item:
    for words, entry in lexicon.phrases.get(tokens[position].norm, ()):
        end = position + len(words)
        if end > len(tokens) or any(i in taken for i in range(position, end)):
            continue
        if any(tokens[position + k].norm != w for k, w in enumerate(words)):
            continue
        if entry.kind == "denial" and end < len(tokens) and tokens[end].kind != "mark":
            continue
        if entry.part is not None and len(words) == 1 and len(words[0]) == 1:
            if not _stands_alone(tokens, position):
                continue
        return Item(position, end, entry)
    owner = lexicon.by_words.get((tokens[position].norm[:-1],))
    if tokens[position].possessive and owner is not None:  # "the bloke's face"
        return Item(position, position + 1, owner)
    return Item(position, position + 1, UNKNOWN)


def _stands_alone(tokens: list[Token], position: int) -> bool:
    """A single letter is a word of police shorthand only between signs ("m, 40s")."""
    after = tokens[position + 1] if position + 1 < len(tokens) else None
    before = tokens[position - 1] if position else None
    opens = before is None or before.kind == "mark" or before.kind == "number"
    return opens and (after is None or after.norm in {",", "/", ";", ".", "\n", "-"})


def _sign(tokens: list[Token], position: int, lexicon: Lexicon) -> Entry:
    token = tokens[position]
    if token.norm == ".":
        return SIGN if _abbreviates(tokens, position, lexicon) else END
    if token.norm == "?":
        return QUESTION
    if token.norm in SENTENCE_ENDS:
        return END
    if token.norm in COMMAS or token.norm in DASHES or token.norm in HYPHENS:
        return COMMA
    if token.norm in ":=":
        return COLON
    if token.norm == "/":
        return SLASH
    return AND if token.norm in "&+" else SIGN


def _abbreviates(tokens: list[Token], position: int, lexicon: Lexicon) -> bool:
    before = tokens[position - 1] if position else None
    after = tokens[position + 1] if position + 1 < len(tokens) else None
    if before is None or after is None:
        return before is None
    if before.kind == "number" and after.kind == "number" and after.glued:
        return True
    return before.norm in lexicon.grammar["tokens"]["abbreviations"]


def _repaired(token: Token, lexicon: Lexicon) -> Token:
    if token.kind != "word" or len(token.norm) < 5 or token.norm in lexicon.known:
        return token
    return replace(token, norm=_nearest(token.norm, lexicon))


def _nearest(word: str, lexicon: Lexicon) -> str:
    """The lexicon's word that was meant: one slip in short words, two in long ones."""
    allowed = 1 if len(word) < 8 else 2
    near = lexicon.repairable.get(word[0], [])
    found = process.extractOne(word, near, scorer=OSA.distance, score_cutoff=allowed)
    return found[0] if found and len(word) <= LONGEST_WORD else word

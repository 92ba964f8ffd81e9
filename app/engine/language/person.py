"""The sex of the person described, from nouns and pronouns, leaving out people around them."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.language.items import Item
from app.engine.language.lexicon import Lexicon, Meaning
from app.engine.language.raws import Raw
from app.engine.language.tokens import Token

NOUN_WEIGHT = 3.0
REPORTING_WEIGHT = 0.2  # "she said he was tall": she is hardly the one described


@dataclass(frozen=True)
class _Mention:
    sex: str
    weight: float
    start: int
    end: int


def read_sex(
    items: list[Item], tokens: list[Token], lexicon: Lexicon, unknown: frozenset[int]
) -> Raw | None:
    """The sex most mentions speak for; its span is the first noun, else the first pronoun."""
    words = lexicon.grammar["sex"]
    mentions = _nouns(items, tokens, words, unknown) + _pronouns(tokens, words, lexicon)
    if not mentions:
        return None
    total = {sex: sum(m.weight for m in mentions if m.sex == sex) for sex in ("male", "female")}
    if total["male"] == total["female"]:
        return None
    sex = max(total, key=lambda s: total[s])
    own = [m for m in mentions if m.sex == sex]
    best = max(own, key=lambda m: (m.weight, -m.start))
    return Raw(Meaning("sex", sex), best.start, best.end, _item_at(items, best.start))


def _nouns(
    items: list[Item], tokens: list[Token], words: dict, unknown: frozenset[int]
) -> list[_Mention]:
    mentions = []
    for index, item in enumerate(items):
        sex = item.entry.sex
        if sex is None or index in unknown or _is_relation(items, tokens, index, words):
            continue
        if _is_compared(items, index):
            continue
        weight = REPORTING_WEIGHT if _reports(items, tokens, index, words) else NOUN_WEIGHT
        mentions.append(_Mention(sex, weight, item.start, item.end))
    return mentions


def _reports(items: list[Item], tokens: list[Token], index: int, words: dict) -> bool:
    """ "the lady who served me said ..." is hardly the one described."""
    for item in items[index + 1 : index + 9]:
        if item.kind in ("end", "question", "be", "have", "comma", "quality"):
            return False
        if any(tokens[t].norm in words["reporting"] for t in range(item.start, item.end)):
            return True
    return False


def _is_compared(items: list[Item], index: int) -> bool:
    """ "not a man", "like a woman's" say nothing of the person."""
    before = [i.kind for i in items[max(0, index - 2) : index]]
    return before[-1:] == ["not"] or before in (["not", "det"], ["no", "det"])


def _is_relation(items: list[Item], tokens: list[Token], index: int, words: dict) -> bool:
    """ "my wife", "her boyfriend", "the other man"."""
    start = items[index].start
    before = [t.norm for t in tokens[max(0, start - 3) : start]]
    noun = tokens[items[index].end - 1].norm
    if noun in words["relations"]:
        return any(w in words["possessive"] for w in before[-2:])
    return any(w in words["other"] for w in before[-2:])


def _pronouns(tokens: list[Token], words: dict, lexicon: Lexicon) -> list[_Mention]:
    mentions = []
    for index, token in enumerate(tokens):
        for sex in ("male", "female"):
            if token.norm not in words[sex]:
                continue
            weight = _pronoun_weight(tokens, index, words)
            if weight:
                mentions.append(_Mention(sex, weight, index, index + 1))
    return mentions


def _pronoun_weight(tokens: list[Token], index: int, words: dict) -> float:
    after = [t.norm for t in tokens[index + 1 : index + 3]]
    norm = tokens[index].norm
    if after and f"{norm} {after[0]}" in words.get("impersonal", ()):
        return 0.0
    if norm in words["subjects"] and any(w in words["reporting"] for w in after):
        first = next(i for i, w in enumerate(after) if w in words["reporting"])
        if first == 0 or after[0] in words.get("adverbs", ()):
            return REPORTING_WEIGHT
    if after[:1] and after[0] in words["relations"] and norm not in words["subjects"]:
        return REPORTING_WEIGHT * 2  # "his wife" still tells of him, "her boyfriend" of her
    return 1.0


def _item_at(items: list[Item], token: int) -> int:
    return next(i for i, item in enumerate(items) if item.start <= token < item.end)

"""A witness's words to attributes: one pass over tokens, phrases, owners, reach and conflicts."""

from __future__ import annotations

import datetime

from app.engine.language.attach import attach
from app.engine.language.items import Item, find_items
from app.engine.language.lexicon import Lexicon, load_lexicon
from app.engine.language.person import read_sex
from app.engine.language.places import place_marks
from app.engine.language.raws import Raw
from app.engine.language.resolve import resolve
from app.engine.language.scope import apply_scopes, scopes_of
from app.engine.language.tokens import Token, tokenize
from app.models.description import Attribute, Reading, Span

CONTENT = ("unknown", "quality", "part", "age", "fix", "ignorance", "nothing")


def describe(text: str, language: str = "en", today: datetime.date | None = None) -> Reading:
    """Read a description of a face.

    Spans are characters ``[start, end)`` of ``text``. ``unread`` are the spans that nothing was
    made of. ``today`` is the day of the interview ("born in 1990"). Raises BadInput
    ``language.unknown``.
    """
    lexicon = load_lexicon(language)
    tokens = tokenize(text, lexicon.splits_apostrophe)
    if not tokens:
        return Reading(text)
    items = find_items(tokens, lexicon, today or datetime.date.today())
    texts = [" ".join(t.norm for t in tokens[i.start : i.end]) for i in items]
    attached = attach(items, lexicon, texts)
    scopes = scopes_of(items, attached)
    apply_scopes(attached, items, scopes)
    place_marks(attached, items, texts, dict(lexicon.grammar))
    has_sex = any(raw.name == "sex" for raw in attached.raws)
    sex = None if has_sex else read_sex(items, tokens, lexicon, scopes.unknown)
    raws = resolve([*attached.raws, *([sex] if sex else [])], items, scopes)
    attributes = tuple(_attribute(raw, tokens, text) for raw in raws)
    return Reading(text, attributes, _unread(items, tokens, attached.used, raws))


def lexicon_phrases(language: str = "en") -> tuple[str, ...]:
    """Every phrase that the lexicon of a language knows, as written in it, sorted."""
    lexicon = load_lexicon(language)
    return tuple(sorted(set(lexicon.written.values())))


def _attribute(raw: Raw, tokens: list[Token], text: str) -> Attribute:
    span = (tokens[raw.start].start, tokens[max(raw.start, raw.end - 1)].end)
    return Attribute(
        name=raw.name,
        value=raw.meaning.value,
        negated=raw.negated,
        certainty="doubtful" if raw.doubtful else "said",
        span=span,
        text=text[span[0] : span[1]],
        where=raw.where,
        style=raw.meaning.style,
        side=raw.side,
    )


def _unread(
    items: list[Item], tokens: list[Token], used: set[int], raws: list[Raw]
) -> tuple[Span, ...]:
    """Stretches of words that gave nothing, without the small words at their edges."""
    read = {t for raw in raws for t in range(raw.start, raw.end)}
    spans: list[Span] = []
    open_from, open_to = -1, -1
    for index, item in enumerate(items):
        is_read = index in used or any(t in read for t in range(item.start, item.end))
        content = item.kind in CONTENT and not is_read and item.end > item.start
        person = item.entry.part is not None and item.entry.part.is_person
        if content and not person and any(tokens[t].kind == "word" for t in _range(item)):
            start, end = tokens[item.start].start, tokens[item.end - 1].end
            open_from = start if open_from < 0 else open_from
            open_to = end
        elif open_from >= 0 and (is_read or item.kind in ("end", "comma", "question", "colon")):
            spans.append((open_from, open_to))
            open_from = -1
    if open_from >= 0:
        spans.append((open_from, open_to))
    return tuple(spans)


def _range(item: Item) -> range:
    return range(item.start, item.end)


__all__ = ["Lexicon", "describe", "lexicon_phrases"]

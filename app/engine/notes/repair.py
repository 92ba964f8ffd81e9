"""Misread words put right where the language of face descriptions leaves little doubt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from app.engine.speech.phrases import spoken_phrases, templates
from app.models.note import NoteWord

LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
EDIT_COST = 2.5  # nats per letter changed, for a word read with middling confidence
STRANGE = -18.0  # log probability of letters that are no word
COMMON = -11.0  # of a word that is English but not of the face language
UNSEEN = -16.0  # of a face word in a context it was never seen in
BETTER_BY, CLEAR_BY = 1.5, 1.0  # nats ahead of what was read, and of the second best
SHORTEST = 3
CANDIDATES = 8


@dataclass(frozen=True)
class FaceLanguageModel:
    """``face``: its words; ``common``: English words besides; ``trigrams`` may be None."""

    face: frozenset[str]
    common: frozenset[str]
    trigrams: Any = None

    def follows(self, word: str, before: Sequence[str]) -> float:
        """Natural log probability of a word after (at most two) others."""
        if word not in self.face:
            return COMMON if word in self.common else STRANGE
        if self.trigrams is None:
            return UNSEEN / 2
        model, logs = self.trigrams
        return max(UNSEEN, float(logs.log_to_ln(model.prob([word, *reversed(before[-2:])]))))


@cache
def face_model(language: str) -> FaceLanguageModel:
    """The face language of the recogniser, used for notes; English has trigrams, others words."""
    own = templates(language)
    face = set() if own is None else set(own.words())
    for phrase in spoken_phrases(language):
        face |= {word for word in phrase.split() if len(word) > 2}
    if language != "en":
        return FaceLanguageModel(frozenset(face), frozenset())
    from pocketsphinx import Config, LogMath, NGramModel

    from app.engine.speech.face_language import acoustic_folder, face_language

    logs = LogMath()
    files = face_language(language)
    model = NGramModel(Config(loglevel="FATAL"), logs, str(files.model))
    lines = (acoustic_folder() / "cmudict-en-us.dict").read_text(encoding="utf-8").splitlines()
    common = frozenset(line.split(" ", 1)[0].split("(")[0] for line in lines)
    return FaceLanguageModel(files.words, common | frozenset(face), (model, logs))


def put_right(words: Sequence[NoteWord], known: FaceLanguageModel) -> list[NoteWord]:
    """The words of a note in reading order, some of them repaired; those keep what was read."""
    out: list[NoteWord] = []
    before: list[str] = []
    for at, word in enumerate(words):
        after = _plain(words[at + 1].text) if at + 1 < len(words) else ""
        better = _word(word, before, after, known)
        out.append(word if better == word.text else replace(word, text=better, read=word.text))
        before = [*before, *(m.lower() for m in LETTERS.findall(better))][-2:]
    return out


def _word(word: NoteWord, before: Sequence[str], after: str, known: FaceLanguageModel) -> str:
    found = LETTERS.findall(word.text)
    if len(found) != 1:
        return word.text
    low = _plain(word.text)
    if low in known.face or len(low) < SHORTEST:
        return word.text
    if len(low) >= 7 and low not in known.common and (pieces := _split(low, known.face)):
        return word.text.replace(found[0], _cased(found[0], pieces))
    best = _likeliest(low, word.confidence, before, after, known)
    return word.text if best == low else word.text.replace(found[0], _cased(found[0], best))


def _likeliest(
    low: str, confidence: float, before: Sequence[str], after: str, known: FaceLanguageModel
) -> str:
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein

    near = process.extract(
        low, known.face, scorer=Levenshtein.distance, limit=CANDIDATES,
        score_cutoff=max(1, len(low) // 3),
    )  # fmt: skip

    def score(word: str, edits: float) -> float:
        fits = known.follows(word, before)
        if after in known.face:
            fits += known.follows(after, [*before[-1:], word])
        return fits - EDIT_COST * (0.5 + confidence) * edits

    ranked = sorted(((score(word, edits), word) for word, edits, _ in near), reverse=True)
    if not ranked or ranked[0][0] < score(low, 0) + BETTER_BY:
        return low
    if len(ranked) > 1 and ranked[0][0] < ranked[1][0] + CLEAR_BY:
        return low  # two words fit about as well: the officer decides
    return ranked[0][1]


def _split(word: str, face: frozenset[str]) -> str | None:
    """Words of the lexicon that were run together ("shortbrown")."""
    for at in range(3, len(word) - 2):
        head, tail = word[:at], word[at:]
        if head in face:
            rest = tail if tail in face else _split(tail, face)
            if rest:
                return f"{head} {rest}"
    return None


def _plain(text: str) -> str:
    found = LETTERS.search(text)
    return found[0].lower().replace("’", "'") if found else ""


def _cased(word: str, new: str) -> str:
    if word.isupper() and len(word) > 1:
        return new.upper()
    return new[0].upper() + new[1:] if word[0].isupper() else new

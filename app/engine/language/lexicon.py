"""The words of one language, read from resources/lexicon: phrases, parts, qualities, grammar."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from app.engine.language.tokens import words_of
from app.models.attributes import Value, vocabulary
from app.models.errors import BadInput
from app.models.resources import resource

LANGUAGES = ("en", "fr")


@dataclass(frozen=True)
class Meaning:
    """One vocabulary value that a word stands for."""

    name: str
    value: Value
    where: str | None = None
    style: str | None = None
    doubtful: bool = False


@dataclass(frozen=True)
class Quality:
    """How something is: tried under its own name, then its parent's; ``default`` is a part."""

    name: str
    parent: str | None = None
    default: str | None = None


@dataclass(frozen=True, eq=False)
class Part:
    """Something qualities belong to: a part of the face, a thing worn, or the person.

    ``qualities`` map to meanings; an empty tuple takes a quality in without a meaning.
    """

    name: str
    qualities: Mapping[str, tuple[Meaning, ...]]
    implied: tuple[Meaning, ...] = ()
    absent: tuple[Meaning, ...] = ()
    absorb: bool = False
    plural: bool = False
    place: str | None = None

    @property
    def is_foreign(self) -> bool:
        """Whether it is no part of a face and no person."""
        return self.name == "foreign"

    @property
    def is_person(self) -> bool:
        """Whether it is the person described."""
        return self.name == "person"


@dataclass(frozen=True, eq=False)
class Entry:
    """What a phrase of the lexicon is: its ``kind``, and what goes with that kind."""

    kind: str
    part: Part | None = None
    qualities: tuple[Quality, ...] = ()
    meanings: tuple[Meaning, ...] = ()
    adjectival: bool = False
    doubtful: bool = False
    sex: str | None = None


@dataclass(eq=False)
class Lexicon:
    """All phrases by their first word, longest first, and the parts and grammar behind them."""

    language: str
    grammar: Mapping[str, Any]
    ages: Mapping[str, Any]
    parts: dict[str, Part] = field(default_factory=dict)
    qualities: dict[str, Quality] = field(default_factory=dict)
    phrases: dict[str, list[tuple[tuple[str, ...], Entry]]] = field(default_factory=dict)
    by_words: dict[tuple[str, ...], Entry] = field(default_factory=dict)
    written: dict[tuple[str, ...], str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    repairable: dict[str, list[str]] = field(default_factory=dict)  # by first letter

    @property
    def splits_apostrophe(self) -> bool:
        """Whether a word ends at its apostrophe."""
        return bool(self.grammar["tokens"]["split_apostrophe"])

    def words(self, phrase: str) -> tuple[str, ...]:
        """A phrase as it is compared."""
        return words_of(phrase, self.splits_apostrophe)

    def meanings_for(self, part: Part, entry: Entry) -> tuple[Meaning, ...] | None:
        """What a quality means with a part; None: the part does not know it."""
        for quality in entry.qualities:
            if quality.name in part.qualities:
                return part.qualities[quality.name]
        for quality in entry.qualities:
            parent = self.qualities.get(quality.parent or "")
            while parent is not None:
                if parent.name in part.qualities:
                    return part.qualities[parent.name]
                parent = self.qualities.get(parent.parent or "")
        return None

    def default_part(self, entry: Entry) -> Part | None:
        """The part that a quality belongs to when none is named."""
        for quality in entry.qualities:
            if quality.default:
                return self.parts[quality.default]
        return None


def expand(phrase: str) -> Iterator[str]:
    """Every reading of a phrase with choices: ``"eye{brow|lash|}"``."""
    bits = re.split(r"\{([^{}]*)\}", phrase)
    choices = [bit.split("|") if i % 2 else [bit] for i, bit in enumerate(bits)]
    for combination in itertools.product(*choices):
        yield "".join(combination)


def parse_meanings(text: str) -> tuple[Meaning, ...]:
    """Meanings as written in the lexicon: ``"beard=none moustache=yes/thin mark=scar@chin?"``."""
    return tuple(_meaning(word) for word in text.split())


@cache
def load_lexicon(language: str) -> Lexicon:
    """The lexicon of a language; raises BadInput for a language without one."""
    if language not in LANGUAGES:
        raise BadInput(
            "language.unknown", language=language, known=", ".join(LANGUAGES), remedy="--language"
        )
    files = {
        name: tomllib.loads(resource("lexicon", language, f"{name}.toml").read_text("utf-8"))
        for name in ("grammar", "ages", "qualities", "nouns", "people", "phrases", "spelling")
    }
    lexicon = Lexicon(language, files["grammar"], files["ages"])
    _read_parts(lexicon)
    _read_phrases(lexicon, files["phrases"])
    _read_part_nouns(lexicon, files["nouns"])
    others = lexicon.grammar["sex"]["others"]
    _add(lexicon, others, Entry("part", lexicon.parts["foreign"]))
    _read_people(lexicon, files["people"])
    _read_quality_words(lexicon, files["qualities"])
    _add(lexicon, files["people"]["foreign"]["nouns"], Entry("part", lexicon.parts["foreign"]))
    _read_grammar(lexicon)
    _finish(lexicon, files["spelling"])
    return lexicon


def _meaning(word: str) -> Meaning:
    doubtful = word.endswith("?")
    name, _, value = word.rstrip("?").partition("=")
    value, _, style = value.partition("/")
    value, _, where = value.partition("@")
    kept: Any = value
    if name == "age":
        low, _, high = value.partition("-")
        kept = (int(low), int(high))
    value_kept = vocabulary().validate(name, kept)
    return Meaning(name, value_kept, where or None, style or None, doubtful)


def _part(name: str, row: Mapping[str, Any]) -> Part:
    return Part(
        name=name,
        qualities={q: parse_meanings(m) for q, m in row.get("qualities", {}).items()},
        implied=parse_meanings(row.get("implied", "")),
        absent=parse_meanings(row.get("absent", "")),
        absorb=bool(row.get("absorb", False)),
        plural=bool(row.get("plural", False)),
        place=row.get("place"),
    )


def _read_parts(lexicon: Lexicon) -> None:
    for name, row in tomllib.loads(resource("lexicon", "parts.toml").read_text("utf-8")).items():
        lexicon.parts[name] = _part(name, row)
    lexicon.parts["foreign"] = Part("foreign", {}, absorb=True)
    rows = tomllib.loads(resource("lexicon", "qualities.toml").read_text("utf-8"))
    for name, row in rows.items():
        lexicon.qualities[name] = Quality(name, row.get("parent"), row.get("default"))


def _read_phrases(lexicon: Lexicon, rows: Mapping[str, Any]) -> None:
    for meanings, phrases in rows["phrases"].items():
        _add(lexicon, phrases, Entry("fix", meanings=parse_meanings(meanings)))
    _add(lexicon, rows.get("nothing", {}).get("words", ()), Entry("nothing"))


def _read_part_nouns(lexicon: Lexicon, rows: Mapping[str, Any]) -> None:
    for name, row in rows.items():
        _add(lexicon, row["nouns"], Entry("part", lexicon.parts[name]))
        adjectival = Entry("part", lexicon.parts[name], adjectival=True)
        _add(lexicon, row.get("adjectival", ()), adjectival)


def _read_people(lexicon: Lexicon, rows: Mapping[str, Any]) -> None:
    person = lexicon.parts["person"]
    for meanings, codes in rows["person"].get("codes", {}).items():
        _add(lexicon, codes, Entry("fix", meanings=parse_meanings(meanings)))
    for sex in ("male", "female", "neutral"):
        kept = None if sex == "neutral" else sex
        _add(lexicon, rows["person"][sex], Entry("part", person, sex=kept))


def _read_quality_words(lexicon: Lexicon, rows: Mapping[str, Any]) -> None:
    """Words of several qualities keep all of them, in the order of the file."""
    forms = {"en": _english_forms, "fr": _french_forms}[lexicon.language]
    found: dict[tuple[str, ...], tuple[list[Quality], bool, str]] = {}
    for name, row in rows.items():
        for phrase in (p for written in row for p in expand(written)):
            for form, doubtful in forms(phrase):
                known = found.setdefault(lexicon.words(form), ([], doubtful, form))
                if lexicon.qualities[name] not in known[0]:
                    known[0].append(lexicon.qualities[name])
    _fall_back(lexicon, found)
    for qualities, doubtful, form in found.values():
        _add(lexicon, [form], Entry("quality", qualities=tuple(qualities), doubtful=doubtful))


def _fall_back(lexicon: Lexicon, found: dict[tuple[str, ...], Any]) -> None:
    """ "very white" is white where "very white" has no meaning of its own."""
    intensifiers = {lexicon.words(w) for w in lexicon.grammar["words"]["intensifier"]}
    for words, (qualities, _, _) in found.items():
        if len(words) > 1 and words[:1] in intensifiers and words[1:] in found:
            qualities += [q for q in found[words[1:]][0] if q not in qualities]


def _english_forms(phrase: str) -> Iterator[tuple[str, bool]]:
    """A word with -er and -est, and with -ish, which makes it doubtful."""
    ends_ish = phrase.endswith("ish") and len(phrase) > 5
    yield phrase, ends_ish
    if " " in phrase or ends_ish or len(phrase) < 3:
        return
    stem = phrase
    if stem.endswith("y"):
        stem = stem[:-1] + "i"
    elif stem.endswith("e"):
        stem = stem[:-1]
    elif re.fullmatch(r".*[^aeiou][aeiou][bdgnt]", stem) and len(stem) < 6:
        stem += stem[-1]
    yield stem + "er", False
    yield stem + "est", False
    yield phrase.removesuffix("e") + "ish", True
    if stem != phrase and not phrase.endswith(("e", "y")):
        yield stem + "ish", True


def _french_forms(phrase: str) -> Iterator[tuple[str, bool]]:
    """A word in both genders and numbers, where that is by rule."""
    yield phrase, phrase.endswith("âtre")
    if " " in phrase or phrase.endswith(("x", "aux")):
        return
    endings = ("s",) if phrase.endswith("e") else ("e", "s", "es")
    for ending in endings:
        yield phrase + ending, phrase.endswith("âtre")


def _read_grammar(lexicon: Lexicon) -> None:
    for kind, phrases in lexicon.grammar["words"].items():
        if kind != "any":
            _add(lexicon, phrases, Entry(kind))
    _add(lexicon, lexicon.grammar["denial"]["words"], Entry("denial"), replace=True)


def _add(lexicon: Lexicon, phrases: Any, entry: Entry, replace: bool = False) -> None:
    """First come, first kept: what was read earlier is more special than what comes later."""
    for phrase in (p for written in phrases for p in expand(written)):
        words = lexicon.words(phrase)
        if words and (replace or words not in lexicon.by_words):
            lexicon.by_words[words] = entry
            lexicon.written[words] = " ".join(phrase.split())


def _finish(lexicon: Lexicon, spelling: Mapping[str, Any]) -> None:
    for words, entry in lexicon.by_words.items():
        lexicon.phrases.setdefault(words[0], []).append((words, entry))
    for rows in lexicon.phrases.values():
        rows.sort(key=lambda row: -len(row[0]))
    ages = _strings(lexicon.ages)
    used = {w for words in lexicon.by_words for w in words}
    used |= {w for phrase in ages for w in lexicon.words(phrase)}
    lexicon.known = frozenset(used | {w for g in spelling["right"] for w in lexicon.words(g)})
    for word in spelling["repair"]:
        lexicon.repairable.setdefault(word[0], []).append(word)


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield str(key)
            yield from _strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from _strings(value)

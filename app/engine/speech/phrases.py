"""Random sentences of how witnesses speak of faces, from templates; the recogniser learns these."""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from app.models.errors import BadInput
from app.models.resources import resources_folder

PLACE = re.compile(r"\{(\w+)\}|\[([^\[\]]*)\]")
SPOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
DEPTH = 12


@dataclass(frozen=True)
class Templates:
    """Lists of words by name, and sentences with their weights."""

    lists: dict[str, tuple[str, ...]]
    sentences: tuple[str, ...]
    weights: tuple[float, ...]

    @staticmethod
    def load(path: Path) -> Templates:
        """Read a template file; BadInput ``speech.bad_templates`` naming what is wrong."""
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            lists = {name: tuple(items) for name, items in data["lists"].items()}
            rows = [(str(row["text"]), float(row["weight"])) for row in data["sentence"]]
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise BadInput("speech.bad_templates", file=str(path), why=str(error)) from error
        texts = [*(text for text, _ in rows), *(text for items in lists.values() for text in items)]
        for name in {match for text in texts for match in re.findall(r"\{(\w+)\}", text)}:
            if not lists.get(name):
                raise BadInput("speech.bad_templates", file=str(path), why=f"no list {name}")
        return Templates(lists, tuple(t for t, _ in rows), tuple(w for _, w in rows))

    def sentence(self, chance: random.Random) -> str:
        """One random sentence, in lower case, with single spaces."""
        text = chance.choices(self.sentences, self.weights)[0]
        for _ in range(DEPTH):
            filled = PLACE.sub(lambda place: self._fill(place, chance), text)
            if filled == text:
                break
            text = filled
        return " ".join(text.split())

    def _fill(self, place: re.Match[str], chance: random.Random) -> str:
        name, choices = place.groups()
        return chance.choice(self.lists[name] if name else choices.split("|"))

    def words(self) -> frozenset[str]:
        """Every word that a sentence may hold."""
        texts = [*self.sentences, *(text for items in self.lists.values() for text in items)]
        plain = (re.sub(r"\{\w+\}", " ", text) for text in texts)
        return frozenset(word for text in plain for word in SPOKEN.findall(text))


def templates(language: str) -> Templates | None:
    """The shipped templates of a language, None where it has none."""
    path = resources_folder() / "speech" / language / "phrases.toml"
    return Templates.load(path) if path.is_file() else None


def corpus(language: str, count: int, seed: int = 0) -> list[str]:
    """``count`` template sentences, then the lexicon's own phrases, each as one sentence."""
    own = templates(language)
    chance = random.Random(seed)
    sentences = [] if own is None else [own.sentence(chance) for _ in range(count)]
    return sentences + spoken_phrases(language)


def spoken_phrases(language: str) -> list[str]:
    """The lexicon's phrases as they are spoken: lower case, no digits, hyphens as spaces."""
    try:
        from app.engine.language import lexicon_phrases
    except ImportError:
        return []
    spoken = (" ".join(SPOKEN.findall(phrase.lower())) for phrase in lexicon_phrases(language)
              if not re.search(r"\d", phrase))  # fmt: skip
    return sorted({phrase for phrase in spoken if phrase})

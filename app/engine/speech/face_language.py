"""The recogniser's own language: pronunciations of the face words and a trigram model of them."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from app.engine.speech.phrases import corpus
from app.models.errors import BadInput
from app.models.places import cache_folder
from app.models.resources import resources_folder

SENTENCES = 30_000
LAYOUT = 1  # goes up when the files below are made differently


@dataclass(frozen=True)
class FaceLanguage:
    """Files that pocketsphinx reads: a trigram model, a dictionary, and the words they hold."""

    model: Path
    dictionary: Path
    words: frozenset[str]


def acoustic_folder() -> Path:
    """The folder of pocketsphinx's own English models, inside its wheel."""
    from pocketsphinx import get_model_path

    return Path(get_model_path()) / "en-us"


def face_language(language: str = "en") -> FaceLanguage:
    """The built files, from the cache folder; built there at first use (about three seconds).

    BadInput ``speech.no_cache`` where the folder cannot be written.
    """
    folder = cache_folder() / "speech"
    name = folder / f"{language}-{_fingerprint(language)}"
    built = FaceLanguage(name.with_suffix(".arpa"), name.with_suffix(".dict"), frozenset())
    try:
        if not (built.model.is_file() and built.dictionary.is_file()):
            _build(language, built)
        lines = built.dictionary.read_text(encoding="utf-8").splitlines()
        words = frozenset(line.split(" ", 1)[0].split("(")[0] for line in lines)
        return FaceLanguage(built.model, built.dictionary, words)
    except OSError as error:
        raise BadInput("speech.no_cache", file=str(folder), why=str(error)) from error


def pronunciations(words: frozenset[str]) -> dict[str, list[str]]:
    """Dictionary lines of those words that have a known pronunciation: the wheel's and our own."""
    lines: dict[str, list[str]] = defaultdict(list)
    own = resources_folder() / "speech" / "en" / "pronunciations.dict"
    for path in (acoustic_folder() / "cmudict-en-us.dict", own):
        seen = set(lines)
        for line in path.read_text(encoding="utf-8").splitlines():
            word = line.split(" ", 1)[0].split("(")[0]
            if word in words and word not in seen:
                lines[word].append(line)
    return lines


def _build(language: str, target: FaceLanguage) -> None:
    from pocketsphinx.lm import ArpaBoLM

    sentences = corpus(language, SENTENCES)
    lines = pronunciations(frozenset(word for text in sentences for word in text.split()))
    sayable = [text for text in sentences if all(word in lines for word in text.split())]
    counts = ArpaBoLM(add_start=True)
    counts.read_corpus(sayable)
    counts.compute()
    used = sorted({word for text in sayable for word in text.split()})
    _write(target.dictionary, "".join(f"{line}\n" for word in used for line in lines[word]))
    target.model.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.model.parent) as draft:
        counts.write_file(os.path.join(draft, "lm"))
        os.replace(os.path.join(draft, "lm"), target.model)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    number, draft = tempfile.mkstemp(dir=path.parent)
    with open(number, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(draft, path)


def _fingerprint(language: str) -> str:
    digest = hashlib.sha256(f"{LAYOUT} {SENTENCES} {version('pocketsphinx')}".encode())
    for kind in ("speech", "lexicon"):
        for path in sorted((resources_folder() / kind / language).glob("*.*")):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]

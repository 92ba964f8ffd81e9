"""Where vosk models lie on this machine; nothing is ever downloaded from here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.models.errors import BadInput
from app.models.places import data_folder

NAME = re.compile(r"vosk-model-(?:small-)?(?P<language>[a-z]{2})\b")


@dataclass(frozen=True)
class VoskModel:
    """A model folder; ``language`` two letters, empty when its name does not tell."""

    folder: Path
    language: str

    @property
    def takes_phrases(self) -> bool:
        """Whether a phrase list can bias it; only models with a look-ahead graph can."""
        return (self.folder / "graph" / "HCLr.fst").is_file()


def is_vosk_model(folder: Path) -> bool:
    """Whether the folder looks like a whole vosk model."""
    if not (folder / "am" / "final.mdl").is_file():
        return False
    graph = folder / "graph"
    if not (folder / "conf" / "model.conf").is_file():
        return False
    lookahead = (graph / "HCLr.fst").is_file() and (graph / "Gr.fst").is_file()
    return lookahead or (graph / "HCLG.fst").is_file()


def usual_places() -> Iterator[Path]:
    """Our data folder first, then where vosk itself and distributions put models."""
    yield data_folder() / "speech"
    if os.environ.get("VOSK_MODEL_PATH"):
        yield Path(os.environ["VOSK_MODEL_PATH"])
    yield Path("/usr/share/vosk")
    yield Path("/usr/share/vosk-models")
    yield Path("/usr/local/share/vosk-models")
    yield Path.home() / "AppData/Local/vosk"
    yield Path.home() / ".cache/vosk"


def find_vosk_model(language: str, chosen: Path | str | None = None) -> VoskModel | None:
    """The model to use: the chosen folder, else the first of that language in the usual places.

    BadInput ``speech.no_model`` if a folder was chosen that is no model, for vosk itself would end
    the process.
    """
    if chosen:
        folder = Path(chosen).resolve()
        if not is_vosk_model(folder):
            raise BadInput("speech.no_model", file=str(chosen))
        return VoskModel(folder, _language(folder) or language)
    return next((m for m in installed_vosk_models() if m.language == language), None)


def listens_in(folder: Path | str, language: str) -> bool:
    """Whether a model folder is of that language, or does not tell its language."""
    return _language(Path(folder)) in ("", language)


def installed_vosk_models() -> list[VoskModel]:
    """All models of the usual places, small ones first: they fit a laptop and take phrases."""
    found: list[VoskModel] = []
    for place in usual_places():
        try:
            folders = sorted(place.iterdir()) if place.is_dir() else []
        except OSError:
            continue
        models = [VoskModel(f.resolve(), _language(f)) for f in folders if is_vosk_model(f)]
        found += sorted(models, key=lambda m: "small" not in m.folder.name)
    return found


def _language(folder: Path) -> str:
    match = NAME.match(folder.name)
    return match["language"] if match else ""

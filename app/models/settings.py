"""The officer's settings: typed, with defaults; unknown keys of a newer program are kept."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from app.models.errors import BadInput

THEMES = ("system", "light", "dark", "high_contrast", "evening")
LANGUAGES = ("system", "en", "fr")
ARRAY_SIZES = (6, 9, 12, 18)
DEVICES = ("auto", "cpu", "cuda")
CODES = ("none", "ic")
EXPORT_PROFILES = ("full", "defence", "media")  # of app.models.export.profiles
TEXT_SCALES = (100, 125, 150, 200)
_CHOICES: Mapping[str, tuple[Any, ...]] = {
    "theme": THEMES, "language": LANGUAGES, "array_size": ARRAY_SIZES, "text_scale": TEXT_SCALES,
    "device": DEVICES, "codes": CODES, "export_profile": EXPORT_PROFILES,
}
_RANGES: Mapping[str, tuple[int, int]] = {
    "threads": (0, 64), "blur": (0, 100), "idle_lock_minutes": (0, 240),
    "witness_tiles": (30, 100), "look_longer_s": (0, 120), "break_minutes": (0, 120),
}


@dataclass(frozen=True)
class Settings:
    """What the officer chose. ``threads`` 0: decided by the engine; ``idle_lock_minutes`` 0: never.

    ``blur`` 0..100 is how strongly the outside of a face is blurred; ``geometry`` is the window's
    size and place as hex of what Qt saves; ``recent`` are paths, kept only if ``keep_recent``.
    ``witness_screen`` is ``other`` (the second monitor, if any), ``same``, or a monitor's name;
    ``witness_tiles`` is how much of that screen the faces take, in percent.
    ``microphone`` is the device's name (empty: the system's); ``speech_model`` a vosk model folder
    (empty: looked for); ``any_words``: dictation not biased to face words; ``keep_audio``: what is
    dictated stays in the case as sound too.
    ``device`` is where faces are drawn; ``cases_folder`` where new cases are begun (empty: the
    documents); ``reference_prefix`` begins every reference number; ``codes`` is the force's code
    table for ethnic appearance; ``look_longer_s`` seconds are suggested for an array before it is
    answered, ``break_minutes`` of faces before a break is (0: never); ``favourites`` are the names
    of directions that stand first in the list; ``left_open`` is the case that is open now, so that
    after a crash the program begins there; it is empty once the case is closed.
    """

    theme: str = "system"
    language: str = "system"
    text_scale: int = 100
    array_size: int = 9
    model_folder: str = ""
    threads: int = 0
    blur: int = 60
    idle_lock_minutes: int = 10
    witness_screen: str = "other"
    witness_tiles: int = 100
    question_hints: bool = True
    keep_recent: bool = False
    recent: tuple[str, ...] = ()
    microphone: str = ""
    speech_model: str = ""
    any_words: bool = False
    keep_audio: bool = False
    officer: str = ""
    organisation: str = ""
    device: str = "auto"
    cases_folder: str = ""
    reference_prefix: str = ""
    codes: str = "none"
    export_profile: str = "full"
    look_longer_s: int = 15
    break_minutes: int = 25
    favourites: tuple[str, ...] = ()
    tour_seen: bool = False
    left_open: str = ""
    geometry: str = ""
    unknown: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def changed(self, **values: Any) -> Settings:
        """The same with other values; BadInput for a value outside its choices or range."""
        for name, value in values.items():
            _check(name, value)
        new = replace(self, **values)
        return new if new.keep_recent else replace(new, recent=())

    def with_recent(self, path: str) -> Settings:
        """The same with a case at the top of the recent ones, if those are kept at all."""
        if not self.keep_recent:
            return self
        others = tuple(p for p in self.recent if p != path)
        return replace(self, recent=(path, *others)[:8])

    def to_json(self) -> dict[str, Any]:
        """JSON values, with the unknown keys that were read."""
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "unknown"}
        return {
            **{k: json.loads(v) for k, v in self.unknown}, **own, "recent": list(self.recent),
            "favourites": list(self.favourites),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Settings:
        """Read what ``to_json`` wrote; a value that cannot be used is replaced by the default."""
        own = {f.name: f.type for f in fields(Settings) if f.name != "unknown"}
        settings = Settings(
            unknown=tuple((k, json.dumps(v)) for k, v in data.items() if k not in own)
        )
        for name in own.keys() & data.keys():
            value = tuple(data[name]) if isinstance(data[name], list) else data[name]
            try:
                settings = settings.changed(**{name: value})
            except BadInput:
                continue
        recent = data.get("recent", ())
        return settings if not settings.keep_recent else settings.changed(recent=tuple(recent))


def _check(name: str, value: Any) -> None:
    default = getattr(Settings(), name)
    same_kind = isinstance(value, type(default)) and isinstance(value, bool) == isinstance(
        default, bool
    )
    low, high = _RANGES.get(name, (0, 0))
    in_range = name not in _RANGES or (same_kind and low <= value <= high)
    listed = name in ("recent", "favourites")
    strings = not listed or (same_kind and all(isinstance(p, str) for p in value))
    if not (same_kind and in_range and strings and value in _CHOICES.get(name, (value,))):
        raise BadInput("settings.bad_value", name=name, value=value)


def load_settings(path: Path) -> Settings:
    """Settings from a file; defaults where there is none or it cannot be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Settings()
    return Settings.from_json(data) if isinstance(data, dict) else Settings()


def save_settings(settings: Settings, path: Path) -> None:
    """Write the file whole or not at all; BadInput ``settings.not_saved`` says why not."""
    text = json.dumps(settings.to_json(), indent=1, sort_keys=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        number, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with open(number, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(draft, path)
    except OSError as error:
        raise BadInput("settings.not_saved", file=str(path), why=str(error)) from error

"""Picture and video files for the pages' tests, and a window whose witness has told."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.views.png import png_of
from app.views.window import Window
from tests.views.conftest import Wait, do_interview

VIDEO = b"\x1aE\xdf\xa3" + bytes(range(200))


def photo(folder: Path, name: str = "one") -> Path:
    """A PNG; the fake engine finds by its name how many faces are on it (see fake_pictures.py)."""
    path = folder / f"{name}.png"
    pixels = np.random.default_rng(len(name)).integers(0, 255, (24, 32, 3), dtype=np.uint8)
    path.write_bytes(png_of(pixels))
    return path


def video(folder: Path) -> Path:
    """What passes for a video with the fake engine: two persons, three frames each."""
    path = folder / "clip.mkv"
    path.write_bytes(VIDEO)
    return path


def told(window: Window, wait: Wait) -> Window:
    """A practice case in which the witness has told what they saw."""
    window.ask_practice()
    wait(lambda: window.controller.case is not None)
    do_interview(window.controller)
    wait(lambda: window.controller.session.description.attributes)
    window.controller.confirm_all()
    return window


def kinds(window: Window) -> list[str]:
    """The kinds of all events of the open case, oldest first."""
    assert window.controller.case is not None
    return [event.kind for event in window.controller.case.events()]


def open_photo(window: Window, wait: Wait, path: Path) -> None:
    """Open a photo at the other starting points and wait until its first face is drawn."""
    window.show_starts()
    before = kinds(window).count("picture.encoded")
    window.desk.open_picture(str(path))
    wait(lambda: kinds(window).count("picture.encoded") > before)

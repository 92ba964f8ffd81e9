"""Recipes, latents and pictures in and out of files, for the commands that draw."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.models.errors import BadInput
from app.models.portrait import Recipe

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MAX_RECIPE_BYTES = 64 << 20
MAX_LATENT_BYTES = 1 << 30
MAX_LATENTS = 10_000


def read_recipe(text: str) -> Recipe:
    """One recipe from ``FILE`` or ``FILE#INDEX``: a recipe, a list of them, or a table with one.

    BadInput ``file.missing``, ``recipe.unreadable`` or ``recipe.no_such_face``.
    """
    name, _, index = text.partition("#") if not Path(text).exists() else (text, "", "")
    path = Path(name)
    data = _json(path)
    if isinstance(data, dict) and "recipe" in data:
        data = data["recipe"]
    if isinstance(data, dict) and isinstance(data.get("recipes"), list):
        data = data["recipes"]
    if isinstance(data, list):
        at = int(index) if index.isdigit() else 0
        if (index and not index.isdigit()) or not at < len(data):
            raise BadInput("recipe.no_such_face", file=str(path), index=index, count=len(data))
        data = data[at]
        if isinstance(data, dict) and isinstance(data.get("recipe"), dict):
            data = data["recipe"]
    if not isinstance(data, dict):
        raise BadInput("recipe.unreadable", file=str(path), why="it holds no recipe")
    try:
        return Recipe.from_json(data)
    except BadInput as error:
        raise BadInput(error.code, **{**error.facts, "file": str(path)}) from error


def looks_like_recipe(text: str) -> bool:
    """Whether a path names a recipe file and not a picture."""
    return Path(text.partition("#")[0]).suffix.lower() == ".json"


def _json(path: Path) -> Any:
    if not path.is_file():
        raise BadInput("file.missing", file=str(path))
    if path.stat().st_size > MAX_RECIPE_BYTES:
        raise BadInput("file.too_large", file=str(path), limit=MAX_RECIPE_BYTES)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadInput("recipe.unreadable", file=str(path), why=str(error)) from error


def read_latents(path: Path, num_ws: int, w_dim: int) -> npt.NDArray[np.float32]:
    """w [n, w_dim] or w+ [n, layers, w_dim] (or one of them) as float32 w+ [n, layers, w_dim].

    BadInput ``latent.unreadable`` for anything else; pickled arrays are never read.
    """
    import numpy as np
    from numpy.lib.format import read_array

    if not path.is_file():
        raise BadInput("file.missing", file=str(path))
    if path.stat().st_size > MAX_LATENT_BYTES:
        raise BadInput("file.too_large", file=str(path), limit=MAX_LATENT_BYTES)
    try:
        with path.open("rb") as file:
            w = read_array(file, allow_pickle=False)
        if w.dtype.kind not in "fiu":
            raise ValueError("it is no array of numbers")
        w = np.asarray(w, np.float32)
    except (
        ValueError,
        OSError,
        EOFError,
        TypeError,
        OverflowError,
        MemoryError,
        SyntaxError,
    ) as error:
        raise BadInput("latent.unreadable", file=str(path), why=str(error)) from error
    expected = f"[n, {w_dim}] or [n, {num_ws}, {w_dim}]"
    if w.ndim == 1 or (w.ndim == 2 and w.shape == (num_ws, w_dim) and num_ws != 1):
        w = w[None]
    if w.ndim == 2 and w.shape[1] == w_dim:
        w = np.repeat(w[:, None], num_ws, axis=1)  # [n, num_ws, w_dim]
    if w.ndim != 3 or w.shape[1:] != (num_ws, w_dim) or not 0 < len(w) <= MAX_LATENTS:
        why = f"its shape is {list(w.shape)}, expected {expected}"
        raise BadInput("latent.unreadable", file=str(path), why=why)
    if not np.isfinite(w).all():
        raise BadInput(
            "latent.unreadable", file=str(path), why="it holds values that are not finite"
        )
    return w


def read_picture(path: Path) -> npt.NDArray[np.uint8]:
    """A picture file as uint8 RGB [h, w, 3]; BadInput ``picture.unreadable``."""
    import cv2
    import numpy as np

    if not path.is_file():
        raise BadInput("file.missing", file=str(path))
    if path.stat().st_size > MAX_RECIPE_BYTES:
        raise BadInput("file.too_large", file=str(path), limit=MAX_RECIPE_BYTES)
    try:
        pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error as error:
        raise BadInput("picture.unreadable", file=str(path), why=str(error)) from error
    if pixels is None:
        raise BadInput("picture.unreadable", file=str(path), why="no known picture format")
    return pixels.astype(np.uint8)


def out_folder(path: Path) -> Path:
    """Make the output folder; BadInput ``out.not_a_folder`` where that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise BadInput("out.not_a_folder", file=str(path), why=why) from error
    return path


def write_png(path: Path, pixels: npt.NDArray[np.uint8], packet: str = "") -> None:
    """Write uint8 RGB [h, w, 3] as PNG, marked in its metadata as computer-generated, or with
    another XMP ``packet``."""
    import cv2

    from app.models.export.marking import GENERATED, LABEL, marked, xmp_packet

    done, data = cv2.imencode(".png", pixels[:, :, ::-1])
    if not done:
        raise BadInput("out.not_written", file=str(path))
    path.write_bytes(marked(data.tobytes(), packet or xmp_packet(GENERATED, LABEL)))


def write_crop(path: Path, pixels: npt.NDArray[np.uint8]) -> None:
    """Write a part of a photograph as plain PNG: nothing says that it was generated."""
    import cv2

    done, data = cv2.imencode(".png", pixels[:, :, ::-1])
    if not done:
        raise BadInput("out.not_written", file=str(path))
    path.write_bytes(data.tobytes())


def write_json(path: Path, data: Any) -> None:
    """Write JSON text."""
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")

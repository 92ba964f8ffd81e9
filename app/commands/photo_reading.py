"""What the photo commands share: the reader of the default model and one decoded, aligned face."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from app.engine.align import Face
    from app.engine.photo import PhotoReader


def add_model(parser: Any) -> None:
    """The ``--model`` option of the photo commands."""
    parser.add_argument("--model", help="model folder or name (default: the bundled one)")


def reader_of(name: str | None) -> PhotoReader:
    """The nets that read photographs from a model folder; YuNet boxes where it is installed."""
    from app.engine.photo import PhotoReader
    from app.engine.weights import find_model, user_models_folder

    yunet = user_models_folder() / "yunet" / "face_detection_yunet.onnx"
    return PhotoReader.load(find_model(name), yunet)


def one_aligned_face(reader: PhotoReader, path: Path) -> tuple[Face, npt.NDArray[np.uint8]]:
    """The one clear face of a photograph, aligned to 128x128; BadInput says why there is none."""
    from app.engine.align import aligned, the_one_face
    from app.engine.media.decode import decode_image

    picture = decode_image(path)
    face = the_one_face(reader.finder, picture, str(path))
    return face, aligned(picture, face)

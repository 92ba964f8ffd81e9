"""``faces``: the faces of a photograph, with boxes, scores and aligned crops."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json
    from app.commands.photo_reading import add_model

    parser = subparsers.add_parser(
        "faces",
        help="find faces in a photo",
        description="List the faces of a photograph, largest first; with --out, write aligned "
        "crops face_000.png ... Videos are not read yet.",
    )
    parser.add_argument("photo", type=Path)
    parser.add_argument("--out", type=Path, help="folder for the aligned crops")
    add_model(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Decode, find, crop and report; a picture without a face is an empty list, not an error."""
    from app.commands.faces_io import out_folder, write_png
    from app.commands.output import emit
    from app.commands.photo_reading import reader_of
    from app.engine.align import aligned
    from app.engine.media.decode import decode_image
    from app.engine.photo import face_json

    reader = reader_of(args.model)
    picture = decode_image(args.photo)
    found = reader.finder.find(picture)
    faces = [face_json(face) for face in found]
    if args.out is not None:
        out = out_folder(args.out)
        for i, face in enumerate(found):
            write_png(out / f"face_{i:03d}.png", aligned(picture, face))
            faces[i]["file"] = f"face_{i:03d}.png"
    height, width = picture.shape[:2]
    data = {"file": str(args.photo), "width": width, "height": height, "faces": faces}
    lines = [f"{len(faces)} faces in {args.photo}", *(str(f["box"]) for f in faces)]
    return emit(args, data, lines)

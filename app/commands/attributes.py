"""``attributes``: what the attribute net reads from the face in a photograph."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json
    from app.commands.photo_reading import add_model

    parser = subparsers.add_parser(
        "attributes",
        help="photo -> attributes",
        description="Read the attributes of the one face in a photograph, with probabilities, in "
        "the vocabulary's words and as the 40 CelebA names (null: this net cannot tell).",
    )
    parser.add_argument("photo", type=Path)
    add_model(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Decode, align, read and report."""
    from app.commands.output import emit, plain
    from app.commands.photo_reading import one_aligned_face, reader_of
    from app.engine.photo import celeba, face_json, measured

    reader = reader_of(args.model)
    face, pixels = one_aligned_face(reader, args.photo)
    read = reader.net.read(pixels[None])
    found = measured(reader.net, read)
    attributes = [
        {
            "name": m.attribute,
            "value": int(m.value) if m.attribute == "age" else m.value,
            "probability": None if m.attribute == "age" else m.probability,
        }
        for m in found
    ]
    data = {
        "file": str(args.photo),
        "face": face_json(face),
        "attributes": attributes,
        "measures": {k: round(float(v[0]), 4) for k, v in read.scalars.items()},
        "celeba": celeba(reader.net, read),
    }
    lines = [
        f"{m.attribute}: {m.value}" + ("" if m.attribute == "age" else f" ({m.probability:.0%})")
        for m in found
    ]
    return emit(args, plain(data), lines)

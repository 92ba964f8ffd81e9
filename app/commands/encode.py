"""``encode``: a photograph's face as a recipe of the nearest generated face."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json
    from app.commands.photo_reading import add_model

    parser = subparsers.add_parser(
        "encode",
        help="photo -> recipe of the nearest generated face",
        description="Writes aligned.png, reconstruction.png, recipe.json and report.json.",
    )
    parser.add_argument("photo", type=Path)
    parser.add_argument("--steps", type=_steps, default=0, help="refinement steps (default 0)")
    parser.add_argument("--seconds", type=float, default=120.0, help="time limit of the refinement")
    parser.add_argument("--out", type=Path, required=True)
    add_model(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Decode, align, encode, draw and write."""
    from app.commands.faces_io import out_folder, write_crop, write_json, write_png
    from app.commands.output import emit, progress
    from app.commands.photo_reading import one_aligned_face, reader_of
    from app.engine.encoder import as_json, encode
    from app.engine.photo import face_json
    from app.engine.runtime import Runtime
    from app.engine.weights import find_model
    from app.models.portrait import Recipe

    reader = reader_of(args.model)
    face, pixels = one_aligned_face(reader, args.photo)
    painter = Runtime().load(find_model(args.model))
    synthesis = painter.model.generator.synthesis
    found = encode(
        pixels, reader.net, reader.code_scale, reader.w_offset,
        lambda ws: synthesis(ws, "none"), synthesis.num_ws,
        guess=reader.encoder, steps=args.steps, seconds=args.seconds,
        progress=lambda d, t: progress("refining", d, t),
    )  # fmt: skip
    recipe = Recipe.from_array(painter.sha256, found.w, origin="photo")
    out = out_folder(args.out)
    write_crop(out / "aligned.png", pixels)
    write_png(out / "reconstruction.png", painter.pixels(recipe))
    write_json(out / "recipe.json", recipe.to_json())
    report = {"file": str(args.photo), "face": face_json(face), **as_json(found)}
    write_json(out / "report.json", report)
    line = f"{args.photo}: {report['fidelity']} reconstruction in {out}"
    return emit(args, {**report, "out": str(out), "recipe": recipe.to_json()}, [line])


def _steps(text: str) -> int:
    steps = int(text)
    if not 0 <= steps <= 100_000:
        raise argparse.ArgumentTypeError("steps are 0 to 100000")
    return steps

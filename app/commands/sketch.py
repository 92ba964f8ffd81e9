"""``sketch``: a face as a drawing."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json

    parser = subparsers.add_parser(
        "sketch",
        help="face -> sketch",
        description="Draw a recipe or a picture as a pencil or ink sketch; the same input gives "
        "the same bytes.",
    )
    parser.add_argument("face", metavar="RECIPE|IMAGE", help="recipe.json, recipes.json#N or image")
    parser.add_argument("--style", choices=("pencil", "ink"), default="pencil")
    parser.add_argument("--size", type=int, default=512, help="longer side in pixels (64 ... 4096)")
    parser.add_argument("--out", type=Path, required=True, metavar="PNG", help="picture to write")
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read or draw the face, sketch it, write."""
    from app.commands.faces_io import (
        looks_like_recipe,
        out_folder,
        read_picture,
        read_recipe,
        write_png,
    )
    from app.commands.output import emit
    from app.engine.sketch import draw_sketch
    from app.models.errors import BadInput

    if looks_like_recipe(args.face):
        from app.engine.runtime import render_recipe

        pixels = render_recipe(read_recipe(args.face))
    else:
        pixels = read_picture(Path(args.face))
    if args.out.is_dir():
        raise BadInput("out.is_a_folder", file=str(args.out))
    drawn = draw_sketch(pixels, args.style, args.size)
    out_folder(args.out.parent)
    write_png(args.out, drawn)
    result = {
        "out": str(args.out),
        "style": args.style,
        "height": drawn.shape[0],
        "width": drawn.shape[1],
    }
    return emit(args, result, [str(args.out)])

"""``sketch``: a face as a drawing, or a drawing as a face."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json

    parser = subparsers.add_parser(
        "sketch",
        help="face -> sketch, or sketch -> face",
        description="Draw a recipe or a picture as a pencil or ink sketch; the same input gives "
        "the same bytes. With --to-face: faces for a drawing or an old composite of one face; "
        "skin and hair colour come from --text and are the model's middle where it says nothing.",
    )
    parser.add_argument("face", metavar="RECIPE|IMAGE", help="recipe.json, recipes.json#N or image")
    parser.add_argument("--style", choices=("pencil", "ink"), default="pencil")
    parser.add_argument("--size", type=int, default=512, help="longer side in pixels (64 ... 4096)")
    parser.add_argument(
        "--out", type=Path, required=True, help="picture to write; with --to-face a folder"
    )
    parser.add_argument("--to-face", action="store_true", help="from a sketch to a face")
    parser.add_argument("--text", default="", help="what was said of the face, for --to-face")
    parser.add_argument("--language", choices=("en", "fr"), default="en", help="of --text")
    parser.add_argument("--count", type=int, default=4, help="faces with --to-face (1 to 24)")
    parser.add_argument("--seed", type=int, default=0, help="of the faces with --to-face")
    parser.add_argument("--model", help="for --to-face (default: the bundled one)")
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read or draw the face, sketch it, write; or the other way."""
    return _to_face(args) if args.to_face else _to_sketch(args)


def _to_sketch(args: argparse.Namespace) -> int:
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


def _to_face(args: argparse.Namespace) -> int:
    """By the model's sketch net; a model without one is searched for the nearest sketch."""
    from app.commands.faces_io import out_folder, write_json, write_png
    from app.commands.output import emit
    from app.engine.api import SketchToFace
    from app.engine.language import describe
    from app.engine.runtime import Runtime
    from app.engine.weights import find_model

    runtime = Runtime(find_model(args.model))
    if runtime.load().model.file("sketch.safetensors") is None:
        return _to_face_by_search(args, runtime)
    wanted = describe(args.text, args.language).attributes if args.text else ()
    shown: list[Any] = []
    request = SketchToFace(args.face, wanted, args.count, args.seed)
    answer = runtime.answer(request, shown.append, lambda: None)
    out = out_folder(args.out)
    for face in shown:
        write_png(out / f"face_{face.index:03d}.png", face.pixels)
    recipes = [recipe.to_json() for recipe in answer.faces]
    write_json(out / "recipes.json", recipes)
    files = [f"face_{i:03d}.png" for i in range(len(recipes))]
    missed = [{"attribute": s.attribute, "value": s.value, "reason": s.reason}
              for s in answer.shortfalls]  # fmt: skip
    result = {"out": str(out), "files": [*files, "recipes.json"], "recipes": recipes,
              "shortfalls": missed}  # fmt: skip
    return emit(args, result, [f"{len(files)} faces and recipes.json in {out}"])


def _to_face_by_search(args: argparse.Namespace, runtime: Any) -> int:
    from app.commands.faces_io import out_folder, write_json, write_png
    from app.commands.output import emit, progress
    from app.engine.media.decode import decode_image
    from app.engine.proposals import latent_space
    from app.engine.sketch_to_face import face_from_sketch
    from app.models.portrait import Recipe

    painter = runtime.load()
    found = face_from_sketch(
        painter, latent_space(runtime, painter), decode_image(args.face), args.seed,
        lambda done, total: progress("faces tried", done, total),
    )  # fmt: skip
    recipe = Recipe.from_array(painter.sha256, found.w, seed=args.seed, origin="sketch")
    out = out_folder(args.out)
    write_png(out / "face_000.png", found.pixels)
    write_json(out / "recipes.json", [recipe.to_json()])
    result = {
        "out": str(out), "files": ["face_000.png", "recipes.json"], "recipes": [recipe.to_json()],
        "first_distance": round(found.first_distance, 4), "distance": round(found.distance, 4),
    }  # fmt: skip
    return emit(args, result, [f"1 face and recipes.json in {out}"])

"""``generate``: faces from words or from seeds, with their recipes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.engine.painter import Painter
    from app.engine.runtime import Runtime
    from app.models.description import Attribute
    from app.models.portrait import Recipe

MAX_COUNT = 1000
SEED_STEP = 1_000_003  # faces of neighbouring seeds do not repeat each other


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json

    parser = subparsers.add_parser(
        "generate",
        help="words -> faces and their recipes",
        description="Draw faces that obey a description and spread over what it leaves open, or "
        "plain samples of the model. Writes face_000.png ... and recipes.json (a list of recipes).",
    )
    parser.add_argument("--text", help="what was said of the face")
    parser.add_argument("--language", default="en", help="language of the text (default en)")
    parser.add_argument("--seed", type=_seed, default=0, help="same seed, same faces (default 0)")
    parser.add_argument("--count", type=_count, default=9, help="how many faces (default 9)")
    parser.add_argument("--model", help="model folder or name (default: the bundled one)")
    parser.add_argument("--out", type=Path, required=True, help="folder for pictures and recipes")
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Draw, write and report."""
    from app.commands.faces_io import out_folder, write_json
    from app.commands.output import emit
    from app.engine.runtime import Runtime
    from app.engine.weights import find_model

    wanted = _wanted(args.text, args.language) if args.text is not None else ()
    runtime = Runtime()
    painter = runtime.load(find_model(args.model))
    out = out_folder(args.out)
    if args.text is None:
        faces, shortfalls = _samples(painter, args), list[Any]()
    else:
        faces, shortfalls = _obeying(runtime, painter, wanted, args)
    recipes = [{**f["recipe"], "file": f["file"]} for f in faces]
    write_json(out / "recipes.json", recipes)
    result = {
        "model": painter.sha256,
        "out": str(out),
        "attributes": [a.reading_json() for a in wanted],
        "shortfalls": shortfalls,
        "faces": faces,
    }
    lines = [f"{len(faces)} faces and recipes.json in {out}"]
    lines += [f"not shown: {s.attribute} {s.value} ({s.reason})" for s in shortfalls]
    return emit(args, result, lines)


def _wanted(text: str, language: str) -> tuple[Attribute, ...]:
    from app.engine.language import describe
    from app.models.errors import BadInput

    if not text.strip():
        raise BadInput("description.empty")
    return describe(text, language).attributes


def _samples(painter: Painter, args: argparse.Namespace) -> list[dict[str, Any]]:
    from app.models.portrait import Recipe

    faces = []
    for i in range(args.count):
        seed = args.seed * SEED_STEP + i
        w = painter.sample(seed)
        recipe = Recipe.from_array(painter.sha256, w, seed=seed, psi=painter.model.card.psi)
        faces.append(_written(args, i, recipe, painter.pixels(recipe)))
    return faces


def _obeying(
    runtime: Runtime, painter: Painter, wanted: tuple[Attribute, ...], args: argparse.Namespace
) -> tuple[list[dict[str, Any]], list[Any]]:
    from app.engine.sampler import Drawn
    from app.models.portrait import Recipe

    faces: list[dict[str, Any]] = []
    net = runtime.attribute_net(painter)

    def ready(index: int, drawn: Drawn) -> None:
        recipe = Recipe.from_array(
            painter.sha256, drawn.w, seed=args.seed, psi=painter.model.card.psi
        )
        face = _written(args, index, recipe, drawn.pixels)
        faces.append({**face, "measured": _measured(net, drawn.pixels)})

    sampler = runtime.sampler(painter)
    _, shortfalls = sampler.start_array(wanted, args.count, args.seed, ready=ready)
    return faces, shortfalls


def _measured(net: Any | None, pixels: Any) -> dict[str, Any] | None:
    if net is None:
        return None
    from app.engine.photo import measured

    return {m.attribute: m.value for m in measured(net, net.read(pixels[None]))}


def _written(args: argparse.Namespace, index: int, recipe: Recipe, pixels: Any) -> dict[str, Any]:
    from app.commands.faces_io import write_png
    from app.commands.output import progress

    name = f"face_{index:03d}.png"
    write_png(args.out / name, pixels)
    progress("faces", index + 1, args.count)
    return {"file": name, "id": recipe.id, "recipe": recipe.to_json()}


def _seed(text: str) -> int:
    seed = int(text)
    if not 0 <= seed < 2**31:
        raise argparse.ArgumentTypeError(f"{text} is not in 0 ... 2147483647")
    return seed


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= MAX_COUNT:
        raise argparse.ArgumentTypeError(f"{text} is not in 1 ... {MAX_COUNT}")
    return count

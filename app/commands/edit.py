"""``edit``: move a recipe along named directions, with other things held still."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json

    parser = subparsers.add_parser(
        "edit",
        help="move a recipe along named directions",
        description="NAME=VALUE sets a direction's amount (nose_width=1.5), the age in years "
        "(age=50, or age=+10), or an attribute of the vocabulary to one of its words "
        "(hair_color=blond). --hold keeps what a direction or attribute reads. "
        "Writes before.png, edited.png and recipe.json.",
    )
    parser.add_argument("recipe", metavar="RECIPE", help="recipe.json, or recipes.json#INDEX")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="settings")
    parser.add_argument("--hold", action="append", default=[], metavar="NAME", nargs="+")
    parser.add_argument(
        "--layer", action="append", default=[], metavar="ATTRIBUTE=VALUE[:WHERE]", dest="layers",
        help="put a drawing on: hat=cap, mark=scar:chin, or a drawing's name",
    )
    parser.add_argument("--model", help="model folder or name (default: the recipe's)")
    parser.add_argument("--out", type=Path, required=True, help="folder for pictures and recipe")
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Edit, draw before and after, write."""
    from app.commands.faces_io import out_folder, read_recipe, write_json, write_png
    from app.commands.layers import layered, with_layers
    from app.commands.output import emit
    from app.engine.editing import edit_recipe
    from app.engine.runtime import Runtime
    from app.engine.weights import find_model

    recipe = read_recipe(args.recipe)
    runtime = Runtime()
    if args.model:
        painter = runtime.load(find_model(args.model))
    else:
        painter = runtime.painter_for(recipe.model)
    held = [name for names in args.hold for name in names]
    edited = edit_recipe(painter, runtime.attribute_net(painter), recipe, args.settings, held)
    final = with_layers(edited.recipe, args.layers, runtime)
    out = out_folder(args.out)
    write_png(out / "before.png", layered(recipe, painter.pixels(recipe)))
    write_png(out / "edited.png", layered(final, painter.pixels(final)))
    write_json(out / "recipe.json", final.to_json())
    result = {
        "model": painter.sha256,
        "out": str(out),
        "files": ["before.png", "edited.png", "recipe.json"],
        "recipe": final.to_json(),
        "edits": dict(edited.recipe.edits),
        "changes": edited.changes,
        "layers": [overlay.to_json() for overlay in final.overlays],
        "held": {n: {"moved_without_hold": a, "moved": b} for n, a, b in edited.held},
    }
    lines = [
        f"{c.asked}: {c.direction} {c.before:+.2f} -> {c.after:+.2f}"
        + ("" if c.reached else " (as far as it goes; not reached)")
        for c in edited.changes
    ]
    lines += [f"{layer}: put on" for layer in args.layers]
    return emit(args, result, [*lines, f"edited.png and recipe.json in {out}"])

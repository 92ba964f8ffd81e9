"""``morph``: one face of several witnesses' sealed portraits, made only after each was sealed.

A morph of three or four composites of one person by different witnesses is recognised as well as
the best of them (Bruce, Ness, Hancock, Newman and Rarity, 2002). Witnesses never see each other's.
"""

from __future__ import annotations

import argparse
import getpass
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from app.models.errors import BadInput
from app.models.portrait import Recipe

LEAST, MOST = 2, 8


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json

    parser = subparsers.add_parser(
        "morph",
        help="one face of several witnesses' sealed portraits",
        description="Checks each bundle (profile full or defence) as `verify` does, takes the "
        "recipe out of it and blends them in equal parts. Each bundle must be of another case "
        "file: one witness's sittings are one case. Writes morph.png, recipe.json, morph.json.",
    )
    parser.add_argument("bundles", metavar="BUNDLE", type=Path, nargs="+")
    parser.add_argument("--by", default="", help="who makes it (default: the system's user)")
    parser.add_argument("--out", type=Path, required=True, help="folder for picture and record")
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check, blend, draw, write down what was done by whom."""
    from app.commands.faces_io import out_folder, write_json
    from app.commands.layers import layered
    from app.commands.output import emit
    from app.engine.runtime import Runtime, blended
    from app.models.export.marking import marked, source_type, xmp_packet
    from app.views.png import png_of
    from app.views.report import ReportPainter, application

    parents = [_sealed(path) for path in args.bundles]
    _need_different(parents)
    recipe = blended(tuple(recipe for _, recipe in parents))
    picture = layered(recipe, Runtime().render(recipe.bare()))
    running = application()
    labelled = ReportPainter().portrait(png_of(picture), 1024)
    del running
    out = out_folder(args.out)
    packet = xmp_packet(source_type(recipe.origin), "Morph of several witnesses' portraits")
    (out / "morph.png").write_bytes(marked(labelled, packet))
    record = {
        "made_by": args.by or getpass.getuser(),
        "made_at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "weights": [1 / len(parents)] * len(parents),
        "bundles": [facts for facts, _ in parents],
        "recipe": recipe.to_json(),
    }
    write_json(out / "recipe.json", recipe.to_json())
    write_json(out / "morph.json", record)
    files = ["morph.png", "morph.json", "recipe.json"]
    lines = [f"good {facts['bundle']}: {' '.join(facts['words'])}" for facts, _ in parents]
    return emit(args, {**record, "out": str(out), "files": files}, [*lines, f"morph.png in {out}"])


def _sealed(path: Path) -> tuple[dict[str, Any], Recipe]:
    """What is known of a bundle and its portrait; BadInput unless the bundle is in order."""
    from app.commands.verifier.container import read_bundle
    from app.commands.verifier.report import verify

    answer = verify(path)
    if not answer.good:
        raise BadInput("morph.not_sealed", file=str(path), why=answer.problems[0])
    files, _ = read_bundle(path)
    if "recipe.json" not in files:
        raise BadInput("morph.no_recipe", file=str(path), profile=answer.profile)
    manifest = json.loads(files["manifest.json"])
    facts = {
        "bundle": path.name, "case_id": answer.case_id, "words": answer.printed["words"],
        "witness_code": manifest["witness_code"], "root_sha256": manifest["root_sha256"],
    }  # fmt: skip
    return facts, Recipe.from_json(json.loads(files["recipe.json"]))


def _need_different(parents: list[tuple[dict[str, Any], Recipe]]) -> None:
    if not LEAST <= len(parents) <= MOST:
        raise BadInput("morph.count", found=len(parents), least=LEAST, most=MOST)
    cases = [facts["case_id"] for facts, _ in parents]
    if len(set(cases)) != len(cases):
        twice = next(f["bundle"] for f, _ in parents if cases.count(f["case_id"]) > 1)
        raise BadInput("morph.same_witness", file=twice)

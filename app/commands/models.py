"""``models``: list, show, verify, import and fetch models."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.engine.attribute_net import AttributeNet
    from app.engine.painter import Painter
    from app.engine.runtime import Runtime


def register(subparsers: Any) -> None:
    """Add the command's parser and its actions."""
    from app.commands.models_fetch import add_fetch, run_fetch
    from app.commands.output import add_json

    parser = subparsers.add_parser(
        "models", help="model folders: list, info, import, fetch, verify"
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listed = actions.add_parser("list", help="the models installed here")
    info = actions.add_parser("info", help="a model's card, shape and directions")
    info.add_argument("model", nargs="?", help="folder or name (default: the bundled one)")
    verify = actions.add_parser("verify", help="check every file of a model")
    verify.add_argument("model", nargs="?", help="folder or name (default: the bundled one)")
    importer = actions.add_parser(
        "import",
        help="convert a public StyleGAN2 checkpoint",
        description="Reads StyleGAN2-ADA network pickles (G_ema) and rosinality .pt files. "
        "Tensors and plain containers only: nothing in the file is ever run.",
    )
    importer.add_argument("file", type=Path)
    importer.add_argument("--name", help="name of the model (default: the file's)")
    importer.add_argument("--out", type=Path, help="model folder to write (default: your models)")
    importer.add_argument("--licence", default="", help="the licence, for the card")
    importer.add_argument("--psi", type=float, default=0.7, help="truncation psi (default 0.7)")
    measure = actions.add_parser(
        "measure",
        help="measure a model: the faces from which words begin, and the space searched",
        description="Draws many of a model's faces, reads their attributes, and keeps the readings "
        "in the model folder (bank.safetensors), and beside them the space in which the search "
        "looks (space.safetensors). Takes a minute or more.",
    )
    measure.add_argument("model", nargs="?", help="folder or name (default: the bundled one)")
    measure.add_argument("--size", type=int, default=3000, help="faces (default 3000)")
    measure.add_argument(
        "--effects", type=int, metavar="FACES", help="measure instead what else each slider moves, "
        "on so many faces (500: ten minutes), and keep it in directions.toml",
    )  # fmt: skip
    rows = (
        (listed, _list), (info, _info), (verify, _verify), (importer, _import), (measure, _measure),
        (add_fetch(actions), run_fetch),
    )  # fmt: skip
    for sub, function in rows:
        add_json(sub)
        sub.set_defaults(run=function)


def _list(args: argparse.Namespace) -> int:
    from app.commands.output import emit
    from app.engine.weights import model_folders, read_card
    from app.models.errors import ModelError

    rows: list[dict[str, Any]] = []
    for folder in model_folders():
        row: dict[str, Any] = {"id": folder.name, "folder": str(folder)}
        try:
            card = read_card(folder)
            arch = card.architecture
            row |= {"name": card.name, "sha256": card.sha256, "resolution": arch.resolution,
                    "kind": card.kind, "ok": True}  # fmt: skip
        except ModelError as error:
            row |= {"ok": False, "problem": str(error)}
        rows.append(row)
    lines = [
        f"{r['id']:<20} {r.get('resolution', '?'):>5}  {r.get('name', r.get('problem'))}"
        for r in rows
    ]
    return emit(args, {"models": rows}, lines)


def _info(args: argparse.Namespace) -> int:
    from app.commands.output import emit
    from app.engine.weights import find_model, load_model

    folder = find_model(args.model)
    model = load_model(folder)
    arch = model.card.architecture
    result = {
        "id": folder.name, "folder": str(folder), "name": model.card.name, "kind": model.card.kind,
        "sha256": model.sha256, "architecture": {**vars(arch), "num_ws": arch.num_ws},
        "files": dict(model.card.files), "psi": model.card.psi, "card": dict(model.card.data),
        "directions": [d.info for d in model.directions.items],
    }  # fmt: skip
    lines = [f"{k}: {v}" for k, v in model.card.shown()]
    lines += [f"direction {d.name}: {d.info.low:g} ... {d.info.high:g} {d.info.unit}, quality "
              f"{d.info.quality:.2f}" for d in model.directions.items]  # fmt: skip
    return emit(args, result, lines)


def _verify(args: argparse.Namespace) -> int:
    from app.commands.output import emit
    from app.engine.weights import find_model, verify_model

    folder = find_model(args.model)
    card = verify_model(folder)
    files = ["model.safetensors", *card.files]
    result = {
        "id": folder.name,
        "folder": str(folder),
        "ok": True,
        "sha256": card.sha256,
        "files": files,
    }
    return emit(args, result, [f"{folder}: {len(files)} files as the card says"])


def _import(args: argparse.Namespace) -> int:
    from app.commands.output import emit
    from app.engine.importing.convert import import_model
    from app.engine.weights import user_models_folder
    from app.models.errors import BadInput

    if not 0 < args.psi <= 2:
        raise BadInput("model.bad_psi", psi=args.psi)
    name = args.name or args.file.stem
    if Path(name).name != name or name.startswith("."):
        raise BadInput("model.bad_name", name=name)
    folder = args.out or user_models_folder() / name
    if (folder / "model.toml").exists():
        raise BadInput("model.exists", file=str(folder))
    if not args.file.is_file():
        raise BadInput("file.missing", file=str(args.file))
    card = import_model(args.file, folder, licence=args.licence, psi=args.psi)
    architecture = {**vars(card.architecture), "num_ws": card.architecture.num_ws}
    result = {
        "id": folder.name, "folder": str(folder), "sha256": card.sha256,
        "architecture": architecture,
    }  # fmt: skip
    return emit(args, result, [f"imported as {folder}"])


def _to_measure(model: str | None) -> tuple[Runtime, Painter, AttributeNet]:
    """A model that can be measured: loaded, with the net that reads its faces."""
    from app.engine.runtime import Runtime
    from app.engine.weights import find_model
    from app.models.errors import ModelError

    runtime = Runtime()
    painter = runtime.load(find_model(model))
    net = runtime.attribute_net(painter)
    if net is None:
        raise ModelError("model.no_attribute_net", file=str(painter.model.folder))
    return runtime, painter, net


def _measure_effects(args: argparse.Namespace) -> int:
    from app.commands.output import emit, progress
    from app.engine.directions import write_directions
    from app.engine.landmark_net import LandmarkNet
    from app.engine.training.remeasured import remeasure
    from app.engine.weights import rewrite_card
    from app.models.errors import BadInput

    if not 20 <= args.effects <= 10_000:
        raise BadInput("model.bad_effects_size", size=args.effects)
    _, painter, net = _to_measure(args.model)
    landmarks, folder = painter.model.file("landmarks.safetensors"), painter.model.folder
    found, figures = remeasure(
        painter, net, LandmarkNet.load(landmarks) if landmarks else None, args.effects, progress
    )
    write_directions(folder, found)
    rewrite_card(folder)
    mean = figures["mean_effect_after"]
    return emit(
        args, {"folder": str(folder), "faces": args.effects, **figures},
        [f"{len(found)} sliders measured on {args.effects} faces: others move {mean} sd (mean)"],
    )  # fmt: skip


def _measure(args: argparse.Namespace) -> int:
    from app.commands.output import emit, progress
    from app.engine.bank import FILE, build_bank
    from app.engine.space import measure_space
    from app.engine.space_file import FILE as SPACE_FILE
    from app.engine.space_file import write_space
    from app.engine.weights import rewrite_card
    from app.models.errors import BadInput

    if args.effects is not None:
        return _measure_effects(args)
    if not 30 <= args.size <= 100_000:
        raise BadInput("model.bad_bank_size", size=args.size)
    runtime, painter, net = _to_measure(args.model)
    folder = painter.model.folder

    def report(done: int, total: int) -> None:
        progress("faces", done, total)

    space = measure_space(painter, runtime.spread(painter), net=net)  # nothing is written before
    build_bank(painter, net, folder / FILE, args.size, report)
    write_space(painter, space, folder / SPACE_FILE)
    card = rewrite_card(folder)
    return emit(
        args, {"folder": str(folder), "faces": args.size, "files": dict(card.files)},
        [f"{args.size} faces measured in {folder}"],
    )  # fmt: skip

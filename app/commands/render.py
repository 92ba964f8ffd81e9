"""``render``: latents in an .npy file -> pictures."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json

    parser = subparsers.add_parser(
        "render",
        help="latents in an .npy file -> pictures",
        description="Draw w [n, w_dim] or w+ [n, layers, w_dim] with a model. Writes face_000.png "
        "..., or with --raw one float32 array images.npy [n, 3, h, w], drawn with constant noise.",
    )
    parser.add_argument("latents", metavar="WS.npy", type=Path)
    parser.add_argument("--model", help="model folder or name (default: the bundled one)")
    parser.add_argument("--raw", action="store_true", help="floats instead of pictures")
    parser.add_argument(
        "--noise", choices=("const", "none"), help="noise inputs (default: const with --raw, else "
        "as the model's card says)",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Draw one after the other."""
    import numpy as np

    from app.commands.faces_io import out_folder, read_latents, write_png
    from app.commands.output import emit, progress
    from app.engine.runtime import Runtime
    from app.engine.stylegan2 import to_pixels
    from app.engine.weights import find_model

    painter = Runtime().load(find_model(args.model))
    arch = painter.model.card.architecture
    ws = read_latents(args.latents, arch.num_ws, arch.w_dim)
    out = out_folder(args.out)
    noise = args.noise or ("const" if args.raw else painter.noise)
    files, images = [], []
    for i, row in enumerate(ws):
        image = painter.exact(row, noise) if args.raw else painter.draw(row, noise)  # [1, 3, h, w]
        progress("faces", i + 1, len(ws))
        if args.raw:
            images.append(image.cpu().numpy()[0])
            continue
        name = f"face_{i:03d}.png"
        write_png(out / name, to_pixels(image).cpu().numpy()[0])
        files.append(name)
    if args.raw:
        files = ["images.npy"]
        np.save(out / "images.npy", np.stack(images))
    result = {
        "model": painter.sha256,
        "out": str(out),
        "count": len(ws),
        "noise": noise,
        "files": files,
    }
    return emit(args, result, [f"{len(ws)} faces in {out}"])

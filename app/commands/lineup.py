"""``lineup``: a suspect's photograph, fillers, and how fair the array is."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.engine.api import Assessment, FillersMade, LineupFace, SuspectFace
    from app.engine.runtime import Runtime
    from app.models.description import Attribute

TILE_LABEL = 26
KINDS = (".jpg", ".jpeg", ".png")


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json
    from app.commands.passphrase import add_passphrase

    parser = subparsers.add_parser(
        "lineup",
        help="suspect and fillers, with fairness figures",
        description="Makes fillers for the one face of a photograph, draws the order by lot, and "
        "writes array.png, member_1.png ... and lineup.json; the photograph stays as it is. With "
        "--choices it counts the fairness of choices that mock witnesses made.",
    )
    parser.add_argument("suspect", metavar="SUSPECT", type=Path, help="the suspect's photograph")
    parser.add_argument("--fillers", type=_count, default=5, help="how many (default 5)")
    parser.add_argument("--out", type=Path, required=True, help="folder for what is written")
    parser.add_argument("--text", help="a description that fillers are to match")
    parser.add_argument("--language", default="en", help="language of the text (default en)")
    parser.add_argument("--seed", type=int, default=0, help="same seed, same lineup (default 0)")
    parser.add_argument("--page", type=int, default=0, help="how far the ball has grown (0)")
    parser.add_argument("--from-folder", type=Path, metavar="DIR", help="photographs as fillers")
    parser.add_argument("--mixed", action="store_true", help="with --from-folder: half of each")
    parser.add_argument("--between", action="store_true", help="fillers by interpolation")
    parser.add_argument("--policy", choices=("rendered", "matched"), default="rendered",
                        help="the suspect drawn by the model, or the photograph made alike")
    parser.add_argument("--look", choices=("photo", "plain"), default="photo",
                        help="pose, light and background of the photograph, or plain ones")
    parser.add_argument("--fine-tune", type=float, metavar="SECONDS", default=0.0,
                        help="fine-tune a copy of the model to the photograph first")  # fmt: skip
    parser.add_argument("--choices", metavar="N,N,...", type=_choices,
                        help="numbers in array.png that mock witnesses chose")  # fmt: skip
    parser.add_argument("--file", type=Path, metavar="PPLINEUP",
                        help="keep it in a new sealed lineup file (asks for its passphrase)")
    parser.add_argument("--reference", default="", help="with --file: the case reference")
    parser.add_argument("--bundle", type=Path, metavar="BUNDLE",
                        help="also write a sealed bundle that verify checks (a folder, or a .zip)")
    add_passphrase(parser)  # fmt: skip
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read, make, assess, write."""
    from app.commands.faces_io import out_folder, write_json
    from app.commands.output import emit
    from app.engine.runtime import Runtime
    from app.models.lineup import drawn_order

    out = out_folder(args.out)
    runtime = Runtime()
    wanted = _wanted(args.text, args.language)
    suspect, tuning = _suspect(runtime, args)
    made = _fillers(runtime, args, suspect, wanted)
    faces = (*([made.suspect] if made.suspect else []), *made.fillers)
    assessment = _assessed(runtime, faces)
    order = drawn_order(len(faces), args.seed)
    report = {
        "suspect": str(args.suspect), "suspect_sha256": suspect.sha256,
        "fidelity": suspect.fidelity, "problems": suspect.problems,
        "policy": args.policy, "look": args.look, "seed": args.seed,
        "order": list(order), "suspect_number": order.index(0) + 1,
        "members": [_member(face, order.index(i) + 1) for i, face in enumerate(faces)],
        "table": {name: list(values) for name, values in assessment.table},
        "concerns": [c.__dict__ for c in assessment.concerns],
        "distances": assessment.distances, "refused": [list(r) for r in made.refused],
        "tuning": tuning, "fairness": _fairness(args.choices, len(faces), order),
    }  # fmt: skip
    _write_pictures(out, suspect, faces, order)
    if args.file or args.bundle:
        from app.commands.lineup_sealed import seal

        report["bundle"] = seal(args, suspect, faces, wanted, assessment.concerns)
    write_json(out / "lineup.json", {k: _plain(v) for k, v in report.items()})
    return emit(args, report, _lines(report, faces, out))


def _suspect(runtime: Runtime, args: argparse.Namespace) -> tuple[SuspectFace, Any]:
    from app.engine.api import ReadSuspect, TuneSuspect

    suspect = runtime.answer(ReadSuspect(str(args.suspect)), _say, _go_on)
    if not args.fine_tune:
        return suspect, None
    tuned = runtime.answer(TuneSuspect(suspect, args.fine_tune), _say, _go_on)
    facts = ("first_loss", "loss", "latent_steps", "weight_steps", "seconds", "roughness")
    return tuned.suspect, {name: getattr(tuned, name) for name in facts}


def _fillers(
    runtime: Runtime, args: argparse.Namespace, suspect: SuspectFace,
    wanted: tuple[Attribute, ...],
) -> FillersMade:  # fmt: skip
    from app.engine.api import MakeFillers

    photos = _photos(args.from_folder) if args.from_folder else ()
    source = "generated" if not photos else ("mixed" if args.mixed else "photos")
    request = MakeFillers(
        suspect, wanted, args.fillers, args.seed, args.page, source, photos,
        "between" if args.between else "similar", args.policy, args.look,
    )  # fmt: skip
    made: FillersMade = runtime.answer(request, _say, _go_on)
    return made


def _photos(folder: Path) -> tuple[str, ...]:
    from app.models.errors import BadInput

    if not folder.is_dir():
        raise BadInput("file.missing", file=str(folder))
    found = sorted(str(p) for p in folder.iterdir() if p.suffix.lower() in KINDS)
    if not found:
        raise BadInput("lineup.too_few_photos", found=0, wanted=1)
    return tuple(found)


def _assessed(runtime: Runtime, faces: tuple[LineupFace, ...]) -> Assessment:
    from app.engine.api import AssessLineup

    found: Assessment = runtime.answer(AssessLineup(faces), _say, _go_on)
    return found


def _wanted(text: str | None, language: str) -> tuple[Attribute, ...]:
    from app.engine.language import describe
    from app.models.errors import BadInput

    if text is None:
        return ()
    if not text.strip():
        raise BadInput("description.empty")
    return describe(text, language).attributes


def _member(face: LineupFace, number: int) -> dict[str, Any]:
    return {
        "number": number, "role": face.role, "origin": face.origin, "source": face.source,
        "file": f"member_{number}.png", "tuned": face.tuned,
        "recipe": face.recipe.to_json() if face.recipe else None,
        "read": [[m.attribute, m.value, m.probability] for m in face.read],
    }  # fmt: skip


def _fairness(choices: list[int] | None, size: int, order: tuple[int, ...]) -> Any:
    from app.models.fairness import figures

    if not choices:
        return None
    return figures(choices, size, order.index(0) + 1)


def _write_pictures(
    out: Path, suspect: SuspectFace, faces: tuple[LineupFace, ...], order: tuple[int, ...]
) -> None:
    from app.commands.faces_io import write_png
    from app.models.export.marking import member_packet

    for number, member in enumerate(order, 1):
        face = faces[member]
        packet = member_packet(face.origin, "Member of a lineup")
        write_png(out / f"member_{number}.png", face.pixels, packet)
    sheet = _sheet([faces[member].pixels for member in order])
    write_png(out / "array.png", sheet, member_packet("rendered", "Lineup"))
    write_png(out / "suspect_rendered.png", suspect.pixels)


def _sheet(placed: list[Any]) -> Any:
    """The pictures in rows of three at twice their size, numbered from 1."""
    import cv2
    import numpy as np

    columns = 3 if len(placed) <= 12 else 6
    tiles = []
    for number, pixels in enumerate(placed, 1):
        side = max(256, pixels.shape[0])
        big = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_CUBIC)
        tile = np.full((side + TILE_LABEL + 8, side + 8, 3), 245, np.uint8)
        tile[4 : side + 4, 4 : side + 4] = big
        cv2.putText(tile, str(number), (side // 2 - 8, side + TILE_LABEL), 0, 0.8, (30, 30, 30), 2)
        tiles.append(tile)
    while len(tiles) % columns:
        tiles.append(np.full_like(tiles[0], 245))
    return np.vstack([np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)])


def _lines(report: dict[str, Any], faces: tuple[LineupFace, ...], out: Path) -> list[str]:
    lines = [f"{len(faces)} members in {out}; the suspect is number {report['suspect_number']}"]
    if report["fidelity"] == "loose":
        lines.append("the drawn suspect is a loose likeness only; --fine-tune brings it nearer")
    order = report["order"]
    for c in report["concerns"]:
        number = order.index(c["member"]) + 1
        what = f"{c['attribute']} {c['value']}".strip()
        other = "" if c["other"] is None else f" and {order.index(c['other']) + 1}"
        lines.append(f"warning: {c['kind']}: {number}{other} {what}".rstrip())
    lines += [f"not used: {name} ({code})" for name, code in report["refused"]]
    if report["fairness"] is not None:
        f = report["fairness"]
        low, high = f.effective_interval
        lines.append(f"effective size {f.effective:.2f} ({low:.2f} to {high:.2f}) of {f.size}")
    return lines


def _say(event: Any) -> None:
    from app.commands.output import progress

    if hasattr(event, "stage"):
        progress(event.stage, event.done, event.total)


def _go_on() -> None:
    return


def _plain(value: Any) -> Any:
    from app.commands.output import plain

    return plain(value)


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= 23:
        raise argparse.ArgumentTypeError(f"{text} is not in 1 ... 23")
    return count


def _choices(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part.strip()]

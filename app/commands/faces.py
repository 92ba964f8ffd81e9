"""``faces``: the faces of a photograph or the persons of a video, with aligned crops."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.engine.api import FrameFace, Pixels


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json
    from app.commands.photo_reading import add_model

    parser = subparsers.add_parser(
        "faces",
        help="find faces in a photo or video",
        description="List the faces of a photograph, largest first, with their quality, or the "
        "persons of a video with their best frames; with --out, write aligned crops. A photograph "
        "on its side is turned upright.",
    )
    parser.add_argument("file", type=Path, metavar="PHOTO|VIDEO")
    parser.add_argument("--out", type=Path, help="folder for the aligned crops")
    parser.add_argument(
        "--every", type=float, default=0.0, help="video: seconds between two looks (0: chosen)"
    )
    add_model(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read and report; a picture without a face is an empty list, not an error."""
    from app.engine.media.kinds import HEAD, video_kind

    is_video = False
    if args.file.is_file():
        with args.file.open("rb") as file:
            is_video = video_kind(file.read(HEAD)) is not None
    return _video(args) if is_video else _photo(args)


def _photo(args: argparse.Namespace) -> int:
    from app.commands.output import emit
    from app.engine.api import ReadPicture

    read = _answer(args, ReadPicture(str(args.file)))
    faces = [
        {
            "box": [round(v, 1) for v in face.box], "score": round(face.score, 3),
            "eye_distance": round(face.eye_distance, 1), "quality": face.quality,
        }
        for face in read.faces
    ]  # fmt: skip
    crops = {f"face_{face.index:03d}.png": face.aligned for face in read.faces}
    for face, name in zip(faces, _written(args, crops), strict=False):
        face["file"] = name
    data = {"file": str(args.file), "sha256": read.sha256, "width": read.width,
            "height": read.height, "turned": read.turned, "faces": faces}  # fmt: skip
    lines = [f"{len(faces)} faces in {args.file}", *(str(f["box"]) for f in faces)]
    return emit(args, data, lines)


def _video(args: argparse.Namespace) -> int:
    from app.commands.output import emit
    from app.engine.api import ScanVideo

    read = _answer(args, ScanVideo(str(args.file), args.every))
    crops = {
        f"person_{person.index:02d}_{k}.png": face.aligned
        for person in read.persons
        for k, face in enumerate(person.best)
    }
    written = set(_written(args, crops))
    persons = [
        {
            "first_s": p.first_s, "last_s": p.last_s, "sightings": p.sightings,
            "best": [_frame(f, f"person_{p.index:02d}_{k}.png", written)
                     for k, f in enumerate(p.best)],
        }
        for p in read.persons
    ]  # fmt: skip
    data = {"file": str(args.file), "sha256": read.sha256, "seconds": read.seconds,
            "fps": read.fps, "width": read.width, "height": read.height,
            "complete": read.complete, "every_s": read.every_s, "persons": persons}  # fmt: skip
    lines = [f"{len(persons)} persons in {args.file} ({read.seconds:.1f} s)"]
    for p in read.persons:
        seen = f"from {p.first_s:.1f} s to {p.last_s:.1f} s"
        lines.append(f"{seen}, best at {p.best[0].time_s:.2f} s")
    return emit(args, data, lines)


def _frame(face: FrameFace, name: str, written: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "time_s": face.time_s, "frame": face.frame, "box": [round(v, 1) for v in face.box],
        "quality": face.quality,
    }  # fmt: skip
    return {**found, "file": name} if name in written else found


def _answer(args: argparse.Namespace, request: Any) -> Any:
    from app.commands.output import progress
    from app.engine.api import Progress
    from app.engine.runtime import Runtime
    from app.engine.weights import find_model

    def told(event: Any) -> None:
        if isinstance(event, Progress):
            progress(event.stage, event.done, event.total)

    return Runtime(find_model(args.model)).answer(request, told, lambda: None)


def _written(args: argparse.Namespace, crops: dict[str, Pixels]) -> list[str]:
    """The crops as plain PNG files; they are photographs, so nothing marks them as generated."""
    from app.commands.faces_io import out_folder, write_crop

    if args.out is None:
        return []
    out = out_folder(args.out)
    for name, pixels in crops.items():
        write_crop(out / name, pixels)
    return list(crops)

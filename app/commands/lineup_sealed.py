"""What ``lineup`` leaves sealed: a lineup file of its own, and a bundle that ``verify`` accepts."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.engine.api import LineupFace, SuspectFace
    from app.models.description import Attribute
    from app.models.lineup import Concern
    from app.models.lineup_record import LineupRecord


def seal(
    args: argparse.Namespace, suspect: SuspectFace, faces: tuple[LineupFace, ...],
    wanted: tuple[Attribute, ...], concerns: tuple[Concern, ...],
) -> dict[str, Any] | None:  # fmt: skip
    """Record the lineup in ``--file`` (else in practice), export ``--bundle``; what was written."""
    from app.models.export.bundle import free_destination

    if args.bundle:
        free_destination(args.bundle)
    record = _begun(args)
    try:
        _recorded(record, args, suspect, faces, wanted, concerns)
        if not args.bundle:
            return None
        return _exported(record, args)
    finally:
        record.case.close()


def _begun(args: argparse.Namespace) -> LineupRecord:
    from app.commands.passphrase import read_passphrase
    from app.models.case import CaseFacts
    from app.models.lineup_record import LineupRecord
    from app.models.store import create_case, practice_case

    facts = CaseFacts(args.reference or args.suspect.stem, language=args.language)
    if not args.file:
        return LineupRecord(practice_case(facts))
    return LineupRecord(create_case(args.file, read_passphrase(args, new=True), facts))


def _recorded(
    record: LineupRecord, args: argparse.Namespace, suspect: SuspectFace,
    faces: tuple[LineupFace, ...], wanted: tuple[Attribute, ...], concerns: tuple[Concern, ...],
) -> None:  # fmt: skip
    from app.views.lineup_faces import members_of, suspect_json
    from app.views.png import png_of

    if args.text:
        record.describe(args.text, [a.reading_json() for a in wanted])
    original, aligned = args.suspect.read_bytes(), png_of(suspect.aligned)
    record.add_photo(args.suspect.name, original, aligned, suspect_json(suspect))
    members, pictures = members_of(faces)
    facts = {"seed": args.seed, "page": args.page, "policy": args.policy, "look": args.look}
    record.set_members(members, pictures, "made", facts)
    record.note_concerns(concerns, {})


def _exported(record: LineupRecord, args: argparse.Namespace) -> dict[str, Any]:
    from app.models.export.lineup_bundle import export_lineup
    from app.views.lineup_report import LineupReportPainter
    from app.views.report import application

    running = application()
    info = export_lineup(record, args.bundle, LineupReportPainter())
    del running
    return {"path": str(info.path), "root_sha256": info.root_sha256, "words": info.head.words}

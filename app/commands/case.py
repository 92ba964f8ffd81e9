"""portrait-parle case new|info|verify|export|replay: case files without the window."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands.output import EXIT_OK, EXIT_REFUSED, add_json, emit, progress
from app.commands.passphrase import add_passphrase, read_passphrase
from app.models.errors import BadInput

if TYPE_CHECKING:
    from app.models.store import CaseFile

KEY_BYTES_LIMIT = 64 << 10
SKETCH_BYTES_LIMIT = 32 << 20
UNSEEN = (
    "an older copy of the whole file, or a chain rebuilt with the key, is noticed only against "
    "words or a head noted outside this machine"
)


def register(subparsers: Any) -> None:
    """Add the parser and its five verbs."""
    parser = subparsers.add_parser("case", help="case files: new, info, verify, export, replay")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _register_new(verbs)
    _add_verb(verbs, "info", "what a case is about, how far it is, the chain's words", _info)
    _add_verb(verbs, "verify", "check a whole case file: 0 good, 3 damaged", _verify)
    _register_export(verbs)
    replay = _add_verb(verbs, "replay", "draw every face again and compare", _replay)
    replay.add_argument("--steps", action="store_true", help="list the sitting step by step")
    replay.add_argument("--no-faces", action="store_true", help="with --steps: draw nothing")


def _add_verb(verbs: Any, name: str, text: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=text, description=text)
    parser.add_argument("file", metavar="FILE", type=Path, help="the case file")
    add_passphrase(parser)
    if name != "new":
        parser.add_argument(
            "--recovery-private-key",
            metavar="PEM",
            type=Path,
            help="open with the organisation's private key instead of the passphrase",
        )
    add_json(parser)
    parser.set_defaults(run=run)
    return parser


def _register_new(verbs: Any) -> None:
    parser = _add_verb(verbs, "new", "make an empty sealed case file", _new)
    parser.add_argument("--reference", required=True, help="the crime or case reference")
    for name, text in (
        ("officer", "who sits with the witness"),
        ("role", "the officer's rank or role"),
        ("organisation", "the police force"),
        ("witness-code", "stands for the witness's name, which stays elsewhere"),
        ("authority", "who authorised the composite"),
        ("notes", "notes that only the full export holds"),
        ("review-by", "ISO date on which keeping the case is reviewed"),
    ):
        parser.add_argument(f"--{name}", default="", help=text)
    parser.add_argument("--language", default="en", help="language of the sitting")
    parser.add_argument(
        "--recovery-key", metavar="PEM", type=Path,
        help="the organisation's X25519 public key, which can open the case too",
    )  # fmt: skip
    # cheap parameters make weak cases; only tests want them
    parser.add_argument("--kdf", metavar="KIB,PASSES,LANES", help=argparse.SUPPRESS)


def _register_export(verbs: Any) -> None:
    parser = _add_verb(verbs, "export", "write a sealed bundle: a folder, or FILE.zip", _export)
    parser.add_argument("--out", required=True, metavar="BUNDLE", type=Path)
    parser.add_argument("--profile", default="full", help="full (default), defence or media")
    parser.add_argument("--sketch", metavar="PNG", type=Path, help="a sketch rendering to go along")


# ------------------------------------------------------------------ verbs


def _new(args: argparse.Namespace) -> int:
    from app.models.case import CaseFacts
    from app.models.store import create_case

    facts = CaseFacts(
        reference=args.reference,
        officer=args.officer,
        organisation=args.organisation,
        witness_code=args.witness_code,
        authority=args.authority,
        notes=args.notes,
        role=args.role,
        language=args.language,
        review_by=args.review_by,
    )
    recovery = _small_file(args.recovery_key, KEY_BYTES_LIMIT) if args.recovery_key else None
    cover = (facts.reference, facts.officer, facts.organisation, facts.witness_code)
    passphrase = read_passphrase(args, new=True, known=cover)
    case = create_case(args.file, passphrase, facts, recovery, _kdf(args.kdf))
    case.close()
    head = case.head()
    data = {"file": str(args.file), "case_id": case.case_id, "head": head, "facts": facts.to_json()}
    return emit(args, data, (f"{args.file}: made; case {case.case_id}",))


def _kdf(text: str | None) -> Any:
    from app.models.seal import KdfParameters

    if text is None:
        return None
    try:
        memory, passes, lanes = (int(part) for part in text.split(","))
    except ValueError:
        raise BadInput("case.bad_kdf", given=text) from None
    return KdfParameters(memory, passes, lanes).checked()


def _info(args: argparse.Namespace) -> int:
    case = _open(args, "info")
    try:
        events = list(case.events())
        kinds: dict[str, int] = {}
        for event in events:
            kinds[event.kind] = kinds.get(event.kind, 0) + 1
        data = {
            "file": str(args.file),
            "case_id": case.case_id,
            "facts": case.facts.to_json(),
            "head": case.head(),
            "first": events[0].wall if events else "",
            "last": events[-1].wall if events else "",
            "kinds": kinds,
            "read_only": case.read_only,
            "problems": case.problems,
        }
        return emit(args, data, _info_lines(data, case))
    finally:
        case.close("read")


def _info_lines(data: dict[str, Any], case: CaseFile) -> list[str]:
    head = case.head()
    facts = {k: v for k, v in data["facts"].items() if v}
    lines = [f"{name.replace('_', ' ')}: {value}" for name, value in facts.items()]
    lines += [f"case: {case.case_id}", f"events: {head.count}, {data['first']} to {data['last']}"]
    lines += [f"words: {' '.join(head.words)}", f"head: {head.hash_hex}"]
    return lines + [f"PROBLEM {problem}" for problem in case.problems]


def _verify(args: argparse.Namespace) -> int:
    case = _open(args, "verify")
    try:
        head, problems = case.head(), case.problems
        data = {"file": str(args.file), "good": not problems, "problems": problems, "head": head}
        data["unseen"] = UNSEEN
        found = [f"BAD  {problem}" for problem in problems] or [f"good {head.count} events"]
        emit(args, data, [*found, f"words: {' '.join(head.words)}", f"head: {head.hash_hex}"])
    finally:
        case.close("verified")
    return _refused(args.file, problems) if problems else EXIT_OK


def _export(args: argparse.Namespace) -> int:
    from app.models.export import export_bundle, portrait_record
    from app.views.report import ReportPainter, application

    case = _open(args, "export")
    try:
        sketch = _small_file(args.sketch, SKETCH_BYTES_LIMIT) if args.sketch else None
        record = portrait_record(case, _vocabulary(), sketch=sketch)
        qt = application()
        info = export_bundle(case, args.out, args.profile, record, ReportPainter(), progress)
        del qt
    finally:
        case.close("exported")
    words = " ".join(info.head.words)
    return emit(args, info, (f"{info.path}: {info.files} files", f"words: {words}"))


def _vocabulary() -> tuple[str, ...]:
    from app.models.attributes import vocabulary

    return tuple(vocabulary().names)


def _replay(args: argparse.Namespace) -> int:
    from app.commands.case_replay import replay_faces, step_lines, steps

    case = _open(args, "replay")
    try:
        data: dict[str, Any] = {"file": str(args.file), "head": case.head()}
        lines: list[str] = []
        failed: tuple[str, ...] = ()
        if args.steps:
            data["steps"] = steps(case)
            lines += step_lines(data["steps"])
        if not args.no_faces:
            found = replay_faces(case, progress)
            data["faces"] = found
            lines.append(
                f"{found.compared} faces compared: {found.exact} exact, {found.within} within "
                f"1/255, {len(found.different)} different, {len(found.not_drawn)} not drawn again"
            )
            lines += [f"DIFFERENT {line}" for line in found.different]
            lines += [f"NOT DRAWN {line}" for line in found.not_drawn]
            failed = (*found.different, *found.not_drawn)
        emit(args, data, lines)
    finally:
        case.close("replayed")
    return _refused(args.file, failed) if failed else EXIT_OK


# ------------------------------------------------------------------ shared


def _open(args: argparse.Namespace, what: str) -> CaseFile:
    """The case, its reading recorded where the file can be written; a held one as a copy."""
    from app.models.store import StoreError, open_case, open_copy_read_only

    if not args.file.is_file():
        raise StoreError("case.missing", file=str(args.file))
    key_file = args.recovery_private_key
    private = _small_file(key_file, KEY_BYTES_LIMIT) if key_file else None
    passphrase = "" if private is not None else read_passphrase(args)
    try:
        case = open_case(args.file, passphrase, private)
    except StoreError as error:
        if error.code != "case.held" or what == "export":
            raise
        print(f"portrait-parle: {args.file} is open elsewhere; reading a copy", file=sys.stderr)
        case = open_copy_read_only(args.file, passphrase, private)
    if not case.read_only:
        case.append("read", "officer", {"what": f"case {what}"})
    return case


def _small_file(path: Path, limit: int) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise BadInput("media.unreadable", file=str(path), why=error.strerror or "") from error
    if len(data) > limit:
        raise BadInput("media.too_big", file=str(path), megabytes=">" + str(limit >> 20),
                       limit=limit >> 20)  # fmt: skip
    return data


def _refused(path: Path, problems: tuple[str, ...]) -> int:
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    print(f"portrait-parle: {path}: {problems[0]}{more}", file=sys.stderr)
    return EXIT_REFUSED

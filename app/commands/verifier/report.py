"""One answer for one bundle: each file and the chain, good or what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.commands.verifier.chain import binding_problems, follow, words_of
from app.commands.verifier.container import Unreadable, read_bundle
from app.commands.verifier.contents import content_problems
from app.commands.verifier.manifest import file_results, list_problems, read_manifest

UNSEEN = (
    "A bundle rebuilt from the start, or made from an older state of the case, agrees with itself "
    "too: compare the words with those on the recording, the exhibit label or the printed report."
)


@dataclass
class Answer:
    """``good`` only when nothing at all is wrong."""

    bundle: str
    profile: str = ""
    case_id: str = ""
    events: dict[str, Any] = field(default_factory=dict)
    printed: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    chain: str = "not checked"
    problems: list[str] = field(default_factory=list)
    unseen: str = UNSEEN
    noted: dict[str, int] = field(default_factory=dict)
    hashes: dict[int, str] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether everything was found in order."""
        return not self.problems


def verify(path: Path) -> Answer:
    """Check a bundle; bad input of any kind ends in an Answer, never in an exception."""
    answer = Answer(str(path))
    try:
        files, wrong = read_bundle(path)
    except (Unreadable, OSError) as error:
        answer.problems.append(f"{path.name}: {error}")
        return answer
    manifest, more = read_manifest(files)
    answer.problems += wrong + more
    if manifest:
        _check(answer, manifest, files)
    return answer


def _check(answer: Answer, manifest: dict[str, Any], files: dict[str, bytes]) -> None:
    answer.profile, answer.case_id = manifest["profile"], manifest["case_id"]
    answer.events, answer.printed = manifest["events"], manifest["printed"]
    answer.files = file_results(manifest, files)
    answer.problems += [f"{p}: {r}" for p, r in answer.files.items() if r != "good"]
    answer.problems += list_problems(manifest)
    chain = follow(files.get("events.jsonl", b""), manifest)
    chain.problems += binding_problems(chain, manifest, files)
    answer.hashes = {event["seq"]: event["hash"] for event in chain.events}
    answer.chain = "good" if not chain.problems else chain.problems[0]
    answer.problems += chain.problems
    answer.problems += content_problems(manifest, files, chain)


def look_for_noted(answer: Answer, head: str = "", words: str = "") -> None:
    """Find a head noted outside the machine in the chain; a problem where it is not in it."""
    for seq, found in answer.hashes.items():
        same_head = bool(head) and head.strip().lower() == found
        if same_head or (words and words.lower().split() == words_of(found)):
            answer.noted = {"event": seq, "events_after": answer.events["count"] - seq}
            return
    answer.problems.append("chain: the noted head is not in it; the record is older or was rebuilt")

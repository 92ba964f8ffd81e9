"""What a lineup's bundle has to agree in: its record, its pictures, and every lot drawn again."""

from __future__ import annotations

import hashlib
from typing import Any

from app.commands.verifier import values as v
from app.commands.verifier.chain import Chain


def lineup_problems(
    manifest: dict[str, Any], files: dict[str, bytes], chain: Chain
) -> list[str]:
    """Everything that does not agree between lineup.json, the pictures and the chain."""
    try:
        record = v.parsed(files.get("lineup.json", b"null"))
        members = [str(m["picture"]) for m in record["members"]]
        case, order = record["case"]["id"], [int(n) for n in record["order"]]
        shown = {path[6:-4] for path in files if path.startswith("shown/")}
    except (ValueError, KeyError, TypeError):
        return ["lineup.json: not as the format has it"]
    wrong = [] if case == manifest["case_id"] else ["lineup.json: its case is not the manifest's"]
    if shown != set(members):
        wrong.append("lineup.json: its members are not the pictures in the bundle")
    if sorted(order) != list(range(len(members))):
        wrong.append("lineup.json: its order does not name every member once")
    arrays = [e["seq"] for e in chain.events if e["kind"] == "lineup.members"]
    bodies = [chain.bodies[seq] for seq in arrays if seq in chain.bodies]
    if members not in [list(body["pictures"]) for body in bodies]:
        wrong.append("lineup.json: the chain holds no such array")
    if manifest["final_image"]["shown_sha256"] not in shown:
        wrong.append("manifest.json: the final picture is not in the lineup")
    return wrong + _lots(chain)


def _lots(chain: Chain) -> list[str]:
    """Orders that their seeds do not give."""
    wrong = []
    for event in chain.events:
        if event["kind"] != "showing.started" or event["seq"] not in chain.bodies:
            continue
        data = chain.bodies[event["seq"]]["data"]
        order, seed = data.get("order"), data.get("seed")
        if not isinstance(order, list) or order != _drawn(len(order), seed):
            wrong.append(f"event {event['seq']}: its order is not the one its seed draws")
    return wrong


def _drawn(count: int, seed: object) -> list[int]:
    lots = [(hashlib.sha256(f"lineup {seed} {n}".encode()).hexdigest(), n) for n in range(count)]
    return [n for _, n in sorted(lots)]

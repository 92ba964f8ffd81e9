"""A lineup's own sealed file: events in, the lineup as a value out; apart from composite cases.

The same store as a composite's case file, another kind of record: its second event is
``lineup.started``, and neither program part opens the other's file. What passes between the two
passes by ``unseal`` only, which both files keep.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app import __version__
from app.models.errors import BadInput
from app.models.events import Event, plain_json
from app.models.lineup import MODES, Answer, Concern, Lineup, Member, Showing, drawn_order
from app.models.store_base import CaseFile, wall_now

SUFFIX = ".pplineup"
ORIGINAL_LIMIT = 10 << 20  # bytes of a photograph kept in the file; of a larger one only the hash
TUNED_LIMIT = 11 << 20
Data = Mapping[str, Any]


def is_lineup(case: CaseFile) -> bool:
    """Whether a case file is a lineup's."""
    return any(event.kind == "lineup.started" for event in case.events())


class LineupRecord:
    """One open lineup file and the lineup its events give."""

    def __init__(self, case: CaseFile) -> None:
        """Read all events; a fresh file is begun. BadInput ``lineup.is_composite`` for a case."""
        self.case = case
        self.lineup = Lineup()
        kinds: set[str] = set()
        for event in case.events():
            kinds.add(event.kind)
            self.lineup = stepped(self.lineup, event)
        if "lineup.started" not in kinds:
            if any(not kind.startswith(("case.", "clock.")) for kind in kinds):
                raise BadInput("lineup.is_composite", reference=case.facts.reference)
            self.record("lineup.started", "app", {"lineup": case.case_id, "version": __version__})

    def record(
        self, kind: str, actor: str, data: Data, pictures: Sequence[bytes] = ()
    ) -> Event:
        """Append one event and take its step; what does not fit never reaches the file."""
        names = tuple(hashlib.sha256(p).hexdigest() for p in pictures)
        trial = Event(0, kind, actor, wall_now(), 0, plain_json(data), names, "")
        stepped(self.lineup, trial)
        event = self.case.append(kind, actor, data, pictures)
        self.lineup = stepped(self.lineup, event)
        return event

    # ---- what can be recorded

    def describe(self, text: str, wanted: Sequence[Data]) -> None:
        """The description that fillers are to match, and the attributes it was read as."""
        self.record("lineup.described", "officer", {"text": text, "wanted": list(wanted)})

    def add_photo(self, name: str, original: bytes, aligned: bytes, read: Data) -> None:
        """The suspect's photograph: the original unchanged, and the face cut out of it (PNG)."""
        data = {"name": name, "sha256": hashlib.sha256(original).hexdigest(), **read}
        if len(original) <= ORIGINAL_LIMIT:
            data["original"] = base64.b64encode(original).decode("ascii")
        self.record("suspect.added", "officer", data, [aligned])

    def keep_tuned(self, weights: bytes, facts: Data, drawn: bytes | None = None) -> None:
        """This lineup's own fine-tuned weights, and the suspect ``drawn`` with them (PNG).

        BadInput when they are too large to keep."""
        if len(weights) > TUNED_LIMIT:
            raise BadInput("lineup.tuned_too_large", bytes=len(weights))
        name = hashlib.sha256(weights).hexdigest()
        packed = base64.b64encode(weights).decode("ascii")
        pictures = [] if drawn is None else [drawn]
        self.record(
            "suspect.tuned", "model", {**facts, "sha256": name, "weights": packed}, pictures
        )

    def tuned_weights(self) -> bytes | None:
        """The newest fine-tuned weights, None where there are none."""
        for event in reversed(tuple(self.case.events())):
            if event.kind == "suspect.tuned":
                return base64.b64decode(event.data["weights"])
        return None

    def original_photo(self) -> bytes | None:
        """The suspect's photograph as it came, None where it is not kept."""
        for event in reversed(tuple(self.case.events())):
            if event.kind == "suspect.added":
                packed = event.data.get("original")
                return None if packed is None else base64.b64decode(packed)
        return None

    def set_members(
        self, members: Sequence[Member], pictures: Sequence[bytes], how: str, facts: Data
    ) -> None:
        """A new array; ``pictures`` are the members' PNG files in their order."""
        data = {"how": how, "members": [m.to_json() for m in members], **facts}
        self.record("lineup.members", "officer" if how != "made" else "model", data, pictures)

    def note_concerns(self, concerns: Sequence[Concern], facts: Data) -> None:
        """The warnings that stand against the present array."""
        data = {"concerns": [c.__dict__ for c in concerns], **facts}
        self.record("lineup.assessed", "model", data)

    def undo(self) -> None:
        """The array before this one."""
        self.record("lineup.undone", "officer", {})

    def redo(self) -> None:
        """The array that was taken back last."""
        self.record("lineup.redone", "officer", {})

    def show(self, kind: str, mode: str, seed: int, who: str = "", **facts: Any) -> Showing:
        """Begin a presentation: the order is drawn from ``seed`` and logged before anyone looks.

        ``kind``: ``mock`` or ``witness``. A witness sees a lineup once (Wells et al. 2020, rec. 9).
        """
        number = len(self.lineup.showings) + 1
        order = drawn_order(len(self.lineup.members), seed)
        data = {"number": number, "kind": kind, "mode": mode, "seed": seed, "order": list(order),
                "who": who, "blind": facts.pop("blind", True), **facts}  # fmt: skip
        self.record("showing.started", "app", data)
        return self.lineup.showings[-1]

    def seen(self, place: int) -> None:
        """One picture of a sequential presentation came on."""
        self.record("showing.seen", "app", {"place": place})

    def answer(self, answer: str, place: int | None = None) -> None:
        """What the witness said of the array."""
        self.record("showing.answered", "witness", {"answer": answer, "place": place})

    def state(self, words: str, how: str = "typed") -> None:
        """How sure the witness is, in their own words, at once after the answer."""
        self.record("showing.stated", "witness", {"text": words, "how": how})

    def end(self, reason: str = "done") -> None:
        """The presentation is over."""
        self.record("showing.ended", "app", {"reason": reason})


def unseal(
    composite: CaseFile, record: LineupRecord, what: str, reason: str, officer: str
) -> str:
    """Bring one thing from a composite case into a lineup; both files say so. Returns it.

    ``what``: only ``description`` (the witness's words as first given; never a face). The
    composite's log is written first: nothing leaves it unlogged. BadInput without a reason.
    """
    if what != "description":
        raise BadInput("lineup.never_unsealed", what=what)
    if not reason.strip() or not officer.strip():
        raise BadInput("lineup.no_reason")
    if is_lineup(composite) or not is_lineup(record.case):
        raise BadInput("lineup.is_lineup", reference=composite.facts.reference)
    text = next((str(e.data.get("text", "")) for e in composite.events()
                 if e.kind == "description.first"), "")  # fmt: skip
    if not text:
        raise BadInput("lineup.nothing_to_unseal", reference=composite.facts.reference)
    about = {"what": what, "reason": reason.strip(), "officer": officer.strip()}
    composite.append("unsealed", "officer", {**about, "to": record.case.case_id})
    record.record("composite.unsealed", "officer", {
        **about, "from": composite.case_id, "head": composite.head().hash_hex, "text": text,
    })  # fmt: skip
    return text


# ------------------------------------------------------------------ the fold


def stepped(lineup: Lineup, event: Event) -> Lineup:
    """The lineup after one event; kinds that say nothing of it leave it as it is.

    Raises BadInput when the event does not fit.
    """
    take = _STEPS.get(event.kind)
    if take is None:
        return lineup
    try:
        return take(lineup, event.data, event)
    except BadInput:
        raise
    except (KeyError, TypeError, ValueError, IndexError) as error:
        facts = {"seq": event.seq, "kind": event.kind, "why": str(error)}
        raise BadInput("lineup.unreadable", **facts) from error


def _described(lineup: Lineup, data: Data, event: Event) -> Lineup:
    return replace(lineup, description=str(data["text"]), wanted=tuple(data["wanted"]))


def _photographed(lineup: Lineup, data: Data, event: Event) -> Lineup:
    if lineup.is_shown:
        raise BadInput("lineup.shown_already")
    return replace(lineup, photo=str(data["name"]), tuned="")


def _tuned(lineup: Lineup, data: Data, event: Event) -> Lineup:
    return replace(lineup, tuned=str(data["sha256"]))


def _unsealed(lineup: Lineup, data: Data, event: Event) -> Lineup:
    return replace(lineup, unsealed=lineup.unsealed + 1)


def _made(lineup: Lineup, data: Data, event: Event) -> Lineup:
    members = tuple(Member.from_json(m) for m in data["members"])
    if tuple(m.picture for m in members) != event.pictures:
        raise ValueError("pictures do not fit the members")
    policy = str(data.get("policy", lineup.policy))
    return replace(lineup.with_members(members), policy=policy)


def _assessed(lineup: Lineup, data: Data, event: Event) -> Lineup:
    return replace(lineup, concerns=tuple(Concern(**c) for c in data["concerns"]))


def _undone(lineup: Lineup, data: Data, event: Event) -> Lineup:
    if lineup.is_shown or not lineup.earlier:
        raise BadInput("lineup.nothing_to_undo")
    *earlier, members = lineup.earlier
    later = (*lineup.later, lineup.members)
    return replace(lineup, members=members, earlier=tuple(earlier), later=later, showings=(),
                   concerns=())  # fmt: skip


def _redone(lineup: Lineup, data: Data, event: Event) -> Lineup:
    if lineup.is_shown or not lineup.later:
        raise BadInput("lineup.nothing_to_undo")
    *later, members = lineup.later
    earlier = (*lineup.earlier, lineup.members)
    return replace(lineup, members=members, earlier=earlier, later=tuple(later), showings=(),
                   concerns=())  # fmt: skip


def _started(lineup: Lineup, data: Data, event: Event) -> Lineup:
    order = tuple(int(m) for m in data["order"])
    who, kind, mode = str(data.get("who", "")), str(data["kind"]), str(data["mode"])
    if lineup.open_showing is not None:
        raise BadInput("lineup.showing_open")
    if len(order) < 2 or order != drawn_order(len(lineup.members), int(data["seed"])):
        raise BadInput("lineup.bad_order", members=len(lineup.members))
    if mode not in MODES or kind not in ("mock", "witness"):
        raise ValueError(f"{kind}, {mode}")
    again = any(s.kind == "witness" and s.who == who for s in lineup.showings)
    if kind == "witness" and again:
        raise BadInput("lineup.shown_to_witness", who=who)
    showing = Showing(int(data["number"]), kind, mode, int(data["seed"]), order, who,
                      bool(data.get("blind", True)))  # fmt: skip
    return replace(lineup, showings=(*lineup.showings, showing))


def _changed(lineup: Lineup, change: Callable[[Showing], Showing]) -> Lineup:
    showing = lineup.open_showing
    if showing is None:
        raise BadInput("lineup.no_showing")
    return replace(lineup, showings=(*lineup.showings[:-1], change(showing)))


def _seen(lineup: Lineup, data: Data, event: Event) -> Lineup:
    return _changed(lineup, lambda s: replace(s, seen=(*s.seen, int(data["place"]))))


def _answered(lineup: Lineup, data: Data, event: Event) -> Lineup:
    def change(showing: Showing) -> Showing:
        if showing.answer is not None:
            raise BadInput("lineup.answered_already")
        place = data.get("place")
        member = None if place is None else showing.order[int(place)]
        return replace(showing, answer=Answer(str(data["answer"]), place, member, "", showing.who))

    return _changed(lineup, change)


def _stated(lineup: Lineup, data: Data, event: Event) -> Lineup:
    def change(showing: Showing) -> Showing:
        if showing.answer is None:
            raise BadInput("lineup.not_answered")
        return replace(showing, answer=replace(showing.answer, statement=str(data["text"])))

    return _changed(lineup, change)


def _ended(lineup: Lineup, data: Data, event: Event) -> Lineup:
    return _changed(lineup, lambda s: replace(s, ended=True))


_STEPS: dict[str, Callable[[Lineup, Data, Event], Lineup]] = {
    "lineup.described": _described,
    "suspect.added": _photographed,
    "suspect.tuned": _tuned,
    "composite.unsealed": _unsealed,
    "lineup.members": _made,
    "lineup.assessed": _assessed,
    "lineup.undone": _undone,
    "lineup.redone": _redone,
    "showing.started": _started,
    "showing.seen": _seen,
    "showing.answered": _answered,
    "showing.stated": _stated,
    "showing.ended": _ended,
}

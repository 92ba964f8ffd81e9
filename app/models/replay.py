"""The journal read as a history: each event is one pure step, live and when a case is reopened.

The controller never computes a state by itself: it appends an event and applies ``step`` to what
the case file gave back. So what is on screen is by construction what the journal says, and
reopening after a kill lands on the last acknowledged choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.models.description import Description
from app.models.errors import BadInput
from app.models.events import Event
from app.models.history import History
from app.models.interview import Eligibility
from app.models.overlay import Overlay
from app.models.portrait import Recipe
from app.models.region import LocalEdit
from app.models.round import Answer, Round
from app.models.session import Session, Stage

Data = Mapping[str, Any]
SLIDER_MERGE_S = 1.0  # a slider nudged again within a second is the same step
ALWAYS = float("inf")


@dataclass(frozen=True)
class _Step:
    """How one kind of event changes the sitting, and under which label history shows it."""

    label: str
    change: Callable[[Session, Data], Session]
    detail: Callable[[Data], str] = lambda data: ""
    merge_s: float = 0.0


def step(history: History[Session], event: Event) -> History[Session]:
    """The history after one event; kinds that do not move the sitting leave it as it is.

    Raises BadInput when the event does not fit the history (an answer to a round that is not
    open, a jump to a node that does not exist): the journal is then damaged or not from here.
    """
    try:
        if event.kind == "history.moved":
            return history.jump(int(event.data["to"]))
        if event.kind == "stage.opened":
            return _restaged(history, history.state.at(Stage(event.data["stage"])))
        if event.kind == "interview.step":
            state = history.state
            return _restaged(history, state.with_guide(state.guide.at(str(event.data["step"]))))
        if event.kind not in _STEPS:
            return history
        return _taken(history, event, _STEPS[event.kind])
    except (KeyError, TypeError, ValueError, IndexError) as error:
        facts = {"seq": event.seq, "kind": event.kind, "why": str(error)}
        raise BadInput("journal.unreadable", **facts) from error


def replay(events: Iterable[Event]) -> History[Session]:
    """The whole history from the events of a case, oldest first; raises BadInput as ``step``."""
    history = History.start(Session())
    for event in events:
        history = step(history, event)
    return history


def pictures_shown(event: Event) -> tuple[tuple[str, str], ...]:
    """(recipe id, SHA-256 of its PNG) for every picture that an event shows."""
    data, pictures = event.data, event.pictures
    if event.kind == "round.shown" and len(pictures) == len(data.get("recipes", ())):
        return tuple(
            (Recipe.from_json(r).id, p) for r, p in zip(data["recipes"], pictures, strict=True)
        )
    if len(pictures) == 1 and isinstance(data.get("recipe"), Mapping):
        return ((Recipe.from_json(data["recipe"]).id, pictures[0]),)
    return ()


def next_round_number(history: History[Session]) -> int:
    """The number of the next array: counted over every branch, so that no two share one."""
    last = (node.state.rounds[-1].number for node in history.nodes if node.state.rounds)
    return max(last, default=0) + 1  # along a branch the numbers rise


def _taken(history: History[Session], event: Event, how: _Step) -> History[Session]:
    state = how.change(history.state, event.data)
    when = datetime.fromisoformat(event.wall).timestamp()
    detail = how.detail(event.data)
    if how.merge_s:
        return history.coalesce(
            how.label, state, detail=detail, actor=event.actor, when=when, within_s=how.merge_s
        )
    return history.push(how.label, state, detail=detail, actor=event.actor, when=when)


def _restaged(history: History[Session], state: Session) -> History[Session]:
    # turning to another page is no step of its own: undo must never undo a mere turn of the page
    here = replace(history.current, state=state)
    nodes = (*history.nodes[: here.id], here, *history.nodes[here.id + 1 :])
    return replace(history, nodes=nodes)


# ------------------------------------------------------------------ what each kind changes


def _answered_eligibility(session: Session, data: Data) -> Session:
    return session.with_eligibility(Eligibility.from_json(data))


def _judged(session: Session, data: Data) -> Session:
    return session.with_guide(session.guide.with_json(data))


def _drafted(session: Session, data: Data) -> Session:
    return session.with_recall(str(data["text"]))


def _recalled(session: Session, data: Data) -> Session:
    recalled = session.with_recall(str(data["text"]))
    unread = replace(session.description, text=recalled.recall)
    is_new = not session.description.text
    return (recalled.with_description(unread) if is_new else recalled).at(Stage.description)


def _described(session: Session, data: Data) -> Session:
    return session.with_description(Description.from_json(data["description"]))


def _offered(session: Session, data: Data) -> Session:
    wild = data.get("wild")
    offered = Round(
        number=int(data["round"]),
        faces=tuple(Recipe.from_json(r) for r in data["recipes"]),
        seed=int(data["seed"]),
        held=tuple(str(h) for h in data.get("held", ())),
        wild=None if wild is None else int(wild),
    )
    return session.with_round(offered)


def _answered(session: Session, data: Data) -> Session:
    open_round = session.open_round
    if open_round is None or open_round.number != int(data["round"]):
        raise BadInput("session.no_open_round", round=data["round"])
    picks = tuple(int(p) for p in data["picks"])
    return session.with_answer(Answer(data["answer"]), picks, bool(data["ranked"]))


def _chosen(session: Session, data: Data) -> Session:
    return session.with_chosen(Recipe.from_json(data["recipe"])).at(Stage.refine)


def _started(session: Session, data: Data) -> Session:
    sources = tuple(str(s) for s in data["sources"])
    return session.with_start(Recipe.from_json(data["recipe"]), sources).at(Stage.refine)


def _edited(session: Session, data: Data) -> Session:
    edited = session.with_edit(str(data["name"]), float(data["to"]))
    if "recipe" not in data:
        return edited
    # something was held: the recipe also has the moves that kept it still
    return edited.with_portrait(Recipe.from_json(data["recipe"]))


def _held(session: Session, data: Data) -> Session:
    return session.with_hold(str(data["name"]), bool(data["held"]))


def _worded(session: Session, data: Data) -> Session:
    kept = replace(session, held=tuple(sorted(str(name) for name in data["held"])))
    return kept.with_portrait(Recipe.from_json(data["recipe"]))


def _mixed(session: Session, data: Data) -> Session:
    return session.with_mixture(Recipe.from_json(data["recipe"])).at(Stage.refine)


def _accepted(session: Session, data: Data) -> Session:
    return session.with_portrait(Recipe.from_json(data["recipe"])).with_accepted().at(
        Stage.validation
    )


def _rated(session: Session, data: Data) -> Session:
    return session.with_rating(int(data["rating"]), str(data["remark"]))


def _overlaid(session: Session, data: Data) -> Session:
    """One overlay put on, changed, taken off (no ``overlay``), or brought to another ``place``."""
    overlays, index = list(session.overlays), int(data["index"])
    if index < 0 or index > len(overlays):
        raise IndexError(index)
    taken = overlays[index : index + 1]
    if "place" in data:
        overlays.insert(int(data["place"]), overlays.pop(index))
    elif "overlay" in data:
        new = bool(data.get("new"))
        overlays[index : index if new else index + 1] = [Overlay.from_json(data["overlay"])]
    else:
        overlays.remove(taken[0])
    return session.with_overlays(tuple(overlays))


def _localised(session: Session, data: Data) -> Session:
    """One region painted, moved in (``name``, ``to``), or taken away."""
    portrait = session.portrait
    local, index = list(portrait.local if portrait else ()), int(data["index"])
    if "region" in data:
        local.insert(index, LocalEdit.from_json(data["region"]))
    elif "name" in data:
        local[index] = local[index].with_edit(str(data["name"]), float(data["to"]))
    else:
        del local[index]
    return session.with_local(tuple(local))


def _begun_again(session: Session, data: Data) -> Session:
    return session.begun_again()


def _settled(session: Session, data: Data) -> Session:
    settled = session.with_settled(Recipe.from_json(data["recipe"]), str(data.get("which", "")))
    return settled.at(Stage.validation)


def _named(key: str) -> Callable[[Data], str]:
    return lambda data: str(data.get(key, ""))


_STEPS: Mapping[str, _Step] = {
    "eligibility": _Step("eligibility", _answered_eligibility, merge_s=ALWAYS),
    "interview.character": _Step("character", _judged, merge_s=ALWAYS),
    "description.draft": _Step("recall", _drafted, merge_s=ALWAYS),
    "description.first": _Step("recall_confirmed", _recalled),
    "description.changed": _Step("describe", _described, merge_s=ALWAYS),
    "attributes.confirmed": _Step("attributes", _described, _named("what")),
    "round.shown": _Step("round", _offered, _named("round")),
    "round.answered": _Step("answer", _answered, _named("answer")),
    "portrait.chosen": _Step("portrait", _chosen, _named("tile")),
    "portrait.from_picture": _Step("from_picture", _started, _named("how")),
    "portrait.edited": _Step("edit", _edited, _named("name"), merge_s=SLIDER_MERGE_S),
    "portrait.held": _Step("hold", _held, _named("name")),
    "portrait.worded": _Step("words", _worded, _named("text")),
    "portrait.mixed": _Step("mix", _mixed, _named("how")),
    "portrait.accepted": _Step("accept", _accepted),
    "overlay.added": _Step("overlay", _overlaid, _named("name")),
    "overlay.changed": _Step("overlay_change", _overlaid, _named("name"), merge_s=SLIDER_MERGE_S),
    "overlay.removed": _Step("overlay_off", _overlaid, _named("name")),
    "overlay.ordered": _Step("overlay_change", _overlaid, _named("name")),
    "region.painted": _Step("region", _localised),
    "region.edited": _Step("edit", _localised, _named("name"), merge_s=SLIDER_MERGE_S),
    "region.removed": _Step("region_off", _localised),
    "composite.kept": _Step("again", _begun_again),
    "composite.chosen": _Step("composite", _settled, _named("which")),
    "portrait.rated": _Step("rate", _rated, _named("rating")),
}

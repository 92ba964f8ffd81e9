"""The tour's steps: what it says, where it points, and when a step is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from app.engine.api import ReadDescription
from app.models.session import Session, Stage
from app.views.translation import tr

if TYPE_CHECKING:
    from app.views.window import Window

Target = Callable[["Window"], QWidget | None]
LATE = (Stage.validation, Stage.export)


@dataclass(frozen=True)
class Step:
    """``key`` names its words; ``done`` looks at the window, so that any way there counts."""

    key: str
    done: Callable[[Window], bool]
    target: Target


def words(key: str) -> str:
    """What the tour says at a step."""
    return {
        "questions": tr("Before a face is made, seven questions. For practice press the first "
                        "answer in each row."),
        "begin": tr("Nothing speaks against a portrait. Press \u201cGo on to the interview\u201d."),
        "tell": tr("The steps at the left lead through the interview. For practice type what a "
                   "witness might say, or let the tour type an example."),
        "keep": tr("Every word is kept as it was said. Press \u201cThis is what was said\u201d."),
        "confirm": tr("At the right is what the program understood. With a witness you would ask "
                      "about each line. Press \u201cConfirm all\u201d."),
        "faces": tr("Now faces can be shown that fit these words. Press \u201cShow faces\u201d."),
        "pick": tr("Choose a face that is most like, or several. Then press \u201cShow more "
                   "faces\u201d: the next ones come closer."),
        "work": tr("Choose one face. Then press \u201cWork on this face\u201d."),
        "change": tr("Move a slider a little: the face follows. Ctrl+Z undoes, always."),
        "accept": tr("When the witness is content, press \u201cUse this portrait\u201d."),
        "judge": tr("The witness says how like it is; press an answer, then \u201cKeep this "
                    "answer\u201d. The program never judges."),
        "end": tr("From here the portrait is exported, sealed and marked. That is the whole way. "
                  "F1 shows the keys, F8 gives a break, F9 opens the witness's screen."),
    }[key]


def example() -> str:
    """What a witness might say."""
    return tr("He was a man of about forty with short dark hair and a big nose. Maybe a beard.")


def steps() -> tuple[Step, ...]:
    """The whole tour, in order."""
    return (
        Step("questions", lambda w: _session(w).eligibility.may_proceed, _open_question),
        Step("begin", lambda w: _recall(w).isVisible(), lambda w: _interview(w).questions.go_on),
        Step("tell", lambda w: bool(_session(w).recall.strip()), lambda w: _recall(w).text),
        Step("keep", lambda w: bool(_session(w).description.text), lambda w: _recall(w)._confirm),
        Step("confirm", _is_confirmed, lambda w: _page(w, Stage.description).confirm_all),
        Step("faces", lambda w: bool(_session(w).rounds),
             lambda w: _page(w, Stage.description).show_faces),
        Step("pick", lambda w: bool(_session(w).answered_rounds), _gallery_or("more")),
        Step("work", lambda w: _session(w).stage in (Stage.refine, *LATE), _gallery_or("work")),
        Step("change", _is_changed, _first_slider),
        Step("accept", lambda w: _session(w).stage in LATE, lambda w: _page(w, Stage.refine).done),
        Step("judge", lambda w: _session(w).rating is not None, _judgement),
        Step("end", lambda w: False, lambda w: None),
    )


def _session(window: Window) -> Session:
    return window.controller.session


def _page(window: Window, stage: Stage) -> Any:
    return window.pages[stage]


def _interview(window: Window) -> Any:
    return _page(window, Stage.interview)


def _recall(window: Window) -> Any:
    return _interview(window).recall


def _open_question(window: Window) -> QWidget | None:
    given = _session(window).eligibility
    rows = _interview(window).questions.rows
    return next((row for key, row in rows.items() if given.answer(key) is None), None)


def _is_confirmed(window: Window) -> bool:
    described, jobs = _session(window).description, window.controller.jobs
    is_read = bool(described.text) and not jobs.is_busy(ReadDescription.lane)
    return is_read and all(a.confirmed for a in described.attributes)  # there may be none


def _gallery_or(name: str) -> Target:
    def target(window: Window) -> QWidget | None:
        page = _page(window, Stage.round)
        picked: QWidget = getattr(page, name)
        return picked if page.gallery.picks else page.gallery

    return target


def _is_changed(window: Window) -> bool:
    session = _session(window)
    changed = session.portrait is not None and session.portrait != session.baseline
    return (changed and session.stage is Stage.refine) or session.stage in LATE


def _first_slider(window: Window) -> QWidget | None:
    return next((row.slider for row in _page(window, Stage.refine).rows.values()), None)


def _judgement(window: Window) -> QWidget | None:
    panel = _page(window, Stage.validation).rating
    chosen: QWidget = panel.keep if panel.rating is not None else panel.choices[4]
    return chosen

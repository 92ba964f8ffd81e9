"""The stages of a sitting as the officer sees them: their names, and which can be turned to."""

from __future__ import annotations

from app.models.session import Session, Stage
from app.views.translation import tr


def stage_label(stage: Stage) -> str:
    """The name of a stage on the rail and in menus."""
    return {
        Stage.interview: tr("Interview"),
        Stage.description: tr("Description"),
        Stage.round: tr("Faces"),
        Stage.refine: tr("Refine"),
        Stage.validation: tr("Confirm"),
        Stage.export: tr("Export"),
    }[stage]


def reachable(session: Session, stage: Stage) -> bool:
    """Whether a stage can be turned to: no face before the interview and its gate are done."""
    if stage is Stage.interview:
        return True
    if stage in (Stage.description, Stage.round):
        return bool(session.description.text) and session.eligibility.may_proceed
    return session.portrait is not None

"""A lineup's codes as words: warnings, origins, answers, figures, and what a witness is told."""

from __future__ import annotations

from app.models.fairness import Figures
from app.models.lineup import Concern, Lineup
from app.views.terms import attribute_label, value_label
from app.views.translation import tr

ENOUGH = 20  # mock witnesses under whom the figures say little


def origin_label(origin: str) -> str:
    """Where a picture comes from."""
    return {
        "rendered": tr("Suspect, drawn by the model from the photograph"),
        "matched": tr("Suspect, the photograph made like the others"),
        "generated": tr("Generated face, no real person"),
        "interpolated": tr("Generated face, on the way between two faces"),
        "photo_rendered": tr("Drawn by the model from a photograph of the folder"),
        "photo_matched": tr("Photograph of the folder, made like the others"),
    }.get(origin, origin)


def concern_sentence(concern: Concern, suspect: int | None) -> str:
    """One warning, with numbers as the array page shows them (before the lot is drawn)."""
    who = _who(concern.member, suspect)
    if concern.kind == "stands_out":
        value = concern.value if concern.attribute == "age" else value_label(
            concern.attribute, concern.value
        )  # fmt: skip
        return tr("{who} stands out: {attribute}, {value}").format(
            who=who, attribute=attribute_label(concern.attribute), value=value
        )
    if concern.kind == "too_alike":
        assert concern.other is not None
        return tr("{who} and {other} are too alike").format(
            who=who, other=_who(concern.other, suspect)
        )
    return {
        "stands_out_overall": tr("{who} is unlike all the others"),
        "central": tr("{who} is in the middle: every filler was made after this face"),
        "look": tr("{who} looks different as a picture: {what}"),
    }[concern.kind].format(who=who, what=_look(concern.attribute))  # fmt: skip


def _who(member: int, suspect: int | None) -> str:
    if member == suspect:
        return tr("The suspect")
    return tr("Picture {number}").format(number=member + 1)


def _look(what: str) -> str:
    return {
        "background": tr("background"), "light": tr("light"), "tint": tr("tint"),
        "sharpness": tr("sharpness"),
    }.get(what, what)  # fmt: skip


def fidelity_sentence(fidelity: str) -> str:
    """How near the drawn face is to the photograph, without a number."""
    return {
        "close": tr("The drawn face is close to the photograph."),
        "fair": tr("The drawn face is a fair likeness of the photograph."),
        "loose": tr("The drawn face is only a loose likeness. Fine-tune it, or match the photo."),
    }[fidelity]


def stage_words(stage: str) -> str:
    """What is being done."""
    return {
        "picture": tr("Reading the photograph"),
        "refining": tr("Drawing the suspect"),
        "fillers": tr("Making fillers"),
        "photos": tr("Reading the folder"),
        "tuning": tr("Fine-tuning, seconds"),
    }.get(stage, tr("Working"))


def figure_rows(found: Figures | None) -> list[tuple[str, str]]:
    """Fairness figures as rows; empty without choices."""
    if found is None:
        return []
    low, high = found.effective_interval
    few = tr("{count}, too few to go by").format(count=found.choices)
    rows = [
        (tr("Choices"), few if found.choices < ENOUGH else f"{found.choices}"),
        (tr("Effective size (Tredoux)"), tr("{size} of {all} (95 %: {low} to {high})").format(
            size=f"{found.effective:.2f}", all=found.size, low=f"{low:.2f}", high=f"{high:.2f}"
        )),
        (tr("Size adjusted (Malpass)"), f"{found.adjusted:.2f}"),
    ]  # fmt: skip
    if found.suspect is None:
        return rows
    functional = f"{found.functional:.2f}" if found.functional else tr("nobody chose the suspect")
    rows.append((tr("Functional size (Wells)"), functional))
    if found.bias is not None and found.bias_interval is not None:
        low, high = found.bias_interval
        rows.append((tr("Bias towards the suspect"), tr(
            "{bias} (95 %: {low} to {high}); 0 is fair"
        ).format(bias=f"{found.bias:+.2f}", low=f"{low:+.2f}", high=f"{high:+.2f}")))  # fmt: skip
    return rows


def instructions(blind: bool = True) -> tuple[str, ...]:
    """What the witness reads before the first picture: unbiased (Wells et al. 2020, rec. 5)."""
    lines = (
        tr("You will be shown some pictures of faces."),
        tr("The person you saw may or may not be among them."),
        tr("You do not have to choose anyone. “None of these” and “not sure” are answers too."),
        tr("Hair and expression can change. The pictures are equally old and equally good."),
        tr("The officer with you does not know which picture is which, and cannot help you."),
        tr("Whatever you answer, the work goes on."),
    )
    return lines if blind else (*lines[:4], lines[5])


def state_words(lineup: Lineup) -> str:
    """Where the lineup stands, in one line."""
    if lineup.is_shown:
        return tr("A witness has seen this lineup. The array does not change any more.")
    if not lineup.members:
        return tr("Add the suspect's photograph or a description, then make the array.")
    if len(lineup.concerns) == 1:
        return tr("One warning. Replace or change the picture it names.")
    if lineup.concerns:
        return tr("{count} warnings. Replace or change the pictures they name.").format(
            count=len(lineup.concerns)
        )
    return tr("No warnings. Let mock witnesses look at it before the witness does.")
